// The dialog that asks what is to be done to the selection: filled by the server, gone when it is done.
const dialog = () => document.getElementById("bulk-dialog");

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!dialog() || target !== dialog()) return;
  if (!target.textContent.trim()) {
    if (target.open) target.close();
    return;
  }
  document.getElementById("bulk-menu")?.hidePopover();
  if (!target.open) target.showModal();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-bulk]") || !dialog()?.open) return;
  event.preventDefault();
  dialog().close();
});

document.addEventListener("close", ({ target }) => target === dialog() && target.replaceChildren(), true);

// The earlier reports stay unfolded while those that run are drawn anew.
let unfolded = false;
const earlier = () => document.getElementById("bulk-earlier");

document.addEventListener("toggle", ({ target }) => {
  if (target === earlier()) unfolded = target.open;
}, true);
document.addEventListener("htmx:load", () => {
  if (unfolded && earlier()) earlier().open = true;
});
