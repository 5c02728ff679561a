// Sends what waits from a page that has no form.
import { Outbox } from "./outbox.js";
import { Sender } from "./sender.js";

const ADDRESS = "/my/session/";

// Returns a sender that sends only as long as the session is that of the person to whom the answers belong.
export async function senderFor(person) {
  const session = new PageSession(person);
  const outbox = new Outbox(person);
  await outbox.open();
  const sender = new Sender(outbox, session, person);
  await session.check();
  addEventListener("online", () => session.check());
  return sender;
}

class PageSession extends EventTarget {
  signedIn = false;
  csrf = "";
  #person;

  constructor(person) {
    super();
    this.#person = person;
  }

  async check() {
    const was = this.signedIn;
    try {
      const response = await fetch(ADDRESS, { headers: { Accept: "application/json" }, redirect: "error", cache: "no-store" });
      const data = response.ok ? await response.json() : null;
      this.signedIn = data?.person === this.#person;
      this.csrf = this.signedIn ? data.csrf : "";
    } catch {
      // Without a connection nobody can be asked; the next attempt asks again.
    }
    if (this.signedIn && !was) this.dispatchEvent(new Event("back"));
  }
}
