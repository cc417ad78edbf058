// Values with their intervals through time.
import { svg } from "../common.js";
import { axes, room } from "./axes.js";
import { canvas, mark } from "./figure.js";
import { linear, temporal } from "./scales.js";

const HEIGHT = 260;

/** Draw points: {at (milliseconds), value, interval ([low, high] or null), text, key, href, kind}. */
export function points(width, found, y, title = "stored (UTC)") {
  const box = room(width, HEIGHT);
  const across = temporal(found.map(each => each.at), box.left + 10, box.right - 10);
  const up = linear(found.flatMap(each => [each.value, ...(each.interval ?? [])]), box.bottom, box.top);
  const drawn = found.map(each => mark(svg("g", { class: `series ${each.kind}` },
    each.interval ? svg("line", { class: "whisker", x1: across(each.at), x2: across(each.at), y1: up(each.interval[0]), y2: up(each.interval[1]) }) : null,
    svg("circle", { class: "spot", cx: across(each.at), cy: up(each.value), r: 5 })), each.text, each));
  return canvas(width, HEIGHT, axes(box, { scale: across, format: across.format, title }, { ...y, scale: up }), drawn);
}
