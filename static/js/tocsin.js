// What the pages do beyond links and forms. Without this everything still works, with more page loads.
import "./menus.js";
import "./analytics.js";
import "./beside.js";
import "./bulk.js";
import "./cards.js";
import "./cases.js";
import "./charts.js";
import "./columns.js";
import "./explorer.js";
import "./facets.js";
import "./incidents.js";
import "./keyboard.js";
import "./live.js";
import "./query.js";
import "./selection.js";
import "./requests.js";
import "./views.js";

// A notice leaves when its time is over.
document.addEventListener("animationend", ({ target, animationName }) => {
  if (animationName === "notice") target.remove();
});

// Forms that the browser sends itself ask with the same words in the same place as those that htmx sends.
document.addEventListener("submit", (event) => {
  const words = event.target.hasAttribute("hx-post") ? null : event.target.getAttribute("hx-confirm");
  if (words && !confirm(words)) event.preventDefault();
});

// Links that act as checkboxes answer to the space bar too.
document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches('a[role="checkbox"]')) {
    event.preventDefault();
    event.target.click();
  }
});
