// Cards that come up over names: on hover after a moment, on focus at once; they stay while one is in them.
import { place } from "./place.js";

const WAIT = 220; // ms
const card = document.getElementById("hovercard");
let anchor = null;
let timer = 0;

function later(action, wait = WAIT) {
  clearTimeout(timer);
  timer = setTimeout(action, wait);
}

function close() {
  anchor = null;
  if (card.matches(":popover-open")) card.hidePopover();
}

async function show(element) {
  anchor = element;
  await htmx.ajax("GET", element.dataset.card, { source: element, target: "#hovercard", swap: "innerHTML" });
  if (anchor !== element || !element.isConnected) return;
  card.showPopover();
  place(card, element);
}

if (card) {
  document.addEventListener("mouseover", ({ target }) => {
    const element = target.closest?.("[data-card]");
    if (card.contains(target)) clearTimeout(timer);
    else if (element && element !== anchor) later(() => show(element));
    else if (element) clearTimeout(timer);
    else later(close);
  });
  document.addEventListener("focusin", ({ target }) => {
    const element = target.closest?.("[data-card]");
    if (element && target.matches(":focus-visible") && element !== anchor) later(() => show(element), 0);
    else if (!element && !card.contains(target)) later(close, 0);
  });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  document.addEventListener("scroll", () => anchor && !card.matches(":hover") && close(), { passive: true });
  document.addEventListener("click", ({ target }) => !card.contains(target) && later(close, 0));
}
