// Between fields and commands: what was given, what is shown, and which question is marked.

import { CONTENT, TAB, contentOf, same } from "./outbox.js";

const EARLY = 200; // ms until typed text is in the vault
const PAUSE = 800; // ms of rest after which it is sent
const LONGEST = 8000; // ms after which it is sent without any rest
const NOT_APPLICABLE = "not_applicable";

export class CaseForm {
  questions = new Map();
  #form;
  #place;
  #outbox;
  #sender;
  #conflicts;
  #given = []; // answers that can be taken back, the last one last
  #asked = null;
  #started = false; // until then the fields hold what is given, and `start` picks it up

  constructor({ form, outbox, sender, conflicts }) {
    this.#form = form;
    this.#outbox = outbox;
    this.#sender = sender;
    this.#conflicts = conflicts;
    this.#place = { case: form.dataset.case, url: form.dataset.saves, page: location.pathname };
    for (const group of form.querySelectorAll("[data-question], [data-not-asked]")) {
      // Where the server already asks which answer should stand, its own form decides.
      if (!group.querySelector('[name^="settle-"]')) this.#add(group);
    }
    form.addEventListener("change", ({ target }) => this.#changed(target));
    form.addEventListener("input", ({ target }) => this.#typed(target));
    form.addEventListener("focusout", ({ target }) => this.#left(target));
    form.addEventListener("submit", (event) => this.#submitted(event));
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.flush());
    addEventListener("pagehide", () => this.#farewell());
    document.addEventListener("evenhand:undo", () => this.undo());
    outbox.addEventListener("settled", ({ detail }) => this.#settled(detail));
    outbox.addEventListener("marked", ({ detail }) => this.#marked(detail.record));
    outbox.addEventListener("renamed", ({ detail }) => this.#renamed(detail));
    outbox.addEventListener("change", () => this.#markAll());
  }

  // Lays what waits and what was confirmed since over the page, and picks up what was given before scripts ran.
  start() {
    if (this.#started) return;
    this.#started = true;
    this.#form.dataset.started = "";
    const typed = new Map();
    for (const question of this.questions.values()) {
      const now = this.#read(question);
      const changed = CONTENT.filter((name) => JSON.stringify(now[name]) !== JSON.stringify(question.rendered[name]));
      if (!changed.length && !errorsAt(question).length) continue;
      typed.set(question, Object.fromEntries(changed.map((name) => [name, now[name]])));
    }
    for (const known of this.#outbox.knownOf(this.#place.case)) this.#lay(known);
    const waiting = this.#outbox.of(this.#place.case);
    for (const record of waiting) this.#adopt(record);
    for (const record of waiting) this.#marked(record); // only now is the last word of each question known
    for (const { question: code, change_reason: reason } of this.#outbox.reasonsOf(this.#place.case)) {
      const question = this.questions.get(code);
      if (!question || this.#outbox.get(question.last)?.body.change_reason) continue;
      question.keptReason = reason;
      this.#changeReason(question).value ||= reason;
    }
    for (const [question, changes] of typed) {
      this.#write(question, { ...question.given, ...changes });
      this.#give(question, { anyway: true });
    }
    this.#markAll();
  }

  // Gives the previous answer again in place of the last one given; returns the code of its question, or null.
  undo() {
    for (;;) {
      const last = this.#given.pop();
      if (!last) return null;
      const question = this.questions.get(last.code);
      if (question.conflict) continue;
      const { value, reason } = last.before;
      this.#write(question, { ...this.#read(question), value, reason });
      this.#give(question);
      return last.code;
    }
  }

  // Sends on what is still being typed, without waiting for a rest.
  flush() {
    for (const question of this.questions.values()) if (question.typing) this.#settleTyping(question);
  }

  // The questions whose answers wait for a decision of the person: refused, in conflict, or for the server's own form.
  get undecided() {
    const codes = [...this.questions.values()].filter((held) => held.conflict || held.refused).map((held) => held.code);
    const settle = [...this.#form.querySelectorAll('[data-question]:has([name^="settle-"])')];
    return [...codes, ...settle.map((group) => group.dataset.question)];
  }

  // What the other person gave stays.
  keepTheirs(question) {
    const { theirs, id } = question.conflict;
    question.confirmed = { version: theirs.version, content: fromServer(question, theirs) };
    this.#endConflict(question);
    this.#outbox.drop(id, "theirs", { theirs });
    this.#show(question, question.confirmed.content);
    question.versionInput.value = theirs.version;
    question.saved = true;
    this.#markAll();
  }

  // What this person gave is given again, on top of what the other gave.
  useMine(question) {
    const { theirs, id } = question.conflict;
    question.confirmed = { version: theirs.version, content: fromServer(question, theirs) };
    question.versionInput.value = theirs.version;
    this.#endConflict(question);
    question.last = null;
    this.#give(question, { anyway: true });
    this.#outbox.drop(id, "mine", { by: this.#outbox.get(question.last) });
  }

  #endConflict(question) {
    const { id } = question.conflict;
    question.conflict = null;
    this.#conflicts.close(question);
    const held = [id]; // and all that was typed since
    for (const record of this.#outbox.all) {
      if (!held.includes(record.body.base?.after)) continue;
      held.push(record.id);
      this.#outbox.drop(record.id, "replaced");
    }
    question.last = null;
  }

  // Questions

  #add(group) {
    const code = group.dataset.question ?? group.dataset.notAsked;
    const named = (part) => [...this.#form.querySelectorAll(`[name="${CSS.escape(`${part}-${code}`)}"]`)];
    const question = {
      code,
      group,
      answers: named("answer"),
      texts: { reason: named("reason")[0], note: named("note")[0], asked_because: named("asked_because")[0] },
      changeReason: named("change_reason")[0],
      sources: named("source"),
      atInterview: named("at_interview").find((input) => input.type !== "hidden"),
      versionInput: named("version")[0],
      // A key question that is not asked has a field only for why to ask it anyway; the rest is sent along as it stands.
      kept: group.dataset.content ? JSON.parse(group.dataset.content) : null,
      last: null, // the command that came last from here and still waits
      chain: new Set(), // all that did
      conflict: null,
      refused: null,
      typing: null,
      saved: false,
    };
    if (!(question.answers.length || question.kept) || !question.versionInput) return;
    question.mark = document.createElement("p");
    question.mark.className = "eh-question__mark";
    group.append(question.mark);
    question.rendered = this.#read(question, true);
    question.given = question.rendered;
    question.confirmed = { version: Number(question.versionInput.value), content: question.rendered };
    this.questions.set(code, question);
  }

  #read(question, asRendered = false) {
    const { answers, texts, sources, atInterview, group } = question;
    const chosen = (inputs) => inputs.filter((input) => (asRendered ? input.defaultChecked : input.checked));
    const text = (input) => {
      const value = (asRendered ? input?.defaultValue : input?.value) ?? "";
      return value.trim() ? value.replace(/\r\n?/g, "\n") : "";
    };
    if (question.kept) return { ...question.kept, asked_because: text(texts.asked_because) };
    const [first] = answers;
    let value = null;
    if (first.type === "checkbox") value = chosen(answers).map((input) => input.value);
    else if (first.type === "radio") value = chosen(answers)[0]?.value || null;
    else value = text(first) || null;
    if (Array.isArray(value) && !value.length) value = null;
    let source = group.dataset.source;
    if (sources[0]?.type === "radio") source = chosen(sources)[0]?.value;
    else if (sources[0]) source = asRendered ? renderedChoice(sources[0]) : sources[0].value;
    return {
      value,
      reason: value === NOT_APPLICABLE ? text(texts.reason) : "",
      note: text(texts.note),
      asked_because: text(texts.asked_because),
      source: source ?? "",
      at_interview: atInterview ? chosen([atInterview]).length > 0 : group.dataset.atInterview === "true",
    };
  }

  #write(question, content) {
    const { answers, texts, sources, atInterview } = question;
    const values = [content.value ?? ""].flat();
    if (question.kept) question.kept = content;
    for (const input of answers) {
      if (input.type === "radio" || input.type === "checkbox") input.checked = input.value !== "" && values.includes(input.value);
      else if (input.value !== values[0]) input.value = values[0];
      reveal(input);
    }
    for (const [name, input] of Object.entries(texts)) {
      if (input && input.value !== content[name] && (name !== "reason" || content.reason)) input.value = content[name];
      if (content[name] && input) input.closest("details")?.setAttribute("open", "");
    }
    for (const input of sources) {
      if (input.type === "radio") input.checked = input.value === content.source;
      else input.value = content.source;
    }
    if (atInterview) atInterview.checked = content.at_interview;
  }

  #show(question, content) {
    this.#write(question, content);
    question.given = content;
  }

  #of(target) {
    if (!this.#started) return undefined;
    return this.questions.get(target.name?.slice(target.name.indexOf("-") + 1));
  }

  // What the person does

  #changed(target) {
    const question = this.#of(target);
    if (!question) return;
    if (isText(target)) return this.#settleTyping(question);
    const before = question.given;
    this.#give(question);
    if (target.name.startsWith("answer-") && !same(before, question.given)) {
      this.#given.push({ code: question.code, before });
    }
  }

  #typed(target) {
    const question = this.#of(target);
    if (!question || !isText(target)) return;
    const now = Date.now();
    const pending = this.#outbox.get(question.last);
    if (!question.typing || pending?.attempted !== false) question.typing = { since: now, timer: question.typing?.timer };
    question.typing.due = Math.min(now + PAUSE, question.typing.since + LONGEST);
    if (target === question.changeReason) question.typing.due = now + LONGEST; // a reason is given whole
    if (question.typing.timer) return;
    question.typing.timer = setTimeout(() => this.#keepTyping(question), EARLY);
    if (question.typing.since === now) this.#keepTyping(question, false); // a paste is whole at once
  }

  #keepTyping(question, rested = true) {
    const { typing } = question;
    if (!typing) return;
    if (rested) typing.timer = 0;
    this.#give(question, { due: typing.due });
  }

  #left(target) {
    const question = this.#of(target);
    if (question && isText(target)) this.#settleTyping(question);
  }

  #settleTyping(question) {
    clearTimeout(question.typing?.timer);
    question.typing = null;
    this.#give(question);
  }

  #give(question, { due = 0, anyway = false } = {}) {
    const content = this.#read(question);
    const reason = question.changeReason?.value.trim() ?? "";
    const pending = this.#outbox.get(question.last);
    const open = question.refused?.rule === "reason_needed" || pending?.attempted === false;
    const explained = open && reason !== (pending?.body.change_reason ?? "");
    if (same(content, question.given) && !explained && !anyway) {
      this.#keepReason(question, reason);
      if (!due && question.last) this.#outbox.hasten(question.last);
      return;
    }
    question.given = content;
    this.#clearRefusal(question);
    const record = this.#outbox.give({
      place: this.#place,
      question: question.code,
      content: reason ? { ...content, change_reason: reason } : content,
      after: question.last,
      version: question.confirmed.version,
      due,
      offlineSince: this.#sender.offlineSince,
    });
    this.#follow(question, record);
    this.#keepReason(question, ""); // it waits with its change now
    if (question.conflict) this.#conflicts.show(question, { mine: content, givenAt: record.body.given_at });
    const detail = { question: question.code, value: content.value, content };
    document.dispatchEvent(new CustomEvent("evenhand:given", { detail }));
  }

  // The reason for a change that is still to come: no command carries it yet, and a page that goes takes nothing along.
  #keepReason(question, reason) {
    if (reason === (question.keptReason ?? "")) return;
    question.keptReason = reason;
    this.#outbox.keepReason(this.#place.case, question.code, reason);
  }

