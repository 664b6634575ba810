// The menu of columns: lines can be dragged, and a menu stays open when its page is drawn anew under it.
import { visit } from "./visit.js";

let dragged = null;

const lineAt = ({ target }) => target.closest?.("[data-columns] li[draggable]");
const isBelow = (line, y) => y > line.getBoundingClientRect().top + line.offsetHeight / 2;

function unmark() {
  for (const line of document.querySelectorAll(".is-above, .is-below")) line.classList.remove("is-above", "is-below");
}

document.addEventListener("dragstart", (event) => {
  dragged = lineAt(event) ?? null;
  dragged?.classList.add("is-dragged");
  if (dragged) event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const line = lineAt(event);
  unmark();
  if (!dragged || !line) return;
  event.preventDefault(); // may be dropped here
  if (line !== dragged) line.classList.add(isBelow(line, event.clientY) ? "is-below" : "is-above");
});
document.addEventListener("drop", (event) => {
  const line = lineAt(event);
  if (!dragged || !line) return;
  event.preventDefault();
  if (line === dragged) return;
  line[isBelow(line, event.clientY) ? "after" : "before"](dragged);
  const names = [...line.parentElement.children].map((one) => one.dataset.column);
  visit({ cols: names.join(",") });
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  unmark();
});

let open = ""; // the id of the open menu that is about to be drawn anew
let moved = ""; // the column of the line in it that was just clicked

document.addEventListener("click", ({ target }) => {
  moved = target.closest("[data-columns] [data-column]")?.dataset.column ?? "";
});
document.addEventListener("htmx:beforeSwap", ({ detail, target }) => {
  open = (detail.shouldSwap && target.querySelector?.("[data-stays]:popover-open")?.id) || "";
});
document.addEventListener("htmx:afterSwap", () => {
  const menu = open && document.getElementById(open);
  open = "";
  if (menu && !menu.matches(":popover-open")) menu.showPopover();
  // The arrow that was pressed may be gone: the first column goes no further up.
  if (menu && document.activeElement === document.body) menu.querySelector(`[data-column="${CSS.escape(moved)}"] a`)?.focus();
});
