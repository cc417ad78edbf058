// Two to six models side by side.
import { figure } from "./charts/figure.js";
import { gains } from "./charts/gains.js";
import {
  addNavigation, ask, attempt, bar, count, countOf, DASH, el, gain, interval, modelLink, reference, score, seconds, size, table, testingSet,
  formatValue, moment, testingSetText, warnings,
} from "./common.js";

const content = document.getElementById("content");
const models = new URLSearchParams(location.search).getAll("model");
const LIMIT = 50;

const letter = place => "ABCDEF"[place];
const headed = found => found.models.map((model, place) => el("span", {}, el("b", {}, letter(place)), " ", el("a", { href: modelLink(model) }, reference(model)), model.aliases.map(alias => el("span", { class: "mark alias" }, `@${alias}`))));
const section = (title, ...children) => el("section", {}, el("h2", {}, title), ...children);

/** What about these models cannot be compared, and why; nothing if everything can. */
function showLimits(found) {
  const list = [];
  const sets = new Set(found.models.map(model => model.testing_set?.digest));
  if (!found.testing_set && sets.size > 1) {
    const sizes = found.models.map((model, place) => `${letter(place)} on ${model.testing_set?.examples == null ? "an unknown number of" : count(model.testing_set.examples)} examples`);
    list.push(`Their scores cannot be compared: they were tested on different examples, ${sizes.join(", ")}. To compare them on the same examples, evaluate them: pipeline evaluate ${found.models.map(reference).join(" ")} --from TIME`);
  }
  const silent = found.models.filter((_, place) => !found.scores[place]);
  if (silent.length) list.push(`${silent.map(model => letter(found.models.indexOf(model))).join(", ")} did not answer these examples.`);
  const choosing = new Set(found.models.map(model => `${model.metric} ${model.validation_set?.digest}`));
  if (choosing.size > 1) list.push("They were chosen by different metrics, or on different examples, so that no run ranked them together.");
  const unknown = found.pairs.filter(pair => pair.p_value === null);
  if (unknown.length && !silent.length && (found.testing_set || sets.size === 1)) list.push(`Whether ${unknown.map(pair => `${letter(pair.first)} and ${letter(pair.second)}`).join(", ")} differ significantly is not known: answers are not stored for all of them.`);
  const lacking = found.classes.filter(each => each.f1.includes(null)).map(each => each.classification);
  if (lacking.length) list.push(`Not all of them know ${lacking.slice(0, 10).join(", ")}${lacking.length > 10 ? " and others" : ""}.`);
  return list.length ? [el("div", { class: "limits", role: "note" }, el("h2", {}, "What cannot be compared"), el("ul", {}, list.map(text => el("li", {}, text))))] : [];
}

function showScores(found) {
  const set = model => found.testing_set ?? model.testing_set;
  const rows = [
    ["Accuracy", (_, on) => bar(on?.accuracy)], ["95 % interval", (_, on) => interval(on?.accuracy_interval)],
    ["Macro F1", (_, on) => score(on?.macro_f1)], ["Gain", (_, on) => gain(on?.gain)],
    ["Tested on", model => testingSet(set(model))], ["Testing examples", model => count(set(model)?.examples)],
    ...(found.scores.some(on => on?.evaluated_at) ? [["Evaluated", (_, on) => (on ? moment(on.evaluated_at ?? undefined) : DASH)]] : []),
    ["Marks", (_, on) => [warnings(on)]], ["Training seconds", model => seconds(model.training_seconds)], ["Size", model => size(model.size_bytes)],
  ].map(([name, tell]) => [name, ...found.models.map((model, place) => tell(model, found.scores[place]))]);
  return table(["Score", ...headed(found)], rows, { class: "side" });
}

/** A choice among the testing sets that the models have answered, if there are several. */
function showSets(found) {
  if (found.testing_sets.length < 2) return [];
  const told = set => `${testingSetText(set)}, answered by ${set.models === found.models.length ? "all" : `${set.models} of ${found.models.length}`}`;
  const options = found.testing_sets.map(set => el("option", { value: set.digest, selected: set.digest === found.testing_set?.digest }, told(set)));
  const own = found.testing_set ? [] : [el("option", { value: "", selected: true }, "Each model's own testing set")];
  const choose = event => {
    const query = new URLSearchParams(models.map(model => ["model", model]));
    if (event.target.value) query.set("testing_set", event.target.value);
    history.replaceState(null, "", `?${query}`);
    show();
  };
  return [el("p", {}, el("label", {}, "Compare on ", el("select", { id: "testing-set", onchange: choose }, own, options)))];
}

