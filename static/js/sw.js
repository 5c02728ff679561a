// The service worker: pages come from the network, and where that fails from the vault of the person who is signed in.
//
// Only static files are in the Cache API. Pages hold case data, so they lie encrypted in the vault, which offline.js
// fills. `/sw.js` calls start() with the addresses of this installation.
import { currentPerson, forget, openKept } from "./case/vault.js";

const PATIENCE = 4000; // milliseconds; bad Wi-Fi is slow more often than it is gone
const AWAY = [502, 503, 504]; // a proxy saying that Evenhand cannot be reached
const CACHE = "evenhand-static-";
const HASHED = /\.[0-9a-f]{12}\./;
const HASHED_ADDRESS = /"([^"]+)\.[0-9a-f]{12}(\.\w+)"/g;

export function start({ version, files, static: folder, offline, accounts }) {
  const cacheName = CACHE + version;
  const newest = new Map();
  for (const address of files) {
    const name = address.replace(HASHED, ".");
    if (!newest.has(name)) newest.set(name, address); // the hashed address comes before the plain one
  }

  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(activate()));
  self.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (url.origin !== self.location.origin) return;
    if (event.request.mode === "navigate") event.respondWith(page(event.request, url));
    else if (event.request.method === "GET" && url.pathname.startsWith(folder)) event.respondWith(file(event.request));
  });

  async function install() {
    const cache = await caches.open(cacheName);
    await cache.addAll([...files, offline].map((address) => new Request(address, { cache: "no-cache" })));
    await self.skipWaiting();
  }

  async function activate() {
    for (const name of await caches.keys()) {
      if (name.startsWith(CACHE) && name !== cacheName) await caches.delete(name);
    }
    await self.clients.claim();
  }

  // A name with a hash never changes what it holds. Others may, so that the network is asked first.
  async function file(request) {
    const cache = await caches.open(cacheName);
    const cached = await cache.match(request, { ignoreVary: true });
    if (cached && HASHED.test(request.url)) return cached;
    const answer = fetch(request);
    return ((cached && (await inTime(answer))) ?? cached) || answer;
  }

  async function page(request, url) {
    if (request.method !== "GET") return posted(request, url);
    const answer = fetch(request);
    const arrived = await inTime(answer);
    if (arrived && !AWAY.includes(arrived.status)) return arrived;
    return (await keptPage(url)) ?? answer.catch(() => offlinePage());
  }

  // Whoever signs in or out leaves nothing behind to be served while their first page is slow to come.
  async function posted(request, url) {
    if (accounts.includes(url.pathname)) await forget().catch(() => {});
    return fetch(request).catch(() => offlinePage("data-not-sent"));
  }

  async function keptPage(url) {
    const vault = await openKept();
    const kept = (await vault?.get("pages", url.pathname + url.search)) ?? (await vault?.get("pages", withoutWayBack(url)));
    vault?.close();
    return kept && htmlResponse(withNewest(kept.html), kept.headers, `data-kept-at="${kept.at}"`);
  }

  // A page kept before an update asks for files that are gone; without its scripts it could keep no answer.
  function withNewest(html) {
    return html.replace(HASHED_ADDRESS, (whole, name, suffix) => (newest.has(name + suffix) ? `"${newest.get(name + suffix)}"` : whole));
  }

  async function offlinePage(mark = "") {
    const cached = await caches.match(offline, { ignoreVary: true });
    if (!cached) return Response.error();
    const person = await currentPerson().catch(() => "");
    return htmlResponse(await cached.text(), [...cached.headers], `data-person="${person}" ${mark}`);
  }
}

// A page is the same wherever somebody came from, but for its back link.
function withoutWayBack(url) {
  const search = new URLSearchParams(url.search);
  search.delete("from");
  return search.size ? `${url.pathname}?${search}` : url.pathname;
}

function htmlResponse(html, headers, mark) {
  return new Response(html.replace("<html", `<html ${mark}`), { headers });
}

// The answer, or undefined when it fails or takes too long.
function inTime(answer) {
  const tired = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  return Promise.race([answer.catch(() => undefined), tired]);
}
