// The choice of a run, of one of its testing sets, and of what is left out; the page's address holds all of it.
import { runChoice } from "./called.js";
import { addNavigation, ask, attempt, count, el, runLinks, testingSetName } from "./common.js";

const WATCH = 5_000;

/**
 * A form that asks for a run. `fields` are further labels with a select each, whose names and values the address holds too.
 * `show(run, about, query)` gets a run's id and a promise of what the API says of it, asks it with the query, draws, and
 * returns the answer, whose `testing_sets` are then offered.
 */
export class Picker {
  constructor(show, fields = []) {
    this.show = show;
    this.fields = fields;
    this.asked = new URLSearchParams(location.search);
    this.without = this.asked.getAll("without");
    this.runs = el("select", { name: "run" });
    this.sets = el("select", { name: "testing_set" });
    this.setLabel = el("label", { hidden: true }, "Testing set ", this.sets);
    this.about = el("p", { class: "about" });
    this.chips = el("p", { class: "chips", hidden: true });
    this.progress = el("p", { class: "called", hidden: true, "aria-live": "polite" });
    this.form = el("form", { id: "filters" }, el("label", {}, "Run ", this.runs), fields, this.setLabel);
    this.form.addEventListener("submit", event => event.preventDefault());
    this.form.addEventListener("input", event => {
      if (event.target === this.runs) {
        this.sets.replaceChildren();
        this.without = [];
      }
      this.refresh();
    });
  }

  /** Fill the form and show the run that the address asks for, or the newest. */
  async start(content, result) {
    const wanted = this.asked.get("run");
    addNavigation(wanted);
    const listed = attempt(() => ask(["runs"], { limit: 100 }));
    if (wanted) {
      this.offer([]); // this run is drawn while the list of all is on its way
      listed.then(found => found && this.offer(found.items));
    } else {
      const found = await listed;
      if (!found) return;
      if (!found.items.length) {
        content.replaceChildren(el("p", {}, "No runs yet. Trigger train_classifiers with a plan."));
        return;
      }
      this.offer(found.items);
    }
    for (const field of this.form.querySelectorAll("select")) {
      const value = this.asked.get(field.name);
      if (value && field !== this.sets && [...field.options].some(option => option.value === value)) field.value = value;
    }
    content.replaceChildren(this.about, this.form, this.chips, this.progress, result);
    await this.refresh(this.asked.get("testing_set") ?? "");
  }

  /** Offer runs; the one that is chosen stays so, at first the one that the address asks for. */
  offer(runs) {
    const chosen = this.runs.value || this.asked.get("run") || runs[0]?.run_id;
    const choices = new Map(runs.map(each => [each.run_id, runChoice(each)]));
    if (!choices.has(chosen)) choices.set(chosen, chosen);
    this.runs.replaceChildren(...[...choices].map(([value, text]) => el("option", { value }, text)));
    this.runs.value = chosen;
  }

  async refresh(set = this.sets.value) {
    const run = this.runs.value;
    const own = Object.fromEntries(new FormData(this.form));
    const query = { ...own, testing_set: set, without: this.without };
    const kept = Object.entries(query).flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).filter(Boolean).map(each => [key, each]));
    history.replaceState(null, "", `?${new URLSearchParams(kept)}`);
    addNavigation(run);
    this.about.replaceChildren(...runLinks(run));
    this.drawChips();
    clearTimeout(this.timer);
    delete query.run;
    const found = await attempt(async () => {
      const about = ask(["runs", run]).then(about => {
        this.tell(about, about);
        return about;
      });
      const [, answer] = await Promise.all([about, this.show(run, about, query)]);
      return answer;
    });
    if (!found) return;
    this.setLabel.hidden = found.testing_sets.length < 2;
    this.sets.replaceChildren(...found.testing_sets.map(each => el("option", { value: each.digest }, `${testingSetName(each)} (${count(each.models)} models)`)));
    this.sets.value = found.testing_set?.digest ?? "";
  }

  /** Say how far a run is that goes on. It is drawn anew when the button asks for it: no picture changes while it is read. */
  tell(drawn, now) {
    const left = now.planned + now.training;
    this.progress.hidden = Boolean(drawn.closed_at);
    const text = now.closed_at ? "This run has ended since it was drawn. " : `This run goes on: ${count(left)} of ${count(now.definitions)} definitions have not ended. `;
    this.progress.replaceChildren(text, el("button", { type: "button", onclick: () => this.refresh() }, "Draw it anew"));
    if (now.closed_at) return;
    this.timer = setTimeout(async () => {
      const later = await ask(["runs", drawn.run_id]).catch(() => now);
      if (drawn.run_id === this.runs.value) this.tell(drawn, later);
    }, WATCH);
  }

  drawChips() {
    this.chips.hidden = !this.without.length;
    this.chips.replaceChildren("Left out: ", ...this.without.map(text => {
      const name = text.replace(/^[^.]+\./, "").replace(":", " = ").replace(/^name = /, "");
      const back = () => { this.without = this.without.filter(each => each !== text); this.refresh(); };
      return el("button", { type: "button", class: "chip", "aria-label": `Take in ${name} again`, onclick: back }, `${name} ×`);
    }));
  }

  /** A button that leaves out what has a value of an option, or a class. */
  leaveOut(section, option, given, text, shown = "×") {
    const wanted = `${section}.${option}:${typeof given === "string" ? given : JSON.stringify(given)}`;
    return el("button", {
      type: "button", class: "leave", "aria-label": `Leave out ${option === "name" ? text : `${option} = ${text}`}`,
      onclick: () => { this.without = [...this.without, wanted]; this.refresh(); },
    }, shown);
  }
}
