// Suggestions under the query bar: a combobox whose options the server writes.
const WAIT = 120; // ms
let timer = 0;
let written = ""; // the text the options were written for: who types on is ahead of it
let picked = null; // what the chosen option would insert, and where

const box = () => document.getElementById("query");
const list = () => document.getElementById("query-suggestions");
const options = () => [...(list()?.querySelectorAll('[role="option"]') ?? [])];
const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

const nameOf = ({ dataset }) => `${dataset.start} ${dataset.insert}`;

function close() {
  clearTimeout(timer);
  picked = null;
  if (!list()) return;
  htmx.trigger(list(), "htmx:abort"); // an answer on its way would open it again
  list().replaceChildren();
  list().hidden = true;
  box().setAttribute("aria-expanded", "false");
  box().removeAttribute("aria-activedescendant");
}

function suggest() {
  const input = box();
  if (!input?.dataset.suggest) return;
  const values = { text: input.value, cursor: input.selectionStart };
  htmx.ajax("GET", input.dataset.suggest, { source: list(), target: "#query-suggestions", swap: "innerHTML", values });
}

function show({ detail }) {
  if (detail.target !== list()) return;
  if (document.activeElement !== box() || !options().length) return close();
  written = detail.requestConfig.parameters.text;
  list().hidden = false;
  box().setAttribute("aria-expanded", "true");
  const again = options().find((option) => nameOf(option) === picked);
  picked = null;
  box().removeAttribute("aria-activedescendant");
  if (again) choose(again);
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  picked = nameOf(option);
  box().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

// The part of the query that an option stands for, with what was typed since in its midst: [start, end), or null
// where the query was changed elsewhere or the person went on to another word.
function part({ start, end }) {
  const { value } = box();
  const [head, tail] = [written.slice(0, Number(start)), written.slice(Number(end))];
  const reach = value.length - tail.length;
  if (reach < head.length || !value.startsWith(head) || !value.endsWith(tail)) return null;
  const typed = value.slice(head.length, reach);
  return value === written || !/[\s()]/.test(typed) ? [head.length, reach] : null;
}

function take(option) {
  const { insert } = option.dataset;
  const place = part(option.dataset);
  if (!place) return suggest();
  const input = box();
  input.setRangeText(insert, ...place, "end");
  input.focus();
  close();
  suggest(); // the values of the field that was taken, or what can follow a value
}

document.addEventListener("htmx:afterSwap", show);
document.addEventListener("input", ({ target }) => {
  if (target !== box()) return;
  clearTimeout(timer);
  timer = setTimeout(suggest, WAIT);
});

document.addEventListener("keydown", (event) => {
  if (event.target !== box()) return;
  if (list().hidden) {
    if (event.key === "ArrowDown") suggest();
    else if (event.key === "Escape") close();
    return;
  }
  const all = options();
  const here = all.indexOf(chosen());
  if (event.key === "ArrowDown") choose(all[(here + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(here - 1 + all.length) % all.length]);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen()) take(chosen());
  else if (event.key === "Escape") close();
  else if (event.key === "Tab") return close(); // and go on
  else return;
  event.preventDefault();
});

document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest?.("#query-suggestions [role=option]");
  if (option) {
    event.preventDefault(); // the query keeps the focus
    take(option);
  }
});
document.addEventListener("focusout", ({ target }) => {
  if (target === box()) setTimeout(() => document.activeElement !== box() && close(), 100);
});
document.addEventListener("submit", close);
