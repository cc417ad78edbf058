// Who worked when: a row for each lane of each host, a bar for each training and trial, hatched where it waited.
import { svg } from "../common.js";
import { axes, fitText, widthOf } from "./axes.js";
import { canvas, mark } from "./figure.js";
import { linear } from "./scales.js";

const ROW = 22;

/** Draw bars: {begin, end (seconds), lane, kind, label, text, key, href, waits: [{at, seconds, text}]}; `lanes` are the rows' names. */
export function gantt(width, lanes, bars, format) {
  const left = Math.min(0.3 * width, 12 + Math.max(...lanes.map(widthOf)));
  const box = { left, top: 26, right: width - 10, bottom: 26 + ROW * lanes.length };
  const x = linear([0, ...bars.map(each => each.end)], box.left, box.right, { low: 0 });
  const rows = Object.assign(place => box.top + (place + 0.5) * ROW, { ticks: [] });
  const names = lanes.map((name, place) => fitText(name, left - 8, { class: "tick end", x: left - 6, y: rows(place) }));
  const drawn = bars.map(each => {
    const from = x(each.begin);
    const wide = Math.max(2, x(each.end) - from - 1);
    const y = rows(each.lane) - ROW / 2 + 2;
    return [
      mark(svg("rect", { class: `bar ${each.kind}`, x: from, y, width: wide, height: ROW - 4, rx: 2 }), each.text, each),
      wide > 80 && !each.waits.length ? fitText(each.label, wide - 8, { class: "inside start", x: from + 4, y: rows(each.lane) }) : null,
      each.waits.map(wait => mark(svg("rect", { class: "wait", x: x(each.begin + wait.at), y, width: Math.max(2, x(wait.seconds) - x(0)), height: ROW - 4 }), wait.text, each)),
    ];
  });
  return canvas(width, box.bottom + 40, axes(box, { scale: x, format, title: "seconds since the run began" }, { scale: rows, format, title: "" }), names, drawn);
}
