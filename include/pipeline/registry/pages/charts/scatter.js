// Models by score and cost, with the front of those that are worth their cost.
import { svg } from "../common.js";
import { axes, path, room } from "./axes.js";
import { canvas, mark } from "./figure.js";
import { fitting, linear } from "./scales.js";

const HEIGHT = 320;

/**
 * Draw points. Each has `cost`, `score`, `text`, `key`, `href`, `colour` (a class), `best`, `tie` and `front`;
 * `cost` and `score` are the axes: {title, format}.
 */
export function scatter(width, points, cost, score, lowerIsBetter = false) {
  const box = room(width, HEIGHT);
  const x = fitting(points.map(each => each.cost), box.left, box.right);
  const ends = lowerIsBetter ? [box.top, box.bottom] : [box.bottom, box.top]; // better is above
  const y = linear(points.map(each => each.score), ...ends);
  const place = each => [x(each.cost), y(each.score)];
  const front = points.filter(each => each.front).sort((one, other) => one.cost - other.cost);
  const steps = front.flatMap((each, at) => (at ? [[x(each.cost), y(front[at - 1].score)], place(each)] : [place(each)]));
  if (front.length) steps.push([box.right, y(front.at(-1).score)]);
  // what matters is drawn last, over the rest
  const order = [...points].sort((one, other) => weight(one) - weight(other));
  const dots = order.map(each => {
    const [cx, cy] = place(each);
    const kind = ["dot", each.colour, each.front ? "front" : "", each.best ? "best" : each.tie ? "tie" : ""].join(" ");
    return mark(svg("circle", { class: kind, cx, cy, r: each.best ? 7 : 5 }), each.text, each);
  });
  const best = points.find(each => each.best);
  return canvas(width, HEIGHT,
    axes(box, { scale: x, ...cost }, { scale: y, ...score }),
    steps.length ? svg("path", { class: "line front", d: path(steps) }) : null, dots,
    best ? svg("text", { class: "note halo", x: x(best.cost) + (x(best.cost) > box.right - 60 ? -12 : 12), y: y(best.score) + 16, "text-anchor": x(best.cost) > box.right - 60 ? "end" : "start" }, "best") : null);
}

const weight = each => (each.best ? 3 : each.front ? 2 : each.tie ? 1 : 0);
