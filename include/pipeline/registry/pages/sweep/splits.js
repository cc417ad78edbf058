// Shows which examples the datasets of a plan select, and how they split.
import { count, DASH, el, leftOut, table } from "../common.js";

const SETS = [["training", "Training"], ["validation", "Validation"], ["testing", "Testing"]];

/** Return the datasets with their sets. `counting.draw()` returns the button that counts classes, and what became of it. */
export function drawSplits(splits, counting) {
  if (!splits?.length) return null;
  const cards = splits.map(each => drawSplit(each, splits.length > 1));
  return el("section", { class: "splits" }, el("h2", {}, splits.length === 1 ? "Examples" : "Examples of each dataset"), counting.draw(splits), cards);
}

function drawSplit(split, several) {
  const selected = split.selected === null ? "an unknown number of examples" : `${count(split.selected)} examples`;
  const of = split.dataset.options.collection ? ` of collection ${split.dataset.options.collection}` : "";
  const title = several ? el("h3", {}, `${split.dataset.name} `, el("small", {}, split.differences || "")) : null;
  const { account } = split;
  return el("article", { class: "split" }, title,
    el("p", {}, `${several ? "Selects" : `${split.dataset.name} selects`} ${selected}${of}.`),
    split.failure && !account ? el("p", { class: "error" }, `Not counted: ${split.failure}`) : null,
    account?.problem ? el("p", { class: "error" }, `Nothing can be trained on it. ${account.problem}`) : null,
    account?.examples ? [drawSets(account), ...drawNotes(account), drawClasses(account)] : null);
}

function drawSets({ examples }) {
  const rows = SETS.filter(([name]) => examples[name]).map(([name, title]) => {
    const set = examples[name];
    return [title, count(set.count), set.classes === undefined ? DASH : count(set.classes), `${day(set.first)} … ${day(set.last)}`];
  });
  if (examples.folds) rows.push(["Folds", count(examples.folds.count), DASH, `answer ${count(examples.folds.answered)} training examples`]);
  return table(["Set", "Examples", "Classes", "Time"], rows);
}

const day = moment => moment.slice(0, 16).replace("T", " ");

function drawNotes({ examples, missing_classes: missing }) {
  const removed = leftOut(examples);
  const notes = [
    removed ? `Left out: ${removed}.` : "",
    missing.length ? `No example is left of ${missing.join(", ")}.` : "",
    examples.classes_not_trained ? `${count(examples.classes_not_trained)} of ${count(examples.classes)} classes have no training example: every answer to theirs will be wrong.` : "",
    examples.classes_not_tested ? `${count(examples.classes_not_tested)} of ${count(examples.classes)} classes have no testing example.` : "",
    examples.shared_texts ? `${count(examples.shared_texts)} texts are in both sets, in ${count(examples.shared_testing_examples)} testing examples: "duplicates": ["remove"] keeps only the oldest.` : "",
  ];
  return notes.filter(Boolean).map(note => el("p", { class: "quiet" }, note));
}

function drawClasses({ by_class: counts, examples }) {
  if (!counts) return null;
  const sets = SETS.filter(([name]) => counts[name]);
  const names = Object.keys(counts.training);
  const largest = Math.max(1, ...sets.flatMap(([name]) => Object.values(counts[name])));
  const rows = names.map(name => [name, ...sets.map(([set]) => drawCount(counts[set][name] ?? 0, largest))]);
  const more = examples.classes - names.length;
  const listed = table(["Class", ...sets.map(([, title]) => title)], rows, { class: "side classes" });
  for (const [name, value] of Object.entries({ tabindex: "0", role: "region", "aria-label": "Examples by class" })) listed.setAttribute(name, value);
  return [
    listed,
    more > 0 ? el("p", { class: "quiet" }, `and ${count(more)} smaller classes`) : null,
  ];
}

function drawCount(number, largest) {
  const inner = el("span", { class: "bar-inner" });
  inner.style.width = `${(100 * number) / largest}%`;
  return el("span", { class: number ? "bar" : "bar none" }, el("span", { class: "bar-outer", "aria-hidden": "true" }, inner), count(number));
}
