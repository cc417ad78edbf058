// Counts classes: a worker does, because only it has the keys that open examples. Triggers that run and waits for it.
import { logPath, PREVIEW, stateOf, trigger } from "./airflow.js";
import { airflowLink, count, el } from "../common.js";

const PAUSE = 1_500;
const LONG = 8_000;
const MOST = 50;
const ENDED = ["success", "failed"];

export class Counting {
  /** `refresh` asks for the preview again; `redraw` shows the last one again. */
  constructor(refresh, redraw) {
    this.refresh = refresh;
    this.redraw = redraw;
    this.refusal = ""; // why this user may not count
    this.run = null; // the run that counts, while it does
    this.since = 0;
    this.state = "";
    this.trouble = null;
  }

  /** Return the button, if classes of a dataset are not known, and what becomes of the counting. */
  draw(splits) {
    const left = splits.filter(each => each.selected && !(each.account?.by_class || each.account?.problem));
    if (!left.length && !this.trouble) return null;
    const title = left.length === splits.length ? "Count classes" : `Count classes of ${count(left.length)} datasets`;
    return el("p", { class: "actions" },
      left.length ? el("button", { type: "button", id: "count", disabled: Boolean(this.run) || Boolean(this.refusal), onclick: () => this.start(left) }, title) : null,
      el("span", { role: "status", class: this.trouble ? "error" : "quiet" }, this.tell()), this.trouble?.run ? this.link("Its log") : null);
  }

  tell() {
    if (this.trouble) return this.trouble.message;
    if (this.refusal) return this.refusal;
    if (!this.run) return "A worker counts the classes of each set; this takes a few seconds.";
    const waits = Date.now() - this.since > LONG && this.state === "queued";
    return waits ? "Waiting for Airflow to begin …" : Date.now() - this.since > LONG ? "Counting, or waiting until a training leaves a place …" : "Counting …";
  }

  /** Forget what went wrong: the plan is another one now. */
  forget() {
    this.trouble = null;
  }

  link(text) {
    return airflowLink(logPath(PREVIEW, this.trouble.run, "count_classes"), text);
  }

  async start(splits) {
    if (this.run) return;
    Object.assign(this, { run: "asked for", since: Date.now(), state: "queued", trouble: null });
    this.redraw();
    let run = null;
    try {
      const conf = JSON.stringify({ dataset: splits.slice(0, MOST).map(each => each.dataset) });
      run = this.run = await trigger(PREVIEW, conf);
      while (!ENDED.includes(this.state)) {
        await new Promise(resolve => setTimeout(resolve, PAUSE));
        this.state = await stateOf(PREVIEW, run);
        this.redraw();
      }
      if (this.state === "failed") this.trouble = { message: "The count has failed; the reason is below, or in its log.", run };
    } catch (error) {
      this.trouble = { message: `Not counted: ${error.message}`, run };
    }
    this.run = null;
    await this.refresh();
    this.redraw();
  }
}
