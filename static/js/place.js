// Puts a box that lies over the page beside what it belongs to, inside the window.
const MARGIN = 8;

export function place(box, anchor) {
  const { left, top, bottom } = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const below = bottom + 4;
  const fits = below + height <= innerHeight - MARGIN || top - height - 4 < MARGIN;
  box.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - width - MARGIN))}px`;
  box.style.top = `${fits ? Math.max(MARGIN, Math.min(below, innerHeight - height - MARGIN)) : top - height - 4}px`;
}
