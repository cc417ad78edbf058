// The table of the leaderboard: a row for each definition, and a group of rows for each testing set.
import {
  age, airflowLink, bar, chosenOn, count, DASH, el, gain, interval, modelLink, score, scrolling, seconds, size, testingSet,
  testingSetText, warnings,
} from "./common.js";

const SCORES = ["score", "accuracy", "macro_f1", "gain"]; // compare only within one testing set
export const BEST_FIRST = "-score";
export const COLUMNS = [
  ["label", "Definition"], ["score", "Chosen by"], ["accuracy", "Accuracy"], [null, "95 % interval"], ["macro_f1", "Macro F1"], ["gain", "Gain"],
  ["training_seconds", "Seconds"], ["size_bytes", "Size"], [null, "Tested on"], ["created_at", "Age"], ["state", "State"], [null, "Log"],
];
/** States in which the error of a definition is no failure: why it was stopped, or has no model any more. */
const NO_FAILURE = ["stopped", "trained", "reused", "duplicate"];
const TITLES = {
  score: "The metric by which models are ranked, on the examples that choose",
  gain: "Accuracy above always answering the most frequent class",
  training_seconds: "Training time in seconds, without waiting",
};

/** A name for the examples that a model was tested on and chosen by: only models of one name compare. */
const setsKey = model => `${model.testing_set?.digest} ${model.validation_set?.digest}`;
export const setsText = (model, metric) => `${testingSetText(model.testing_set)}. Chosen by ${metric.title} ${chosenOn(model.validation_set)}.`;

/** One model for each name on a page, in the order of the page. */
export const judgedOn = page => new Map(page.items.filter(row => row.model).map(row => [setsKey(row.model), row.model]).reverse());

/** The columns of a page: what chooses has one of its own only if it is not the testing set's accuracy. */
function listColumns(page) {
  const own = page.metric.name !== "accuracy" || page.items.some(row => row.model?.validation_set);
  return own ? COLUMNS : COLUMNS.filter(([key]) => key !== "score");
}

/** One table body per testing set, headed by it: scores do not compare across testing sets. */
function drawBodies(page, sort, choice) {
  const sets = judgedOn(page);
  const compared = SCORES.includes(sort.replace("-", ""));
  if (sets.size < 2 || !compared) return el("tbody", {}, page.items.map(row => drawRow(row, page, choice)));
  const groups = new Map();
  for (const row of page.items) {
    const key = row.model ? setsKey(row.model) : null;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].map(([key, rows]) => {
    const title = key === null ? "Without a model" : setsText(sets.get(key), page.metric);
    const head = el("tr", { class: "group" }, el("th", { colspan: listColumns(page).length + 1, scope: "rowgroup" }, title));
    return el("tbody", {}, head, rows.map(row => drawRow(row, page, choice)));
  });
}

/** The table of a page. `sort` is its order and `sortBy` changes it; `choice` makes the box that selects a row's model. */
export function drawTable(page, sort, sortBy, choice) {
  const own = listColumns(page) === COLUMNS;
  const head = listColumns(page).map(([key, name]) => {
    const title = key === "score" ? `Chosen by ${page.metric.title}` : name;
    if (!key) return el("th", { scope: "col" }, title);
    const sorted = key === "accuracy" && !own && sort === BEST_FIRST ? "-accuracy" : sort;
    const descending = sorted === `-${key}`;
    const order = descending ? "descending" : sorted === key ? "ascending" : null;
    const next = order === null ? (key === "label" || key === "state" ? key : `-${key}`) : descending ? key : `-${key}`;
    const mark = order === null ? "" : descending ? " ▼" : " ▲";
    const button = el("button", { type: "button", "data-key": `sort ${key}`, onclick: () => sortBy(next) }, title, mark);
    return el("th", { scope: "col", "aria-sort": order, title: TITLES[key] }, button);
  });
  const thead = el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { class: "hidden" }, "Compare")), head));
  return scrolling(el("div", { class: "scroll" }, el("table", { id: "board" }, thead, drawBodies(page, sort, choice))));
}

/** The score by which a model is ranked; a bar, if it is a share. */
function drawScore(model, metric) {
  const value = metric.lower_is_better ? score(model.score) : bar(model.score);
  const spread = model.deviation === null ? null : el("span", { class: "quiet" }, ` ± ${score(model.deviation)}`);
  return [value, spread];
}

const tieTitle = model =>
  `not significantly different from the best: p = ${model.p_value.toFixed(3)}, ${model.adjusted_p_value.toFixed(3)} among ${count(model.compared)} models`;

function drawRow(row, page, choice) {
  const model = row.model;
  const name = model ? el("a", { href: modelLink(model), "data-key": `model ${row.run_id} ${row.label}` }, row.label) : el("span", {}, row.label);
  const marks = [
    model?.best ? el("span", { class: "mark best", title: "the best of the listed models that were chosen and tested on the same examples" }, "best") : null,
    model?.tie ? el("span", { class: "mark", title: tieTitle(model) }, "tie") : null,
    ...warnings(model),
    ...(model?.aliases ?? []).map(alias => el("span", { class: "mark alias", title: "an alias points at this model" }, `@${alias}`)),
  ];
  const recipe = el("div", { class: "recipe" }, row.differences || `${row.definition.adapter.name}, ${row.definition.model.name}`);
  const duplicate = row.duplicate_of ? el("div", { class: "recipe" }, `same model as ${row.duplicate_of}`) : null;
  const error = row.error ? el("div", { class: NO_FAILURE.includes(row.state) ? "reason" : "error" }, row.error) : null;
  const shown = new Set(listColumns(page).map(([, title]) => title));
  const cells = [
    ["Definition", [name, marks, recipe, duplicate, error]],
    ["Chosen by", model ? drawScore(model, page.metric) : DASH],
    ["Accuracy", model ? bar(model.accuracy) : DASH],
    ["95 % interval", interval(model?.accuracy_interval)],
    ["Macro F1", score(model?.macro_f1)],
    ["Gain", gain(model?.gain)],
    ["Seconds", seconds(model?.training_seconds)],
    ["Size", size(model?.size_bytes)],
    ["Tested on", testingSet(model?.testing_set)],
    ["Age", el("span", { title: model?.created_at ?? "" }, age(model?.created_at))],
    ["State", el("span", { class: `state ${row.state}` }, row.state)],
    ["Log", row.log_path ? airflowLink(row.log_path, "log", { "aria-label": `Log of ${row.label}` }) : DASH],
  ].filter(([column]) => shown.has(column)).map(([column, value]) => el("td", { "data-column": column }, value));
  return el("tr", { "data-label": row.label }, el("td", { class: "choice" }, model ? choice(row) : ""), cells);
}
