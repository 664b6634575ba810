// A change is answered with the list as it is after it: we say which list stands here, and see that it is put there.
import { explorerAddress } from "./visit.js";

const unanswered = new Set(); // the changes under way
let crossed = false; // two of them were at once: nobody knows whose list is the newer
let left = false; // a list was not put there

const list = () => document.querySelector("[data-address]"); // asks for itself anew when it is told to `refresh`
const addressIn = (element) => element.querySelector("[data-address]")?.dataset.address;

document.addEventListener("htmx:configRequest", ({ detail: { verb, headers } }) => {
  if (verb.toLowerCase() === "post" && explorerAddress()) headers["x-list"] = explorerAddress();
});

document.addEventListener("htmx:beforeRequest", ({ detail: { xhr, requestConfig } }) => {
  if (!requestConfig.headers["x-list"]) return;
  unanswered.add(xhr);
  crossed ||= unanswered.size > 1;
  xhr.addEventListener("loadend", () => {
    unanswered.delete(xhr);
    if (unanswered.size) return;
    if (left && list()) htmx.trigger(list(), "refresh");
    left = crossed = false;
  });
});

// Whoever has gone on to another list meanwhile keeps that one. A list that is put in its place is told of as one that was
// asked for: what keeps something over that need not know the difference.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { target, fragment } = detail;
  if (!addressIn(fragment)) return;
  detail.shouldSwap = !crossed && addressIn(fragment) === explorerAddress();
  left ||= !detail.shouldSwap;
  if (!detail.shouldSwap) return;
  htmx.trigger(list(), "htmx:abort"); // what it has asked for was read before
  htmx.trigger(target, "htmx:beforeSwap", { target, shouldSwap: true, beside: true });
});
document.addEventListener("htmx:oobAfterSwap", ({ detail: { target, shouldSwap } }) => {
  if (!shouldSwap || !addressIn(target)) return;
  for (const name of ["htmx:afterSwap", "htmx:afterSettle"]) htmx.trigger(target, name, { target, beside: true });
});
// What was clicked is gone, and htmx looks from there.
document.addEventListener("htmx:oobErrorNoTarget", ({ detail: { content } }) => {
  left ||= Boolean(addressIn(content));
});
