// Says quietly who else has this page open. It locks nothing: two answers to one question are settled when they meet.
import { TAB } from "./outbox.js";

const EVERY = 20_000; // milliseconds

const place = document.querySelector("[data-presence]");
const form = document.querySelector("form[data-saves]");
if (place && form) start();

function start() {
  let timer;

  async function look() {
    clearTimeout(timer);
    if (document.visibilityState !== "visible") return;
    const others = await here().catch(() => null);
    if (others) show(others);
    timer = setTimeout(look, EVERY);
  }

  document.addEventListener("visibilitychange", look);
  look();
}

// Everybody else on this page, or null when it cannot be known: what was shown before stands until then.
async function here() {
  const { presence: address, page } = place.dataset;
  const response = await fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
    },
    redirect: "error",
    body: JSON.stringify({ page, tab: TAB }),
  });
  if (!response.ok) return null;
  return (await response.json()).others.filter((other) => other.page === page);
}

function show(others) {
  const me = form.dataset.personName;
  const names = [...new Set(others.map(({ name }) => name).filter((name) => name !== me))];
  const sentences = [];
  if (names.length) {
    const list = new Intl.ListFormat("en-GB").format(names);
    sentences.push(`${list} ${names.length === 1 ? "is" : "are"} also on this page.`);
  }
  if (others.some(({ name }) => name === me)) sentences.push("You have this page open in another tab.");
  place.textContent = sentences.join(" ");
}
