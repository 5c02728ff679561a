// The commands that wait, in the order they were given. A command is in the vault before it is sent, and every tab of
// the person hears of it.
//
// A record of the store "commands" is {id, case, url, page, tab, order, due, attempted, state, body}: `body` is what is
// sent (docs/save-protocol.md), `url` where to, `page` the form it was given on, `due` from when it may be sent.
// `state` is "waiting"; "refused", with `sentence` and `rule`; or "changed", with `theirs`.
// A record of the store "known" is {case, question, version, content, saved_at}: the last confirmation of a question; or
// {case, question, change_reason}: why a change is made that is still to come.

export const TEXTS = ["reason", "note", "asked_because", "change_reason"];
export const CONTENT = ["value", "reason", "note", "asked_because", "source", "at_interview"];
export const TAB = uuid();

const PATIENCE = 4000; // how long a page waits for its vault before it goes on without

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // without TLS browsers lack the above
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

// What an answer holds, of a command or of a confirmation.
export function contentOf(held) {
  return {
    value: held.value ?? null,
    reason: held.reason ?? "",
    note: held.note ?? "",
    asked_because: held.asked_because ?? "",
    source: held.source ?? "",
    at_interview: Boolean(held.at_interview),
  };
}

export function same(one, other) {
  return CONTENT.every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]));
}

// One at a time among all tabs, where the browser can.
export function locked(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}

export class Outbox extends EventTarget {
  kept = true; // whether what waits is on this device; false only once it is certain that it is not
  underway = null; // the command that this tab is just sending
  failures = new Map(); // by command, why the last attempt did not confirm it

  #records = new Map();
  #known = new Map();
  #reasons = new Map();
  #person;
  #vault = null;
  #writes = Promise.resolve();
  #channel = null;
  #lock;
  #last = 0;
  #stored = new Set();

  constructor(person) {
    super();
    this.#person = person;
    this.#lock = `evenhand-outbox-${person}`;
    if (!("BroadcastChannel" in globalThis)) return;
    this.#channel = new BroadcastChannel(this.#lock);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
  }

