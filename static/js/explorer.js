// The list and the panel beside it: which row one is on, which signal is open, and what survives a refresh.
import { explorerAddress } from "./visit.js";

const folded = new Map(); // facet name → open, as the person left it
const scrolled = new Map();
let current = ""; // public id of the row one is on

const panel = () => document.querySelector(".signal-panel");
export const rows = () => [...document.querySelectorAll(".rows-table tbody tr[data-id]")];
export const openSignal = () => panel()?.querySelector(".signal") ?? null;
export const currentRow = () => rows().find((row) => row.dataset.id === current) ?? null;

/** Be on that row. */
export function goTo(row) {
  current = row.dataset.id;
  mark();
  row.scrollIntoView({ block: "nearest" });
}

/** Open a row's signal: beside the list where there is a panel, on its own page elsewhere. */
export function open(row) {
  current = row.dataset.id;
  row.querySelector("[data-open]").click();
}

/** Close the panel and be back at the explorer's address. */
export function closePanel() {
  if (!openSignal() || !panel()) return;
  panel().replaceChildren();
  document.title = panel().dataset.title;
  history.pushState({ htmx: true }, "", explorerAddress() ?? panel().dataset.home);
  mark();
  currentRow()?.querySelector("[data-open]").focus({ preventScroll: true });
}

/** With a signal open the address names it, and the list that is beside it now, whichever of the two came last. */
function nameBoth() {
  const home = panel()?.dataset.home;
  if (!home || !openSignal()) return;
  const address = (explorerAddress() ?? home).replace(home, `${home}${openSignal().dataset.id}/`);
  if (location.pathname + location.search !== address) history.replaceState({ htmx: true }, "", address);
}

function mark() {
  const shown = openSignal()?.dataset.id;
  for (const row of rows()) {
    row.classList.toggle("is-current", row.dataset.id === current);
    row.classList.toggle("is-open", row.dataset.id === shown);
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-close-panel]") && panel()) {
    event.preventDefault();
    closePanel();
    return;
  }
  const toggle = target.closest(".facets-toggle");
  if (toggle) toggle.setAttribute("aria-expanded", String(toggle.getAttribute("aria-expanded") !== "true"));
  const row = target.closest(".rows-table tbody tr[data-id]");
  if (!row) return;
  current = row.dataset.id;
  mark();
  if (!target.closest("a, button, input, label") && !String(getSelection())) open(row);
});

document.addEventListener("toggle", ({ target }) => target.matches?.(".facet") && folded.set(target.dataset.facet, target.open), true);

document.addEventListener("htmx:beforeSwap", () => {
  for (const box of document.querySelectorAll("[data-keep-scroll]")) scrolled.set(box.dataset.keepScroll, box.scrollTop);
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  for (const facet of document.querySelectorAll(".facet")) {
    if (folded.has(facet.dataset.facet)) facet.open = folded.get(facet.dataset.facet);
  }
  for (const box of document.querySelectorAll("[data-keep-scroll]")) box.scrollTop = scrolled.get(box.dataset.keepScroll) ?? 0;
  if (target === panel()) {
    panel().scrollTop = 0;
    current = openSignal()?.dataset.id ?? current;
    panel().querySelector(".signal-title")?.focus({ preventScroll: true });
  }
  nameBoth();
  mark();
});
