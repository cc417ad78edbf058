// The leaderboard. The address holds filters, order and page, so that it can be bookmarked and shared.
import { runChoice, showCalled } from "./called.js";
import {
  addNavigation, age, airflowLink, ask, attempt, bar, chosenOn, count, DASH, el, gain, interval, modelLink, reference,
  runLinks, score, scrolling, seconds, size, testingSet, testingSetText, formatValue, warnings,
} from "./common.js";

const LIMIT = 50;
const MOST_COMPARED = 6;
const SCORES = ["score", "accuracy", "macro_f1", "gain"]; // compare only within one testing set
const BEST_FIRST = "-score";
const UNFINISHED = ["planned", "training"];
const STATES = ["trained", "training", "planned", "stopped", "failed", "cancelled", "reused", "duplicate"];
const COLUMNS = [
  ["label", "Definition"], ["score", "Chosen by"], ["accuracy", "Accuracy"], [null, "95 % interval"], ["macro_f1", "Macro F1"], ["gain", "Gain"],
  ["training_seconds", "Seconds"], ["size_bytes", "Size"], [null, "Tested on"], ["created_at", "Age"], ["state", "State"], [null, "Log"],
];
const TITLES = {
  score: "The metric by which models are ranked, on the examples that choose",
  gain: "Accuracy above always answering the most frequent class",
  training_seconds: "Training time in seconds, without waiting",
};

const form = document.getElementById("filters");
const fields = form.elements;
let selected = new Map();
let timer = null;
let asked = 0;
let told = null; // the run about which the page tells

const query = new URLSearchParams(location.search);
const state = { offset: Number(query.get("offset")) || 0 };

function option(value, text = value) {
  return el("option", { value }, text);
}

function choose(name, choices, any) {
  const wanted = query.getAll(name)[0] ?? fields[name].value;
  const listed = choices.some(([value]) => value === wanted) || !wanted ? choices : [[wanted, wanted], ...choices];
  fields[name].replaceChildren(...(any ? [option("", any)] : []), ...listed.map(([value, text]) => option(value, text)));
  fields[name].value = wanted ?? "";
}

async function fillFilters() {
  const [run, tag] = ["run", "tag"].map(name => query.get(name) ?? fields[name].value);
  const [runs, choices] = await Promise.all([ask(["runs"], { limit: 100, tag }), ask(["definitions", "choices"], { run })]);
  choose("run", runs.items.map(each => [each.run_id, runChoice(each)]), "all runs");
  choose("tag", Object.entries(choices.tags).map(([key, number]) => [key, `${key} (${count(number)})`]), "any");
  for (const name of ["dataset", "adapter", "model"]) {
    choose(name, Object.entries(choices[name]).map(([key, number]) => [key, `${key} (${count(number)})`]), "any");
  }
  const options = choices.options.flatMap(each =>
    each.values.map(value => [`${each.section}.${each.option}:${JSON.stringify(value)}`, `${each.option} = ${formatValue(value)}`]));
  choose("option", options, "any");
}

function readFields() {
  const values = Object.fromEntries(new FormData(form));
  return { ...values, ...(state.offset ? { offset: state.offset } : {}) };
}

function keepAddress() {
  const kept = Object.entries(readFields()).filter(([key, value]) => value !== "" && !(key === "sort" && value === BEST_FIRST));
  const dag = query.get("dag");
  const text = new URLSearchParams(dag ? [["dag", dag], ...kept] : kept).toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
}

async function show() {
  clearTimeout(timer);
  const mine = ++asked;
  keepAddress();
  tellRun(fields.run.value);
  const page = await attempt(() => ask(["definitions"], { ...readFields(), limit: LIMIT }));
  if (mine !== asked) return; // something else has been requested since
  if (page) draw(page);
  // a run whose plan is not expanded yet has no definition
  const going = !page || isLive(page) || (fields.run.value && !page.total);
  timer = setTimeout(refresh, going && !document.hidden ? 2_000 : 15_000);
}

