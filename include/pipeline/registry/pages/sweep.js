// The page on which plans are written: an editor, beside it what is wrong or what the plan would train, and Train.
import { TRAIN, trigger } from "./sweep/airflow.js";
import { addNavigation, ask, attempt, countOf, el, send } from "./common.js";
import { Counting } from "./sweep/counting.js";
import { Editor } from "./sweep/editor.js";
import { formatPlan } from "./sweep/format.js";
import { drawFindings, drawOutline, duration } from "./sweep/outline.js";

const PAUSE = 300;
const RETRY = 5_000;
const KEPT = `sweep${location.search}`; // in the session's storage: the text that was written at this address
const places = Object.fromEntries(["editor", "train", "why", "tidy", "restart", "state", "findings", "preview"].map(id => [id, document.getElementById(id)]));

const state = {
  answer: null, // the last preview
  of: null, // the text that it is of
  busy: false, // whether a preview is asked for
  timer: null,
  refusal: "", // why this user may not train
  training: false,
};

const editor = new Editor(places.editor, changed, train);
const counting = new Counting(refresh, draw);

function changed() {
  counting.forget();
  sessionStorage.setItem(KEPT, editor.text);
  clearTimeout(state.timer);
  state.timer = setTimeout(refresh, PAUSE);
  drawActions();
}

/** Ask for a preview, one at a time: a later text waits until the answer to an earlier one is there. */
async function refresh() {
  if (state.busy) return state.busy;
  state.busy = askAll();
  await state.busy;
  state.busy = false;
  return undefined;
}

async function askAll() {
  let text;
  do {
    clearTimeout(state.timer); // it is asked for now
    text = editor.text;
    const answer = await attempt(() => send("POST", ["plans", "preview"], { plan: text }));
    if (!answer) {
      state.timer = setTimeout(refresh, RETRY);
      return;
    }
    Object.assign(state, { answer, of: text });
    draw();
  } while (text !== editor.text);
}

function draw() {
  const { answer } = state;
  if (!answer) return;
  const moveTo = (line, column) => editor.moveTo(line, column);
  editor.mark(answer.findings.map(each => each.line));
  places.findings.replaceChildren(...[drawFindings(answer.findings, "To correct", moveTo, "wrong")].filter(Boolean));
  if (answer.preview) keepOpen(() => places.preview.replaceChildren(...drawOutline(answer, moveTo, counting)));
  places.preview.hidden = !answer.preview;
  const said = tell(answer);
  if (places.state.textContent !== said) places.state.textContent = said;
  drawActions();
}

/** Draw again what is drawn, with the same parts opened and the focus where it was. */
function keepOpen(work) {
  const open = places.preview.querySelector("details")?.open;
  const focused = places.preview.contains(document.activeElement) && document.activeElement.id;
  work();
  const details = places.preview.querySelector("details");
  if (details && open) details.open = true;
  if (focused) document.getElementById(focused)?.focus();
}

function tell({ findings, preview }) {
  if (!preview) return countOf(findings.length, "thing").concat(" to correct");
  const time = preview.forecast ? `, about ${duration(preview.forecast.seconds)} on one core` : "";
  return preview.listed ? `${countOf(preview.to_train, "definition")} to train${time}` : countOf(preview.definitions, "definition");
}

/** Why the plan cannot be trained now; empty if it can be. */
function findObstacle() {
  if (state.training) return "Airflow is asked for a run …";
  if (state.refusal) return state.refusal;
  if (state.of !== editor.text) return "The plan is being checked …";
  if (state.answer.findings.length) return `Correct ${countOf(state.answer.findings.length, "thing")} first.`;
  return "";
}

function drawActions() {
  const obstacle = findObstacle();
  places.train.disabled = Boolean(obstacle);
  // what is wrong could get lost: a key that is written twice, or a number that is too large
  places.tidy.disabled = state.of !== editor.text || Boolean(state.answer?.findings.length);
  places.why.textContent = obstacle;
}

async function train() {
  if (state.training || state.refusal) return;
  if (state.of !== editor.text) await refresh();
  if (findObstacle()) return void (state.answer?.findings[0]?.line && editor.moveTo(state.answer.findings[0].line, state.answer.findings[0].column));
  state.training = true;
  drawActions();
  const text = editor.text;
  await attempt(async () => {
    try {
      const run = await trigger(TRAIN, text);
      location.assign(`leaderboard?run=${encodeURIComponent(run)}`);
    } catch (error) {
      if (!error.findings?.length) throw error;
      state.answer = { ...state.answer, findings: error.findings, preview: null };
      draw();
    }
  });
  state.training = false;
  drawActions();
}

function tidy() {
  editor.text = formatPlan(JSON.parse(editor.text));
}

async function fetchExample() {
  const plan = await ask(["plans", "example"]);
  const { options } = plan.dataset;
  editor.known = { ...options, before_datetime_str: options.end_datetime_str };
  return formatPlan(plan);
}

/** Return the text to begin with: what was written here before, the plan of a run, or an example. */
async function findText(query) {
  const example = await fetchExample();
  const kept = sessionStorage.getItem(KEPT);
  if (kept?.trim()) return kept;
  return query.has("run") ? formatPlan(await ask(["runs", query.get("run"), "plan"])) : example;
}

async function start() {
  const query = new URLSearchParams(location.search);
  addNavigation(query.get("run"));
  places.train.addEventListener("click", train);
  places.tidy.addEventListener("click", tidy);
  places.restart.addEventListener("click", async () => {
    const text = await attempt(fetchExample);
    if (text) editor.text = text;
  });
  let missing = "";
  const text = await findText(query).catch(async error => {
    missing = error.message;
    return attempt(fetchExample);
  });
  editor.text = text ?? "";
  const asked = [
    attempt(async () => { editor.schema = await ask(["plans", "schema"]); }),
    ask(["plans", "trainer"]).catch(error => {
      state.refusal = `You cannot train: ${error.message}.`;
      counting.refusal = `You cannot have classes counted: ${error.message}.`;
    }),
  ];
  await Promise.all([refresh(), ...asked]);
  draw();
  if (missing) await attempt(() => { throw new Error(`${missing} The example is shown instead.`); });
}

start();
