// Charts, drawn as SVG so that they use the page's colours; each states its numbers in text too.
import { count, el, score, svg } from "./common.js";

const CELL = 44;
const MOST_CELLS = 40;

/** A confusion matrix: rows are true classes, columns are answers, and a cell's colour shows its share of the row. */
export function confusionMatrix(classes, matrix) {
  if (classes.length > MOST_CELLS) {
    return el("p", {}, `${count(classes.length)} classes are too many to draw; the API returns the matrix with the scores.`);
  }
  const margin = 8 + 7 * Math.max(...classes.map(name => Math.min(name.length, 22)));
  const side = CELL * classes.length;
  const short = name => (name.length > 22 ? `${name.slice(0, 21)}…` : name);
  const cells = matrix.flatMap((row, y) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    return row.map((value, x) => {
      const share = total ? value / total : 0;
      const words = `${classes[y]} answered as ${classes[x]}: ${count(value)}`;
      const rect = svg("rect", { x: margin + x * CELL, y: y * CELL, width: CELL - 1, height: CELL - 1, class: x === y ? "right" : "wrong", "fill-opacity": (0.06 + 0.94 * share).toFixed(3) });
      const text = svg("text", { x: margin + (x + 0.5) * CELL, y: (y + 0.5) * CELL, class: share > 0.55 ? "on-dark" : "on-light" }, value ? count(value) : "");
      return svg("g", {}, svg("title", {}, words), rect, text);
    });
  });
  const names = classes.flatMap((name, place) => [
    svg("text", { x: margin - 8, y: (place + 0.5) * CELL, class: "row" }, short(name)),
    svg("text", { transform: `translate(${margin + (place + 0.5) * CELL} ${side + 8}) rotate(-55)`, class: "row" }, short(name)),
  ]);
  const height = side + 16 + 0.85 * margin;
  const label = "Confusion matrix: rows are true classes, columns are answers";
  const picture = svg("svg", { viewBox: `0 0 ${margin + side} ${height}`, width: margin + side, height, role: "img", class: "matrix", "aria-label": label }, cells, names);
  return el("figure", {}, el("div", { class: "scroll" }, picture), el("figcaption", {}, "Rows are true classes, columns are answers; a stronger colour is a larger share of the row."));
}

/** Scores on a line from low to high: one dot per model, and a mark for the mean. */
export function strip(value, format, low, high) {
  const place = each => `${2 + 96 * (high > low ? (each - low) / (high - low) : 0.5)}%`;
  const label = `${value.value}: mean ${format(value.mean)} of ${value.scores.length}`;
  return svg(
    "svg", { role: "img", class: "strip", "aria-label": label },
    svg("title", {}, label),
    svg("line", { x1: "2%", x2: "98%", y1: 15, y2: 15, class: "rule" }),
    value.scores.map(each => svg("circle", { cx: place(each), cy: 15, r: 4, class: "dot" })),
    svg("line", { x1: place(value.mean), x2: place(value.mean), y1: 5, y2: 25, class: "mean" }),
  );
}

/** Bars of precision, recall and F1 for each class. */
export function classBars(classes, perClass) {
  const rows = classes.map(name => {
    const scores = perClass[name];
    const bars = ["precision", "recall", "f1"].map(key => {
      const inner = el("span", { class: `fill ${key}` });
      inner.style.width = `${scores[key] * 100}%`;
      return el("div", { class: "class-bar" }, el("span", { class: "track", "aria-hidden": "true" }, inner), el("span", {}, `${score(scores[key])} ${key === "f1" ? "F1" : key}`));
    });
    return el("div", { class: "class-row" }, el("div", { class: "class-name" }, name, el("small", {}, ` ${count(scores.support)} testing examples`)), el("div", {}, bars));
  });
  return el("div", { class: "class-bars" }, rows);
}
