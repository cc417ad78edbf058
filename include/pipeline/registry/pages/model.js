// One model: its scores, definition, lineage and document, and a form to try it.
import {
  addNavigation, address, airflowLink, ask, attempt, bar, chosenOn, count, DASH, el, gain, interval, modelLink, moment, percent,
  reference, runPath, score, seconds, send, size, table, testingSet, testingSetName, formatValue, warnings,
} from "./common.js";
import { drawHistory } from "./model_history.js";
import { facts, section, showCautions, showLineage } from "./model_lineage.js";
import { drawModel, drawVersions } from "./model_pictures.js";
import { showRemoval } from "./model_removal.js";

const content = document.getElementById("content");
const wanted = new URLSearchParams(location.search).get("model") ?? "";


function showHead(model, run, aliases) {
  document.title = `${reference(model)} – model`;
  document.querySelector("h1").replaceChildren(model.label, el("small", {}, ` version ${model.version}`));
  const links = [
    el("a", { href: `leaderboard?run=${encodeURIComponent(model.run_id)}` }, run?.name ? `Leaderboard of its run ${run.name}` : "Leaderboard of its run"),
    airflowLink(runPath(model.run_id), "Run in Airflow"),
    ...(model.log_path ? [airflowLink(model.log_path, "Training log")] : []),
    ...aliases.filter(each => !model.aliases.includes(each.alias)).map(each => el("a", { href: `compare?model=${encodeURIComponent(`@${each.alias}`)}&model=${encodeURIComponent(reference(model))}` }, `Compare with @${each.alias}`)),
  ];
  const marks = model.aliases.map(alias => el("span", { class: "mark alias" }, `@${alias}`));
  if (model.retired_at) marks.push(el("span", { class: "mark", title: model.retired_for }, `retired by ${model.retired_by}: ${model.retired_for}`));
  return el("p", { class: "about" }, marks, warnings(model), " ", links.flatMap((link, place) => (place ? [" · ", link] : [link])));
}

/** The accuracy on the examples that choose, if they are not the testing set. */
function showChoice(model) {
  const found = model.scores.validation;
  if (!found) return [];
  const spread = found.deviation ? ` ± ${score(found.deviation.accuracy)}` : "";
  return [["Validation", `${score(found.mean.accuracy)}${spread}`, `accuracy ${chosenOn(model.validation_set)}`]];
}

function showScores(model) {
  const scores = model.scores;
  return section(
    "Scores",
    el("div", { class: "tiles" }, [
      ...showChoice(model),
      ["Accuracy", score(model.accuracy), interval(model.accuracy_interval)],
      ["Macro F1", score(model.macro_f1), ""],
      ["Gain", gain(model.gain), `over ${score(scores.baseline_accuracy)} for the most frequent class`],
      ["Tested on", count(scores.testing_count), `examples, testing set ${testingSetName(model.testing_set)}`],
      ["Training", `${seconds(model.training_seconds)} s`, ""],
      ["Document", size(model.size_bytes), ""],
    ].map(([name, value, more]) => el("div", { class: "tile" }, el("span", {}, name), el("strong", {}, value), el("small", {}, more)))),
  );
}

function showClassify(model) {
  const box = el("textarea", { id: "text", rows: 4, maxlength: 4000000, autocomplete: "off", spellcheck: "false" });
  const answer = el("div", { id: "answer", "aria-live": "polite" });
  const button = el("button", { type: "submit", class: "button" }, "Classify");
  const submit = async event => {
    event.preventDefault();
    button.disabled = true;
    answer.replaceChildren(el("p", {}, "…"));
    try {
      const found = await send("POST", ["models", reference(model), "classify"], { text: box.value });
      answer.replaceChildren(...showAnswer(found.items[0]));
    } catch (error) {
      answer.replaceChildren(el("p", { class: "error" }, error.message));
    }
    button.disabled = false;
  };
  const form = el("form", { onsubmit: submit }, el("label", { for: "text" }, "A text; it is not stored"), box, button);
  box.addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return section("Try it", form, answer);
}

function showAnswer(found) {
  const lines = [el("p", {}, "Class: ", el("strong", { id: "class" }, found.classification))];
  if (found.probabilities) {
    const sorted = Object.entries(found.probabilities).sort(([, one], [, other]) => other - one);
    lines.push(table(["Class", "Probability"], sorted.slice(0, 20).map(([name, share]) => [name, percent(share)])));
  } else lines.push(el("p", { class: "quiet" }, "This model does not provide probabilities with these options."));
  return lines;
}

function showDefinition(model) {
  const blocks = ["dataset", "adapter", "model"].map(name => {
    const block = model.definition[name];
    const options = Object.entries(block.options).sort(([one], [other]) => one.localeCompare(other));
    return el("div", { class: "block" }, el("h3", {}, `${name}: ${block.name}`), facts(options.map(([key, value]) => [key, formatValue(value)])));
  });
  return section("Definition", el("div", { class: "blocks" }, blocks));
}

function showDocument(model) {
  const path = ["models", reference(model), "document"];
  const link = (encoding, title) => el("a", { class: "button", href: address(path, { encoding }).href, download: "" }, title);
  const document = model.document;
  const announced = model.announced;
  return section(
    "Document",
    el("p", {}, link("json", "Download as JSON"), " ", link("binary", "Download as binary")),
    facts([
      ["stored as", document.encoding],
      ["size", size(document.size_bytes)],
      document.adapter_size_bytes !== null && ["adapter part", `${size(document.adapter_size_bytes)}, in ${count(document.adapter_shared_by)} model${document.adapter_shared_by === 1 ? "" : "s"}`],
      ["SHA-256", el("code", {}, document.sha256)],
      ["announced", announced ? announcement(announced) : "not yet"],
    ]),
  );
}

