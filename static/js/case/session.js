// The person's session: a warning before it ends, and signing in again without leaving the page.

const ADDRESS = "/my/session/";
const FORMAT = "evenhand-session/1";
const STEP = "/accounts/login/step/"; // where the second step at sign-in is asked for
const EVERY = 4 * 60; // seconds between looks while nothing happens
const WARNING = 5 * 60; // seconds before the end
const WAITING = 15; // seconds between looks while a dialog stands
const TIMEOUT = 10_000;
const UNREACHED = "The server cannot be reached. What you typed is still here; try again.";

export class Session extends EventTarget {
  signedIn = true;
  #person;
  #ends = 0;
  #timer = 0;
  #checking = null;
  #form;
  #warning;
  #dialog;
  #tokens;
  #channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("evenhand-session") : null;

  constructor(person) {
    super();
    this.#person = person;
    this.#tokens = document.querySelectorAll('input[name="csrfmiddlewaretoken"]');
    this.#warning = document.getElementById("session-warning");
    this.#dialog = document.getElementById("sign-in");
    this.#form = this.#dialog.querySelector("form");
    this.#warning.querySelector("[data-stay]").addEventListener("click", () => this.#stay());
    this.#warning.addEventListener("cancel", (event) => {
      event.preventDefault(); // Esc means: stay
      this.#stay();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#signIn();
    });
    this.#dialog.querySelector("[data-later]").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => {
      this.#form.reset();
      this.#askFor("password");
    });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.check());
    this.#channel?.addEventListener("message", () => this.check());
  }

  // The token of this page, which no other person's session accepts.
  get csrf() {
    return this.#tokens[0]?.value ?? "";
  }

  // Asks the server who is signed in. Resolves when what follows from it was done.
  check(method = "GET") {
    this.#checking ??= this.#look(method).finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  // Opens the sign-in dialog again after it was put off.
  ask() {
    if (!this.signedIn) show(this.#dialog);
  }

  async #look(method) {
    clearTimeout(this.#timer);
    const answer = await fetched(ADDRESS, { method, headers: { "X-CSRFToken": this.csrf } });
    const data = answer?.status === 200 ? await jsonOf(answer) : null;
    if (data?.format === FORMAT) {
      if (data.person !== this.#person) return this.#changePerson();
      this.#goOn(data);
    } else if (answer?.status === 401) {
      this.#ended();
    } else {
      this.#next(this.#warning.open || !this.signedIn ? WAITING : EVERY);
    }
    return undefined;
  }

  #goOn({ seconds_left: left, csrf }) {
    for (const token of this.#tokens) token.value = csrf;
    this.#ends = Date.now() + left * 1000;
    if (!this.signedIn) {
      this.signedIn = true;
      this.#dialog.close();
      this.dispatchEvent(new Event("change"));
      this.dispatchEvent(new Event("back"));
    }
    if (left > WARNING) this.#warning.close();
    else this.#warn();
    this.#next(left > WARNING ? Math.min(EVERY, left - WARNING) : Math.min(WAITING, left + 1));
  }

  #ended() {
    this.#warning.close();
    if (this.signedIn) {
      this.signedIn = false;
      this.#say("");
      show(this.#dialog);
      this.dispatchEvent(new Event("change"));
    }
    this.#next(WAITING);
  }

  // What the former person typed waits in their own vault; nothing of it is shown or sent here.
  #changePerson() {
    this.signedIn = false;
    document.body.hidden = true;
    location.reload();
    return new Promise(() => {}); // whoever waits for the answer waits until the page is gone
  }

  #warn() {
    this.#warning.querySelector("[data-time]").textContent = clock(new Date(this.#ends));
    show(this.#warning);
  }

  async #stay() {
    await this.#checking;
    await this.check("POST");
    const failed = this.#warning.open;
    this.#warning.querySelector("[data-error]").textContent = failed
      ? "This did not work. Check the connection and try again."
      : "";
    if (!failed) this.#channel?.postMessage("stayed");
  }

  // The dialog asks for the password, and then, of those who have a second step, for a code.
  #askFor(what) {
    for (const part of ["password", "code"]) {
      this.#dialog.querySelector(`[data-${part}]`).hidden = part !== what;
    }
  }

  get #asksForCode() {
    return !this.#dialog.querySelector("[data-code]").hidden;
  }

  async #signIn() {
    if (this.#asksForCode) return this.#sendCode();
    const fields = new FormData(this.#form);
    fields.delete("code");
    if (!fields.get("login") || !fields.get("password")) return this.#say("Enter your email address and your password.");
    this.#say("");
    const address = this.#form.action;
    const page = await pageAt(address);
    fields.set("csrfmiddlewaretoken", page?.querySelector('[name="csrfmiddlewaretoken"]')?.value ?? this.csrf);
    const answer = await fetched(address, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
    });
    const data = answer && (await jsonOf(answer));
    await this.#checking;
    await this.check();
    if (this.signedIn) return this.#channel?.postMessage("signed in");
    if (!answer) return this.#say(UNREACHED);
    if (data?.location?.startsWith(STEP)) {
      this.#askFor("code");
      this.#form.elements.code.focus();
      return undefined;
    }
    const errors = [data?.form?.errors, ...Object.values(data?.form?.fields ?? {}).map((field) => field.errors)];
    const [sentence] = errors.flat().filter(Boolean);
    if (sentence) return this.#say(sentence);
    return this.#say("Signing in needs another step. Use the link below; this page goes on by itself afterwards.");
  }

  async #sendCode() {
    const { code } = this.#form.elements;
    if (!code.value.trim()) return this.#say("Enter the code.");
    this.#say("");
    const asked = await pageAt(STEP);
    const token = asked?.querySelector('[name="csrfmiddlewaretoken"]')?.value;
    const answer = token && (await fetched(STEP, { method: "POST", body: new URLSearchParams({ code: code.value, csrfmiddlewaretoken: token }) }));
    const page = answer?.ok && parsed(await answer.text());
    await this.#checking;
    await this.check();
    if (this.signedIn) return this.#channel?.postMessage("signed in");
    code.value = "";
    if (page) return this.#say(page.querySelector(".govuk-error-summary__list")?.textContent.trim() || "Enter the newest code.");
    if (!asked && !answer) {
      // Nothing came back, or the password was entered too long ago.
      this.#askFor("password");
      return this.#say("Enter your password again, and then the code.");
    }
    return this.#say(UNREACHED);
  }

  #say(sentence) {
    const place = this.#dialog.querySelector("[data-error]");
    place.textContent = sentence;
    if (sentence) this.#form.elements[this.#asksForCode ? "code" : "password"].focus();
  }

  #next(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.check(), Math.max(1, seconds) * 1000);
  }
}

// The focus goes to the dialog itself: whoever is typing does not type on into a field for passwords.
function show(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  dialog.querySelector("h2").focus();
}

async function fetched(address, options) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT);
  try {
    const common = { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: abort.signal };
    return await fetch(address, { ...common, ...options });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function pageAt(address) {
  const answer = await fetched(address, { headers: { Accept: "text/html" } });
  return answer?.ok ? parsed(await answer.text()) : null;
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

async function jsonOf(answer) {
  try {
    return await answer.json();
  } catch {
    return null;
  }
}

export function clock(moment) {
  const parts = { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" };
  return new Intl.DateTimeFormat("en-GB", parts).format(moment);
}
