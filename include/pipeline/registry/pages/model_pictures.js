// Pictures of a model: confusions, scores by class, curves of its probabilities, and its versions through time.
import { classScores, MEASURES } from "./charts/classes.js";
import { figure } from "./charts/figure.js";
import { heatmap } from "./charts/heatmap.js";
import { diagonal, lines } from "./charts/lines.js";
import { points } from "./charts/points.js";
import { count, el, interval, modelLink, moment, percent, score, table, testingSetName } from "./common.js";

const MOST_DRAWN = 40; // classes; a larger matrix would not be read
const LARGEST = 10;
const COLOURED = 8;

const swatch = (colour, text) => el("li", {}, el("span", { class: `swatch ${colour}`, "aria-hidden": "true" }), text);

/** The confusions of a model: pairs of a true class and another answer, the most frequent first. */
function listConfusions({ classes, confusion_matrix: matrix }) {
  return matrix.flatMap((row, y) => {
    const whole = row.reduce((sum, value) => sum + value, 0);
    return row.flatMap((value, x) => (value && x !== y ? [{ truth: classes[y], answer: classes[x], value, share: value / whole }] : []));
  }).sort((one, other) => other.value - one.value || other.share - one.share);
}

function drawConfusions(scores) {
  const { classes, confusion_matrix: matrix } = scores;
  const confusions = listConfusions(scores);
  const list = confusions.length
    ? [el("h3", {}, "The largest confusions"), table(["True class", "Answered as", "Examples", "Share"], confusions.slice(0, LARGEST).map(each => [each.truth, each.answer, count(each.value), percent(each.share)]))]
    : [el("p", {}, "It confuses no two classes of the testing set.")];
  if (classes.length > MOST_DRAWN) return [el("p", {}, `${count(classes.length)} classes are too many to draw; the API returns the matrix with the scores.`), ...list];
  const cells = matrix.flatMap((row, y) => {
    const whole = row.reduce((sum, value) => sum + value, 0);
    return row.map((value, x) => ({
      row: y, column: x, share: whole ? value / whole : 0, kind: x === y ? "c0" : "wrong", shown: value ? count(value) : "",
      text: `${classes[y]} answered as ${classes[x]}: ${count(value)} of ${count(whole)} examples`,
    }));
  });
  const picture = figure({
    name: "confusion-matrix", title: "Confusion matrix", caption: "Rows are true classes, columns are answers; a stronger colour is a larger share of the row.",
    summary: confusions.slice(0, 3).map(each => `${each.truth} answered as ${each.answer}: ${count(each.value)}`).join("; ") || "No confusions.",
    draw: width => heatmap(width, classes, classes, cells, ["true class", "answer"]),
    columns: ["True class", ...classes], rows: matrix.map((row, place) => [classes[place], ...row.map(count)]),
    plain: matrix.map((row, place) => [classes[place], ...row]),
  });
  return [picture, ...list];
}

function drawClasses({ per_class: perClass }) {
  const rows = Object.entries(perClass).map(([name, each]) => ({
    name, ...each, text: `${name}: precision ${score(each.precision)}, recall ${score(each.recall)}, F1 ${score(each.f1)}, ${count(each.support)} testing examples`,
  })).sort((one, other) => one.f1 - other.f1);
  const values = each => [each.precision, each.recall, each.f1];
  return figure({
    name: "classes", title: "Scores by class", caption: ["The class with the lowest F1 comes first.", el("span", { class: "legend" }, MEASURES.map(([, title, colour]) => el("span", {}, el("span", { class: `swatch ${colour}`, "aria-hidden": "true" }), title)))],
    summary: rows.slice(0, 3).map(each => each.text).join("; "), key: MEASURES.map(([, title, colour]) => [colour, title]),
    draw: width => classScores(width, rows, value => value.toFixed(1)),
    columns: ["Class", "Precision", "Recall", "F1", "Testing examples"],
    rows: rows.map(each => [each.name, ...values(each).map(score), count(each.support)]), plain: rows.map(each => [each.name, ...values(each), each.support]),
  });
}

