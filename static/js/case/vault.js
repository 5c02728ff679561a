// An encrypted store in IndexedDB, one for each person: what waits to be sent, what is known, and the pages kept.
//
// Ids, order and times are readable; everything else is AES-GCM under a key that no script can read out. The key's
// bytes come from the server once at sign-in. Who signs out, or is followed by somebody else, leaves nothing but
// waiting answers, and those as ciphertext. Pages and the service worker both use this module.

// A channel on which every tab hears which store changed, as {person, store}, and who left this browser
// or came to it, as {left} and {arrived}.
export const CHANGES = "evenhand-vault";

const CURRENT = "evenhand";
const STORES = ["commands", "known", "pages"];
const KEY = "key";
const CSRF_COOKIE = /(?:^|; )csrftoken=([^;]*)/;

let opening = null;
let channel = null;

// The vault of the signed-in person, or null where this browser can keep nothing. Offline it opens with the kept key.
// Asked again it fetches a key that was dropped meanwhile, or that could not be had the last time.
export async function openVault() {
  const before = opening;
  const vault = await before;
  if (vault && (await vault.hasKey())) return vault;
  if (opening === before) opening = open(personOfPage(), fetchKey).catch(() => null);
  return opening;
}

// The vault of the person who used this browser last, if their key is still here; what the service worker opens.
export async function openKept() {
  try {
    const person = await currentPerson();
    return person ? await open(person, () => null) : null;
  } catch {
    return null;
  }
}

// The public id of the person whose vault may be opened without asking the server, or "".
export async function currentPerson() {
  const database = await openCurrent();
  try {
    return (await result(database.transaction("current").objectStore("current").get("person"))) ?? "";
  } finally {
    database.close();
  }
}

// Says to every tab of a person that they have left this browser.
export function leave(person) {
  tell({ left: person });
}

// Drops the key, the kept pages and what was known of the person who used this browser last. Their waiting answers stay
// as ciphertext, until the server gives the key again at their next sign-in.
export async function forget(keepCommands = true) {
  opening = null;
  if (!available()) return;
  const person = await currentPerson();
  await setCurrent("");
  if (person) await empty(person, keepCommands);
}

class Vault {
  #database;
  #key;
  #last = Promise.resolve();

  constructor(person, database, key) {
    this.person = person;
    this.#database = database;
    this.#key = key;
  }

