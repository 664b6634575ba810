// Suggestions under the query bar: a combobox whose options the server writes.
const WAIT = 120; // ms
let timer = 0;

const box = () => document.getElementById("query");
const list = () => document.getElementById("query-suggestions");
const options = () => [...(list()?.querySelectorAll('[role="option"]') ?? [])];
const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

function close() {
  clearTimeout(timer);
  if (!list()) return;
  list().replaceChildren();
  list().hidden = true;
  box().setAttribute("aria-expanded", "false");
  box().removeAttribute("aria-activedescendant");
}

async function suggest() {
  const input = box();
  if (!input?.dataset.suggest) return;
  const values = { text: input.value, cursor: input.selectionStart };
  await htmx.ajax("GET", input.dataset.suggest, { source: list(), target: "#query-suggestions", swap: "innerHTML", values });
  if (document.activeElement !== box() || !options().length) return close();
  options().forEach((option, place) => (option.id ||= `query-option-${place}`));
  list().hidden = false;
  box().setAttribute("aria-expanded", "true");
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  box().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const { insert, start, end } = option.dataset;
  const input = box();
  input.setRangeText(insert, Number(start), Number(end), "end");
  input.focus();
  close();
  if (insert.endsWith(":")) suggest();
}

document.addEventListener("input", ({ target }) => {
  if (target !== box()) return;
  clearTimeout(timer);
  timer = setTimeout(suggest, WAIT);
});

document.addEventListener("keydown", (event) => {
  if (event.target !== box() || list().hidden) {
    if (event.target === box() && event.key === "ArrowDown") suggest();
    return;
  }
  const all = options();
  const here = all.indexOf(chosen());
  if (event.key === "ArrowDown") choose(all[(here + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(here - 1 + all.length) % all.length]);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen()) take(chosen());
  else if (event.key === "Escape") close();
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
document.addEventListener("focusout", ({ target }) => target === box() && setTimeout(close, 100));
document.addEventListener("submit", close);
