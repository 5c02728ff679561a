// On every page: says how many answers wait to be sent, hands them out as a file, and warns before signing out with them.
//
// Also starts what makes pages open without a connection: the service worker, and the keeping of pages.
import { keepPages, keptPages } from "./kept.js";
import { CHANGES, forget, leave, openKept, openVault } from "./vault.js";

const FORMAT = "evenhand-waiting/1";
const ON_ITS_WAY = 3000; // milliseconds
const page = document.documentElement;
const bar = document.querySelector("[data-offline]");
let leaving = false;
let reached = false;
let sending = null;

start();

async function start() {
  if ("signedOut" in page.dataset) return forget().catch(() => {});
  navigator.serviceWorker?.register("/sw.js", { type: "module" }).catch(() => {});
  guardSignOut();
  // Error pages ask nobody who is signed in, but answers wait on them too.
  const vault = await (page.dataset.person ? openVault() : openKept());
  showOfflinePage(vault);
  if (!vault) return undefined;
  const show = whenQuiet(() => showWaiting(vault, show));
  new BroadcastChannel(CHANGES).addEventListener("message", ({ data }) => {
    // What waits is in the vault, and what is shown is not for whoever comes next.
    const left = data.left === vault.person && !leaving;
    if (left || (data.arrived && data.arrived !== vault.person)) location.reload();
    if (data.person === vault.person && data.store === "commands") show();
  });
  for (const [target, event] of [[window, "online"], [document, "evenhand:saved"]]) {
    target.addEventListener(event, () => {
      reached = true;
      show();
    });
  }
  window.addEventListener("offline", () => show());
  // Signing in without leaving the page brings back a key that was dropped meanwhile.
  new BroadcastChannel("evenhand-session").addEventListener("message", () => openVault());
  await showWaiting(vault, show);
  bar.querySelector("[data-offline-try]").addEventListener("click", () => send(vault.person));
  bar.querySelector("[data-offline-download]").addEventListener("click", () => download(vault));
  if (page.dataset.person && !("neverKept" in page.dataset) && !document.querySelector("[data-offline-pages]")) keepPages(vault);
  return undefined;
}

// The bar

// An answer that is on its way is not waiting: the bar would flash at every click.
async function showWaiting(vault, show) {
  const waiting = (await vault.all("commands")).map(({ value }) => value);
  const age = Date.now() - Math.min(...waiting.map(({ order, due }) => Math.max(order, due)));
  const late = waiting.length > 0 && (age >= ON_ITS_WAY || !navigator.onLine);
  if (waiting.length && !late) show(ON_ITS_WAY - age);
  // A page with a form sends by itself.
  if (waiting.length && !sending && !document.querySelector("form[data-saves]")) send(vault.person);
  bar.querySelector("[data-offline-waiting]").textContent = late ? `${inWords(waiting)} waiting to be sent.` : "";
  bar.querySelector("[data-offline-kept]").textContent = ageOfPage();
  bar.querySelector("[data-offline-actions]").hidden = !late;
  bar.hidden = !late && !ageOfPage();
  for (const place of document.querySelectorAll("[data-unsent]")) {
    place.textContent = waiting.length ? `${inWords(waiting)} waiting on this device.` : "None on this device.";
  }
}

// Returns a function that does the work once after a pause, however often it is called meanwhile.
function whenQuiet(work) {
  let timer;
  return (pause = 50) => {
    clearTimeout(timer);
    timer = setTimeout(work, Math.max(pause, 50));
  };
}

// Several changes to one question are one answer.
function inWords(waiting) {
  const count = new Set(waiting.map(({ case: of, body }) => `${of}/${body.question}`)).size;
  return `${count} answer${count === 1 ? "" : "s"}`;
}

function ageOfPage() {
  if (!page.dataset.keptAt) return "";
  const at = new Date(page.dataset.keptAt);
  const day = at.toDateString() === new Date().toDateString() ? "" : ` on ${at.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}`;
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const shown = `You see this page as it was at ${time}${day}`;
  return reached ? `${shown}. Reload it to see what is new.` : `Evenhand cannot be reached. ${shown}.`;
}

// What waits is sent from pages without a form too, which load no more for it than this while nothing waits.
async function send(person) {
  sending ??= import("./anywhere.js").then(({ senderFor }) => senderFor(person));
  (await sending).poke();
}

async function download(vault) {
  const waiting = await vault.all("commands");
  const commands = waiting.map(({ value }) => ({ case: value.case, ...value.body }));
  const content = { format: FORMAT, person: vault.person, commands };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
  link.download = `evenhand-waiting-answers-${new Date().toISOString().slice(0, 16).replace(":", "")}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// Signing out

function guardSignOut() {
  const form = document.querySelector(".eh-header__sign-out");
  const dialog = document.querySelector("[data-sign-out]");
  if (!form || !dialog) return;

  async function signOut() {
    leaving = true;
    leave(page.dataset.person);
    await forget().catch(() => {});
    form.submit();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const vault = await openVault();
    const waiting = vault ? (await vault.all("commands")).map(({ value }) => value) : [];
    if (!waiting.length) return signOut();
    dialog.querySelector("[data-sign-out-count]").textContent = `Waiting to be sent: ${inWords(waiting)}.`;
    return dialog.showModal();
  });
  dialog.querySelector("[data-sign-out-stay]").addEventListener("click", () => dialog.close());
  dialog.querySelector("[data-sign-out-download]").addEventListener("click", async () => download(await openVault()));
  dialog.querySelector("[data-sign-out-anyway]").addEventListener("click", signOut);
}

// The page for when there is no connection

async function showOfflinePage(vault) {
  const section = document.querySelector("[data-offline-pages]");
  if (!section) return;
  document.querySelector("[data-offline-not-sent]").hidden = !("notSent" in page.dataset);
  document.querySelector("[data-offline-reload]").href = location.href;
  const pages = vault ? await keptPages(vault) : [];
  for (const { path, title } of pages) {
    const link = document.createElement("a");
    link.className = "govuk-link";
    link.href = path;
    link.textContent = title;
    const item = document.createElement("li");
    item.append(link);
    section.querySelector("[data-offline-list]").append(item);
  }
  section.hidden = !pages.length;
}