function tellRun(run) {
  addNavigation(run);
  document.getElementById("about").replaceChildren(...(run ? runLinks(run) : [el("a", { href: "sweep" }, "New sweep")]));
  if (run !== told) tellName(run);
}

async function tellName(run) {
  told = run;
  const place = document.getElementById("called");
  place.replaceChildren();
  const found = run ? await ask(["runs", run]).catch(() => null) : null;
  if (run !== told) return;
  if (!found) return void (told = run ? null : run); // a run that has just begun is asked for again
  const draw = called => showCalled(place, called, changed => {
    draw(changed);
    attempt(fillFilters);
  });
  draw(found);
}

async function refresh() {
  const focused = document.activeElement?.dataset?.key;
  await show();
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

const isLive = page => UNFINISHED.some(each => page.states[each]);

function draw(page) {
  const states = STATES.filter(each => page.states[each]).map(each => `${count(page.states[each])} ${each}`);
  const live = isLive(page) ? " · live" : "";
  const summary = document.getElementById("summary");
  const filtered = ["tag", "dataset", "adapter", "model", "state", "option", "label"].some(name => fields[name].value);
  const nothing = filtered ? "No definition matches these filters." : "No definitions yet. They appear here while a run trains.";
  const sets = judgedOn(page);
  document.getElementById("tested").textContent = sets.size === 1 ? setsText([...sets.values()][0], page.metric) : "";
  const text = page.total ? `${states.join(", ")}${live}` : nothing;
  if (summary.textContent !== text) summary.textContent = text;
  document.getElementById("content").replaceChildren(page.total ? drawTable(page) : "");
  drawPager(page);
  drawSelected();
}

/** A name for the examples that a model was tested on and chosen by: only models of one name compare. */
const setsKey = model => `${model.testing_set?.digest} ${model.validation_set?.digest}`;
const setsText = (model, metric) => `${testingSetText(model.testing_set)}. Chosen by ${metric.title} ${chosenOn(model.validation_set)}.`;

/** One model for each name on a page, in the order of the page. */
const judgedOn = page => new Map(page.items.filter(row => row.model).map(row => [setsKey(row.model), row.model]).reverse());

/** The columns of a page: what chooses has one of its own only if it is not the testing set's accuracy. */
function listColumns(page) {
  const own = page.metric.name !== "accuracy" || page.items.some(row => row.model?.validation_set);
  return own ? COLUMNS : COLUMNS.filter(([key]) => key !== "score");
}

/** One table body per testing set, headed by it: scores do not compare across testing sets. */
function drawBodies(page) {
  const sets = judgedOn(page);
  const compared = SCORES.includes(fields.sort.value.replace("-", ""));
  if (sets.size < 2 || !compared) return el("tbody", {}, page.items.map(row => drawRow(row, page)));
  const groups = new Map();
  for (const row of page.items) {
    const key = row.model ? setsKey(row.model) : null;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].map(([key, rows]) => {
    const title = key === null ? "Without a model" : setsText(sets.get(key), page.metric);
    const head = el("tr", { class: "group" }, el("th", { colspan: listColumns(page).length + 1, scope: "rowgroup" }, title));
    return el("tbody", {}, head, rows.map(row => drawRow(row, page)));
  });
}

function drawTable(page) {
  const sort = fields.sort.value;
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
  return scrolling(el("div", { class: "scroll" }, el("table", { id: "board" }, thead, drawBodies(page))));
}

/** The score by which a model is ranked; a bar, if it is a share. */
function drawScore(model, metric) {
  const value = metric.lower_is_better ? score(model.score) : bar(model.score);
  const spread = model.deviation === null ? null : el("span", { class: "quiet" }, ` ± ${score(model.deviation)}`);
  return [value, spread];
}

const tieTitle = model =>
  `not significantly different from the best: p = ${model.p_value.toFixed(3)}, ${model.adjusted_p_value.toFixed(3)} among ${count(model.compared)} models`;

function drawRow(row, page) {
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
  const error = row.error ? el("div", { class: row.state === "stopped" ? "reason" : "error" }, row.error) : null;
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
  return el("tr", { "data-label": row.label }, el("td", { class: "choice" }, model ? drawChoice(row) : ""), cells);
}

function drawChoice(row) {
  const key = reference(row.model);
  const box = el("input", { type: "checkbox", "aria-label": `Compare ${key}`, "data-key": `compare ${row.run_id} ${row.label}`, onchange: () => {
    if (box.checked) selected.set(key, row.model);
    else selected.delete(key);
    drawSelected();
  } });
  box.checked = selected.has(key);
  return box;
}

function drawSelected() {
  const place = document.getElementById("selected");
  place.hidden = selected.size === 0;
  const link = `compare?${[...selected.keys()].map(key => `model=${encodeURIComponent(key)}`).join("&")}`;
  const possible = selected.size >= 2 && selected.size <= MOST_COMPARED;
  const action = possible
    ? el("a", { class: "button", href: link }, `Compare ${selected.size} models`)
    : el("span", {}, selected.size < 2 ? "Select another model to compare" : `At most ${MOST_COMPARED} models can be compared`);
  const clear = el("button", { type: "button", onclick: () => { selected = new Map(); show(); } }, "Clear selection");
  place.replaceChildren(action, clear);
}

function drawPager(page) {
  const last = Math.min(page.offset + page.limit, page.total);
  const turn = (title, offset, possible) =>
    el("button", { type: "button", disabled: !possible, "data-key": title, onclick: () => { state.offset = offset; show(); } }, title);
  document.getElementById("pager").replaceChildren(
    ...(page.total > page.limit || page.offset
      ? [
          turn("Previous", Math.max(0, page.offset - page.limit), page.offset > 0),
          el("span", {}, `${count(page.offset + 1)}–${count(last)} of ${count(page.total)}`),
          turn("Next", page.offset + page.limit, last < page.total),
        ]
      : []),
  );
}

function sortBy(order) {
  fields.sort.value = order;
  state.offset = 0;
  refresh();
}

async function start() {
  const dag = query.get("dag");
  if (dag && dag !== "train_classifiers") {
    document.querySelector("main").replaceChildren(el("p", {}, `The DAG ${dag} trains no classifiers.`));
    return;
  }
  fields.sort.replaceChildren(
    option(BEST_FIRST, "Best first"), option("score", "Best last"),
    ...COLUMNS.filter(([key]) => key && key !== "score").flatMap(([key, title]) => [option(`-${key}`, `${title}, descending`), option(key, `${title}, ascending`)]),
  );
  fields.sort.value = query.get("sort") ?? BEST_FIRST;
  if (fields.sort.selectedIndex < 0) fields.sort.value = BEST_FIRST;
  choose("state", STATES.map(each => [each, each]), "any");
  fields.label.value = query.get("label") ?? "";
  await attempt(fillFilters);
  for (const name of ["run", "tag"]) query.delete(name);
  let typing = null;
  form.addEventListener("input", event => {
    state.offset = 0;
    clearTimeout(typing);
    typing = setTimeout(async () => {
      if ([fields.run, fields.tag].includes(event.target)) await attempt(fillFilters);
      await show();
    }, event.target === fields.label ? 250 : 0);
  });
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => {
    for (const key of ["run", "tag", "dataset", "adapter", "model", "state", "option"]) query.delete(key);
    state.offset = 0;
    setTimeout(async () => {
      for (const field of form.querySelectorAll("select")) field.selectedIndex = 0;
      fields.sort.value = BEST_FIRST;
      await attempt(fillFilters);
      await show();
    });
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && timer) show(); });
  await show();
}

start();
