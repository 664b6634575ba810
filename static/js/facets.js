// The facet panel: what a person was looking for in it outlives a refresh, and the panel can be put away.
const PANEL = "tocsin.facets"; // sessionStorage: "hidden" while the panel is put away
const sought = new Map(); // facet name → the text looked for in it; empty when all of it was asked for
const root = document.documentElement;
let menu = null; // {find, focus}: the menu of facets as it was, if it was open

const facetOf = (element) => element.closest?.(".facet")?.dataset.facet;
const lineKey = (element) => element.closest?.("[data-facet-choice]")?.dataset.facetChoice;

function restore(facet) {
  const text = sought.get(facet.dataset.facet);
  if (text === undefined) return;
  const box = facet.querySelector(".facet-search");
  if (box && text) box.value = text;
  const more = facet.querySelector(".facet-more");
  const source = text ? box : more;
  if (source) htmx.ajax("GET", source.getAttribute("hx-get"), { source, target: facet.querySelector(".facet-lines"), swap: "innerHTML" });
}

document.addEventListener("input", ({ target }) => {
  if (target.matches(".facet-search")) {
    if (target.value.trim()) sought.set(facetOf(target), target.value);
    else sought.delete(facetOf(target));
  }
});

document.addEventListener("click", ({ target }) => {
  const more = target.closest(".facet-more");
  if (more) sought.set(facetOf(more), "");
  const wanted = target.closest("button[data-facets]")?.dataset.facets;
  if (!wanted) return;
  sessionStorage.setItem(PANEL, wanted);
  root.dataset.facets = wanted;
  document.querySelector(wanted === "hidden" ? ".facets-reveal" : ".facets-conceal")?.focus();
});

// A menu that is used many times in a row stays open while what it stands in is drawn anew.
document.addEventListener("htmx:beforeSwap", () => {
  const open = document.querySelector("#facet-menu:popover-open");
  menu = open && { find: open.querySelector(".list-search").value, focus: lineKey(document.activeElement) };
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (!target.querySelector?.(".facets")) return;
  for (const facet of target.querySelectorAll(".facet")) restore(facet);
  const fresh = document.getElementById("facet-menu");
  if (!menu || !fresh) return;
  fresh.showPopover();
  const search = fresh.querySelector(".list-search");
  search.value = menu.find;
  search.dispatchEvent(new Event("input", { bubbles: true }));
  (fresh.querySelector(`[data-facet-choice="${CSS.escape(menu.focus ?? "")}"]`) ?? search).focus();
  menu = null;
});
