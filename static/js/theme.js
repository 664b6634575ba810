// Runs before the first paint: the person's theme, or the system's when they chose neither; and whether they have put
// the facets away.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => {
  const chosen = root.dataset.theme;
  root.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
};
paint();
dark.addEventListener("change", paint);
root.dataset.facets = sessionStorage.getItem("tocsin.facets") ?? "shown";
