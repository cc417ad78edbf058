// What every page uses: elements, requests, and the formatting of values.

export const AIRFLOW = new URL("../../", document.baseURI);
const API = new URL("../", document.baseURI);

/** Make an element. Attributes that begin with "on" are listeners; nothing is parsed as HTML. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** Return the address of an API route: `address(["models", label], {limit: 5})`. */
export function address(path, query = {}) {
  const url = new URL(path.map(encodeURIComponent).join("/").replaceAll("%40", "@"), API);
  for (const [key, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== "" && each !== null && each !== undefined) url.searchParams.append(key, each);
    }
  }
  return url;
}

/** Ask the API; throw an Error with the problem's detail if it refuses. A busy server is asked again once, when it says. */
export async function ask(path, query = {}, options = {}, tries = 2) {
  let answer;
  try {
    answer = await fetch(address(path, query), { headers: { Accept: "application/json" }, ...options });
  } catch {
    throw new Error("Airflow does not answer. Is it running?");
  }
  if (answer.status === 503 && tries > 1) {
    // and up to a second later, so that all who were refused do not come back at once
    const seconds = Number(answer.headers.get("Retry-After") ?? 1) + Math.random();
    await new Promise(resolve => setTimeout(resolve, 1_000 * seconds));
    return ask(path, query, options, tries - 1);
  }
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => undefined);
  if (answer.ok && body !== undefined) return body; // which may be null
  const error = new Error(body?.detail ?? `Airflow answered ${answer.status} ${answer.statusText}`);
  if (answer.status === 401) error.message = "You are not logged in. Log in to Airflow, then reload this page.";
  throw error;
}

