// Menus. Those opened by `popovertarget` only need a place; the signal menu is filled by the server first.
import { place } from "./place.js";

let opener = null; // {id, kind, inPanel}: the button that the signal menu belongs to, also after its list was drawn anew

const signalMenu = () => document.getElementById("signal-menu");

function openerButton() {
  if (!opener) return null;
  const owner = document.querySelector(`${opener.inPanel ? ".signal" : "tr"}[data-id="${opener.id}"]`);
  return owner?.querySelector(`.${opener.kind}`) ?? null;
}

/** Say which button the signal menu will belong to. */
export function belongsTo(button) {
  const owner = button.closest("[data-id]");
  const kind = ["state-button", "assignee-button", "team-button"].find((name) => button.classList.contains(name));
  opener = owner && kind ? { id: owner.dataset.id, kind, inPanel: Boolean(button.closest("#signal-panel")) } : null;
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target?.id === "signal-menu" && detail.elt.matches("button[form=menus]")) belongsTo(detail.elt);
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  const menu = signalMenu();
  if (!menu || target !== menu) return;
  if (!menu.textContent.trim()) {
    if (menu.matches(":popover-open")) menu.hidePopover();
    return;
  }
  if (!menu.matches(":popover-open")) menu.showPopover();
  // Who opens the menu of a row that somebody else has changed sees it as it is: so should the list beside it.
  const row = opener && document.querySelector(`tr[data-id="${opener.id}"]`);
  if (Number(menu.querySelector("[name=seen_version]")?.value) > Number(row?.dataset.version)) {
    htmx.trigger(document.body, "signals:changed");
  }
  const button = openerButton();
  if (button) place(menu, button);
  (menu.querySelector("[autofocus]") ?? menu.querySelector("input:not([type=hidden]), button:not(:disabled), select"))?.focus();
});

document.addEventListener(
  "toggle",
  ({ target, newState }) => {
    if (!target.matches?.("[popover]")) return;
    if (newState === "closed") {
      if (target.id === "signal-menu" && target.contains(document.activeElement)) openerButton()?.focus();
      // What waits for its answer stays: htmx finds the notices and the list, which come with it, from there.
      if (target.id === "signal-menu" && !target.querySelector(".htmx-request")) target.replaceChildren();
      return;
    }
    const invoker = document.querySelector(`[popovertarget="${target.id}"]`);
    if (invoker) place(target, invoker);
  },
  true,
);

// What a menu has sent away to be saved leaves the page where it is, and nothing to choose from.
document.addEventListener("submit", ({ target }) => target.matches(".export-menu") && target.hidePopover());

// A window ends after it begins: said in the menu, while the list still stands.
document.addEventListener("input", ({ target }) => {
  const until = target.name === "since" && target.form?.elements.until;
  if (until) until.min = target.value;
});

// Finding one person, or one facet, among many.
document.addEventListener("input", ({ target }) => {
  if (target.matches(".people-search, .list-search")) {
    const wanted = target.value.trim().toLowerCase();
    const lines = target.parentElement.querySelectorAll(".person, .facet-choice");
    for (const line of lines) line.hidden = !line.textContent.toLowerCase().includes(wanted);
  }
});
