// Goes to another state of the explorer in place: the address that is shown, with some parameters changed.
export const explorerAddress = () => document.querySelector("[data-address]")?.dataset.address;

export function visit(changes) {
  const address = new URL(explorerAddress() ?? location.href, location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  const here = address.pathname + address.search;
  return htmx.ajax("GET", here, { target: ".explorer", swap: "innerHTML show:none", push: here });
}
