// Which rows are ticked: kept by key across pages, refreshes and actions, and given to the forms that act on them.
import { currentRow } from "./explorer.js";

const KEPT = "tocsin.selection";
const empty = () => ({ scope: "", rows: new Map(), matching: 0, operation: "", count: 0 });
let chosen = empty(); // rows: key → version seen; or `matching` so many; or `operation`, whose `count` rows they are
let last = null; // the box that was ticked last: where a range begins

const bar = () => document.getElementById("selection");
const boxes = () => [...document.querySelectorAll('.rows-table input[name="rows"]')];
const keyOf = (box) => box.value.split(":")[0];
const versionOf = (box) => box.value.split(":")[1];
const count = () => chosen.matching || chosen.count || chosen.rows.size;
const isWide = () => Boolean(chosen.matching || chosen.operation);

function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify({ ...chosen, rows: [...chosen.rows] }));
}

function recall() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (kept) chosen = { ...kept, rows: new Map(kept.rows) };
}

/** Tick one row or not. Whoever unticks one of "all matching" goes on with the ticked rows of this page. */
function tick(box, on) {
  if (isWide()) chosen = { ...empty(), scope: chosen.scope, rows: new Map(boxes().map((one) => [keyOf(one), versionOf(one)])) };
  if (on) chosen.rows.set(keyOf(box), versionOf(box));
  else chosen.rows.delete(keyOf(box));
}

function tickUpTo(box, on) {
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  for (const one of from < 0 ? [box] : all.slice(from, to + 1)) tick(one, on);
}

/** Show on the page what is chosen. */
function draw() {
  if (!bar()) return;
  if (chosen.scope !== bar().dataset.scope) chosen = { ...empty(), scope: bar().dataset.scope };
  const all = boxes();
  for (const box of all) {
    const isTicked = isWide() || chosen.rows.has(keyOf(box));
    if (chosen.rows.has(keyOf(box))) chosen.rows.set(keyOf(box), versionOf(box)); // what is on the page has been seen
    box.checked = isTicked;
    box.closest("tr").classList.toggle("is-ticked", isTicked);
  }
  const page = document.querySelector("[data-select-page]");
  const ticked = all.filter((box) => box.checked).length;
  if (page) {
    page.checked = ticked > 0 && ticked === all.length;
    page.indeterminate = ticked > 0 && ticked < all.length;
  }
  const total = Number(bar().dataset.total);
  bar().classList.toggle("is-active", count() > 0);
  bar().querySelector(".bulk-count").textContent = `${count().toLocaleString("en")} selected`;
  const matching = bar().querySelector("[data-select-matching]");
  if (matching) matching.hidden = isWide() || !page?.checked || total <= all.length;
  keep();
}

function clear() {
  chosen = { ...empty(), scope: chosen.scope };
  last = null;
  draw();
}

/** Tick the row one is on, or untick it. */
export function toggleCurrent() {
  const box = currentRow()?.querySelector('input[name="rows"]');
  if (!box) return;
  tick(box, !box.checked);
  last = box;
  draw();
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.matches('.rows-table input[name="rows"]')) {
    if (event.shiftKey) tickUpTo(target, target.checked);
    else tick(target, target.checked);
    last = target;
  } else if (target.matches("[data-select-page]")) {
    const on = target.checked;
    for (const box of boxes()) tick(box, on);
  } else if (target.closest("[data-select-matching]")) {
    chosen = { ...empty(), scope: chosen.scope, matching: Number(bar().dataset.total) };
  } else if (target.closest("[data-clear-selection]")) {
    clear();
    return;
  } else return;
  draw();
});

// What a form sends that acts on the selection: not only what is ticked on this page.
document.addEventListener("formdata", ({ target, formData }) => {
  if (target !== bar()) return;
  formData.delete("rows");
  if (chosen.matching) formData.set("matching", "on");
  else if (chosen.operation) formData.set("operation", chosen.operation);
  else formData.set("rows", [...chosen.rows].map((pair) => pair.join(":")).join(","));
});

// A deed was begun: what "all matching" were, matches perhaps no more, but stays selected.
document.addEventListener("bulk:begun", ({ detail: { operation } }) => {
  if (isWide()) chosen = { ...chosen, operation, count: count(), matching: 0 };
  keep();
});

// It has ended: the rows that it changed are one version on, and that is known here.
document.addEventListener("bulk:ended", () => {
  for (const { dataset } of document.querySelectorAll("[data-ended]")) {
    for (const [key, version] of dataset.left.split(",").map((pair) => pair.split(":"))) {
      if (chosen.rows.has(key)) chosen.rows.set(key, version);
    }
  }
  keep();
});

document.addEventListener("htmx:afterSwap", draw);
document.addEventListener("htmx:afterSettle", draw); // settling has put the classes back that the server wrote
recall();
draw();
