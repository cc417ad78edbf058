// A form to retire a model, bring it back, or delete it.
import { el, reference, send } from "./common.js";
import { section } from "./model_lineage.js";

/**
 * Draw the form.
 * @param model what `models/MODEL` answers
 * @param show draws the page again after a change
 */
export function showRemoval(model, show) {
  const reason = el("input", { id: "removal-reason", required: true, maxlength: 1000, placeholder: "slower and no better", autocomplete: "off" });
  const sure = el("input", { type: "checkbox", id: "removal-sure" });
  const notice = el("p", { "aria-live": "polite", id: "removal" });
  const act = work => async event => {
    event.preventDefault();
    if (!reason.reportValidity()) return;
    try {
      await work();
    } catch (error) {
      notice.className = "error";
      notice.textContent = error.message;
    }
  };
  const change = retired => act(async () => {
    await send("PATCH", ["models", reference(model)], { retired, reason: reason.value });
    await show();
  });
  const remove = act(async () => {
    if (!sure.checked) throw new Error("Tick “for ever” first.");
    await send("DELETE", ["models", reference(model)], {}, { reason: reason.value });
    document.getElementById("content").replaceChildren(el("p", {}, `${reference(model)} was deleted. `, el("a", { href: "leaderboard" }, "Leaderboard")));
  });
  const retire = model.retired_at ? el("button", { class: "button", onclick: change(false) }, "Bring back") : el("button", { class: "button", onclick: change(true) }, "Retire");
  return section(
    "Retire or delete",
    el("form", { class: "inline" }, el("label", {}, "Reason ", reason), retire, el("label", {}, sure, " for ever "), el("button", { class: "button", onclick: remove }, "Delete")),
    notice,
    el("p", { class: "quiet" }, "A retired model stays stored, but no list, leaderboard, alias or reuse takes it. Of a deleted one only the name stays. What an alias points at is refused."),
  );
}
