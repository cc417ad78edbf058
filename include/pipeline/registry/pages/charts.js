// The pictures, drawn as SVG so that they take the page's colours; each has its numbers in words too.
import { count, el, score, svg } from "./common.js";

const CELL = 44;
const MOST_CELLS = 40;

/** A confusion matrix: true classes down, answers across, each cell as dark as its share of the true class. */
export function confusionMatrix(classes, matrix) {
  if (classes.length > MOST_CELLS) {
    return el("p", {}, `${count(classes.length)} classes are too many for a picture; the scores in the API have the matrix.`);
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
  const label = "Confusion matrix: true classes down, answers across";
  const picture = svg("svg", { viewBox: `0 0 ${margin + side} ${height}`, width: margin + side, height, role: "img", class: "matrix", "aria-label": label }, cells, names);
  return el("figure", {}, el("div", { class: "scroll" }, picture), el("figcaption", {}, "True classes down, answers across; the darker, the larger the share of the true class."));
}

/** Scores by value of an option: a dot a definition, a line for the mean; the numbers stand beside. */
export function strip(values, format, low, high) {
  const width = 320;
  const rowHeight = 30;
  const place = value => 8 + (width - 16) * (high > low ? (value - low) / (high - low) : 0.5);
  const rows = values.map((each, row) => {
    const y = (row + 0.5) * rowHeight;
    return svg(
      "g", {},
      svg("title", {}, `${each.value}: mean ${format(each.mean)} of ${each.scores.length}`),
      svg("line", { x1: 8, x2: width - 8, y1: y, y2: y, class: "rule" }),
      each.scores.map(value => svg("circle", { cx: place(value), cy: y, r: 4, class: "dot" })),
      svg("line", { x1: place(each.mean), x2: place(each.mean), y1: y - 10, y2: y + 10, class: "mean" }),
    );
  });
  const height = rowHeight * values.length;
  const label = values.map(each => `${each.value}: mean ${format(each.mean)}`).join("; ");
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "strip", "aria-label": label, preserveAspectRatio: "none" }, rows);
}

/** Bars of precision, recall and F1 for each class. */
export function classBars(perClass) {
  const rows = Object.entries(perClass).map(([name, scores]) => {
    const bars = ["precision", "recall", "f1"].map(key => {
      const inner = el("span", { class: `fill ${key}` });
      inner.style.width = `${scores[key] * 100}%`;
      return el("div", { class: "class-bar" }, el("span", { class: "track", "aria-hidden": "true" }, inner), el("span", {}, `${score(scores[key])} ${key === "f1" ? "F1" : key}`));
    });
    return el("div", { class: "class-row" }, el("div", { class: "class-name" }, name, el("small", {}, ` ${count(scores.support)} tested`)), el("div", {}, bars));
  });
  return el("div", { class: "class-bars" }, rows);
}
