// Two to six models side by side.
import {
  addNavigation, ask, attempt, bar, count, el, gain, interval, modelLink, reference, score, seconds, size, table, testingSet,
  formatValue, warnings,
} from "./common.js";

const content = document.getElementById("content");
const models = new URLSearchParams(location.search).getAll("model");
const LIMIT = 50;

const letter = place => "ABCDEF"[place];
const headed = found => found.models.map((model, place) => el("span", {}, el("b", {}, letter(place)), " ", el("a", { href: modelLink(model) }, reference(model))));
const section = (title, ...children) => el("section", {}, el("h2", {}, title), ...children);

function showScores(found) {
  const rows = [
    ["Accuracy", model => bar(model.accuracy)], ["95 % interval", model => interval(model.accuracy_interval)],
    ["Macro F1", model => score(model.macro_f1)], ["Gain", model => gain(model.gain)],
    ["Tested on", model => testingSet(model.testing_set)], ["Marks", model => [warnings(model)]],
    ["Training seconds", model => seconds(model.training_seconds)], ["Size", model => size(model.size_bytes)],
  ].map(([name, tell]) => [name, ...found.models.map(tell)]);
  const sets = new Set(found.models.map(model => model.testing_set?.digest));
  const several = el("p", { class: "error" }, "These models were tested on different examples, so their scores cannot be compared.");
  return [...(sets.size > 1 ? [several] : []), table(["Score", ...headed(found)], rows, { class: "side" })];
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
    el("p", { class: "quiet" }, "“First only” counts testing examples that only the first model has right. Exact McNemar test; p ≥ 0.05 is a tie."));
}

function showClasses(found) {
  const rows = found.classes.map(each => [each.classification, count(each.support), ...each.f1.map(value => bar(value))]);
  return section("F1 by class", table(["Class", "Testing examples", ...found.models.map((_, place) => letter(place))], rows, { class: "side" }),
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
    `Disagreements on ${count(page.total)} testing examples`,
    table(["Example", ...found.models.map((_, place) => letter(place))], rows, { class: "side" }),
    page.total > page.limit ? el("p", { class: "pager" }, turn("Previous", page.offset - LIMIT, page.offset > 0), ` ${page.offset + 1}–${Math.min(page.total, page.offset + page.limit)} `, turn("Next", page.offset + LIMIT, page.offset + page.limit < page.total)) : null,
    el("p", { class: "quiet" }, "Example ids are encrypted: without the keys they lead to no row. Equal letters mark equal wrong answers."),
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
  const found = await attempt(() => ask(["comparison"], { model: models, offset, limit: LIMIT }));
  if (!found) return;
  content.replaceChildren(...showScores(found), showOptions(found), showPairs(found), showClasses(found), showDisagreements(found));
}

addNavigation();
show();
