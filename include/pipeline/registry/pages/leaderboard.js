// The leaderboard. The address holds filters, order and page, so that it can be bookmarked and shared.
import { BEST_FIRST, COLUMNS, drawTable, judgedOn, setsText } from "./board.js";
import { runChoice, showCalled } from "./called.js";
import { addNavigation, ask, attempt, count, el, formatValue, reference, runLinks } from "./common.js";

const LIMIT = 50;
const MOST_COMPARED = 6;
const UNFINISHED = ["planned", "training"];
const STATES = ["trained", "training", "planned", "stopped", "failed", "cancelled", "reused", "duplicate"];

const form = document.getElementById("filters");
const fields = form.elements;
let selected = new Map();
let timer = null;
let asked = 0;
let seen = null; // how many definitions were in each state when the page was last drawn
let told = null; // the run about which the page tells

const query = new URLSearchParams(location.search);
const state = { offset: Number(query.get("offset")) || 0 };

function option(value, text = value) {
  return el("option", { value }, text);
}

/** Offer choices in a filter; what it has already stays chosen. */
function offer(name, choices, chosen = fields[name].value) {
  const listed = choices.some(([value]) => value === chosen) || !chosen ? choices : [[chosen, chosen], ...choices];
  fields[name].replaceChildren(option("", name === "run" ? "all runs" : "any"), ...listed.map(([value, text]) => option(value, text)));
  fields[name].value = chosen;
}

async function fillFilters() {
  const [runs, choices] = await Promise.all([
    ask(["runs"], { limit: 100, tag: fields.tag.value }), ask(["definitions", "choices"], { run: fields.run.value }),
  ]);
  offer("run", runs.items.map(each => [each.run_id, runChoice(each)]));
  for (const name of ["tag", "dataset", "adapter", "model"]) {
    offer(name, Object.entries(choices[name === "tag" ? "tags" : name]).map(([key, number]) => [key, `${key} (${count(number)})`]));
  }
  const options = choices.options.flatMap(each =>
    each.values.map(value => [`${each.section}.${each.option}:${JSON.stringify(value)}`, `${each.option} = ${formatValue(value)}`]));
  offer("option", options);
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
  if (page?.total && page.offset >= page.total) { // there are fewer than when the address was written
    state.offset = 0;
    return show();
  }
  if (page) draw(page);
  // a run whose plan is not expanded yet has no definition
  const going = !page || isLive(page) || (fields.run.value && !page.total);
  timer = setTimeout(refresh, going && !document.hidden ? 2_000 : 15_000);
  const now = JSON.stringify(page?.states);
  if (seen && now !== seen) await attempt(fillFilters); // there are new runs, options or classes
  seen = now;
  return undefined;
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
  const states = STATES.filter(each => page.states[each]).map(each => [each, `${count(page.states[each])} ${each}`]);
  const live = isLive(page) ? " · live" : "";
  const summary = document.getElementById("summary");
  const filtered = ["tag", "dataset", "adapter", "model", "state", "option", "label"].some(name => fields[name].value);
  const nothing = filtered ? "No definition matches these filters." : fields.run.value ? `No definition of run ${fields.run.value}. They appear once its first task has begun; a run that was pruned has none any more.` : "No definitions yet. They appear here while a run trains.";
  const sets = judgedOn(page);
  document.getElementById("tested").textContent = sets.size === 1 ? setsText([...sets.values()][0], page.metric) : "";
  const text = page.total ? `${states.map(([, each]) => each).join(", ")}${live}` : nothing;
  if (summary.textContent !== text) summary.replaceChildren(...(page.total ? [...linkStates(states), live] : [nothing]));
  document.getElementById("content").replaceChildren(page.total ? drawTable(page, fields.sort.value, sortBy, drawChoice) : "");
  drawPager(page);
  drawSelected();
}

/** The number of definitions in each state, each a button that lists only those. */
function linkStates(states) {
  const only = each => {
    fields.state.value = each;
    state.offset = 0;
    show();
  };
  return states.flatMap(([each, text], place) => [place ? ", " : "", el("button", { type: "button", class: "link", onclick: () => only(each) }, text)]);
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
  for (const name of ["run", "tag", "dataset", "adapter", "model", "option"]) offer(name, [], query.get(name) ?? "");
  offer("state", STATES.map(each => [each, each]), query.get("state") ?? "");
  fields.label.value = query.get("label") ?? "";
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
    const run = fields.run.value; // where one is, and not a filter
    state.offset = 0;
    setTimeout(async () => {
      for (const field of form.querySelectorAll("select")) field.selectedIndex = 0;
      fields.run.value = run;
      fields.sort.value = BEST_FIRST;
      await attempt(fillFilters);
      await show();
    });
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && timer) show(); });
  await Promise.all([attempt(fillFilters), show()]);
}

start();
