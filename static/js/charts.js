// Charts: what a bar holds is shown under the pointer; the explorer's chart can be brushed to narrow the window.
import { visit } from "./visit.js";

function momentAt(chart, clientX) {
  const { left, width } = chart.querySelector(".chart-plot").getBoundingClientRect();
  const share = Math.min(Math.max((clientX - left) / width, 0), 1);
  return Number(chart.dataset.start) + share * (chart.dataset.end - chart.dataset.start);
}

function barAt(chart, moment) {
  return [...chart.querySelectorAll("tbody tr")].find((row) => row.dataset.start <= moment && moment < row.dataset.end);
}

function tell(chart, clientX) {
  chart.querySelector(".chart-tip")?.remove();
  const bar = barAt(chart, momentAt(chart, clientX));
  if (!bar) return;
  const names = [...chart.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent);
  const tip = document.createElement("div");
  tip.className = "chart-tip";
  tip.setAttribute("aria-hidden", "true");
  const lines = [bar.querySelector("th").textContent.trim()];
  [...bar.querySelectorAll("td")].forEach((cell, place) => cell.textContent !== "0" && lines.push(`${names[place]}: ${cell.textContent}`));
  tip.append(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  chart.append(tip);
  const { left, width } = chart.getBoundingClientRect();
  tip.style.left = `${Math.max(0, Math.min(clientX - left + 12, width - tip.offsetWidth))}px`;
}

let brush = null; // {chart, from, pointer}

function drawSelection(chart, from, to) {
  const scale = 1000 / (chart.dataset.end - chart.dataset.start);
  const selection = chart.querySelector(".chart-selection");
  selection.setAttribute("x", (Math.min(from, to) - chart.dataset.start) * scale);
  selection.setAttribute("width", Math.abs(to - from) * scale);
}

const narrow = (from, to) =>
  visit({ range: null, paused: null, after: null, start: Math.floor(Math.min(from, to)), end: Math.ceil(Math.max(from, to)) });

document.addEventListener("pointerdown", (event) => {
  const plot = event.target.closest?.(".chart-brush .chart-plot");
  if (!plot || event.button) return;
  const chart = plot.closest(".chart");
  brush = { chart, from: momentAt(chart, event.clientX) };
  plot.setPointerCapture(event.pointerId);
  event.preventDefault();
});
document.addEventListener("pointermove", (event) => {
  if (brush) drawSelection(brush.chart, brush.from, momentAt(brush.chart, event.clientX));
  const chart = event.target.closest?.(".chart-area")?.closest(".chart");
  for (const tip of document.querySelectorAll(".chart-tip")) if (!chart?.contains(tip)) tip.remove();
  if (chart && event.pointerType === "mouse") tell(chart, event.clientX);
});
document.addEventListener("pointerup", (event) => {
  if (!brush) return;
  const { chart, from } = brush;
  brush = null;
  const to = momentAt(chart, event.clientX);
  const bar = barAt(chart, from);
  if (Math.abs(to - from) > (chart.dataset.end - chart.dataset.start) / 200) narrow(from, to);
  else if (bar) narrow(Number(bar.dataset.start), Number(bar.dataset.end));
  else drawSelection(chart, from, from);
});
document.addEventListener("pointercancel", () => {
  if (brush) drawSelection(brush.chart, brush.from, brush.from);
  brush = null;
});

// The same by keyboard: arrows go from bar to bar, with Shift they take in what lies between, Enter looks there.
const bars = (chart) => [...chart.querySelectorAll("tbody tr")];
let marked = null; // {chart, from, to}: numbers of bars

function markBars() {
  const { chart, from, to } = marked;
  const all = bars(chart);
  const ends = [all[Math.min(from, to)], all[Math.max(from, to)]];
  drawSelection(chart, Number(ends[0].dataset.start), Number(ends[1].dataset.end));
  const { left, width } = chart.querySelector(".chart-plot").getBoundingClientRect();
  const span = chart.dataset.end - chart.dataset.start;
  tell(chart, left + ((Number(all[to].dataset.start) + Number(all[to].dataset.end)) / 2 - chart.dataset.start) / span * width);
  chart.querySelector(".chart-tip")?.setAttribute("role", "status");
  chart.querySelector(".chart-tip")?.removeAttribute("aria-hidden");
}

function forget(chart) {
  marked = null;
  chart.querySelector(".chart-tip")?.remove();
  drawSelection(chart, Number(chart.dataset.start), Number(chart.dataset.start));
}

document.addEventListener("keydown", (event) => {
  const chart = event.target.matches?.(".chart-brush .chart-plot") && event.target.closest(".chart");
  if (!chart) return;
  const last = bars(chart).length - 1;
  const step = { ArrowLeft: -1, ArrowRight: 1, Home: -last, End: last }[event.key];
  if (step !== undefined) {
    if (marked?.chart !== chart) marked = { chart, from: step > 0 ? 0 : last, to: step > 0 ? 0 : last };
    else marked.to = Math.min(Math.max(marked.to + step, 0), last);
    if (!event.shiftKey) marked.from = marked.to;
    markBars();
  } else if (event.key === "Enter" && marked?.chart === chart) {
    const [first, end] = [marked.from, marked.to].sort((a, b) => a - b).map((number) => bars(chart)[number].dataset);
    narrow(Number(first.start), Number(end.end));
  } else if (event.key === "Escape" && marked) forget(chart);
  else return;
  event.preventDefault();
});
document.addEventListener("focusout", ({ target }) => marked && target === marked.chart.querySelector(".chart-plot") && forget(marked.chart));
