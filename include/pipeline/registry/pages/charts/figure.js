// What every picture has: a title, a text that says it all, keys to walk through its marks, its table, and downloads.
import { el, svg, table } from "../common.js";

const HINT = "The arrow keys walk through the marks.";
const NARROWEST = 260;

/** Make a mark of a picture readable: `text` says what it is, `key` joins marks of one thing, `href` is where it leads. */
export function mark(element, text, { key = null, href = null } = {}) {
  Object.assign(element.dataset, { text }, key === null ? {} : { key }, href === null ? {} : { href });
  return element;
}

/** An empty picture of a width and a height. */
export const canvas = (width, height, ...children) =>
  svg("svg", { class: "chart", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...children);

/**
 * A picture. It is drawn anew whenever its width changes, so that its text keeps its size.
 *
 * `name` is that of its files; `level` that of its heading; `summary` says in words what it shows; `draw(width)` returns the SVG; `key` has the colours and
 * what they mean, for the file, where no page stands around it; `columns` and
 * `rows` are its table, which may hold elements, and `plain` the same rows as texts and numbers for the CSV file.
 */
export function figure({ name, title, level = 3, caption = [], summary, draw, key = [], columns, rows, plain = rows }) {
  const place = el("div", { class: "canvas", tabindex: 0, role: "group", "aria-label": `${title}. ${summary}` });
  const readout = el("p", { class: "readout", "aria-live": "polite" });
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.max(NARROWEST, Math.floor(place.clientWidth));
    if (width === drawn || !place.clientWidth) return;
    drawn = width;
    place.replaceChildren(draw(width));
  }).observe(place);
  listen(place, readout);
  const rest = el("details", {}, el("summary", {}, "Table"));
  rest.addEventListener("toggle", () => { if (rest.childElementCount < 2) rest.append(table(columns, rows)); });
  const buttons = el("p", { class: "downloads" },
    el("button", { type: "button", onclick: () => save(`${name}.svg`, "image/svg+xml", writeSvg(place.querySelector("svg"), title, key)) }, "SVG"),
    el("button", { type: "button", onclick: () => save(`${name}.csv`, "text/csv", writeCsv(columns, plain)) }, "CSV"));
  return el("figure", { class: "picture", id: name }, el("figcaption", {}, el(`h${level}`, {}, title), el("p", {}, caption)), place, readout, el("div", { class: "under" }, rest, buttons));
}

function listen(place, readout) {
  const marks = () => [...place.querySelectorAll("[data-text]")];
  const pick = found => {
    if (!found) return;
    readout.textContent = found.dataset.text;
    document.dispatchEvent(new CustomEvent("picked", { detail: found.dataset.key ?? null }));
    for (const each of place.querySelectorAll(".current")) each.classList.remove("current");
    found.classList.add("current");
  };
  const open = found => { if (found?.dataset.href) location.href = found.dataset.href; };
  place.addEventListener("pointerover", event => pick(event.target.closest("[data-text]")));
  place.addEventListener("focus", () => { readout.textContent ||= HINT; });
  place.addEventListener("click", event => open(event.target.closest("[data-text]")));
  place.addEventListener("keydown", event => {
    const all = marks();
    const now = all.findIndex(each => each.classList.contains("current"));
    const next = { ArrowRight: now + 1, ArrowDown: now + 1, ArrowLeft: now - 1, ArrowUp: now - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Enter") open(all[now]);
    if (next === undefined || !all.length) return;
    event.preventDefault();
    pick(all[Math.max(0, Math.min(all.length - 1, next))]);
  });
  document.addEventListener("picked", function follow({ detail }) {
    if (!place.isConnected) return document.removeEventListener("picked", follow); // the page was drawn anew
    const same = detail === null ? [] : marks().filter(each => each.dataset.key === detail);
    for (const each of place.querySelectorAll(".picked")) each.classList.remove("picked");
    for (const each of same) each.classList.add("picked");
    return place.classList.toggle("has-picked", same.length > 0);
  });
}

const HEAD = 30;
const LINE = 20;

/** The SVG as a file that looks the same elsewhere: with its title, its key, and the rules of the style sheet that it uses. */
function writeSvg(drawn, title, key) {
  const [width, height] = [drawn.width.baseVal.value, drawn.height.baseVal.value];
  const theme = getComputedStyle(document.documentElement);
  const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules]).map(rule => rule.cssText);
  const used = rules.filter(text => text.startsWith(".chart")).join("\n");
  const style = svg("style", {}, used.replace(/var\((--[\w-]+)\)/g, (_, variable) => theme.getPropertyValue(variable).trim()));
  const whole = HEAD + height + LINE * key.length;
  const copy = svg("svg", { xmlns: "http://www.w3.org/2000/svg", class: "chart", width, height: whole, viewBox: `0 0 ${width} ${whole}` },
    svg("title", {}, title), style, svg("rect", { width: "100%", height: "100%", fill: theme.getPropertyValue("--page").trim() }),
    svg("text", { class: "title start", x: 4, y: 12 }, title), svg("g", { transform: `translate(0 ${HEAD})` }, [...drawn.cloneNode(true).childNodes]),
    key.map(([colour, meaning], place) => svg("g", { class: colour, transform: `translate(10 ${HEAD + height + LINE * (place + 0.5)})` },
      svg("circle", { class: "spot", r: 5 }), svg("text", { class: "start", x: 12 }, meaning))));
  return new XMLSerializer().serializeToString(copy);
}

function writeCsv(columns, rows) {
  // a cell that begins like a formula would be one in a spreadsheet
  const safe = text => (/^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text);
  const cell = value => `"${safe(String(value ?? "")).replaceAll('"', '""')}"`;
  return [columns, ...rows].map(row => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function save(name, type, text) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
