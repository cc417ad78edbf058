// Where every alias points, and every move of each.
import { addNavigation, ask, attempt, el, modelLink, moment, reference, score, send, table, testingSet } from "./common.js";

const content = document.getElementById("content");

async function showMoves(alias) {
  const found = await attempt(() => ask(["aliases", alias, "moves"], { limit: 100 }));
  if (!found) return;
  const rows = found.items.map(each => [
    moment(each.moved_at), each.moved_by, each.label ? el("a", { href: modelLink(each) }, reference(each)) : "taken away", each.reason,
  ]);
  document.getElementById("moves").replaceChildren(
    el("h2", {}, `Moves of @${alias}`), table(["When", "Who", "To", "Why"], rows),
    found.next ? el("p", { class: "quiet" }, "Older moves are in the API.") : "",
  );
}

function askWhy(alias) {
  const reason = el("input", { required: true, maxlength: 1000, autocomplete: "off" });
  const remove = async event => {
    event.preventDefault();
    const done = await attempt(() => send("DELETE", ["aliases", alias], {}, { reason: reason.value }));
    if (done !== undefined) await show();
  };
  document.getElementById("moves").replaceChildren(
    el("h2", {}, `Take @${alias} away`),
    el("p", { class: "quiet" }, "Whatever asks for it is then answered that there is no such model. Its moves are kept."),
    el("form", { class: "inline", onsubmit: remove }, el("label", {}, "Why ", reason), el("button", { type: "submit", class: "button" }, "Take away")),
  );
  reason.focus();
}

async function show() {
  addNavigation();
  const found = await attempt(() => ask(["aliases"]));
  if (!found) return;
  if (!found.length) {
    content.replaceChildren(el("p", {}, "No alias yet. Open a model on the ", el("a", { href: "leaderboard" }, "leaderboard"), " and point one at it."));
    return;
  }
  const rows = found.map(each => [
    el("b", {}, `@${each.alias}`),
    [el("a", { href: modelLink(each) }, reference(each)), each.trained_again ? el("div", { class: "error" }, "trained again since it was pointed here") : null],
    score(each.accuracy), testingSet(each.testing_set), `${each.moved_by}, ${moment(each.moved_at)}`, each.reason,
    [
      el("button", { type: "button", onclick: () => showMoves(each.alias), "aria-label": `Moves of @${each.alias}` }, "Moves"), " ",
      el("button", { type: "button", onclick: () => askWhy(each.alias), "aria-label": `Take @${each.alias} away` }, "Take away …"),
    ],
  ]);
  content.replaceChildren(
    table(["Alias", "Points at", "Accuracy", "Tested on", "Moved by", "Why", "Change"], rows),
    el("p", { class: "quiet" }, "Whatever serves a model fetches ", el("code", {}, "GET models/@champion/document"), " and has the one that the alias points at."),
    el("section", { id: "moves" }),
  );
}

show();
