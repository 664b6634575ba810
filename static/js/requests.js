// What a person is told while something is asked for, and when no answer comes: a page that is not fresh says so.
const PATIENCE = 2000; // ms, where the server names none
const LOGGED_OUT = 401;

let told = 0; // when something went wrong last
const asked = new WeakMap(); // when each request was sent

const notice = () => document.getElementById("request-problem");

function words(detail) {
  const { status } = detail.xhr ?? {};
  if (!status) return "The server cannot be reached.";
  if (status === LOGGED_OUT) return "You are logged out.";
  return `The server could not answer (${status}).`;
}

function retry({ verb, path, elt, target, triggeringEvent }) {
  const kind = elt.isConnected && triggeringEvent?.type;
  if (kind === "click") elt.click();
  else if (kind === "submit") elt.requestSubmit();
  else htmx.ajax(verb, path, { target, swap: "innerHTML show:none" });
}

function fail({ detail }) {
  const box = notice();
  const config = detail.requestConfig;
  const out = detail.xhr?.status === LOGGED_OUT;
  if (!box && out) location.reload(); // leads to the log-in, and back
  if (!box || !config) return;
  box.querySelector("[data-words]").textContent = words(detail);
  box.querySelector("[data-reading]").hidden = out || config.verb !== "get";
  box.querySelector("[data-writing]").hidden = out || config.verb === "get";
  box.querySelector("[data-login]").hidden = !out;
  box.querySelector("button").onclick = () => retry({ ...config, target: detail.target });
  box.hidden = false;
  told = performance.now();
}

for (const name of ["responseError", "sendError", "timeout"]) document.addEventListener(`htmx:${name}`, fail);

// A log-in in another tab makes a new token; a page that was open before would send the old one and be refused.
document.addEventListener("htmx:configRequest", ({ detail: { headers, formData } }) => {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (!token) return;
  headers["x-csrftoken"] = token;
  if (formData.has("csrfmiddlewaretoken")) formData.set("csrfmiddlewaretoken", token);
});

// Who asks for another list before the first has come wants the second: a late answer must not bring its address back.
let going = null;

document.addEventListener("htmx:beforeRequest", ({ detail: { target, xhr } }) => {
  if (target?.matches?.(".explorer")) {
    going?.abort();
    going = xhr;
  }
  target?.setAttribute?.("aria-busy", "true");
  asked.set(xhr, performance.now());
});
// What was asked by `htmx.ajax` and taken back is rejected for no reason: there is nothing to tell of it.
window.addEventListener("unhandledrejection", (event) => event.reason === undefined && event.preventDefault());
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { target, xhr, requestConfig: config } = detail;
  target?.removeAttribute?.("aria-busy");
  // An answer to what was asked before says nothing of now.
  if (detail.successful && notice() && asked.get(xhr) > told) notice().hidden = true;
  if (xhr?.status !== 503 || config.verb !== "get" || !target?.isConnected) return;
  const reason = target.querySelector("[data-code]");
  const after = Number(xhr.getResponseHeader("Retry-After")) * 1000 || PATIENCE;
  // The index is being built: ask again, unless the person has gone on to something else.
  if (reason?.dataset.code === "index_building") setTimeout(() => reason.isConnected && retry({ ...config, target }), after);
});

// Who stood on something that is drawn anew stands on it again.
const stood = new Map(); // its name, for what was asked for (false) and for what comes beside that (true)

const nameOf = (element) => [
  element.tagName,
  element.getAttribute("aria-label") ?? element.textContent.trim(),
  element.closest("[role=group], .menu, section, nav, aside")?.getAttribute("aria-label"),
  element.closest("[data-id]")?.dataset.id,
].join("\n");

document.addEventListener("htmx:beforeSwap", ({ detail, target }) => {
  const element = document.activeElement;
  const stands = detail.shouldSwap && element !== target && !element.id && target.contains?.(element);
  stood.set(Boolean(detail.beside), stands ? nameOf(element) : null);
});
document.addEventListener("htmx:afterSwap", ({ detail, target }) => {
  const wanted = stood.get(Boolean(detail.beside)) ?? null;
  stood.delete(Boolean(detail.beside));
  if (wanted === null) return;
  const same = [...target.querySelectorAll("a[href], button, summary, input")].find((element) => nameOf(element) === wanted);
  same?.focus({ preventScroll: true });
});

// What was chosen while its list was asked for anew stays chosen in the new list.
let chosen = null;

document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  const kept = target.matches?.("[data-keeps-choice]");
  chosen = kept ? { list: target.id, value: target.querySelector("input:checked")?.value } : null;
});
document.addEventListener("htmx:afterSwap", () => {
  const choices = [...(document.getElementById(chosen?.list)?.querySelectorAll("input") ?? [])];
  const same = choices.some((choice) => choice.checked) ? null : choices.find((choice) => choice.value === chosen.value);
  if (same) same.checked = true;
});