  // One put after the other, so that what was put first stands first however long its encryption takes. A record that
  // is put again keeps its place.
  put(store, id, value) {
    const turn = this.#last.then(() => this.#put(store, id, value));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #put(store, id, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(value));
    const data = await crypto.subtle.encrypt(this.#cipher(store, id, iv), this.#key, text);
    const change = this.#database.transaction([store, "keys"], "readwrite", { durability: "strict" });
    const records = change.objectStore(store);
    // A tab that outlived the sign-out may still save an answer, but brings no page back.
    if (store !== "commands" && !(await result(change.objectStore("keys").get(KEY)))) return;
    const order = await result(records.index("id").getKey(id));
    const record = { id, at: new Date().toISOString(), iv, data };
    records.put(order === undefined ? record : { ...record, order });
    await finished(change);
    this.#tell(store);
  }

  async get(store, id) {
    const [records, open] = await this.#read(store, (held) => held.index("id").getAll(id));
    return open && records.length ? this.#decrypted(store, records[0]).catch(() => undefined) : undefined;
  }

  // In the order they were put, as [{id, value}]. A record that this key does not open is left where it is.
  async all(store) {
    const [records, open] = await this.#read(store, (held) => held.getAll());
    if (!open) return [];
    const values = await Promise.allSettled(records.map((record) => this.#decrypted(store, record)));
    return records
      .map(({ id }, place) => ({ id, value: values[place].value, readable: values[place].status === "fulfilled" }))
      .filter(({ readable }) => readable)
      .map(({ id, value }) => ({ id, value }));
  }

  async delete(store, id) {
    const change = this.#database.transaction(store, "readwrite", { durability: "strict" });
    const order = await result(change.objectStore(store).index("id").getKey(id));
    if (order !== undefined) change.objectStore(store).delete(order);
    await finished(change);
    this.#tell(store);
  }

  async count(store) {
    return result(this.#database.transaction(store).objectStore(store).count());
  }

  async clear(store) {
    const change = this.#database.transaction(store, "readwrite");
    change.objectStore(store).clear();
    await finished(change);
    this.#tell(store);
  }

  close() {
    this.#database.close();
  }

  // When each record was put, by id: times are readable without the key.
  async times(store) {
    const records = await result(this.#database.transaction(store).objectStore(store).getAll());
    return new Map(records.map(({ id, at }) => [id, at]));
  }

  async hasKey() {
    return Boolean(await keptKey(this.#database));
  }

  #tell(store) {
    tell({ person: this.person, store });
  }

  // Reads only as long as the key is kept: a tab that outlived the sign-out sees nothing, and so sends nothing.
  async #read(store, find) {
    const look = this.#database.transaction([store, "keys"]);
    const [records, key] = await Promise.all([
      result(find(look.objectStore(store))),
      result(look.objectStore("keys").get(KEY)),
    ]);
    return [records, Boolean(key)];
  }

  async #decrypted(store, { id, iv, data }) {
    const text = await crypto.subtle.decrypt(this.#cipher(store, id, iv), this.#key, data);
    return JSON.parse(new TextDecoder().decode(text));
  }

  // The place is sealed in, so that a record moved to another place does not open.
  #cipher(store, id, iv) {
    return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(`${store}/${id}`) };
  }
}

function tell(message) {
  channel ??= new BroadcastChannel(CHANGES);
  channel.postMessage(message);
}

// Opening

function available() {
  return "indexedDB" in globalThis && Boolean(globalThis.crypto?.subtle);
}

function personOfPage() {
  return globalThis.document?.documentElement.dataset.person ?? "";
}

async function open(person, keyFor) {
  if (!person || !available()) return null;
  const database = await openDatabase(person);
  const key = (await keptKey(database)) ?? (await newKey(database, await keyFor(person)));
  if (!key) {
    database.close();
    return null;
  }
  // Only who has the key is here: a tab that was left open by somebody else empties nothing.
  const previous = await currentPerson();
  if (previous !== person) {
    if (previous) await empty(previous, true);
    await setCurrent(person);
    tell({ arrived: person });
  }
  return new Vault(person, database, key);
}

async function keptKey(database) {
  return (await result(database.transaction("keys").objectStore("keys").get(KEY)))?.key;
}

async function newKey(database, bytes) {
  if (!bytes) return null;
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  bytes.fill(0);
  const change = database.transaction("keys", "readwrite");
  change.objectStore("keys").put({ id: KEY, key });
  await finished(change);
  // Else a browser short of space may throw waiting answers away. Not awaited: some browsers ask the person.
  globalThis.navigator?.storage?.persist?.().catch(() => {});
  return key;
}

async function fetchKey(person) {
  const response = await fetch("/my/device-key/", {
    method: "POST",
    headers: { "X-CSRFToken": document.cookie.match(CSRF_COOKIE)?.[1] ?? "", Accept: "application/json" },
    redirect: "error",
  });
  if (!response.ok) return null;
  const given = await response.json();
  if (given.format !== "evenhand-device-key/1" || given.person !== person) return null;
  return Uint8Array.from(atob(given.key), (character) => character.charCodeAt(0));
}

// Databases

function openDatabase(person) {
  return opened(`evenhand-${person}`, (database) => {
    for (const store of STORES) {
      const records = database.createObjectStore(store, { keyPath: "order", autoIncrement: true });
      records.createIndex("id", "id", { unique: true });
    }
    database.createObjectStore("keys", { keyPath: "id" });
  });
}

function openCurrent() {
  return opened(CURRENT, (database) => database.createObjectStore("current"));
}

async function setCurrent(person) {
  const database = await openCurrent();
  const change = database.transaction("current", "readwrite");
  change.objectStore("current").put(person, "person");
  await finished(change);
  database.close();
}

async function empty(person, keepCommands) {
  const database = await openDatabase(person);
  const change = database.transaction([...STORES, "keys"], "readwrite");
  for (const store of ["keys", "pages", "known", ...(keepCommands ? [] : ["commands"])]) {
    change.objectStore(store).clear();
  }
  await finished(change);
  database.close();
}

async function opened(name, create) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => create(request.result);
  const database = await result(request);
  database.onversionchange = () => database.close();
  return database;
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
