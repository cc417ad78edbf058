// What a model was made of: its examples, code and steps, what its dataset left out, and what training warned of.
import { count, el, formatValue, leftOut, MARKS, moment } from "./common.js";

export const section = (title, ...children) => el("section", {}, el("h2", {}, title), ...children);
export const facts = rows => el("dl", {}, rows.filter(Boolean).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));

/** What should be known before a model is trusted; nothing if there is nothing. */
export function showCautions(model) {
  const { examples = {}, warnings = [] } = model.lineage;
  const removed = leftOut(examples);
  const contradicted = examples.ties?.contradicted_duplicates;
  const rows = [
    removed ? ["the dataset left out", `examples ${removed}`] : null,
    examples.left_out_classes ? ["classes left out", count(examples.left_out_classes)] : null,
    examples.shared_texts ? ["shared texts", `${count(examples.shared_texts)} texts are in the training and in the testing set, which has ${count(examples.shared_testing_examples ?? 0)} examples of them`] : null,
    contradicted ? ["contradicted", `${count(contradicted)} duplicates had another class than the one that stayed`] : null,
    examples.classes_not_trained ? ["never trained", `${count(examples.classes_not_trained)} of ${count(examples.classes)} classes, so that the model cannot answer them`] : null,
    examples.classes_not_tested ? ["never tested", `${count(examples.classes_not_tested)} of ${count(examples.classes)} classes, of which no score says anything`] : null,
    ...model.marks.map(mark => [mark, MARKS[mark]]),
    warnings.length ? ["training warned", `${warnings.join(", ")}; the training log says what to do`] : null,
  ].filter(Boolean);
  return section("What to know first", rows.length ? facts(rows) : el("p", { class: "quiet" }, "The dataset left nothing out, and training warned of nothing."));
}

/** Where the split or max_examples falls among examples of the same moment. */
const cuts = ties => [
  ties?.split ? ["split within", `${moment(ties.split.moment)}: ${count(ties.split.training)} train, ${count(ties.split.testing)} test`] : null,
  ties?.max_examples ? ["max_examples within", `${moment(ties.max_examples.moment)}: ${count(ties.max_examples.removed)} removed, ${count(ties.max_examples.kept)} kept`] : null,
];

export function showLineage(model) {
  const { examples, libraries, machine, ...rest } = model.lineage;
  const part = each => each && `${count(each.count)} examples, ${each.first.slice(0, 16)} … ${each.last.slice(0, 16)}`;
  const others = Object.entries(rest).filter(([, value]) => typeof value !== "object").map(([key, value]) => [key.replaceAll("_", " "), formatValue(value)]);
  const steps = Object.entries(model.step_seconds).map(([key, value]) => [key.replaceAll("_", " "), `${value.toFixed(2)} s`]);
  return section(
    "Lineage",
    el("div", { class: "blocks" },
      el("div", { class: "block" }, el("h3", {}, "Examples"), facts([
        examples?.training && ["training", part(examples.training)],
        examples?.validation && ["validation", part(examples.validation)],
        examples?.folds && ["folds", `${examples.folds.count}, which answer ${count(examples.folds.answered)} training examples`],
        examples?.testing && ["testing", part(examples.testing)],
        examples?.digest && ["digest", el("code", {}, examples.digest.slice(0, 16))],
        ...cuts(examples?.ties),
      ])),
      el("div", { class: "block" }, el("h3", {}, "Code"), facts([...others, machine && ["machine", [machine.cpu, ...machine.instructions, ...machine.blas].join(", ")], ...Object.entries(libraries ?? {})])),
      el("div", { class: "block" }, el("h3", {}, "Steps"), facts(steps)),
    ),
  );
}