  // Reads what waits from before. What is given meanwhile is not lost: it is stored as soon as there is a vault.
  async open() {
    const opening = openVaultIfAny().then((vault) => this.#take(vault));
    await Promise.race([opening, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  }

  async #take(vault) {
    if (!vault) {
      this.kept = false;
      return this.#changed();
    }
    try {
      for (const { id, value } of await vault.all("commands")) {
        if (!this.#records.has(id)) this.#records.set(id, { ...value, attempted: true }); // what was once left never changes
      }
      for (const { value } of await vault.all("known")) {
        (value.change_reason ? this.#reasons : this.#known).set(`${value.case}/${value.question}`, value);
      }
    } catch {
      this.kept = false;
      return this.#changed();
    }
    this.#vault = vault;
    for (const record of this.all) if (record.tab === TAB) this.#store(record);
    return this.#changed();
  }

  // What waits

  get all() {
    return [...this.#records.values()].sort((one, other) => one.order - other.order);
  }

  get(id) {
    return this.#records.get(id);
  }

  of(case_) {
    return this.all.filter((record) => record.case === case_);
  }

  knownOf(case_) {
    return [...this.#known.values()].filter((known) => known.case === case_);
  }

  reasonsOf(case_) {
    return [...this.#reasons.values()].filter((kept) => kept.case === case_);
  }

  // Since when there has been no connection, as what waits to be sent says; else null.
  get offlineSince() {
    const moments = this.all.filter((record) => this.#ready(record)).map(({ body }) => body.offline_since);
    return moments.filter(Boolean).sort().at(-1) ?? null;
  }

  // Whether a command may be sent and nothing given before it to the same question waits.
  isFirst(id) {
    const record = this.get(id);
    if (!record || !this.#ready(record)) return false;
    const before = this.all.find((held) => held.case === record.case && held.body.question === record.body.question);
    return before.id === id;
  }

  // From when the next command may be sent, or null.
  get nextDue() {
    const due = this.all.filter((record) => this.#ready(record)).map((record) => this.#dueOf(record));
    return due.length ? Math.min(...due) : null;
  }

  // Giving

  // Keeps one change and returns its record. `after` is the person's last command for the question where that still
  // waits: what was never attempted is replaced, what was refused gives way, and everything else comes first.
  give({ place, question, content, after, version, due = 0, offlineSince = null }) {
    const last = this.get(after);
    const body = {
      format: "evenhand-save/1",
      command: uuid(),
      person: this.#person,
      question,
      ...content,
      base: version,
      given_at: new Date().toISOString(),
      offline_since: offlineSince,
    };
    const record = { ...place, tab: TAB, order: this.#order(), due, attempted: false, state: "waiting" };
    const givesWay = last && (last.state === "refused" || this.failures.get(last.id)?.kind === "too_large");
    if (last && last.state === "waiting" && !last.attempted) {
      Object.assign(body, { command: last.id, base: last.body.base });
      record.order = last.order;
    } else if (givesWay) {
      body.base = last.body.base;
    } else if (last) {
      body.base = { after: last.id };
    }
    const given = { id: body.command, ...record, body };
    this.#records.set(given.id, given);
    this.#store(given);
    if (givesWay) this.drop(last.id, "replaced", { by: given });
    this.#changed();
    return given;
  }

  // Lets a command that waits for more typing go now.
  hasten(id) {
    const record = this.get(id);
    if (record && record.due && !record.attempted) this.#put({ ...record, due: 0 });
  }

  // Forgets a command that is no longer wanted; `why` is told to every tab.
  drop(id, why, data = {}) {
    const record = this.get(id);
    if (record) this.#settle(record, why, data);
  }

  // Resolves when everything given is in the vault.
  async stored() {
    await this.#writes;
  }

  // Sending

  // Returns the first command that may be sent now, marked as attempted, or null. From here on it never changes.
  async claim() {
    for (;;) {
      const record = this.all.find((held) => this.#ready(held) && this.#dueOf(held) <= Date.now());
      if (!record) return null;
      this.underway = record.id;
      const claimed = { ...record, attempted: true };
      this.#records.set(record.id, claimed);
      const standing = await this.#marked(claimed);
      if (standing) return standing;
    }
  }

  async #marked(record) {
    await this.#writes;
    if (!this.#vault) return record;
    return locked(this.#lock, async () => {
      const kept = await this.#vault.get("commands", record.id);
      // The vault shows nothing once its key is gone, and what this tab holds is still the person's.
      if (!kept && this.kept && !(await this.#vault.times("commands")).has(record.id)) {
        this.#records.delete(record.id); // another tab was quicker
        this.#changed();
        return null;
      }
      const standing = { ...(kept ?? record), attempted: true };
      this.#records.set(record.id, standing);
      if (!kept?.attempted) {
        await this.#vault.put("commands", record.id, standing);
        this.#tell({ stored: standing });
      }
      return standing;
    }).catch(() => this.#unkept(record));
  }

  // Marks a command as under way without waiting, for a page that is about to go.
  attempt(id) {
    const record = this.get(id);
    if (record) this.#put({ ...record, attempted: true });
    return this.get(id);
  }

  confirmed(record, data) {
    const key = `${record.case}/${data.question}`;
    const known = {
      case: record.case,
      question: data.question,
      version: data.version,
      content: contentOf(record.body),
      saved_at: data.saved_at,
    };
    if (!(this.#known.get(key)?.version > data.version)) {
      this.#known.set(key, known);
      this.#write((vault) => vault.put("known", key, known));
    }
    this.#settle(record, "saved", data);
  }

  held(record, data) {
    this.#settle(record, "held", data);
  }

  // A refused command waits as a draft, unless the person already changed it: then that goes in its place.
  refused(record, { sentence, rule }) {
    if (this.#gaveWay(record)) return;
    if (rule === "command_reused") {
      // The id was spent on what was typed a moment earlier; the answer itself is still to be given.
      const id = uuid();
      const again = { ...record, id, attempted: false, due: 0, body: { ...record.body, command: id } };
      this.#put(again);
      this.#settle(record, "replaced", { by: again });
    } else {
      this.#mark({ ...record, state: "refused", sentence, rule });
    }
  }

  changed(record, theirs) {
    this.#mark({ ...record, state: "changed", theirs });
  }

  // `failure` is {kind, sentence, tries, until}: why it was not confirmed, and until when it is left alone.
  failed(record, failure) {
    this.failures.set(record.id, failure);
    this.#tell({ failed: record.id, failure });
    this.#changed();
  }

  // Says with everything that waits since when there has been no connection: the page may go before there is one again.
  // When a command was given, and what it holds, stays as it is.
  offline(since) {
    for (const record of this.all) {
      const mine = record.attempted || record.tab === TAB; // another tab may hold more of its own
      if (mine && record.state === "waiting" && !record.body.offline_since) {
        this.#put({ ...record, body: { ...record.body, offline_since: since } });
      }
    }
  }

  // Keeps why a change is made before it is made; "" forgets it.
  keepReason(case_, question, reason) {
    const [key, kept] = [`${case_}/${question}`, { case: case_, question, change_reason: reason }];
    if (reason) this.#reasons.set(key, kept);
    else this.#reasons.delete(key);
    this.#write((vault) => (reason ? vault.put("known", `${key}/reason`, kept) : vault.delete("known", `${key}/reason`)));
  }

  // Lets everything be tried again at once.
  hurry() {
    for (const failure of this.failures.values()) failure.until = 0;
  }

  // Forgets what a page shows anyway.
  forgetKnown(case_, question) {
    this.#known.delete(`${case_}/${question}`);
    this.#write((vault) => vault.delete("known", `${case_}/${question}`));
  }

  // Within

  #order() {
    this.#last = Math.max(this.#last + 0.001, Date.now());
    return this.#last;
  }

  // A command that follows one of the person's own waits until that is settled; so a conflict holds back its own
  // question only.
  #ready(record) {
    return record.state === "waiting" && !this.#records.has(record.body.base?.after);
  }

  #gaveWay(record) {
    const next = this.all.find((held) => held.body.base?.after === record.id);
    if (!next) return false;
    this.#put({ ...next, body: { ...next.body, base: record.body.base } });
    this.#settle(record, "replaced", { by: this.get(next.id) });
    return true;
  }

  #dueOf(record) {
    return Math.max(record.due, this.failures.get(record.id)?.until ?? 0);
  }

  #put(record) {
    this.#records.set(record.id, record);
    this.#store(record);
    this.#changed();
  }

  #mark(record) {
    this.failures.delete(record.id);
    this.#put(record);
    this.#say("marked", { record });
  }

  #settle(record, outcome, data) {
    this.#records.delete(record.id);
    this.failures.delete(record.id);
    this.#write((vault) => vault.delete("commands", record.id));
    this.#tell({ settled: record, outcome, data });
    this.#say("settled", { record, outcome, data });
    this.#changed();
  }

  #store({ id }) {
    this.#write((vault) => locked(this.#lock, () => this.#reconciled(vault, id)));
  }

  async #reconciled(vault, id) {
    let record = this.get(id);
    if (!record) return; // settled meanwhile
    if (!record.attempted && this.#stored.has(id)) {
      const kept = await vault.get("commands", id);
      const gone = !kept && !(await vault.times("commands")).has(id);
      if (kept?.attempted || gone) {
        record = this.#followed(record);
        if (kept) this.#records.set(id, kept);
        else this.#records.delete(id);
      }
    }
    await vault.put("commands", record.id, record);
    this.#stored.add(record.id);
    this.#tell({ stored: record });
  }

  // Another tab sent the command while more was typed here: what was typed since follows it.
  #followed(record) {
    const id = uuid();
    const body = { ...record.body, command: id, base: { after: record.id } };
    const follows = { ...record, id, order: this.#order(), body };
    this.#records.set(id, follows);
    this.#say("renamed", { from: record.id, to: id });
    return follows;
  }

  // Whether this tab holds more than what another tab speaks of.
  #holdsMore(record) {
    const mine = this.#records.get(record.id);
    return mine?.tab === TAB && mine.body.given_at !== record.body.given_at;
  }

  #write(change) {
    this.#writes = this.#writes.then(() => this.#vault && change(this.#vault)).catch(() => this.#unkept());
  }

  #unkept(result) {
    this.kept = false;
    this.#changed();
    return result;
  }

  #tell(message) {
    this.#channel?.postMessage(message);
  }

  #hear({ stored, settled, failed, outcome, data, failure }) {
    const spokenOf = stored ?? settled;
    if (spokenOf && this.#holdsMore(spokenOf)) this.#store(this.#followed(this.get(spokenOf.id)));
    if (stored) {
      this.#records.set(stored.id, stored);
      if (stored.state === "refused" && this.#gaveWay(stored)) return;
      if (stored.state !== "waiting") this.#say("marked", { record: stored });
    } else if (failed) {
      this.failures.set(failed, failure);
    } else if (settled) {
      this.#records.delete(settled.id);
      this.failures.delete(settled.id);
      this.#say("settled", { record: settled, outcome, data });
    }
    this.#changed();
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

async function openVaultIfAny() {
  try {
    const { openVault } = await import("./vault.js");
    return await openVault();
  } catch {
    return null;
  }
}
