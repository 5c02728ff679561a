// Tells whoever has a page open that it no longer shows what there is. It changes nothing on the page by itself: the
// person says when. Asks a tiny address again and again while the page is looked at, and keeps no connection open.

const PAUSED = "evenhand-live-paused"; // remembered on this device
const SHOWN = "evenhand-live-shown"; // that this page was loaded to show what had changed
// Milliseconds between questions, by how long ago something last happened here: a change, or somebody at the page.
const PACES = [[60_000, 1000], [5 * 60_000, 5000], [Infinity, 15_000]];
const TIMEOUT = 10_000;
const LATE = 10_000; // milliseconds for which results may be behind before it is said
const FAILURES = 3; // in a row, before it is said

const place = document.querySelector("[data-live]");
if (place) start();

function start() {
  const { live: address, follows, what } = place.dataset;
  const [line, says, look, button, news] = ["line", "says", "look", "pause", "news"].map((name) =>
    place.querySelector(`[data-live-${name}]`),
  );
  let timer = 0;
  let asking = null;
  let tag = null;
  let stirred = Date.now();
  let asked = 0;
  let behindSince = 0;
  let failures = 0;
  let ended = "";
  let answer = null;

  const paused = () => remembered(PAUSED) !== null;
  const resting = () => ended || paused() || document.visibilityState !== "visible" || !navigator.onLine;
  const pace = () => PACES.find(([until]) => Date.now() - stirred < until)[1];

  function next() {
    clearTimeout(timer);
    if (!resting()) timer = setTimeout(ask, Math.max(0, asked + pace() - Date.now()));
  }

  // Somebody is at the page, or something has changed: the pace is the quickest again.
  function stir() {
    const slow = pace() !== PACES[0][1];
    stirred = Date.now();
    if (slow) next();
  }

  async function ask() {
    clearTimeout(timer);
    if (resting() || asking) return;
    asked = Date.now();
    asking = new AbortController();
    const tired = setTimeout(() => asking.abort(), TIMEOUT);
    try {
      const headers = { Accept: "application/json", ...(tag ? { "If-None-Match": tag } : {}) };
      const response = await fetch(address, { headers, cache: "no-store", redirect: "error", signal: asking.signal });
      await take(response);
      failures = 0;
    } catch {
      failures += 1; // a connection that breaks off is no news until it does so again and again
    }
    clearTimeout(tired);
    asking = null;
    tell();
    next();
  }

  async function take(response) {
    if (response.status === 304) return;
    if (response.status === 401) ended = "You are signed out, so this page does not look for changes any more.";
    else if ([403, 404].includes(response.status)) ended = "You can no longer see what is on this page.";
    else if (!response.ok) throw new Error(String(response.status));
    if (ended) return;
    answer = await response.json();
    if (tag) stir();
    tag = response.headers.get("ETag");
    behindSince = answer.behind ? behindSince || Date.now() : 0;
  }

  function changed() {
    if (!answer) return false;
    if (follows === "changes") return String(answer.sequence) !== place.dataset.seen;
    return !answer.behind && answer.figures !== place.dataset.seen;
  }

  function late() {
    if (!answer?.behind || follows === "changes") return "";
    if (answer.worker_away) {
      return "The worker that computes results is not running. Answers are still saved. Tell your administrator.";
    }
    if (Date.now() - behindSince < LATE) return "";
    return "Results are behind: the newest answers are not in them yet. Answers are still saved.";
  }

  function tell() {
    say(says, standing());
    look.hidden = !ended && !paused() && navigator.onLine;
    button.hidden = Boolean(ended);
    say(button, paused() ? "Resume" : "Pause");
    const sentence = [changed() ? `${what} have changed.` : "", late()].filter(Boolean).join(" ");
    if (news.dataset.says === sentence) return; // said once, and not again at every question
    news.dataset.says = sentence;
    news.replaceChildren(...(sentence ? [sentence] : []));
    if (changed()) news.append(" ", showing());
  }

  function standing() {
    if (ended) return ended;
    if (paused()) return "Paused: changes are not announced.";
    if (!navigator.onLine) return "No connection: changes are announced again when it is back.";
    if (failures >= FAILURES) return "The server cannot be reached. This page keeps trying.";
    return "Changes are announced here.";
  }

  function showing() {
    const link = document.createElement("a");
    link.href = location.href;
    link.className = "govuk-link";
    link.textContent = "Show them";
    link.addEventListener("click", (event) => {
      event.preventDefault();
      remember(sessionStorage, SHOWN, location.pathname);
      location.reload(); // at the same place of the page
    });
    return link;
  }

  button.addEventListener("click", () => {
    if (paused()) localStorage.removeItem(PAUSED);
    else remember(localStorage, PAUSED, "yes");
    stirred = Date.now();
    awake();
  });

  // Whatever may have ended a rest: look at once, and say how it stands.
  function awake() {
    tell();
    if (!resting()) ask();
    else clearTimeout(timer);
  }

  document.addEventListener("visibilitychange", () => {
    stirred = Date.now();
    awake();
  });
  for (const event of ["online", "offline"]) addEventListener(event, awake);
  addEventListener("storage", ({ key }) => key === PAUSED && awake());
  for (const event of ["pointerdown", "keydown", "scroll"]) addEventListener(event, stir, { passive: true });

  if (sessionStorage.getItem(SHOWN) === location.pathname) {
    sessionStorage.removeItem(SHOWN);
    line.focus({ preventScroll: true });
  }
  awake();
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

// Where a browser keeps nothing, a pause lasts as long as nothing at all: the page goes on as if there were none.
function remember(storage, key, value) {
  try {
    storage.setItem(key, value);
  } catch {
    // nothing is kept here
  }
}
