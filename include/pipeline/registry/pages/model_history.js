// The models of one recipe: the same definition, trained and tested on other spans.
import { figure } from "./charts/figure.js";
import { points } from "./charts/points.js";
import { count, DASH, el, interval, modelLink, moment, reference, score } from "./common.js";

const COLUMNS = ["Model", "Tested on", "Accuracy", "95 % interval", "Trained on", "Examples", "Aliases", "Stored"];
const span = set => (set ? `${set.first.slice(0, 16).replace("T", " ")} – ${set.last.slice(0, 16).replace("T", " ")}` : DASH);
const sizes = each => (each.training && each.testing ? `${count(each.training.count)} + ${count(each.testing.count)}` : DASH);
const names = each => each.aliases.map(alias => `@${alias}`).join(" ") || DASH;

/** The accuracy of a recipe through time, by when its testing examples end; a sentence if there is only one model. */
export function drawHistory(model, history) {
  const found = history.items;
  if (found.length < 2) return [el("p", {}, "No other model has this recipe. Train the same plan on a later span, and its accuracy is shown here through time.")];
  const isThis = each => each.label === model.label && each.version === model.version;
  const shown = found.filter(each => each.testing).map(each => ({
    at: Date.parse(each.testing.last), value: each.accuracy, interval: each.accuracy_interval, key: reference(each), href: modelLink(each),
    kind: isThis(each) ? "c1" : "c0",
    text: `${reference(each)}${isThis(each) ? " (this one)" : ""}: ${score(each.accuracy)} (${interval(each.accuracy_interval)}), tested on ${count(each.testing.count)} examples, ${span(each.testing)}`,
  }));
  const caption = "Models of the same adapter, model and dataset with the same options, except the dataset's moments. Each is tested on its own span, so accuracies are no ranking: later examples may be harder.";
  const more = history.total > found.length ? ` The first ${count(found.length)} of ${count(history.total)}.` : "";
  const rows = text => found.map(each => [text(each), span(each.testing), score(each.accuracy), interval(each.accuracy_interval), span(each.training), sizes(each), names(each), moment(each.created_at)]);
  const link = each => [el("a", { href: modelLink(each) }, reference(each)), isThis(each) ? " (this one)" : ""];
  if (!shown.length) return [el("p", {}, "When their examples occurred was not recorded.")];
  return [figure({
    name: "history", title: "The recipe on other spans", caption: caption + more,
    summary: shown.slice(0, 20).map(each => each.text).join("; "),
    draw: width => points(width, shown, { title: "accuracy", format: score }, "last testing example (UTC)"),
    columns: COLUMNS, rows: rows(link), plain: rows(reference),
  })];
}
