// Scales turn values into places in a picture, and choose the round values at which an axis has ticks.

/** Round values from low to high, about `most` of them: `roundValues(0.61, 0.88, 5)` is [0.65, 0.7, 0.75, 0.8, 0.85]. */
function roundValues(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => Number(((first + place) * step).toPrecision(12)));
}

/** 1, 2 and 5 times the powers of ten from low to high; only the powers themselves if there are many. */
function roundPowers(low, high, most) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const each of [1, 2, 5]) found.push(Number((each * 10 ** power).toPrecision(3)));
  }
  const inside = found.filter(each => each >= low * 0.999 && each <= high * 1.001);
  const powers = inside.filter(each => Number.isInteger(Math.log10(each)));
  return inside.length <= most || powers.length < 2 ? inside : powers;
}

/** How many ticks there is room for between two places: beside each other, or above each other, where `from` is larger. */
const roomFor = (from, to) => Math.max(2, Math.min(8, Math.floor(Math.abs(to - from) / (from > to ? 34 : 62))));

/** A scale with equal distances for equal differences. `scale(value)` is a place between `from` and `to`. */
export function linear(values, from, to, { low = null, high = null } = {}) {
  let [first, last] = [low ?? Math.min(...values), high ?? Math.max(...values)];
  if (!(last > first)) [first, last] = [first - 0.05 * (Math.abs(first) || 1), last + 0.05 * (Math.abs(last) || 1)];
  const room = 0.06 * (last - first);
  if (low === null) first -= room;
  if (high === null) last += room;
  const scale = value => from + ((value - first) / (last - first)) * (to - from);
  return Object.assign(scale, { ticks: roundValues(first, last, roomFor(from, to)) });
}

/** A scale with equal distances for equal factors, for positive values. */
export function logarithmic(values, from, to) {
  const [low, high] = [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
  const scale = value => from + (Math.log(value / low) / Math.log(high / low)) * (to - from);
  return Object.assign(scale, { ticks: roundPowers(low, high, roomFor(from, to)) });
}

/** A logarithmic scale if values differ by more than a factor of twenty, else a linear one. */
export function fitting(values, from, to) {
  const low = Math.min(...values);
  const wide = low > 0 && Math.max(...values) / low > 20;
  return (wide ? logarithmic : linear)(values, from, to);
}

/** A scale of names in their order, each in the middle of an equal part. */
export function ordinal(names, from, to) {
  const part = (to - from) / Math.max(1, names.length);
  return Object.assign(place => from + (place + 0.5) * part, { part });
}

const MINUTE = 60_000;
const STEPS = [1, 5, 15, 60, 180, 360, 720, 1_440, 2_880, 10_080, 20_160, 43_200, 129_600, 525_600].map(each => each * MINUTE);

/** A scale of moments in milliseconds; `scale.format` writes one as a date, or as a time where days are few. */
export function temporal(values, from, to) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const scale = linear(values, from, to, { low, high: Math.max(high, low + MINUTE) });
  const step = STEPS.find(each => (high - low) / each <= roomFor(from, to) - 1) ?? STEPS.at(-1);
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, place) => (first + place) * step);
  const text = value => new Date(value).toISOString();
  const format = value => (step < 1_440 * MINUTE ? text(value).slice(5, 16).replace("T", " ") : text(value).slice(0, 10));
  return Object.assign(scale, { ticks: ticks.length ? ticks : [low], format });
}
