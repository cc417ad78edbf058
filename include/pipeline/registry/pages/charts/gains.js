// Gains and losses: bars to the right and to the left of nothing.
import { svg } from "../common.js";
import { axes, fitText, widthOf } from "./axes.js";
import { canvas, mark } from "./figure.js";
import { linear } from "./scales.js";

const ROW = 24;

/** Draw rows: {name, change, text}; `format` writes a change. */
export function gains(width, rows, format, title) {
  const left = Math.min(0.4 * width, 16 + Math.max(...rows.map(each => widthOf(each.name))));
  const most = Math.max(0.01, ...rows.map(each => Math.abs(each.change)));
  const box = { left, top: 14, right: width - 56, bottom: 14 + ROW * rows.length };
  const x = linear([-most, most], box.left + 50, box.right, { low: -most, high: most });
  const y = Object.assign(place => box.top + (place + 0.5) * ROW, { ticks: [] });
  const bars = rows.map((each, place) => {
    const [from, to] = [Math.min(x(0), x(each.change)), Math.max(x(0), x(each.change))];
    const beside = each.change < 0 ? { class: "tick end", x: from - 5 } : { class: "tick start", x: to + 5 };
    return mark(svg("g", { class: "series" },
      svg("rect", { class: each.change < 0 ? "loss" : "gain", x: from, y: y(place) - 8, width: Math.max(1, to - from), height: 16 }),
      svg("text", { ...beside, y: y(place) }, format(each.change))), each.text);
  });
  return canvas(width, box.bottom + 40, axes(box, { scale: x, format, title }, { scale: y, format, title: "" }), bars,
    rows.map((each, place) => fitText(each.name, left - 8, { class: "tick end", x: left - 6, y: y(place) })),
    svg("line", { class: "axis", x1: x(0), x2: x(0), y1: box.top, y2: box.bottom }));
}