  #follow(question, record) {
    question.last = record.id;
    question.chain.add(record.id);
    question.saved = question.held = false;
    this.#mark(question);
  }

  // What becomes of it

  // A confirmation newer than the page, which may have been kept from before.
  #lay({ question: code, version, content }) {
    const question = this.questions.get(code);
    if (!question) return;
    if (version <= question.confirmed.version) return this.#outbox.forgetKnown(this.#place.case, code);
    question.confirmed = { version, content };
    question.versionInput.value = version;
    this.#show(question, content);
  }

  // A command from before this page, or from another tab that gave way.
  #adopt(record) {
    const question = this.questions.get(record.body.question);
    if (!question) return;
    this.#follow(question, record);
    this.#show(question, contentOf(record.body));
    if (record.body.change_reason) this.#changeReason(question).value = record.body.change_reason;
  }

  #renamed({ from, to }) {
    for (const question of this.questions.values()) {
      if (question.last === from) question.last = to;
      if (question.chain.has(from)) question.chain.add(to);
    }
  }

  #marked(record) {
    const question = this.questions.get(record.body.question);
    if (record.case !== this.#place.case || !question?.chain.has(record.id)) return;
    if (record.state === "refused" && question.last === record.id) {
      question.refused = { sentence: record.sentence, rule: record.rule };
      this.#showRefusal(question);
    } else if (record.state === "changed") {
      question.conflict = { id: record.id, theirs: record.theirs };
      const theirs = fromServer(question, record.theirs);
      const mine = this.#read(question);
      if (same(theirs, mine)) return this.keepTheirs(question); // two people who gave the same do not disagree
      this.#conflicts.show(question, {
        theirs: { ...record.theirs, ...theirs },
        mine,
        givenAt: (this.#outbox.get(question.last) ?? record).body.given_at,
        keep: () => this.keepTheirs(question),
        use: () => this.useMine(question),
      });
    }
    this.#mark(question);
  }

  #settled({ record, outcome, data }) {
    const question = this.questions.get(record.body.question);
    if (record.case !== this.#place.case) return;
    if (question?.chain.has(record.id)) this.#settledHere(question, record, outcome, data);
    if (outcome === "saved") {
      this.#asked = data.asked ?? this.#asked;
      const detail = { question: data.question, asked: data.asked, version: data.version, saved_at: data.saved_at };
      document.dispatchEvent(new CustomEvent("evenhand:saved", { detail }));
    }
  }

  #settledHere(question, record, outcome, data) {
    const wasLast = question.last === record.id;
    if (wasLast) question.last = null;
    question.chain.delete(record.id);
    if (outcome === "saved") {
      const overtaken = data.version < question.confirmed.version;
      if (!overtaken) {
        question.confirmed = { version: data.version, content: contentOf(record.body) };
        question.versionInput.value = data.version;
      } else if (wasLast) {
        this.#show(question, question.confirmed.content); // somebody answered after this, and the page knew
      }
      if (wasLast) this.#removeError(question);
      if (wasLast) this.#reasonGiven(question, record);
      question.saved = wasLast;
    } else if (outcome === "held") {
      question.held = wasLast;
      question.heldSentence = data.sentence;
    } else if (record.tab !== TAB || question.conflict?.id === record.id) {
      this.#settledElsewhere(question, record, outcome, data);
    } else if (wasLast && data.by) {
      this.#follow(question, data.by);
    }
    this.#mark(question);
  }

  // Another tab decided about an answer that this one shows too.
  #settledElsewhere(question, record, outcome, { by, theirs }) {
    if (question.conflict?.id === record.id) {
      const { theirs: held } = question.conflict;
      question.confirmed = { version: held.version, content: fromServer(question, held) };
      question.versionInput.value = held.version;
      question.conflict = null;
      this.#conflicts.close(question);
    }
    this.#clearRefusal(question);
    if (by) {
      this.#adopt(by);
      this.#marked(by);
    }
    if (!by && outcome === "theirs") this.#show(question, fromServer(question, theirs));
  }

  // Refusals

  #showRefusal(question) {
    this.#removeError(question);
    const { group, refused } = question;
    const error = document.createElement("p");
    error.className = "govuk-error-message eh-question__refused";
    error.id = `refused-${question.code}`;
    error.innerHTML = '<span class="govuk-visually-hidden">Error:</span> ';
    error.append(refused.sentence);
    const reason = refused.rule === "reason_needed" ? this.#reasonField(question) : null;
    group.classList.add("govuk-form-group--error");
    if (reason) {
      reason.before(error);
      reason.classList.add("govuk-textarea--error");
    } else {
      (group.querySelector("legend, label") ?? group.firstElementChild).after(error);
    }
    const field = firstField(question);
    describe(reason ?? field.closest("fieldset") ?? field, error.id, true);
  }

  #clearRefusal(question) {
    if (!question.refused) return;
    question.refused = null;
    this.#removeError(question);
  }

  #removeError(question) {
    for (const error of errorsAt(question)) {
      for (const described of question.group.querySelectorAll(`[aria-describedby~="${CSS.escape(error.id)}"]`)) {
        describe(described, error.id, false);
      }
      error.remove();
    }
    for (const name of ["govuk-form-group--error", "govuk-textarea--error"]) {
      for (const marked of [question.group, ...question.group.querySelectorAll(`.${name}:not(.eh-query *)`)]) {
        marked.classList.remove(name);
      }
    }
  }

  #reasonField(question) {
    return question.texts.reason && question.given.value === NOT_APPLICABLE ? question.texts.reason : this.#changeReason(question);
  }

  // The field for why a fact is changed, which a page does not have while nothing depends on that fact.
  #changeReason(question) {
    if (!question.changeReason) {
      const field = document.getElementById("change-reason").content.cloneNode(true);
      const [label, input] = [field.querySelector("label"), field.querySelector("textarea")];
      input.name = input.id = label.htmlFor = `change_reason-${question.code}`;
      question.mark.before(field);
      question.changeReason = input;
    }
    return question.changeReason;
  }

  // A reason belongs to one change; the next one needs its own.
  #reasonGiven(question, record) {
    const field = question.changeReason;
    if (field && record.body.change_reason && field.value.trim() === record.body.change_reason) field.value = "";
  }

  // Marks

  #markAll() {
    for (const question of this.questions.values()) this.#mark(question);
  }

  #mark(question) {
    const waits = question.last && this.#outbox.get(question.last);
    let [state, words] = ["", ""];
    if (question.conflict) [state, words] = ["changed", "Not saved: choose an answer"];
    else if (question.refused) [state, words] = ["refused", "Not saved"];
    else if (waits) [state, words] = ["waiting", "Not saved yet"];
    else if (question.held) [state, words] = ["held", "Held for the lead inspector"];
    else if (question.saved) [state, words] = ["saved", "Saved"];
    if (question.mark.textContent !== words) question.mark.textContent = words;
    if (state) question.group.dataset.saving = state;
    else delete question.group.dataset.saving;
  }

  // Going on

  #farewell() {
    this.start();
    this.flush();
    const records = [...this.questions.values()].map((question) => this.#outbox.get(question.last));
    this.#sender.farewell(records.filter(Boolean));
  }

  async #submitted(event) {
    if (!this.#started) return undefined; // the form saves by itself
    event.preventDefault();
    const { submitter } = event;
    this.flush();
    await this.#outbox.stored();
    await this.#sender.poke();
    const [undecided] = this.undecided;
    const waits = this.#outbox.of(this.#place.case).some((record) => record.state === "waiting");
    if (undecided && this.questions.has(undecided)) return this.#goTo(undecided);
    if (waits && (!this.#outbox.kept || this.#plain.length)) return undefined; // the status says that it is not saved
    const onlyByForm = ["nothing_done", "reply", "close_query"].includes(submitter?.name);
    if (onlyByForm && waits) return undefined;
    if (this.#plain.length || onlyByForm) return this.#post(submitter);
    const hidden = this.#asked?.find((code) => this.#form.querySelector(`.eh-not-asked[id="question-${code}"]`));
    if (hidden && submitter?.name !== "return") {
      location.hash = `question-${hidden}`; // the facts ask it now, and the page does not show it yet
      location.reload();
    } else {
      location.assign(submitter?.name === "return" ? this.#form.dataset.return : this.#form.dataset.next);
    }
    return undefined;
  }

  // The fields that no command carries, such as replies to queries: only the form itself saves them.
  get #plain() {
    return [...this.#form.elements].filter(
      (field) =>
        /^(settle|asked_because|query)-/.test(field.name) &&
        !this.questions.has(field.name.slice(field.name.indexOf("-") + 1)) &&
        (field.type === "radio" || field.type === "hidden" || field.value !== field.defaultValue),
    );
  }

  #post(submitter) {
    for (const { texts, given } of this.questions.values()) {
      if (texts.reason && given.value !== NOT_APPLICABLE) texts.reason.value = ""; // out of sight, and not meant
    }
    if (submitter?.name) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: submitter.name, value: submitter.value });
      this.#form.append(input);
    }
    this.#form.submit();
  }

  #goTo(code) {
    const question = this.questions.get(code);
    const target = question.conflict
      ? question.group.querySelector(".eh-choice")
      : (question.group.querySelector(".govuk-textarea--error:not(.eh-query *)") ?? firstField(question));
    target.focus();
    target.scrollIntoView({ block: "center" });
  }
}

