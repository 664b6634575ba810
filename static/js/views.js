// Views: their menu beside the title, the dialog that saves and edits one, and where to go when that is done.
import { place } from "./place.js";

const menu = () => document.getElementById("views-menu");
const dialog = () => document.getElementById("views-dialog");

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target === menu() && target.popover) {
    if (target.matches(":popover-open")) return;
    target.showPopover();
    const button = document.querySelector(".views-button");
    if (button) place(target, button);
    target.querySelector("[autofocus]")?.focus();
  }
  if (target === dialog() && target.textContent.trim()) {
    if (!target.open) target.showModal();
    target.querySelector("[autofocus]")?.focus();
  }
});

document.addEventListener("click", (event) => {
  const closing = event.target.closest("[data-close-dialog]");
  if (!closing?.closest("dialog")) return;
  event.preventDefault();
  dialog().close();
});

// What was in the dialog belongs to the page that it was opened on.
document.addEventListener("close", ({ target }) => target === dialog() && target.replaceChildren(), true);

document.addEventListener("views:go", ({ detail: { address } }) => {
  dialog()?.close();
  if (!document.querySelector(".explorer")) location.assign(address);
  else htmx.ajax("GET", address, { target: ".explorer", swap: "innerHTML show:none", push: address });
});