function drawReliability(curves) {
  const rows = curves.reliability;
  const texts = rows.map(each => `${percent(each.confidence)} sure: ${percent(each.accuracy)} of ${count(each.count)} answers are right`);
  return figure({
    name: "reliability", title: "Reliability", caption: `How often answers are right, by how sure the model was. On the dashed line, probabilities can be taken at their word; the mean distance from it is ${score(curves.calibration_error)} (expected calibration error).`,
    summary: texts.join("; "),
    draw: width => lines(width, [{ points: rows.map(each => [each.confidence, each.accuracy]), texts, kind: "c0" }],
      { title: "probability of the answer", format: value => value.toFixed(1), low: 0, high: 1 }, { title: "share that is right", format: value => value.toFixed(1), low: 0, high: 1 }, { under: diagonal }),
    columns: ["Mean probability", "Share that is right", "Answers"], rows: rows.map(each => [score(each.confidence), score(each.accuracy), count(each.count)]),
    plain: rows.map(each => [each.confidence, each.accuracy, each.count]),
  });
}

function drawPrecisionRecall(curves) {
  const classes = Object.entries(curves.precision_recall).sort(([, one], [, other]) => one.average_precision - other.average_precision);
  const series = classes.map(([name, each], place) => ({
    points: each.points.map(([recall, precision]) => [recall, precision]), kind: place < COLOURED ? `c${place}` : "stopped", key: name,
    text: `${name}: average precision ${score(each.average_precision)}`,
  }));
  const rows = classes.flatMap(([name, each]) => each.points.map(point => [name, ...point]));
  return figure({
    name: "precision-recall", title: "Precision and recall", caption: ["What other thresholds on the probability of a class would give; each class against all others, that with the lowest average precision first.",
      el("span", { class: "legend" }, classes.slice(0, COLOURED).map(([name, each], place) => el("span", {}, el("span", { class: `swatch c${place}`, "aria-hidden": "true" }), `${name} ${score(each.average_precision)}`)))],
    summary: series.slice(0, 3).map(each => each.text).join("; "), key: classes.slice(0, COLOURED).map(([name], place) => [`c${place}`, name]),
    draw: width => lines(width, [...series].reverse(), { title: "recall", format: value => value.toFixed(1), low: 0, high: 1 }, { title: "precision", format: value => value.toFixed(1), low: 0, high: 1 }, { dots: false }),
    columns: ["Class", "Recall", "Precision", "Threshold"], rows: rows.map(([name, ...rest]) => [name, ...rest.map(score)]), plain: rows,
  });
}

/** Everything that pictures show of a model's scores; `curves` is null if it gives no probabilities. */
export function drawModel(model, curves) {
  const curved = curves
    ? el("div", { class: "side-by-side" }, drawReliability(curves), drawPrecisionRecall(curves))
    : el("p", { class: "quiet" }, "Without probabilities there are no curves of precision, recall and reliability: the model gives none with its options, or is of an early version.");
  return model.scores.per_class ? [el("div", { class: "side-by-side" }, el("div", {}, drawConfusions(model.scores)), drawClasses(model.scores)), curved] : [curved];
}

/** The accuracy of a label's versions through time; nothing for a single one. */
export function drawVersions(model, versions) {
  const found = [...versions.items].reverse();
  if (found.length < 2) return [];
  const sets = [...new Set(found.map(each => each.testing_set?.digest))];
  const shown = found.map(each => ({
    at: Date.parse(each.created_at), value: each.accuracy, interval: each.accuracy_interval, key: String(each.version), href: modelLink(each),
    kind: `c${sets.indexOf(each.testing_set?.digest) % 8}`, text: `version ${each.version}${each.version === model.version ? " (this one)" : ""}: ${score(each.accuracy)} (${interval(each.accuracy_interval)}), ${moment(each.created_at)}, testing set ${testingSetName(each.testing_set)}`,
  }));
  const legend = sets.length > 1 ? el("ul", { class: "legend" }, sets.map((digest, place) => swatch(`c${place % 8}`, `testing set ${(digest ?? "unknown").slice(0, 8)}`))) : [];
  const picture = figure({
    name: "versions", title: "Versions through time", caption: sets.length > 1 ? "Accuracy with its 95 % interval. Only versions of one colour were tested on the same examples." : "Accuracy with its 95 % interval, all on the same testing set.",
    summary: shown.map(each => each.text).join("; "),
    draw: width => points(width, shown, { title: "accuracy", format: score }),
    columns: ["Version", "Accuracy", "95 % interval", "Stored", "Testing set"],
    rows: found.map(each => [each.version, score(each.accuracy), interval(each.accuracy_interval), moment(each.created_at), testingSetName(each.testing_set)]),
    plain: found.map(each => [each.version, each.accuracy, interval(each.accuracy_interval), each.created_at, testingSetName(each.testing_set)]),
  });
  return [picture, legend];
}
