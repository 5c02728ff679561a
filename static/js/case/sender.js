// Sends what waits, one command at a time, and tells a valid confirmation from everything else.
//
// One tab of a browser sends for all. What was not confirmed is sent again after growing pauses, and at once when the
// connection or the page comes back.

import { locked } from "./outbox.js";

const FORMAT = "evenhand-confirmation/1";
const TIMEOUT = 10_000;
const PAUSES = [1, 2, 4, 8, 16, 30]; // seconds
const SMALL = 60_000; // browsers let a page that goes send 64 KiB

const OUTCOMES = { saved: "confirmed", held: "held", changed: "changed", refused: "refused" };
const FAILURES = { 401: "signed_out", 403: "forbidden", 404: "not_found", 413: "too_large" };

export class Sender {
  #outbox;
  #session;
  #lock;
  #running = null;
  #tries = 0;
  #until = 0;
  #timer = 0;
  #offlineSince = navigator.onLine ? null : now();

  constructor(outbox, session, person) {
    this.#outbox = outbox;
    this.#session = session;
    this.#lock = `evenhand-sender-${person}`;
    outbox.addEventListener("change", () => this.#wait());
    addEventListener("online", () => this.poke());
    addEventListener("offline", () => (this.#offlineSince ??= now()));
    addEventListener("pageshow", (event) => event.persisted && this.poke());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.poke());
    session.addEventListener("back", () => this.poke());
  }

  // Since when this browser has had no connection, as far as it knows; else null. What waits remembers it from before
  // this page was opened.
  get offlineSince() {
    const before = this.#outbox.offlineSince;
    return this.#offlineSince && before && before < this.#offlineSince ? before : this.#offlineSince;
  }

  // Tries everything that waits, now. Resolves when nothing more can be done for the moment.
  poke() {
    this.#until = 0;
    this.#outbox.hurry();
    return this.#run();
  }

  #run() {
    clearTimeout(this.#timer);
    this.#running ??= locked(this.#lock, () => this.#drain())
      .catch(() => {})
      .then(() => {
        this.#running = null;
        this.#wait();
      });
    return this.#running;
  }

  // The page goes: what was typed last is sent without waiting for an answer. If that comes to nothing, the same
  // command is in the vault and goes the next time. What follows something that waits goes after it, as always.
  farewell(records) {
    let room = SMALL;
    for (const record of records) {
      const body = JSON.stringify(record.body);
      const size = new Blob([body]).size;
      // What is just being sent is cut off with the page, so it goes again: a command counts once, however often it comes.
      const tried = record.attempted && record.id !== this.#outbox.underway;
      if (tried || size > room || !this.#session.signedIn || !this.#outbox.isFirst(record.id)) continue;
      room -= size;
      this.#outbox.attempt(record.id);
      fetch(record.url, { ...this.#request(body), keepalive: true }).catch(() => {});
    }
  }

  async #drain() {
    while (this.#session.signedIn && this.#until <= Date.now()) {
      const record = await this.#outbox.claim();
      if (!record) break;
      const { kind, data, sentence } = await this.#send(record);
      this.#outbox.underway = null;
      if (kind === "unreachable") {
        this.#offlineSince ??= now();
        this.#outbox.offline(this.offlineSince);
      } else {
        this.#offlineSince = null;
      }
      if (kind in OUTCOMES) {
        this.#tries = 0;
        this.#outbox[OUTCOMES[kind]](record, data);
        continue;
      }
      const tries = (this.#outbox.failures.get(record.id)?.tries ?? 0) + 1;
      this.#outbox.failed(record, { kind, sentence, tries, until: Date.now() + pause(tries) });
      // Nothing else would fare better now.
      if (kind === "unreachable" || kind === "busy") this.#until = Date.now() + pause(++this.#tries);
      // The page may have been outrun by a new sign-in: its person and its token are looked at before anything else goes.
      if (["signed_out", "forbidden", "redirected"].includes(kind)) await this.#session.check();
    }
  }

  async #send(record) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT);
    try {
      const response = await fetch(record.url, { ...this.#request(JSON.stringify(record.body)), signal: abort.signal });
      return await read(response, record);
    } catch {
      return { kind: "unreachable" };
    } finally {
      clearTimeout(timer);
    }
  }

  #request(body) {
    return {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.#session.csrf },
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      body,
    };
  }

  // Sets the clock for the next attempt.
  #wait() {
    if (this.#running) return;
    clearTimeout(this.#timer);
    const due = this.#outbox.nextDue;
    if (due === null || !this.#session.signedIn) return;
    this.#timer = setTimeout(() => this.#run(), Math.max(due, this.#until) - Date.now());
  }
}

function now() {
  return new Date().toISOString();
}

function pause(tries) {
  return PAUSES[Math.min(tries, PAUSES.length) - 1] * 1000 * (0.8 + Math.random() * 0.4);
}

// What a response says of the command that was sent. Only here anything may turn into "saved".
async function read(response, record) {
  if (response.type === "opaqueredirect" || response.redirected) return { kind: "redirected" };
  const data = await jsonOf(response);
  if (response.status in FAILURES) return { kind: FAILURES[response.status], sentence: data?.sentence };
  const ours = data?.format === FORMAT && data.command === record.id;
  if (ours && response.status === 200 && data.state === "saved" && data.question === record.body.question) {
    if (Number.isInteger(data.version)) return { kind: "saved", data };
  }
  if (ours && response.status === 202 && data.state === "held") return { kind: "held", data };
  if (ours && response.status === 409 && data.state === "changed" && data.theirs) return { kind: "changed", data: data.theirs };
  const unread = data?.format === FORMAT && data.rule === "malformed"; // then the server could not tell which command it was
  if ((ours || unread) && response.status === 422 && data.state === "refused" && data.sentence) return { kind: "refused", data };
  return { kind: [429, 503].includes(response.status) ? "busy" : "unconfirmed" };
}

async function jsonOf(response) {
  if (!/^application\/json\b/i.test(response.headers.get("Content-Type") ?? "")) return null;
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "SyntaxError") return null;
    throw error;
  }
}