/** What each class gains and loses from the first model to another one. */
function drawGains(found, place) {
  const rows = found.classes.filter(each => each.f1[0] !== null && each.f1[place] !== null).map(each => ({
    name: each.classification, change: each.f1[place] - each.f1[0], support: each.support, from: each.f1[0], to: each.f1[place],
    text: `${each.classification}: F1 ${score(each.f1[0])} with A, ${score(each.f1[place])} with ${letter(place)}; ${count(each.support)} testing examples`,
  })).sort((one, other) => one.change - other.change);
  if (!rows.length) return [];
  const worse = rows.filter(each => each.change < 0).length;
  return figure({
    name: `gains-${letter(place)}`, title: `Classes: from A to ${letter(place)}`, caption: `${count(worse)} of ${count(rows.length)} classes get worse, ${count(rows.filter(each => each.change > 0).length)} better. The largest loss comes first.`,
    summary: rows.slice(0, 3).map(each => each.text).join("; "),
    draw: width => gains(width, rows, gain, "change of F1"),
    columns: ["Class", "F1 of A", `F1 of ${letter(place)}`, "Change", "Testing examples"],
    rows: rows.map(each => [each.name, score(each.from), score(each.to), gain(each.change), count(each.support)]),
    plain: rows.map(each => [each.name, each.from, each.to, each.change, each.support]),
  });
}

function showOptions(found) {
  if (!found.options.length) return section("Options", el("p", {}, "All models have the same options."));
  const rows = found.options.map(each => [`${each.section} ${each.option}`, ...each.values.map(formatValue)]);
  return section("Options that differ", table(["Option", ...found.models.map((_, place) => letter(place))], rows, { class: "side" }));
}

function showPairs(found) {
  const known = found.pairs.filter(pair => pair.p_value !== null);
  if (!known.length) return section("Significance", el("p", {}, "No two of these models can be compared: they were tested on different examples, or their answers are not stored."));
  const rows = known.map(pair => [
    `${letter(pair.first)} and ${letter(pair.second)}`, count(pair.only_first_right), count(pair.only_second_right),
    `${count(pair.differing)} of ${count(pair.testing_examples)}`, pair.p_value.toFixed(4),
    pair.tie ? "tie" : `${letter(pair.only_first_right > pair.only_second_right ? pair.first : pair.second)} is better`,
  ]);
  return section("Significance", table(["Pair", "First only", "Second only", "Answers differ", "p-value", "Result"], rows),
    el("p", { class: "quiet" }, "“First only” counts testing examples that only the first model has right. Exact McNemar test; p ≥ 0.05 is a tie. Leaderboards adjust p for the number of models compared to find the best, so they show more ties."));
}

function showClasses(found) {
  const rows = found.classes.map(each => [each.classification, count(each.support), ...each.f1.map(value => bar(value))]);
  const pictures = el("div", { class: "side-by-side" }, found.models.slice(1).map((_, place) => drawGains(found, place + 1)));
  return section("F1 by class", pictures, table(["Class", "Testing examples", ...found.models.map((_, place) => letter(place))], rows, { class: "side" }),
    el("p", { class: "quiet" }, "Classes on which the models differ most come first."));
}

function showDisagreements(found) {
  const page = found.disagreements;
  if (!page) return section("Disagreements", el("p", {}, "Disagreements need models that were tested on the same examples and whose answers are stored."));
  if (!page.total) return section("Disagreements", el("p", {}, "The models agree on every testing example."));
  const rows = page.items.map(each => [
    el("code", {}, each.example),
    ...each.right.map((right, place) => el("span", { class: right ? "right" : "wrong" }, right ? "right" : `wrong${other(each, place)}`)),
  ]);
  const turn = (title, offset, possible) => el("button", { type: "button", disabled: !possible, onclick: () => show(offset) }, title);
  return section(
    `Disagreements on ${countOf(page.total, "testing example")}`,
    table(["Example", ...found.models.map((_, place) => letter(place))], rows, { class: "side" }),
    page.total > page.limit ? el("p", { class: "pager" }, turn("Previous", page.offset - LIMIT, page.offset > 0), ` ${page.offset + 1}–${Math.min(page.total, page.offset + page.limit)} `, turn("Next", page.offset + LIMIT, page.offset + page.limit < page.total)) : null,
    el("p", { class: "quiet" }, "Example ids are encrypted: without the keys they lead to no row. Who holds the keys reads one with ", el("code", {}, `pipeline models errors ${reference(found.models[0])} --id ID`), ". Equal letters mark equal wrong answers."),
  );
}

/** Return a letter for each different wrong answer, or none if all wrong answers are equal. */
function other(each, place) {
  const wrong = [...new Set(each.answers.filter((_, index) => !each.right[index]))];
  return wrong.length > 1 ? ` ${"abcdef"[wrong.indexOf(each.answers[place])]}` : "";
}

async function show(offset = 0) {
  if (models.length < 2) {
    content.replaceChildren(el("p", {}, "Choose two to six models on the ", el("a", { href: "leaderboard" }, "leaderboard"), "."));
    return;
  }
  const found = await attempt(() => ask(["comparison"], { model: models, testing_set: new URLSearchParams(location.search).get("testing_set") ?? "", offset, limit: LIMIT }));
  if (!found) return;
  content.replaceChildren(...showSets(found), ...showLimits(found), showScores(found), showPairs(found), showClasses(found), showOptions(found), showDisagreements(found));
}

addNavigation();
show();
