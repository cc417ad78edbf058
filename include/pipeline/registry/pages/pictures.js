// Pictures of a run: which models are worth their cost, how scores grew, the options of each model, who worked when.
import { showCalled } from "./called.js";
import { gantt } from "./charts/gantt.js";
import { figure } from "./charts/figure.js";
import { lines } from "./charts/lines.js";
import { parallel } from "./charts/parallel.js";
import { scatter } from "./charts/scatter.js";
import { logarithmic } from "./charts/scales.js";
import { ask, attempt, chosenOn, count, countOf, DASH, el, formatValue, score, seconds, shortName, size, testingSetText } from "./common.js";
import { Picker } from "./picker.js";

const content = document.getElementById("content");
const called = el("div");
const result = el("div", { "aria-live": "polite" });
const COSTS = [["training_seconds", "Training seconds", seconds, " s"], ["size_bytes", "Size", size, ""]];
const MOST_LINES = 200; // in pictures of lines, the best; more would be one surface

const capital = text => text[0].toUpperCase() + text.slice(1);
const chooses = found => count((found.validation_set ?? found.testing_set)?.examples);
const link = each => (each.model ? el("a", { href: `model?model=${encodeURIComponent(each.model)}` }, each.label) : each.label);
const href = each => (each.model ? `model?model=${encodeURIComponent(each.model)}` : `leaderboard?run=${encodeURIComponent(picker.runs.value)}&label=${encodeURIComponent(each.label)}`);
const tell = (each, metric) => `${each.label}: ${metric.title} ${score(each.score)}${each.best ? ", the best" : each.tie ? ", ties with the best" : ""}, ${seconds(each.training_seconds)} s, ${size(each.size_bytes)}${each.recipe ? ` (${each.recipe})` : ""}`;

/** Which class of models or of adapters each has, whichever differs, so that a colour can show it. */
function colouring(found) {
  const names = found.options.findIndex(each => each.component === null && each.section === "adapter");
  const option = names >= 0 ? names : found.options.findIndex(each => each.component === null && each.section === "model");
  const values = option >= 0 ? found.options[option].values : [];
  const section = found.options[option]?.section;
  return { of: each => `c${option >= 0 ? each.values[option] % 8 : 0}`, section, values };
}

/** What the colours mean, in a picture's file. */
const keyOf = ({ values }) => values.map((value, place) => [`c${place % 8}`, value]);

function legend({ section, values }) {
  if (!values.length) return [];
  return el("ul", { class: "legend" }, values.map((value, place) => el("li", {},
    el("span", { class: `swatch c${place % 8}`, "aria-hidden": "true" }), value, picker.leaveOut(section, "name", value, value))));
}

function drawCost(found, models, [cost, title, format, unit], colours) {
  const front = new Set(found.fronts[cost]);
  const points = models.map(each => ({
    cost: each[cost], score: each.score, best: each.best, tie: each.tie, front: front.has(each.label), colour: colours.of(each),
    key: each.label, href: href(each), text: tell(each, found.metric),
  }));
  const cheapest = models.filter(each => each.best || each.tie).sort((one, other) => one[cost] - other[cost])[0];
  const best = models.find(each => each.best);
  const told = each => `${format(each[cost])}${unit} and ${score(each.score)}`;
  const advice = cheapest && !cheapest.best ? ["The cheapest that ties with the best is ", link(cheapest), `: ${told(cheapest)}, where the best has ${told(best)}.`] : "Nothing cheaper ties with the best.";
  const rows = models.map(each => [each, format(each[cost]), score(each.score), front.has(each.label) ? "yes" : "", each.best ? "best" : each.tie ? "tie" : ""]);
  return figure({
    name: `score-and-${cost.replace("_", "-")}`, level: 2, title: `${capital(found.metric.title)} and ${title.toLowerCase()}`,
    caption: [advice, ` The line is the front: no other model scores as well for less. A ring marks a tie: ${chooses(found)} examples cannot tell it from the best.`],
    summary: `${countOf(models.length, "model")}; ${front.size} are on the front.`, key: keyOf(colours),
    draw: width => scatter(width, points, { title, format }, { title: found.metric.title, format: score }, found.metric.lower_is_better),
    columns: ["Definition", title, found.metric.title, "On the front", "Against the best"],
    rows: rows.map(([each, ...rest]) => [link(each), ...rest]),
    plain: models.map(each => [each.label, each[cost], each.score, front.has(each.label), each.best ? "best" : each.tie ? "tie" : ""]),
  });
}