// What is wrong with an answer; a query at its question has a field and errors of its own.
function errorsAt({ group }) {
  return [...group.querySelectorAll(".govuk-error-message:not(.eh-query *)")];
}

// Where the focus goes to change an answer.
function firstField({ answers, texts }) {
  return answers.find((input) => input.checked) ?? answers[0] ?? texts.asked_because;
}

function isText(target) {
  return target.tagName === "TEXTAREA" || target.type === "text";
}

// What a list of choices stood at when the page came, whatever was chosen since.
function renderedChoice(select) {
  const options = [...(select.options ?? [])];
  return (options.find((option) => option.defaultSelected) ?? options[0])?.value ?? select.defaultValue;
}

// The server's own form of an answer, as the fields of this question say it.
function fromServer(question, theirs) {
  const content = contentOf(theirs);
  const values = Array.isArray(content.value) ? content.value : null;
  if (question.kept) return content;
  if (values) content.value = question.answers.map((input) => input.value).filter((value) => values.includes(value));
  else if (content.value !== null) content.value = String(content.value);
  return content;
}

// What a choice reveals follows its choice, as GOV.UK's own script does it on a click.
function reveal(input) {
  const target = document.getElementById(input.getAttribute("aria-controls") ?? input.dataset.ariaControls);
  target?.classList.toggle("govuk-radios__conditional--hidden", !input.checked);
}

function describe(element, id, described) {
  const ids = new Set((element?.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean));
  if (described) ids.add(id);
  else ids.delete(id);
  if (ids.size) element?.setAttribute("aria-describedby", [...ids].join(" "));
  else element?.removeAttribute("aria-describedby");
}
