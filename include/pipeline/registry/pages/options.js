// Which option matters: each option's effect on a score within one run.
import { runChoice } from "./called.js";
import { strip } from "./charts.js";
import {
  addNavigation, airflowLink, ask, attempt, count, el, gain, percent, runPath, score, seconds, size, testingSetName,
  testingSetText,
} from "./common.js";

const content = document.getElementById("content");
const query = new URLSearchParams(location.search);
const SCORES = {
  score: ["What chooses", score],
  accuracy: ["Accuracy", score], macro_f1: ["Macro F1", score], gain: ["Gain", gain],
  training_seconds: ["Training seconds", seconds], size_bytes: ["Size", size],
};

const runs = el("select", { name: "run" });
const scores = el("select", { name: "score" }, Object.entries(SCORES).map(([value, [title]]) => el("option", { value }, title)));
const sets = el("select", { name: "testing_set" });
const setLabel = el("label", { hidden: true }, "Testing set ", sets);
const result = el("div", { "aria-live": "polite" });

function fillSets(found) {
  setLabel.hidden = found.testing_sets.length < 2;
  sets.replaceChildren(...found.testing_sets.map(each => el("option", { value: each.digest }, `${testingSetName(each)} (${count(each.models)} models)`)));
  sets.value = found.testing_set?.digest ?? "";
}

function draw(found) {
  const [, format] = SCORES[found.score];
  if (!found.options.length) {
    result.replaceChildren(el("p", {}, found.definitions ? "Every option has a single value among the models of this run." : "This run has no models yet."));
    return;
  }
  const all = found.options.flatMap(each => each.values.flatMap(value => value.scores));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const cards = found.options.map(each => {
    const rows = each.values.map(value => el("li", {},
      el("span", { class: "value", title: value.value }, value.value),
      el("span", { class: "numbers" }, `${format(value.mean)} · ${count(value.scores.length)}`),
      strip(value, format, low, high)));
    return el("article", { class: "effect" },
      each.component ? el("h2", {}, each.option, el("small", {}, ` ${each.component}`)) : el("h2", {}, each.section),
      el("p", { class: "quiet" }, `explains ${percent(each.explained)} of the variance`),
      el("ul", {}, rows));
  });
  result.replaceChildren(
    el("p", { class: "quiet" }, `${count(found.definitions)} models. Each row is one value of an option: its mean, the number of models, one dot per model and a line at the mean. All plots range from ${format(low)} to ${format(high)}. ${testingSetText(found.testing_set)}.`),
    el("div", { class: "effects" }, cards),
  );
}

async function show() {
  const run = runs.value;
  addNavigation(run);
  history.replaceState(null, "", `?${new URLSearchParams({ run, score: scores.value })}`);
  about.replaceChildren(el("a", { href: `leaderboard?run=${encodeURIComponent(run)}` }, "Leaderboard of this run"), " · ", airflowLink(runPath(run), "This run in Airflow"));
  const found = await attempt(() => ask(["runs", run, "effects"], { score: scores.value, testing_set: sets.value }));
  if (!found) return;
  fillSets(found);
  draw(found);
}

const about = el("p", { class: "about" });

async function start() {
  addNavigation(query.get("run"));
  const found = await attempt(() => ask(["runs"], { limit: 100 }));
  if (!found) return;
  const wanted = query.get("run");
  const choices = new Map(found.items.map(each => [each.run_id, runChoice(each)]));
  if (wanted && !choices.has(wanted)) choices.set(wanted, wanted);
  if (!choices.size) {
    content.replaceChildren(el("p", {}, "No runs yet. Trigger train_classifiers with a plan."));
    return;
  }
  runs.replaceChildren(...[...choices].map(([value, text]) => el("option", { value }, text)));
  runs.value = wanted ?? found.items[0].run_id;
  scores.value = query.get("score") in SCORES ? query.get("score") : "accuracy";
  const form = el("form", { id: "filters" }, el("label", {}, "Run ", runs), el("label", {}, "Score ", scores), setLabel);
  form.addEventListener("input", event => {
    if (event.target === runs) sets.replaceChildren();
    show();
  });
  form.addEventListener("submit", event => event.preventDefault());
  content.replaceChildren(about, form, result);
  await show();
}

start();
