// The one status region of a page. It says "Saved" only while nothing waits at all.

import { clock } from "./session.js";

const SORRY = {
  forbidden: "Not saved: you may not change this case now. Ask the lead inspector.",
  not_found: "Not saved: you have no access to this case any more. Ask the lead inspector.",
  too_large: "Not saved: a text is too long to be sent. Shorten it.",
};

export class Status {
  #region;
  #outbox;
  #session;
  #form;
  #savedAt = null;
  #held = "";
  #spoken = "";
  #shown = "";

  constructor({ region, outbox, session, form }) {
    this.#region = region;
    this.#outbox = outbox;
    this.#session = session;
    this.#form = form;
    outbox.addEventListener("settled", ({ detail: { outcome, data } }) => {
      if (outcome === "saved") this.#savedAt = new Date(Math.max(this.#savedAt ?? 0, new Date(data.saved_at)));
      if (outcome === "saved") this.#held = "";
      if (outcome === "held") this.#held = data.sentence ?? "";
    });
    outbox.addEventListener("change", () => this.show());
    session.addEventListener("change", () => this.show());
  }

  show() {
    const { kind, text, link, button } = this.#now();
    const shown = JSON.stringify([kind, text, link]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    // "Saving" is for the eye only, and so is a second "Saved" within the minute: whoever listens is not to be
    // interrupted at each pause in typing.
    const spoken = `${text} ${link?.text ?? ""}`;
    const quiet = kind === "saving" || spoken === this.#spoken;
    if (kind !== "saving") this.#spoken = spoken;
    this.#region.setAttribute("aria-live", quiet ? "off" : "polite");
    this.#region.dataset.kind = kind;
    this.#region.replaceChildren(text);
    if (link) this.#region.append(" ", anchor(link));
    if (button) this.#region.append(" ", this.#signInButton());
  }

  #now() {
    const waiting = this.#outbox.all;
    const { kept, failures } = this.#outbox;
    const failure = waiting.map(({ id }) => failures.get(id)).find(Boolean);
    const where = kept ? "kept on this device" : "not kept on this device, so leave this page open";
    const count = waiting.length > 1 ? ` ${waiting.length} answers wait.` : "";

    if (!this.#session.signedIn) {
      const text = waiting.length ? `Sign in to save: ${where}.${count}` : "Sign in to go on.";
      return { kind: "signed-out", text, button: true };
    }
    const changed = waiting.find(({ state }) => state === "changed");
    if (changed) return { kind: "changed", text: "Changed by someone else:", link: this.#link(changed, "choose", count) };
    const refused = waiting.find(({ state }) => state === "refused");
    if (refused) return { kind: "refused", text: "Not saved:", link: this.#link(refused, "see why", count) };
    const unsettled = this.#form.undecided[0];
    if (unsettled) {
      const link = { href: `#question-${unsettled}`, text: `choose at ${name(unsettled)}` };
      return { kind: "changed", text: "Not saved:", link };
    }
    if (failure) {
      const sorry = failure.sentence && failure.kind in SORRY ? `Not saved: ${failure.sentence}` : SORRY[failure.kind];
      const text = sorry ? `${sorry} It is ${where}.` : `Not saved: ${where}, will try again.`;
      return { kind: "failed", text: `${text}${count}` };
    }
    if (waiting.length) return { kind: "saving", text: kept ? "Saving…" : "Saving… Not kept on this device." };
    if (this.#held) return { kind: "held", text: `Held for the lead inspector. ${this.#held}` };
    if (this.#savedAt) return { kind: "saved", text: `Saved at ${clock(this.#savedAt)}` };
    return { kind: "", text: "" };
  }

  #link({ page, body }, word, count) {
    const here = page === location.pathname;
    return {
      href: `${here ? "" : page}#question-${body.question}`,
      text: `${word} at ${name(body.question)}`,
      after: count,
    };
  }

  #signInButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "eh-saving__button";
    button.textContent = "Sign in";
    button.addEventListener("click", () => this.#session.ask());
    return button;
  }
}

// A question has a code, a fact only its words.
function name(code) {
  if (/^\d/.test(code)) return `question ${code}`;
  const words = document.querySelector(`[data-question="${CSS.escape(code)}"]`)?.querySelector("legend, label")?.textContent;
  return words ? `“${words.trim()}”` : "the question";
}

function anchor({ href, text, after }) {
  const link = document.createElement("a");
  link.className = "govuk-link";
  link.href = href;
  link.textContent = text;
  const whole = document.createElement("span");
  whole.append(link, after ? `.${after}` : "");
  return whole;
}
