// Keys. They act on the open signal, or else on the row one is on.
import { closePanel, currentRow, goTo, open, openSignal, rows } from "./explorer.js";
import { belongsTo } from "./menus.js";
import { toggleCurrent } from "./selection.js";

// A field in a menu that has just closed may keep the focus for a moment: nobody writes in what cannot be seen.
const writing = (element) => element.matches("input, textarea, select, [contenteditable]") && element.checkVisibility();
const shortcuts = () => document.getElementById("shortcuts");
const subject = () => openSignal() ?? currentRow() ?? document.querySelector(".signal-whole .signal");

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.indexOf(currentRow());
  const row = all[Math.min(Math.max(here + by, 0), all.length - 1)];
  goTo(row);
  if (openSignal()) open(row);
}

/** The help, without the keys that have nothing to act on here. */
function help() {
  const dialog = shortcuts();
  for (const line of dialog?.querySelectorAll("[data-needs]") ?? []) {
    line.hidden = !document.querySelector(line.dataset.needs);
  }
  dialog?.showModal();
}

function press(kind) {
  subject()?.querySelector(`.${kind}`)?.click();
}

/** Ask the state menu's address for something; an answer with words in it opens as the menu. */
function askState(verb, values) {
  const signal = subject();
  const button = signal?.querySelector(".state-button");
  if (!button) return;
  belongsTo(button);
  // Asked by something of its own: the row may be drawn anew before the answer comes, and of one element's questions
  // htmx forgets all but the last.
  const source = document.body.appendChild(document.createElement("span"));
  htmx.ajax(verb, button.formAction, { source, target: "#signal-menu", swap: "innerHTML", values }).finally(() => source.remove());
}

const KEYS = {
  "/": () => document.getElementById("query")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  Enter: () => currentRow() && open(currentRow()),
  e: () => askState("GET", { state: "archived" }),
  u: () => {
    const fresh = subject()?.querySelector("#signal-triage") ?? subject();
    if (fresh) askState("POST", { state: "under_review", seen_version: fresh.dataset.version });
  },
  a: () => press("assignee-button"),
  x: () => toggleCurrent(),
  "?": help,
  Escape: () => closePanel(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector(":popover-open:not(#hovercard), dialog[open]")) return;
  if (writing(event.target)) {
    // The first one closes what lies open below the field.
    if (event.key === "Escape" && event.target.getAttribute("aria-expanded") !== "true") event.target.blur();
    return;
  }
  if (event.key === "Enter" && event.target.matches("a, button, summary")) return;
  const act = KEYS[event.key];
  if (!act) return;
  if (event.key !== "Escape") event.preventDefault();
  act();
});

document.addEventListener("click", ({ target }) => target.closest("[data-shortcuts]") && help());
