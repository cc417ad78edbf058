// The axes of a picture with a number in each direction.
import { svg } from "../common.js";

const pen = document.createElement("canvas").getContext("2d");
pen.font = "600 12px system-ui, sans-serif"; // as wide as any text of a picture

/** How wide a text is drawn, at most. */
export const widthOf = text => pen.measureText(text).width;

/** Cut a text to a width; what is cut has its whole text in a title. */
export function fitText(text, width, attributes) {
  let most = text.length;
  while (most > 3 && widthOf(text.slice(0, most)) > width) most -= 1;
  const cut = most < text.length ? `${text.slice(0, most - 1)}…` : text;
  return svg("text", attributes, cut === text ? null : svg("title", {}, text), cut);
}

/**
 * Grid, ticks and titles. `box` is {left, top, right, bottom}; `x` and `y` are {scale, format, title}.
 * The title of the y axis stands above it, where it can be read without turning one's head.
 */
export function axes(box, x, y) {
  const rows = differing(y).map(value => [
    svg("line", { class: "grid", x1: box.left, x2: box.right, y1: y.scale(value), y2: y.scale(value) }),
    svg("text", { class: "tick end", x: box.left - 6, y: y.scale(value) }, y.format(value)),
  ]);
  const columns = differing(x).map(value => [
    svg("line", { class: "grid", x1: x.scale(value), x2: x.scale(value), y1: box.top, y2: box.bottom }),
    svg("text", { class: "tick", x: x.scale(value), y: box.bottom + 14 }, x.format(value)),
  ]);
  const titles = [
    svg("text", { class: "title start", x: 0, y: box.top - 12 }, y.title),
    svg("text", { class: "title end", x: box.right, y: box.bottom + 32 }, x.title),
  ];
  return svg("g", {}, rows, columns, titles);
}

/** The ticks of an axis that are written differently than the one before. */
const differing = ({ scale, format }) => scale.ticks.filter((value, place) => !place || format(value) !== format(scale.ticks[place - 1]));

/** The room between the axes in a picture of this size. */
export const room = (width, height, left = 46) => ({ left, top: 26, right: width - 10, bottom: height - 40 });

/** Points as a path. */
export const path = points => points.map(([x, y], place) => `${place ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

