// A window that moves is asked quietly what is new. The answer is a button: nothing moves by itself.
const EVERY = 10_000; // ms
const LONGEST = 160_000; // ms between two questions that were not answered
const NUMBER = /^\(\d+\+?\) /;
let wait = EVERY;
let timer = 0;

const place = () => document.querySelector("[data-news]");

function entitle() {
  const count = place()?.querySelector("[data-news-count]")?.dataset.newsCount;
  const title = document.title.replace(NUMBER, "");
  document.title = count ? `(${count}) ${title}` : title;
}

function tell(box, html) {
  const before = box.querySelector("[data-news-count]")?.dataset.newsCount;
  const answer = new DOMParser().parseFromString(html, "text/html").querySelector("[data-news-count]");
  if (answer?.dataset.newsCount === before) return; // what is said twice would be read out twice
  if (box.contains(document.activeElement) && answer) {
    box.firstElementChild.textContent = answer.textContent; // somebody is about to press it
    box.firstElementChild.dataset.newsCount = answer.dataset.newsCount;
  } else {
    box.replaceChildren(...(answer ? [answer] : []));
    htmx.process(box);
  }
  entitle();
}

async function ask() {
  const box = place();
  if (!box || document.hidden) return;
  try {
    const answer = await fetch(box.dataset.news, { headers: { "HX-Request": "true" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return; // logged out: no more of it
    if (!answer.ok) throw new Error(answer.status);
    if (box.isConnected) tell(box, await answer.text());
    wait = EVERY;
  } catch {
    wait = Math.min(wait * 2, LONGEST);
  }
  later();
}

function later(ms = wait) {
  clearTimeout(timer);
  timer = setTimeout(ask, ms);
}

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : later(1000)));
document.addEventListener("htmx:afterSettle", ({ target }) => {
  entitle();
  if (target.querySelector?.("[data-news]")) later((wait = EVERY));
});
if (place()) later();
