// Charts by group: the line of a group that is under the pointer, or has the focus, stands out in the chart.
function highlight(line) {
  const card = line?.closest("[data-highlights]");
  for (const path of document.querySelectorAll("[data-highlights] .chart-plot path")) {
    path.toggleAttribute("data-dim", Boolean(card) && !path.matches(`[class$="-${CSS.escape(line.dataset.series)}"]`));
  }
}

const lineOf = ({ target }) => target.closest?.("[data-highlights] tr[data-series]") ?? null;

document.addEventListener("pointerover", (event) => highlight(lineOf(event)));
document.addEventListener("focusin", (event) => highlight(lineOf(event)));
