// Incidents: how long one has been going on, what a form forgets once it is sent, and text to take along.
const UNITS = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** A length of time in its two largest units, as the server writes it. */
function span(seconds) {
  let rest = Math.max(0, Math.floor(seconds));
  const parts = [];
  for (const [size, unit] of UNITS) {
    const number = Math.floor(rest / size);
    rest -= number * size;
    if (number) parts.push(`${number} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

function count() {
  for (const element of document.querySelectorAll("[data-since]")) {
    const words = span((Date.now() - Date.parse(element.dataset.since)) / 1000);
    if (element.textContent !== words) element.textContent = words;
  }
}

setInterval(count, 1000);

// A form that was answered with an empty dialog has done what it was for; one that was refused keeps what was typed.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt.closest?.("form[data-clears]");
  if (form && detail.successful && detail.xhr.status < 400) form.reset();
});

// The timeline looks for news by itself, but not under the eyes of somebody who has unfolded a note, nor for nobody.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (elt.id === "incident-items" && (document.hidden || elt.querySelector("details[open]"))) event.preventDefault();
});

// A menu whose button was pressed has done what it was for, too.
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const menu = detail.elt.closest?.(".incident-head [popover]");
  if (menu?.matches(":popover-open")) menu.hidePopover();
});

// Links that act as buttons answer to the space bar too.
document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches('a[role="button"]')) {
    event.preventDefault();
    event.target.click();
  }
});

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const words = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(source.value);
    words.textContent = "Copied";
  } catch {
    // Without a secure connection there is no clipboard: the text is shown and selected, ready for the keyboard.
    const folded = source.closest("details");
    if (folded) folded.open = true;
    source.focus();
    source.select();
    words.textContent = "Press Ctrl+C";
  }
  setTimeout(() => { words.textContent = "Copy"; }, 2500);
});

// On a phone the tabs are wider than the screen: the one that is shown has to be among those that are seen.
function seeTab() {
  const shown = document.querySelector(".incident-tabs [aria-current]");
  if (shown) shown.parentElement.scrollLeft = shown.offsetLeft - (shown.parentElement.clientWidth - shown.offsetWidth) / 2;
}

document.addEventListener("htmx:load", ({ detail: { elt } }) => elt.querySelector?.(".incident-tabs") && seeTab());
