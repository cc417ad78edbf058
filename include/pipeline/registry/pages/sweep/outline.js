// Shows what is wrong in a plan, or what it means.
import { count, countOf, DASH, el, moment, seconds, table } from "../common.js";
import { drawSplits } from "./splits.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

export function duration(value) {
  if (value < 90) return `${seconds(value)} s`;
  return value < 1.5 * HOUR ? `${Math.round(value / MINUTE)} min` : `${(value / HOUR).toFixed(1)} h`;
}

/** A list of findings; a click on one puts the caret there. */
export function drawFindings(findings, title, moveTo, mark) {
  if (!findings.length) return null;
  const items = findings.map(each => {
    const rest = [each.allowed, each.suggestion].filter(Boolean).map(part => el("div", { class: "reason" }, part));
    const content = [el("b", {}, each.path || "plan"), ` ${each.what}`, each.line && !each.path.includes(", line") ? el("small", {}, ` line ${count(each.line)}`) : null];
    const place = each.line
      ? el("button", { type: "button", class: "finding", title: "go there", onclick: () => moveTo(each.line, each.column) }, content)
      : el("div", { class: "finding" }, content);
    return el("li", { class: mark }, place, rest);
  });
  return el("section", {}, el("h2", {}, title), el("ul", { class: "findings" }, items));
}

const tile = (title, value, hint) => el("div", { class: "tile", title: hint }, el("span", {}, title), el("strong", {}, value));

function drawNumbers(seen) {
  const time = seen.forecast && duration(seen.forecast.seconds);
  return el("div", { class: "tiles" },
    tile("To train", count(seen.listed ? seen.to_train : seen.definitions), "definitions that are trained, each by one task"),
    tile("Permutations", count(seen.permutations), "of the lists of the plan"),
    seen.excluded ? tile("Excluded", count(seen.excluded), "by the rules of exclude, and by sample") : null,
    seen.repeated ? tile("Equal to another", count(seen.repeated), "permutations that mean the same definition") : null,
    seen.same_model ? tile("Same model", count(seen.same_model), "definitions that train the same model as another") : null,
    seen.reused ? tile("Reused", count(seen.reused), "models that are stored and not trained again") : null,
    seen.listed ? tile("Adapters", count(seen.adapters), "to prepare; models share them") : null,
    time ? tile("Forecast", time, forecastText(seen)) : null);
}

function forecastText(seen) {
  const { forecast, to_train: all } = seen;
  const missing = all - forecast.definitions;
  return `of computing on one core, estimated from ${countOf(forecast.models, "stored model")}${missing ? `; ${countOf(missing, "definition")} without a similar model not counted` : ""}`;
}

const drawNow = seen => (seen.now ? el("p", { class: "quiet" }, "At present, ", el("code", {}, "now"), ` is ${moment(seen.now)}; the run takes the moment at which it is triggered.`) : null);

function drawForecast(seen) {
  if (!seen.listed || !seen.to_train) return null;
  if (!seen.forecast) return el("p", { class: "quiet" }, "No forecast: no stored model is similar to one of these.");
  const without = seen.search.length ? ` Without the search: ${duration(seen.forecast.full_seconds)}.` : "";
  return el("p", { class: "quiet" }, `Forecast: ${duration(seen.forecast.seconds)} ${forecastText(seen)}.${without}`);
}

function drawSearch(seen) {
  if (!seen.search?.length) return null;
  const lines = seen.search.map(ladder => el("li", {},
    ladder.rungs.map(rung => `${countOf(rung.definitions, "definition")} tried with ${Math.round(1000 * rung.part) / 10} % of the whole, `), `${count(ladder.in_full)} trained in full`));
  return el("section", {}, el("h2", {}, "Search"), el("ul", {}, lines));
}

function drawExclusions(seen) {
  if (!seen.exclusions?.length) return null;
  const rows = seen.exclusions.map(each => [el("code", {}, JSON.stringify(each.rule)), count(each.permutations)]);
  return el("section", {}, el("h2", {}, "Excluded"), table(["Rule", "Permutations"], rows));
}

function drawDefinitions(seen) {
  if (!seen.labels?.length) return null;
  const rows = seen.labels.map(each => [each.label, each.differences || DASH, each.duplicate_of ? `same as ${each.duplicate_of}` : each.state]);
  const more = seen.definitions - seen.labels.length;
  return el("details", {}, el("summary", {}, countOf(seen.definitions, "definition")),
    table(["Label", "Recipe", "State"], rows), more > 0 ? el("p", { class: "quiet" }, `and ${count(more)} more`) : null);
}

/** Return everything that is known about a plan without mistakes. `counting` is what counts classes; see `Counting`. */
export function drawOutline(answer, moveTo, counting) {
  const seen = answer.preview;
  return [
    drawNumbers(seen), drawNow(seen), drawForecast(seen), drawSearch(seen),
    drawFindings(answer.warnings, "Perhaps a mistake", moveTo, "warning"),
    drawSplits(seen.splits, counting), drawExclusions(seen), drawDefinitions(seen),
    answer.not_known.length
      ? el("section", {}, el("h2", {}, "Not known"), el("ul", {}, answer.not_known.map(each => el("li", {}, el("b", {}, each.what), `: ${each.why}`))))
      : null,
  ].filter(Boolean);
}
