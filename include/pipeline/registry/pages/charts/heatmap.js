// A table of numbers in which a stronger colour is a larger number.
import { svg } from "../common.js";
import { fitText, widthOf } from "./axes.js";
import { canvas, mark } from "./figure.js";

const ROW = 34;

/**
 * Draw cells: {row, column, share (0 to 1, the strength), kind, shown, text, key, href}. `rows` and `columns` are names;
 * `titles` say what they are: [of the rows, of the columns].
 */
export function heatmap(width, rows, columns, cells, titles) {
  const left = Math.min(0.38 * width, 16 + Math.max(...rows.map(widthOf), widthOf(titles[0])));
  const longest = Math.min(150, Math.max(...columns.map(widthOf)));
  const slanted = longest > (width - left) / columns.length - 6;
  const aside = slanted ? 0.72 * longest : 4; // how far the last slanted name leans beyond its column
  const top = slanted ? 24 + 0.72 * longest : 40;
  const side = Math.max(30, Math.min(120, (width - left - aside) / columns.length));
  const whole = Math.max(width, left + side * columns.length + aside);
  const height = top + ROW * rows.length + 4;
  const drawn = cells.map(each => {
    const [x, y] = [left + each.column * side, top + each.row * ROW];
    const box = svg("rect", { x, y, width: side - 1, height: ROW - 1, class: `cell ${each.kind ?? "c0"}`, "fill-opacity": each.shown ? (0.08 + 0.92 * each.share).toFixed(3) : 0.03 });
    const value = svg("text", { class: each.share > 0.55 ? "on-dark" : "on-light", x: x + side / 2, y: y + ROW / 2 }, each.shown);
    return mark(svg("g", { class: "series" }, box, value), each.text, each);
  });
  const across = columns.map((name, place) => {
    const x = left + (place + 0.5) * side;
    return slanted
      ? fitText(name, 150, { class: "tick start", transform: `translate(${x} ${top - 8}) rotate(-45)` })
      : fitText(name, side, { class: "tick", x, y: top - 10 });
  });
  return canvas(whole, height, drawn, across,
    rows.map((name, place) => fitText(name, left - 10, { class: "tick end", x: left - 6, y: top + (place + 0.5) * ROW })),
    fitText(titles[0], left - 10, { class: "title end", x: left - 6, y: top - 10 }), fitText(titles[1], whole - left, { class: "title start", x: left, y: 8 }));
}
