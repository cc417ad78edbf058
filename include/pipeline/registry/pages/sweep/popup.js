// The list of choices under the caret of a text area.
import { el } from "../common.js";

const SHOWN = 100;

export class Popup {
  /** Make the list in `place`, which surrounds `area`. `choose` gets the choice that is taken. */
  constructor(place, area, choose) {
    this.area = area;
    this.choose = choose;
    this.found = null;
    this.active = 0;
    this.list = el("ul", { id: "choices", role: "listbox", "aria-label": "What can stand here" });
    this.text = el("p", { class: "explained" });
    this.box = el("div", { class: "popup", hidden: true, onmousedown: event => event.preventDefault() }, this.list, this.text);
    this.said = el("p", { class: "hidden", role: "status", "aria-live": "polite" });
    place.append(this.box, this.said);
  }

  get isOpen() {
    return !this.box.hidden;
  }

  open(found) {
    this.found = found;
    this.active = 0;
    this.list.replaceChildren(...found.choices.slice(0, SHOWN).map((choice, place) =>
      el("li", { id: `choice-${place}`, role: "option", onclick: () => this.choose(choice) },
        el("span", {}, choice.label), choice.detail ? el("small", {}, choice.detail) : null)));
    this.box.hidden = false;
    this.area.setAttribute("aria-controls", "choices");
    this.said.textContent = `${found.choices.length} ${found.choices.length === 1 ? "choice" : "choices"}; arrows select, Enter inserts`;
    this.place();
    this.select(0);
  }

  close(said = "") {
    this.box.hidden = true;
    this.area.removeAttribute("aria-activedescendant");
    this.area.removeAttribute("aria-controls");
    this.said.textContent = said;
  }

  select(number) {
    const items = this.list.children;
    this.active = (number + items.length) % items.length;
    for (const [place, item] of [...items].entries()) item.setAttribute("aria-selected", place === this.active);
    items[this.active].scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", `choice-${this.active}`);
    this.text.textContent = this.found.choices[this.active].text;
    this.text.hidden = !this.text.textContent;
  }

  /** Handle a key while the list is open; return whether it was one of its keys. */
  press(event) {
    if (!this.isOpen || event.isComposing) return false;
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in moves && !event.shiftKey) this.select(this.active + moves[event.key]);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) this.choose(this.found.choices[this.active]);
    else if (event.key === "Tab" && !event.shiftKey) this.choose(this.found.choices[this.active]);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  /** Put the list below the text that is completed, within the area. */
  place() {
    const style = getComputedStyle(this.area);
    const before = this.area.value.slice(0, this.found.from).split("\n");
    const line = parseFloat(style.lineHeight);
    const left = parseFloat(style.paddingLeft) + before.at(-1).length * widthOfCharacter(style) - this.area.scrollLeft;
    const top = parseFloat(style.paddingTop) + before.length * line - this.area.scrollTop;
    this.box.style.left = `${Math.max(0, Math.min(left, this.area.clientWidth - this.box.offsetWidth))}px`;
    this.box.style.top = `${top + 2}px`;
  }
}

function widthOfCharacter(style) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = `${style.fontSize} ${style.fontFamily}`;
  return context.measureText("0".repeat(50)).width / 50;
}