function drawSteps(found) {
  if (!found.steps_of) return el("p", { class: "quiet" }, "How scores grew is seen in runs with a search, or with folds, in their plan.");
  const inParts = found.steps_of === "parts";
  const grown = found.definitions.filter(each => each.steps.length).slice(0, MOST_LINES);
  const series = grown.map(each => {
    const end = inParts && each.model ? [[1, each.score]] : [];
    return {
      points: [...each.steps.map(step => [step.at, step.score]), ...end],
      kind: each.state === "stopped" ? "stopped" : each.best ? "c1" : "c0", key: each.label, href: href(each),
      text: `${each.label}: ${each.steps.map(step => `${score(step.score)} ${inParts ? `with ${Math.round(100 * step.at)} %` : `in fold ${step.at}`}`).join(", ")}${end.length ? `, ${score(each.score)} with the whole` : ""}; ${each.state}`,
    };
  }).reverse();
  const x = inParts ? { title: "share of the whole", format: value => `${Math.round(100 * value)} %`, scale: logarithmic } : { title: "fold", format: value => (Number.isInteger(value) ? value : "") };
  const stopped = grown.filter(each => each.state === "stopped").length;
  const rows = grown.flatMap(each => each.steps.map(step => [each, step]));
  return figure({
    name: "growth", level: 2, title: inParts ? "How scores grew in the search" : "Scores from fold to fold",
    caption: inParts ? `What the search stopped is grey. The last point of the others is their score on the examples that choose, which are not those that compare trials.` : "A line for each model: how much its score depends on which examples it is trained on.",
    summary: `${count(grown.length)} definitions${stopped ? `, of which ${count(stopped)} were stopped` : ""}.`,
    draw: width => lines(width, series, x, { title: found.metric.title, format: score }),
    columns: ["Definition", inParts ? "Share of the whole" : "Fold", found.metric.title, "State"],
    rows: rows.map(([each, step]) => [link(each), inParts ? step.at.toFixed(3) : step.at, score(step.score), each.state]),
    plain: rows.map(([each, step]) => [each.label, step.at, step.score, each.state]),
  });
}

function drawOptions(found, models) {
  if (!found.options.length) return [];
  const options = found.options.map(each => ({
    title: each.component ? each.option : each.section, more: shortName(each.component ?? ""), values: each.component ? each.values : each.values.map(shortName),
  }));
  const drawn = models.slice(0, MOST_LINES).map(each => ({ values: each.values, score: each.score, key: each.label, href: href(each), text: tell(each, found.metric) }));
  const cells = each => each.values.map((value, place) => (value === null ? DASH : found.options[place].values[value]));
  const names = options.map(each => `${each.title}${each.more ? ` (${each.more})` : ""}`);
  return figure({
    name: "options", level: 2, title: "The options of each model",
    caption: `Each line is a model: it passes its value of each option and ends at its score. The best tenth stands out.${models.length > MOST_LINES ? ` The ${MOST_LINES} best of ${count(models.length)} are drawn.` : ""}`,
    summary: `${count(drawn.length)} models and ${count(options.length)} options.`,
    draw: width => parallel(width, options, drawn, { title: found.metric.title, format: score }, found.metric.lower_is_better),
    columns: ["Definition", ...names, found.metric.title],
    rows: models.map(each => [link(each), ...cells(each), score(each.score)]),
    plain: models.map(each => [each.label, ...cells(each), each.score]),
  });
}

