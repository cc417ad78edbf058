// Options as parallel axes: a line for each model, through its value of each option to its score.
import { svg } from "../common.js";
import { fitText, path } from "./axes.js";
import { canvas, mark } from "./figure.js";
import { linear, ordinal } from "./scales.js";

const TALLEST = 640; // an option with more values than fit names only some of them
const AXIS = 112; // the least distance of two axes; a picture with many of them is wider than its place, and scrolls

/**
 * Draw models. `options` are the axes: {title, more, values}; `models` are {values, score, text, key, href}, where each of
 * `values` is a place in the option's values, or null, and the best come first; `score` is {title, format}.
 */
export function parallel(width, options, models, score, lowerIsBetter = false) {
  const longest = Math.max(...options.map(each => each.values.length));
  const height = Math.max(240, Math.min(TALLEST, 24 * longest + 70));
  const whole = Math.max(width, AXIS * (options.length + 1));
  const [top, bottom] = [54, height - 16];
  const across = ordinal([...options, score], 0, whole);
  const up = linear(models.map(each => each.score), ...(lowerIsBetter ? [top, bottom] : [bottom, top]));
  const places = options.map(each => ordinal(each.values, top - 8, bottom + 8));
  const line = (each, rank) => {
    const points = each.values.flatMap((value, at) => (value === null ? [] : [[across(at) + 8 * (rank / models.length - 0.5), places[at](value)]]));
    const share = models.length > 1 ? rank / (models.length - 1) : 0;
    const stroke = svg("path", { class: "line", d: path([...points, [across(options.length), up(each.score)]]), "stroke-opacity": (0.9 - 0.65 * share).toFixed(2) });
    return mark(svg("g", { class: `series ${share < 0.1 ? "c1" : "c0"}` }, stroke), each.text, each);
  };
  const half = across.part / 2 - 6;
  const axis = (title, more, at) => [
    svg("line", { class: "axis", x1: across(at), x2: across(at), y1: top - 8, y2: bottom + 8 }),
    fitText(title, 2 * half, { class: "title", x: across(at), y: 12 }),
    fitText(more, 2 * half, { class: "tick", x: across(at), y: 28 }),
  ];
  const names = options.map((each, at) => [
    axis(each.title, each.more, at),
    each.values.map((value, place) => place % Math.ceil(16 / places[at].part) === 0 && fitText(value, across.part - 16, { class: "tick start halo", x: across(at) + 6, y: places[at](place) })),
  ]);
  const scores = [
    axis(score.title, "", options.length),
    up.ticks.map(value => svg("text", { class: "tick start halo", x: across(options.length) + 6, y: up(value) }, score.format(value))),
  ];
  return canvas(whole, height, [...models].reverse().map((each, at) => line(each, models.length - 1 - at)), names, scores);
}