const announcement = ({ exchange, noted_at, published_at }) =>
  published_at ? `on ${exchange}, ${moment(published_at)}` : `queued ${moment(noted_at)}, not yet on ${exchange}`;

function showAliases(model) {
  const name = el("input", { id: "alias", list: "aliases", required: true, pattern: "[a-z][a-z0-9_\\-]{0,49}", placeholder: "champion", autocomplete: "off" });
  const reason = el("input", { id: "reason", required: true, maxlength: 1000, placeholder: "best on May's examples", autocomplete: "off" });
  const list = el("datalist", { id: "aliases" }, ["champion", "candidate"].map(value => el("option", { value })));
  const notice = el("p", { "aria-live": "polite", id: "moved" });
  const submit = async event => {
    event.preventDefault();
    try {
      const moved = await send("PUT", ["aliases", name.value], { model: reference(model), reason: reason.value });
      notice.className = "";
      notice.textContent = `@${moved.alias} now points here.`;
      await show();
      document.getElementById("moved").textContent = `@${moved.alias} now points here.`;
    } catch (error) {
      notice.className = "error";
      notice.textContent = error.message;
    }
  };
  return section(
    "Aliases",
    el("form", { onsubmit: submit, class: "inline" },
      el("label", {}, "Alias ", name), list, el("label", {}, "Why ", reason), el("button", { type: "submit", class: "button" }, "Point it here")),
    notice,
    el("p", { class: "quiet" }, el("a", { href: "aliases" }, "All aliases and their history")),
  );
}

function showVersions(model, versions) {
  const rows = versions.items.map(each => [
    each.version === model.version ? `${each.version} (this one)` : el("a", { href: modelLink(each) }, `${each.version}`),
    [score(each.accuracy), warnings(each)], gain(each.gain), testingSet(each.testing_set), size(each.size_bytes), moment(each.created_at), each.aliases.map(alias => `@${alias}`).join(" ") || DASH,
  ]);
  return section("Versions", drawVersions(model, versions), table(["Version", "Accuracy", "Gain", "Tested on", "Size", "Stored", "Aliases"], rows));
}

/** Its scores on other examples than those of its training, if it was evaluated. */
function showEvaluations(model, evaluations) {
  const title = "Evaluations";
  if (!evaluations.total) return section(title, el("p", { class: "quiet" }, "It was not scored on other examples than those of its training. To do so: ", el("code", {}, `pipeline evaluate ${reference(model)} --from TIME`)));
  const rows = evaluations.items.map(each => [
    el("span", { title: each.run_id }, airflowLink(runPath(each.run_id, "evaluate_models"), moment(each.evaluated_at))), each.testing_set.collection,
    `${each.testing_set.first.slice(0, 16)} to ${each.testing_set.last.slice(0, 16)}`, count(each.testing_set.examples), testingSet(each.testing_set),
    bar(each.accuracy), interval(each.accuracy_interval), score(each.macro_f1), [warnings(each), evaluationNote(each)],
  ]);
  return section(title, table(["Evaluated", "Collection", "Examples of", "Examples", "Testing set", "Accuracy", "95 % interval", "Macro F1", "Marks"], rows),
    evaluations.total > rows.length ? el("p", { class: "quiet" }, `The newest ${rows.length} of ${count(evaluations.total)}.`) : null);
}

/** How many examples the marks are about. */
const evaluationNote = each => [each.unknown_examples && `${count(each.unknown_examples)} of unknown classes`, each.perhaps_trained && `${count(each.perhaps_trained)} may have trained it`].filter(Boolean).map(text => el("small", {}, ` ${text}`));

/** Ask for what else the page shows of a model. */
const askRest = key => [
  [["models", key, "versions"]], [["models", key, "curves"]], [["aliases"]], [["models", key, "evaluations"]], [["models", key, "history"], { limit: 500 }],
].map(([path, query]) => attempt(() => ask(path, query)));

async function show() {
  if (!wanted) {
    content.replaceChildren(el("p", {}, "Choose a model on the ", el("a", { href: "leaderboard" }, "leaderboard"), "."));
    return;
  }
  const early = /.@\d+$/.test(wanted) ? askRest(wanted) : null; // with a version it always means the same model
  const model = await attempt(() => ask(["models", wanted]));
  if (!model) return;
  const [run, versions, curves, aliases, evaluations, history] = await Promise.all([attempt(() => ask(["runs", model.run_id])), ...(early ?? askRest(reference(model)))]);
  addNavigation(model.run_id);
  content.replaceChildren(
    showHead(model, run, aliases ?? []), showScores(model), showCautions(model), section("Pictures", drawModel(model, curves)), showClassify(model),
    showAliases(model), ...(evaluations ? [showEvaluations(model, evaluations)] : []),
    ...(versions ? [showVersions(model, versions)] : []),
    ...(history ? [section("Accuracy over time", drawHistory(model, history))] : []), showDocument(model), showDefinition(model), showLineage(model), showRemoval(model, show),
  );
}

addNavigation();
show();
