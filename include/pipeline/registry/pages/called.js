// What a run is called: its name, tags and note, and the form that changes them.
import { age, attempt, count, el, send } from "./common.js";

const runTitle = run => run.name ?? run.run_id;

/** How a list names a run. */
export const runChoice = run => `${runTitle(run)} (${count(run.definitions)}, ${age(run.created_at)})`;

/** Show in `place` what a run is called. `changed` is called with the run after each change. */
export function showCalled(place, run, changed) {
  const edit = el("button", { type: "button", onclick: () => showForm(place, run, changed) }, run.name || run.note || run.tags.length ? "Edit name, tags, note" : "Name this run");
  place.replaceChildren(
    el("p", { class: "called" },
      el("b", {}, runTitle(run)), run.name ? el("small", {}, ` ${run.run_id}`) : null,
      run.tags.map(tag => el("a", { class: "mark", href: `leaderboard?tag=${encodeURIComponent(tag)}`, title: "all runs with this tag" }, tag)), " ", edit),
    ...(run.note ? [el("p", { class: "note" }, run.note)] : []),
  );
}

function showForm(place, run, changed) {
  const name = el("input", { value: run.name ?? "", maxlength: 100, size: 40, autocomplete: "off" });
  const tags = el("input", { value: run.tags.join(", "), maxlength: 1_100, size: 30, autocomplete: "off", placeholder: "baseline, spam" });
  const note = el("textarea", { rows: 3, maxlength: 2_000 }, run.note ?? "");
  const save = async event => {
    event.preventDefault();
    const body = {
      name: name.value.trim() || null, note: note.value.trim() || null,
      tags: tags.value.split(",").map(tag => tag.trim()).filter(Boolean),
    };
    // only what was changed here: somebody else may have changed the rest meanwhile
    const changes = Object.fromEntries(Object.entries(body).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(run[key])));
    const called = await attempt(() => send("PATCH", ["runs", run.run_id], changes));
    if (called) changed({ ...run, ...called });
  };
  place.replaceChildren(el("form", { class: "inline", onsubmit: save, "aria-label": "What this run is called" },
    el("label", {}, "Name ", name), el("label", {}, "Tags, with commas between ", tags), el("label", { class: "wide" }, "Note ", note),
    el("button", { type: "submit", class: "button" }, "Save"),
    el("button", { type: "button", onclick: () => showCalled(place, run, changed) }, "Cancel")));
  name.focus();
}
