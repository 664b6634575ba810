// The board: cards are dragged, or moved with the keyboard. Each move presses the button that says the same in words.
const board = () => document.getElementById("board");
const lanes = () => [...board().querySelectorAll(".lane")];
const cardsOf = (lane) => [...lane.querySelectorAll(".case-card")];
let moved = ""; // the key of the card that was moved last: it is stood on again where it has gone

function move(card, status) {
  const button = card.querySelector(`[data-to="${status}"]`);
  if (!button) return;
  moved = card.dataset.id;
  button.click();
}

function stand(card) {
  const link = card?.querySelector(".card-link");
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

/** From a card to another: up and down in its lane, or to the one beside it in the next lane that has any. */
function step(card, key) {
  const lane = card.closest(".lane");
  const place = cardsOf(lane).indexOf(card);
  if (key === "ArrowUp" || key === "ArrowDown") return cardsOf(lane)[place + (key === "ArrowUp" ? -1 : 1)];
  const all = lanes();
  const by = key === "ArrowLeft" ? -1 : 1;
  for (let next = all.indexOf(lane) + by; all[next]; next += by) {
    const cards = cardsOf(all[next]);
    if (cards.length) return cards[Math.min(place, cards.length - 1)];
  }
  return null;
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".case-card");
  if (!card || !board() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  if (!event.shiftKey) {
    stand(step(card, event.key));
    return;
  }
  const all = lanes();
  const lane = all[all.indexOf(card.closest(".lane")) + { ArrowLeft: -1, ArrowRight: 1 }[event.key]];
  if (lane) move(card, lane.dataset.lane);
});

let dragged = null;
const under = (event) => (dragged ? event.target.closest?.(".lane") : null);

function mark(over) {
  if (board()) for (const lane of lanes()) lane.classList.toggle("is-over", lane === over);
}

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.(".case-card");
  if (!card) return;
  dragged = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.id);
  card.classList.add("is-dragged");
});

document.addEventListener("dragover", (event) => {
  const lane = under(event);
  if (!dragged) return;
  mark(lane);
  if (lane) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const lane = under(event);
  if (!lane) return;
  event.preventDefault();
  if (lane !== dragged.closest(".lane")) move(dragged, lane.dataset.lane);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  mark(null);
});

// A card that is being dragged is not taken away from under the hand.
document.addEventListener("htmx:beforeSwap", ({ detail, target }) => {
  if (dragged && target === board() && detail.requestConfig?.verb === "get") detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!moved || target !== board()) return;
  stand(board().querySelector(`.case-card[data-id="${moved}"]`));
  moved = "";
});
