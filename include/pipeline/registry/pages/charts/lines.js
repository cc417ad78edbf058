// Lines over two numbers: how scores grew, precision over recall, reliability, and versions through time.
import { svg } from "../common.js";
import { axes, path, room } from "./axes.js";
import { canvas, mark } from "./figure.js";
import { linear } from "./scales.js";

/**
 * Draw lines. Each has `points` ([x, y] pairs), `text`, `key`, `href`, `kind` (classes), and maybe `texts` for its points.
 * `x` and `y` are the axes: {title, format, scale?, low?, high?}; `scale` makes another scale than a linear one.
 * `under` is drawn below the lines: it gets the scales and the box.
 */
export function lines(width, series, x, y, { height = 300, under = () => null, dots = true } = {}) {
  const box = room(width, height);
  const all = series.flatMap(each => each.points);
  const across = (x.scale ?? linear)(all.map(([value]) => value), box.left, box.right, { low: x.low, high: x.high });
  const up = linear(all.map(([, value]) => value), box.bottom, box.top, { low: y.low, high: y.high });
  const drawn = series.map(each => {
    const places = each.points.map(([one, other]) => [across(one), up(other)]);
    const group = svg("g", { class: `series ${each.kind ?? "c0"}` },
      svg("path", { class: "line", d: path(places) }),
      dots || places.length === 1 ? places.map(([cx, cy], place) => {
        const dot = svg("circle", { class: "dot", cx, cy, r: 3.5 });
        return each.texts ? mark(dot, each.texts[place], each) : dot;
      }) : null);
    return each.texts ? group : mark(group, each.text, each);
  });
  return canvas(width, height, axes(box, { ...x, scale: across }, { ...y, scale: up }), under(across, up, box), drawn);
}

/** The diagonal on which a picture's two numbers are equal. */
export const diagonal = (x, y) => svg("line", { class: "rule", x1: x(0), y1: y(0), x2: x(1), y2: y(1) });
