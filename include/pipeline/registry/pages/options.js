// Which option matters: each option's effect on a score within one run, and which of them matter together.
import { figure } from "./charts/figure.js";
import { heatmap } from "./charts/heatmap.js";
import { strips } from "./charts/strips.js";
import { ask, attempt, count, countOf, el, gain, percent, score, seconds, shortName, size, table, testingSetText } from "./common.js";
import { Picker } from "./picker.js";

const SCORES = {
  score: ["The metric that chooses", score],
  accuracy: ["Accuracy", score], macro_f1: ["Macro F1", score], gain: ["Gain", gain],
  training_seconds: ["Training seconds", seconds], size_bytes: ["Size", size],
};
const SHOWN = 4; // interactions that are drawn
const MOST_VALUES = 24; // of an option in a picture: its table has all

const result = el("div", { "aria-live": "polite" });
const scores = el("select", { name: "score" }, Object.entries(SCORES).map(([value, [title]]) => el("option", { value }, title)));

const name = each => (each.component ? each.option : each.section);
const nameOf = each => (each.component ? `${each.option} of ${each.component}` : each.section);

function drawEffect(each, range, names, title, format) {
  const few = each.values.length <= MOST_VALUES;
  const drawn = few ? each.values : [...each.values].sort((one, other) => other.mean - one.mean).slice(0, MOST_VALUES);
  const rows = drawn.map(value => ({
    name: shortName(value.value), mean: value.mean, scores: value.scores,
    text: `${name(each)} = ${value.value}: mean ${format(value.mean)} of ${count(value.scores.length)} models, ${format(value.scores[0])} to ${format(value.scores.at(-1))}`,
  }));
  const columns = [name(each), `Mean ${title.toLowerCase()}`, "Models", "Lowest", "Highest"];
  const numbers = value => [value.mean, value.scores.length, value.scores[0], value.scores.at(-1)];
  return el("article", {}, figure({
    name: `effect-${name(each)}${each.component ? `-${each.component}` : ""}`, title: `${name(each)}${each.component ? ` (${each.component})` : ""}`,
    caption: [
      `explains ${percent(each.explained)} of the variance${few ? "" : `; the ${MOST_VALUES} values with the highest mean of ${count(each.values.length)}`}`,
      el("span", { class: "legend" }, "Leave out: ", drawn.map(value => picker.leaveOut(each.section, each.option, value.given, value.value, shortName(value.value)))),
    ],
    summary: rows.map(row => row.text).join("; "),
    draw: width => strips(width, rows, range, names, { title, format }),
    columns, plain: each.values.map(value => [value.value, ...numbers(value)]),
    rows: each.values.map(value => [value.value, ...numbers(value).map((number, place) => (place === 1 ? count(number) : format(number)))]),
  }));
}

function drawInteraction(each, title, format) {
  const means = each.cells.map(cell => cell.mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const cells = each.cells.map(cell => ({
    ...cell, share: high > low ? (cell.mean - low) / (high - low) : 0.5, shown: format(cell.mean),
    text: `${name(each.first)} = ${each.rows[cell.row]}, ${name(each.second)} = ${each.columns[cell.column]}: mean ${format(cell.mean)} of ${count(cell.models)} models`,
  }));
  const row = cell => [each.rows[cell.row], each.columns[cell.column], cell.mean, cell.models];
  return el("article", {}, figure({
    name: `together-${name(each.first)}-${name(each.second)}`, title: `${nameOf(each.first)} and ${nameOf(each.second)}`,
    caption: `together explain ${percent(each.explained)}, of which ${percent(each.beyond)} is more than each by itself`,
    summary: cells.map(cell => cell.text).join("; "),
    draw: width => heatmap(width, each.rows.map(shortName), each.columns.map(shortName), cells, [name(each.first), name(each.second)]),
    columns: [nameOf(each.first), nameOf(each.second), `Mean ${title.toLowerCase()}`, "Models"], plain: each.cells.map(row),
    rows: each.cells.map(cell => { const [one, other, mean, models] = row(cell); return [one, other, format(mean), count(models)]; }),
  }));
}

/** Which values the plan can do without: those of which no model is the best, or ties with it. */
function drawAdvice({ options, definitions, metric }) {
  const models = definitions.filter(each => each.model);
  const good = models.filter(each => each.best || each.tie);
  const heading = el("h2", {}, "What the plan could leave out");
  if (!models.some(each => each.tie !== null)) return [heading, el("p", {}, "Not known: it takes two models whose answers are stored.")];
  const classes = new Set(); // whose own options are not listed, where the whole class can go
  const rows = options.flatMap((option, at) => option.values.flatMap((value, place) => {
    if (classes.has(option.component)) return [];
    const own = models.filter(each => each.values[at] === place); // the best first
    const lost = own.length && !good.some(each => each.values[at] === place);
    if (lost && !option.component) classes.add(value);
    return lost ? [[nameOf(option), value, el("a", { href: `model?model=${encodeURIComponent(own[0].model)}` }, own[0].label), score(own[0].score), count(own.length)]] : [];
  }));
  if (!rows.length) return [heading, el("p", {}, `Nothing: every value has a model that is the best, or ties with it (${count(good.length)} of ${count(models.length)} models).`)];
  return [heading, el("p", { class: "quiet" }, `No model with these values is the best by ${metric.title}, or ties with it.`), table(["Option", "Value", "Its best model", metric.title, "Models"], rows)];
}

function draw(found, trainings) {
  const [kind, format] = SCORES[found.score];
  const title = found.score === "score" && trainings ? trainings.metric.title : kind;
  if (!found.options.length) {
    result.replaceChildren(el("p", {}, found.definitions ? "Every option has a single value among these models." : "There are no models that compare."));
    return;
  }
  const all = found.options.flatMap(each => each.values.flatMap(value => value.scores));
  const range = [Math.min(...all), Math.max(...all)];
  const names = found.options.flatMap(each => each.values.slice(0, MOST_VALUES).map(value => shortName(value.value)));
  const pairs = found.interactions.filter(each => each.beyond > 0 && Math.max(each.rows.length, each.columns.length) <= MOST_VALUES);
  result.replaceChildren(
    ...(trainings ? drawAdvice(trainings) : []),
    el("h2", {}, "What each option does"),
    el("p", { class: "quiet" }, `${countOf(found.definitions, "model")}. A row is one value of an option: one dot for each model and a line at the mean. All axes are the same. ${testingSetText(found.testing_set)}.`),
    el("div", { class: "effects" }, found.options.map(each => drawEffect(each, range, names, title, format))),
    el("h2", {}, "Which options matter together"),
    pairs.length ? el("p", { class: "quiet" }, "Where the best value of one option depends on the value of another. A stronger colour is a higher mean.") : el("p", {}, "No two options interact: their effects add up."),
    el("div", { class: "effects" }, pairs.slice(0, SHOWN).map(each => drawInteraction(each, title, format))),
  );
}

async function show(run, _about, query) {
  const { score: _, ...chosen } = query;
  const [found, trainings] = await Promise.all([ask(["runs", run, "effects"], query), attempt(() => ask(["runs", run, "trainings"], chosen))]);
  draw(found, trainings);
  return found;
}

const picker = new Picker(show, [el("label", {}, "Score ", scores)]);
picker.start(document.getElementById("content"), result);
