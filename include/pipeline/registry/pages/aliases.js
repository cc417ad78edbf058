// Where each alias points, and the history of its moves.
import { addNavigation, ask, attempt, el, modelLink, moment, reference, score, send, table, testingSet } from "./common.js";

const content = document.getElementById("content");

/** What a move pointed its alias at; a model that was deleted since has no page. */
function pointed(move) {
  if (!move.label) return "removed";
  return move.is_deleted ? `${reference(move)} (deleted)` : el("a", { href: modelLink(move) }, reference(move));
}

async function showMoves(alias) {
  const found = await attempt(() => ask(["aliases", alias, "moves"], { limit: 100 }));
  if (!found) return;
  const rows = found.items.map(each => [
    moment(each.moved_at), each.moved_by, pointed(each), each.reason,
    each.published_at ? moment(each.published_at) : "not yet",
  ]);
  document.getElementById("moves").replaceChildren(
    el("h2", {}, `History of @${alias}`), table(["When", "Who", "Points at", "Why", "Announced"], rows),
    found.next ? el("p", { class: "quiet" }, "The API lists older moves.") : "",
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
    el("h2", {}, `Remove @${alias}`),
    el("p", { class: "quiet" }, "Clients that ask for it then get 404. The history of its moves stays."),
    el("form", { class: "inline", onsubmit: remove }, el("label", {}, "Why ", reason), el("button", { type: "submit", class: "button" }, "Remove")),
  );
  reason.focus();
}

async function show() {
  addNavigation();
  const found = await attempt(() => ask(["aliases"]));
  if (!found) return;
  if (!found.length) {
    content.replaceChildren(el("p", {}, "No aliases yet. Open a model on the ", el("a", { href: "leaderboard" }, "leaderboard"), " and point an alias at it."));
    return;
  }
  const rows = found.map(each => [
    el("b", {}, `@${each.alias}`),
    [el("a", { href: modelLink(each) }, reference(each)), each.trained_again ? el("div", { class: "error" }, "trained again since the alias was moved") : null],
    score(each.accuracy), testingSet(each.testing_set), `${each.moved_by}, ${moment(each.moved_at)}`, each.reason,
    el("span", { class: "buttons" },
      el("button", { type: "button", onclick: () => showMoves(each.alias), "aria-label": `History of @${each.alias}` }, "History"),
      el("button", { type: "button", onclick: () => askWhy(each.alias), "aria-label": `Remove @${each.alias}` }, "Remove …")),
  ]);
  content.replaceChildren(
    table(["Alias", "Points at", "Accuracy", "Tested on", "Moved by", "Why", "Change"], rows),
    el("p", { class: "quiet" }, "To serve the model that an alias points at, fetch ", el("code", {}, "GET models/@champion/document"), "."),
    el("section", { id: "moves" }),
  );
}

show();
