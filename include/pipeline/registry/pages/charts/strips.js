// Rows of scores on one axis: a dot for each model, and a line at the mean.
import { svg } from "../common.js";
import { axes, fitText, widthOf } from "./axes.js";
import { canvas, mark } from "./figure.js";
import { linear } from "./scales.js";

const ROW = 30;

/** Draw rows: {name, mean, scores, text}. `range` is [low, high] of the axis and `names` are those of all pictures that compare. */
export function strips(width, rows, range, names, { title, format }) {
  const left = Math.min(0.6 * width, 14 + Math.max(...names.map(widthOf)));
  const box = { left, top: 10, right: width - 12, bottom: 10 + ROW * rows.length };
  const x = linear(range, box.left + 8, box.right - 8, { low: range[0], high: range[1] });
  const y = Object.assign(place => box.top + (place + 0.5) * ROW, { ticks: [] });
  const drawn = rows.map((each, place) => mark(svg("g", { class: "series c0" },
    svg("rect", { class: "hit", x: box.left, y: y(place) - ROW / 2, width: box.right - box.left, height: ROW }),
    svg("line", { class: "rule", x1: box.left, x2: box.right, y1: y(place), y2: y(place) }),
    each.scores.map(score => svg("circle", { class: "dot", cx: x(score), cy: y(place), r: 4 })),
    svg("line", { class: "mean", x1: x(each.mean), x2: x(each.mean), y1: y(place) - 10, y2: y(place) + 10 })), each.text));
  return canvas(width, box.bottom + 40, axes(box, { scale: x, format, title }, { scale: y, format, title: "" }), drawn,
    rows.map((each, place) => fitText(each.name, left - 8, { class: "tick end", x: left - 8, y: y(place) })));
}
