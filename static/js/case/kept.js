// Keeps pages for when there is no connection: the one that is open, and all pages of its case.
//
// A page is fetched anew, quietly, when it is opened and after saves. Only what the server gives this person under the
// very address is kept: nothing redirected, nothing of another person, no error pages, no downloads.

const DAYS = 14; // what nobody has opened for so long is no longer worked on
const FRESH = 10 * 60 * 1000; // milliseconds; other pages of a case are fetched again after that
const QUIET = 5000; // milliseconds without a save, before the pages are fetched again
const CASE = /^\/cases\/[^/]+\//;
const PAGE_OF_CASE = /^\/cases\/[^/]+\/(standards\/[^/]+\/|interview\/|submit\/)?$/;
const HEADERS = ["content-type", "content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options"];

export function keepPages(vault) {
  const here = location.pathname + location.search;
  const base = CASE.exec(location.pathname)?.[0];
  let timer;

  async function keepAll(fresh) {
    await keep(vault, here);
    if (!base) return;
    const times = await vault.times("pages");
    const overview = await keep(vault, base);
    for (const address of overview ? pagesIn(overview, base) : []) {
      if (address !== here && address !== base) await keep(vault, address, times, fresh);
    }
  }

  // Prompts and key questions have numbers; a fact has none, and changes what other pages ask, so that all are old.
  let fresh = FRESH;
  document.addEventListener("evenhand:saved", ({ detail }) => {
    if (!/^\d/.test(detail.question)) fresh = 0;
    clearTimeout(timer);
    timer = setTimeout(() => {
      quietly(keepAll(fresh));
      fresh = FRESH;
    }, QUIET);
  });

  // What was kept is what is shown: there is nothing newer to be had until the connection is back.
  if (!document.documentElement.dataset.keptAt) quietly(keepAll(FRESH));
  else window.addEventListener("online", () => quietly(keepAll(FRESH)), { once: true });
  quietly(dropOld(vault));
}

// The pages kept, as [{path, title}], each case before its pages.
export async function keptPages(vault) {
  const pages = (await vault.all("pages")).map(({ id, value }) => ({ path: id, title: titleOf(value.html) }));
  return pages.sort((one, other) => (one.path < other.path ? -1 : 1));
}

// Returns the page as HTML, fetched or as it is kept, or "" when there is none.
async function keep(vault, address, times = new Map(), fresh = 0) {
  const at = times.get(address);
  if (at && Date.now() - Date.parse(at) < fresh) return (await vault.get("pages", address))?.html ?? "";
  const response = await fetch(address, { headers: { Accept: "text/html" }, redirect: "manual" });
  const isPage = response.status === 200 && response.headers.get("content-type")?.startsWith("text/html");
  const html = isPage ? await response.text() : "";
  if (!html.includes(`data-person="${vault.person}"`)) return "";
  const headers = [...response.headers].filter(([name]) => HEADERS.includes(name));
  await vault.put("pages", address, { html, headers, at: new Date().toISOString() });
  return html;
}

async function dropOld(vault) {
  for (const [address, at] of await vault.times("pages")) {
    if (Date.now() - Date.parse(at) > DAYS * 24 * 60 * 60 * 1000) await vault.delete("pages", address);
  }
}

function pagesIn(html, base) {
  const links = [...parsed(html).querySelectorAll("main a[href]")].map((link) => link.getAttribute("href"));
  return new Set(links.filter((href) => href.startsWith(base) && PAGE_OF_CASE.test(href)));
}

function titleOf(html) {
  const heading = parsed(html).querySelector("h1");
  heading?.querySelector("span")?.append(": ");
  return heading?.textContent.replace(/\s+/g, " ").trim().replace(" :", ":") || "A page without a name";
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

// Pages are kept on the side: what fails is tried again at the next page, and never stands in anybody's way.
function quietly(promise) {
  promise.catch(() => {});
}