function drawTimeline(found) {
  if (!found?.bars.length) return [];
  const since = moment => (new Date(moment) - new Date(found.began_at)) / 1000;
  const host = each => each.host ?? "unknown machine";
  const lanes = [...new Map(found.bars.map(each => [each.lane, each])).values()].sort((one, other) => host(one).localeCompare(host(other)) || one.lane - other.lane);
  const rowOf = new Map(lanes.map((each, row) => [each.lane, row]));
  const hosts = new Set(lanes.map(host));
  const seen = {};
  const names = lanes.map(each => `${hosts.size > 1 ? `${host(each)} ` : ""}worker ${(seen[host(each)] = (seen[host(each)] ?? 0) + 1)}`);
  const bars = found.bars.map(each => ({
    begin: since(each.began_at), end: since(each.ended_at), lane: rowOf.get(each.lane), kind: each.state, label: each.label, key: each.label,
    href: `leaderboard?run=${encodeURIComponent(picker.runs.value)}&label=${encodeURIComponent(each.label)}`,
    text: `${each.label}${each.rung === null ? "" : `, tried in rung ${each.rung + 1}`}: ${each.state}, from ${seconds(since(each.began_at))} to ${seconds(since(each.ended_at))} s on ${host(each)}`,
    waits: each.waits.map(wait => ({ ...wait, text: `${each.label} waited ${seconds(wait.seconds)} s for the ${formatValue(wait.what)} ${wait.made_by ? `that ${wait.made_by} made` : "that another one made"}` })),
  }));
  const waited = found.bars.flatMap(each => each.waits).reduce((sum, wait) => sum + wait.seconds, 0);
  return figure({
    name: "timeline", level: 2, title: "Who worked when",
    caption: `A row for each process that worked at the same time.${waited ? ` Hatched: waiting for what another training prepares, ${seconds(waited)} s in all.` : ""}`,
    summary: `${count(bars.length)} trainings and trials on ${countOf(names.length, "worker")}.`,
    key: [["c2", "trained"], ["c0", "trial"], ["bad", "failed"], ["stopped", "stopped or cancelled"]],
    draw: width => gantt(width, names, bars, value => count(value)),
    columns: ["Definition", "Worker", "Began, s", "Ended, s", "State", "Waited for"],
    rows: bars.map(each => [each.label, names[each.lane], seconds(each.begin), seconds(each.end), each.kind, each.waits.map(wait => wait.text).join("; ") || DASH]),
    plain: bars.map(each => [each.label, names[each.lane], each.begin.toFixed(3), each.end.toFixed(3), each.kind, each.waits.map(wait => wait.text).join("; ")]),
  });
}

async function show(run, asked, query) {
  const [about, found, timeline] = await Promise.all([
    asked, ask(["runs", run, "trainings"], query), attempt(() => ask(["runs", run, "timeline"])),
  ]);
  tellName(about);
  const models = found.definitions.filter(each => each.model);
  const colours = colouring(found);
  const drawn = models.length ? [
    el("p", { class: "quiet" }, `${countOf(models.length, "model")}. ${testingSetText(found.testing_set)}. Chosen by ${found.metric.title} ${chosenOn(found.validation_set)}.`),
    legend(colours),
    el("div", { class: "side-by-side" }, COSTS.map(each => drawCost(found, models, each, colours))),
    drawSteps(found), drawOptions(found, models),
  ].flat() : [el("p", {}, picker.without.length ? "No model is left." : about.closed_at ? "This run has no models. Its leaderboard says why." : "This run has no models yet.")];
  result.replaceChildren(...[drawn, drawTimeline(timeline)].flat());
  return found;
}

function tellName(run) {
  showCalled(called, run, tellName);
}

const picker = new Picker(show);
picker.start(content, result).then(() => content.prepend(called));