export const send = (method, path, body, query = {}) =>
  ask(path, query, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

let failures = 0;

/** Run `work`; if it fails, show the error on the page and return undefined. What succeeds hides only an older error. */
export async function attempt(work) {
  const place = document.getElementById("problem");
  const before = failures;
  try {
    const result = await work();
    if (failures === before) place.hidden = true;
    return result;
  } catch (error) {
    failures += 1;
    place.textContent = error.message;
    place.hidden = false;
    return undefined;
  }
}

export const reference = model => `${model.label}@${model.version}`;
export const modelLink = model => `model?model=${encodeURIComponent(reference(model))}`;
export const runPath = (run, dag = "train_classifiers") => `dags/${dag}/runs/${encodeURIComponent(run).replaceAll("%3A", ":")}`;

/** A link to one of Airflow's pages. Airflow's frame blocks links out of it, so the parent page follows it. */
export function airflowLink(path, text, attributes = {}) {
  const href = new URL(path, AIRFLOW).href;
  const follow = event => {
    if (window.parent === window) return;
    event.preventDefault();
    const link = window.parent.document.createElement("a");
    Object.assign(link, { href, target: event.ctrlKey || event.metaKey ? "_blank" : "" });
    window.parent.document.body.append(link);
    link.click();
    link.remove();
  };
  return el("a", { href, onclick: follow, ...attributes }, text);
}

export const DASH = "–";
const known = (value, format) => (value === null || value === undefined ? DASH : format(value));
export const score = value => known(value, each => each.toFixed(3));
export const gain = value => known(value, each => (each < 0 ? "−" : "+") + Math.abs(each).toFixed(3));
export const interval = value => known(value, ([low, high]) => `${low.toFixed(3)}–${high.toFixed(3)}`);
export const seconds = value => known(value, each => (each < 10 ? each.toFixed(1) : Math.round(each).toLocaleString("en")));
export const percent = value => known(value, each => `${(100 * each).toFixed(1)} %`);
export const count = value => known(value, each => each.toLocaleString("en"));
/** A number with its noun: `1 definition`. */
export const countOf = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
export const size = value =>
  known(value, each => (each >= 1e6 ? `${(each / 1e6).toFixed(1)} MB` : `${Math.round(each / 1e3)} kB`));
export const moment = value => known(value, each => each.replace("T", " ").slice(0, 19) + " UTC");

export function age(value) {
  if (!value) return DASH;
  const minutes = (Date.now() - new Date(value)) / 60_000;
  if (minutes < 1) return "now";
  if (minutes < 90) return `${Math.round(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(minutes / 60 / 24)} d`;
}

export const MARKS = {
  "not converged": "training stopped before it converged; more iterations or a larger tolerance may give another model",
  "one class": "it gives every testing example the same class",
  "below majority": "always answering the majority class has a higher accuracy",
  "unknown classes": "some examples are of classes that it was not trained on, so its answers to them are wrong",
  "perhaps trained on": "some examples may have trained it, as they are of the span of its training set: it may know them",
};

/** A model's marks, which are reasons for caution, as small labels. */
export const warnings = model =>
  (model?.marks ?? []).map(mark => el("span", { class: "mark warn", title: MARKS[mark] }, mark));

/** The first digits of a testing set's digest, which name it. */
export const testingSetName = set => (set ? set.digest.slice(0, 8) : DASH);

export function testingSetText(set) {
  if (!set) return "Testing set unknown";
  const more = set.examples === null ? "" : `: ${count(set.examples)} examples of collection ${set.collection}, ${set.first.slice(0, 16)} to ${set.last.slice(0, 16)}`;
  return `Testing set ${testingSetName(set)}${more}`;
}

/** On which examples the best model is chosen. */
export function chosenOn(set) {
  if (!set) return "on this same testing set, which flatters the best";
  return set.folds ? `in ${set.folds} folds of ${count(set.examples)} training examples` : `on ${count(set.examples)} examples held back from training`;
}

export const testingSet = set => (set ? el("span", { title: testingSetText(set) }, testingSetName(set)) : DASH);

const LEFT_OUT = [
  ["removed_duplicates", "with the text of an older one"], ["removed_older", "older than the newest wanted"],
  ["removed_small_classes", "of too small classes"], ["removed_other_classes", "of other classes"],
];

/** Which examples a dataset has left out, by the account of its split; empty if none. */
export const leftOut = account => LEFT_OUT.filter(([name]) => account[name]).map(([name, what]) => `${count(account[name])} ${what}`).join(", ");

/** A class's name without what all names of its kind have in common, where there is little room. */
export const shortName = name => name.replace(/^scikit_model_/, "").replace(/Adapter$|Dataset$/, "") || name;

export function formatValue(value) {
  if (value === null || value === undefined) return DASH;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A number with its bar, for a table cell. */
export function bar(value) {
  if (value === null || value === undefined) return DASH;
  const inner = el("span", { class: "bar-inner" });
  inner.style.width = `${Math.max(0, Math.min(1, value)) * 100}%`;
  return el("span", { class: "bar" }, el("span", { class: "bar-outer", "aria-hidden": "true" }, inner), score(value));
}

/** A table. Each cell has its column's name, which narrow windows show next to it. */
export function table(columns, rows, attributes = {}) {
  const head = el("thead", {}, el("tr", {}, columns.map(name => el("th", { scope: "col" }, name))));
  const body = rows.map(row => el("tr", {}, row.map((cell, place) => cellOf(cell, columns[place]))));
  return scrolling(el("div", { class: "scroll" }, el("table", attributes, head, el("tbody", {}, body))));
}

/** Let the keyboard reach an element when it is too narrow for what it holds, so that it can be scrolled. */
export function scrolling(element) {
  new ResizeObserver(() => {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }).observe(element);
  return element;
}

const cellOf = (cell, column) => el("td", { "data-column": typeof column === "string" ? column : column.textContent }, cell);

const PAGES = [
  ["leaderboard", "Leaderboard"], ["sweep", "New sweep"], ["pictures", "Pictures"], ["options", "Which option matters"], ["aliases", "Aliases"], ["api", "REST API"],
];
const RUN_PAGES = [["leaderboard", "Leaderboard of this run"], ["pictures", "Pictures of this run"], ["options", "Which option matters"], ["sweep", "Train again with changes"]];

/** Links to everything about a run, except the page that is open. */
export function runLinks(run) {
  const here = location.pathname.split("/").pop();
  const links = RUN_PAGES.filter(([page]) => page !== here).map(([page, title]) => el("a", { href: `${page}?run=${encodeURIComponent(run)}` }, title));
  return [...links, airflowLink(runPath(run), "This run in Airflow")].flatMap((link, place) => (place ? [" · ", link] : [link]));
}

/** Show the links to all pages; those about a run keep the run. */
export function addNavigation(run) {
  const here = location.pathname.split("/").pop();
  const links = PAGES.map(([name, title]) => {
    const query = run && ["leaderboard", "pictures", "options"].includes(name) ? `?run=${encodeURIComponent(run)}` : "";
    return el("a", { href: name + query, "aria-current": name === here ? "page" : null }, title);
  });
  document.querySelector("nav").replaceChildren(...links);
}
