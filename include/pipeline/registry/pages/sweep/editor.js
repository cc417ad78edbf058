// A text area for JSON: line numbers, indentation by Tab and Enter, and choices to complete what is being typed.
import { el } from "../common.js";
import { complete } from "./complete.js";
import { Popup } from "./popup.js";

const INDENT = "  ";

export class Editor {
  /** Make an editor in `place`. `changed` is called after each change of the text, `submit` on Ctrl+Enter. */
  constructor(place, changed, submit) {
    this.changed = changed;
    this.submit = submit;
    this.schema = null;
    this.known = {}; // values of options that fit the examples that are there
    this.leaving = false; // the next Tab leaves the editor
    this.gutter = el("div", { class: "gutter", "aria-hidden": "true" });
    this.area = el("textarea", {
      id: "plan", wrap: "off", spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-label": "The plan, as JSON", "aria-describedby": "keys",
      "aria-autocomplete": "list", "aria-haspopup": "listbox", oninput: () => this.typed(), onkeydown: event => this.press(event),
      onscroll: () => this.scrolled(), onblur: () => this.popup.close(), onclick: () => this.popup.close(),
    });
    const box = el("div", { class: "text" }, this.area);
    this.popup = new Popup(box, this.area, choice => this.insert(choice));
    place.replaceChildren(el("div", { class: "editor" }, this.gutter, box));
    this.number();
  }

  get text() {
    return this.area.value;
  }

  /** Replace the whole text, which can be undone. */
  set text(text) {
    this.area.focus({ preventScroll: true });
    this.replace(0, this.text.length, text, [0, 0]);
    this.area.scrollTop = 0;
  }

  /** Put the caret at a line and a column, both from 1, the column in characters. */
  moveTo(line, column) {
    const lines = this.text.split("\n");
    const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    const offset = before + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
    this.area.focus();
    this.area.setSelectionRange(offset, offset);
    this.area.scrollTop = Math.max(0, (line - 4) * this.lineHeight());
  }

  /** Mark the lines of findings in the margin. */
  mark(lines) {
    for (const [place, line] of [...this.gutter.children].entries()) line.classList.toggle("wrong", lines.includes(place + 1));
  }

  lineHeight() {
    return parseFloat(getComputedStyle(this.area).lineHeight);
  }

  /** Replace a part of the text as a person would, so that it can be undone; then select a part of what is new. */
  replace(from, to, text, [start, end] = [text.length, text.length]) {
    this.area.setSelectionRange(from, to);
    // the only way that keeps the browser's own list of what can be undone
    const done = text ? document.execCommand("insertText", false, text) : from === to || document.execCommand("delete");
    if (!done || this.text.slice(from, from + text.length) !== text) this.area.setRangeText(text, from, to, "end");
    this.area.setSelectionRange(from + start, from + end);
    this.number();
    this.changed();
  }

  typed() {
    this.number();
    this.changed();
    const { selectionStart: caret, selectionEnd } = this.area;
    const before = this.text[caret - 1] ?? "";
    if (caret === selectionEnd && /["\w]/.test(before)) this.offer(false);
    else this.popup.close();
  }

  /** Show what can be inserted at the caret. If nobody asked for it, only while it is still to be finished. */
  offer(asked) {
    const found = this.schema && complete(this.text, this.area.selectionStart, this.schema, this.known);
    const done = found && !asked && found.choices.some(choice => choice.label.toLowerCase() === found.typed && found.to === this.area.selectionStart && !choice.whole);
    if (!found || done || !found.choices.length) {
      this.popup.close(asked ? "Nothing can be completed here" : "");
      return;
    }
    this.popup.open(found);
  }

  insert(choice) {
    const { from, to, comma } = this.popup.found;
    this.popup.close();
    if (comma === undefined) this.replace(from, to, choice.inserts, choice.select);
    else {
      const start = `,${this.text.slice(comma, from)}`;
      this.replace(comma, to, start + choice.inserts, choice.select.map(each => each + start.length));
    }
    if (choice.again) this.offer(false);
  }

  press(event) {
    const tabLeaves = this.leaving;
    if (event.key !== "Shift") this.leaving = false;
    if (this.popup.press(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.submit();
    else if (event.key === " " && event.ctrlKey) this.offer(true);
    else if (event.key === "Escape") this.leaving = true;
    else if (event.key === "Tab" && !tabLeaves) this.indent(event.shiftKey);
    else if (event.key === "Enter" && !event.isComposing) this.breakLine();
    else if ("}]".includes(event.key)) return void (this.closes(event.key) && event.preventDefault());
    else return;
    if (event.key !== "Escape" && !(event.key === "Tab" && tabLeaves)) event.preventDefault();
  }

  /** Indent the selected lines or take indentation back; without a selection, indent at the caret. */
  indent(back) {
    const { selectionStart: start, selectionEnd: end } = this.area;
    if (start === end && !back) {
      this.replace(start, end, INDENT);
      return;
    }
    const from = this.text.lastIndexOf("\n", start - 1) + 1;
    const lines = this.text.slice(from, end).split("\n");
    const moved = lines.map(line => (back ? line.replace(/^ {1,2}|^\t/, "") : INDENT + line));
    const text = moved.join("\n");
    if (start !== end) this.replace(from, end, text, [0, text.length]);
    else {
      const caret = Math.max(0, start - from - (lines[0].length - moved[0].length));
      this.replace(from, end, text, [caret, caret]);
    }
  }

  /** Begin a line with the indentation of this one, and more after a bracket that opens. */
  breakLine() {
    const { selectionStart: start, selectionEnd: end } = this.area;
    const line = this.text.slice(this.text.lastIndexOf("\n", start - 1) + 1, start);
    const indentation = /^\s*/.exec(line)[0];
    const opens = /[{[]\s*$/.test(line);
    const closes = opens && /^\s*[}\]]/.test(this.text.slice(end));
    const first = `\n${indentation}${opens ? INDENT : ""}`;
    this.replace(start, end, first + (closes ? `\n${indentation}` : ""), [first.length, first.length]);
  }

  /** Write a closing bracket at the start of a line with less indentation; return whether it was one. */
  closes(bracket) {
    const { selectionStart: start, selectionEnd: end } = this.area;
    const from = this.text.lastIndexOf("\n", start - 1) + 1;
    const line = this.text.slice(from, start);
    if (start !== end || !line.startsWith(INDENT) || line.trim()) return false;
    this.replace(from, end, line.slice(INDENT.length) + bracket);
    return true;
  }

  number() {
    const count = this.text.split("\n").length;
    while (this.gutter.children.length > count) this.gutter.lastChild.remove();
    while (this.gutter.children.length < count) this.gutter.append(el("div", {}, this.gutter.children.length + 1));
  }

  scrolled() {
    this.gutter.scrollTop = this.area.scrollTop;
    if (this.popup.isOpen) this.popup.place(); // typing at the edge scrolls
  }
}
