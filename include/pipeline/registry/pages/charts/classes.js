// Precision, recall and F1 of each class on one axis.
import { svg } from "../common.js";
import { axes, fitText, widthOf } from "./axes.js";
import { canvas, mark } from "./figure.js";
import { linear } from "./scales.js";

const ROW = 22;
export const MEASURES = [["precision", "Precision", "c0"], ["recall", "Recall", "c1"], ["f1", "F1", "c2"]];

/** Draw rows: {name, precision, recall, f1, text}. */
export function classScores(width, rows, format) {
  const left = Math.min(0.45 * width, 14 + Math.max(...rows.map(each => widthOf(each.name))));
  const box = { left, top: 6, right: width - 14, bottom: 6 + ROW * rows.length };
  const x = linear([0, 1], box.left + 6, box.right, { low: 0, high: 1 });
  const y = Object.assign(place => box.top + (place + 0.5) * ROW, { ticks: [] });
  const drawn = rows.map((each, place) => mark(svg("g", { class: "series" },
    svg("rect", { class: "hit", x: 0, y: y(place) - ROW / 2, width: box.right, height: ROW }),
    svg("line", { class: "span", x1: x(Math.min(each.precision, each.recall)), x2: x(Math.max(each.precision, each.recall)), y1: y(place), y2: y(place) }),
    MEASURES.map(([key, , colour]) => svg("circle", { class: `spot ${colour}`, cx: x(each[key]), cy: y(place), r: key === "f1" ? 5 : 4 }))), each.text));
  return canvas(width, box.bottom + 40, axes(box, { scale: x, format, title: "" }, { scale: y, format, title: "" }), drawn,
    rows.map((each, place) => fitText(each.name, left - 8, { class: "tick end", x: left - 8, y: y(place) })));
}
