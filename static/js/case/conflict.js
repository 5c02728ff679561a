// Two answers to one question: both shown, with names and times, and the choice between them.

import { clock } from "./session.js";

export class Conflicts {
  #open = new Map();
  #me;

  constructor(me) {
    this.#me = me;
  }

  // Shows both answers at the question, or brings up to date what is shown. The focus stays where it is.
  show(question, { theirs, mine, givenAt, keep, use }) {
    let panel = this.#open.get(question.code);
    if (!panel) {
      if (!theirs) return;
      panel = document.getElementById("conflict-choice").content.firstElementChild.cloneNode(true);
      panel.id = `choose-${question.code}`;
      const title = panel.querySelector(".eh-choice__title");
      title.id = `choose-title-${question.code}`;
      panel.setAttribute("aria-labelledby", title.id);
      for (const button of panel.querySelectorAll("button")) button.setAttribute("aria-describedby", title.id);
      const before = question.group.querySelector("legend") ?? question.group.querySelector("label");
      before.after(panel);
      this.#open.set(question.code, panel);
    }
    if (theirs) {
      const who = theirs.by === this.#me ? "You, in another window" : theirs.by;
      panel.querySelector(".eh-choice__title").textContent =
        `${who} changed this at ${moment(theirs.at)}, after you opened it. Choose which answer should stand.`;
      panel.querySelector("[data-theirs] .eh-read__who").textContent = `${who}, ${clock(new Date(theirs.at))}`;
      panel.theirs = theirs;
      panel.querySelector("[data-keep]").onclick = () => this.#chosen(question, keep);
      panel.querySelector("[data-use]").onclick = () => this.#chosen(question, use);
    }
    if (givenAt) panel.querySelector("[data-mine] .eh-read__who").textContent = `You, ${clock(new Date(givenAt))}, not saved yet`;
    fill(panel.querySelector("[data-theirs] .eh-choice__content"), question, panel.theirs, mine);
    fill(panel.querySelector("[data-mine] .eh-choice__content"), question, mine, panel.theirs);
  }

  close(question) {
    this.#open.get(question.code)?.remove();
    this.#open.delete(question.code);
  }

  // The buttons go, so the focus moves to the answer that stands.
  #chosen(question, choose) {
    choose();
    const { answers, texts } = question;
    (answers.find((input) => input.checked) ?? answers[0] ?? texts.asked_because).focus();
  }
}

// The whole answer. What only the other one holds is said to be lacking here.
function fill(place, question, content, other) {
  const parts = [
    ["Reason: ", "reason", (text) => text || "none"],
    ["Asked because: ", "asked_because", (text) => text || "no reason given"],
    ["Note: ", "note", (text) => text || "none"],
    ["Evidence from: ", "source", (code) => sourceInWords(question, code)],
    ["Ask at interview: ", "at_interview", (asked) => (asked ? "yes" : "no")],
  ];
  const lines = parts
    .filter(([, name]) => content[name] || other[name])
    .map(([label, name, say]) => line("eh-read__text", label, say(content[name])));
  place.replaceChildren(line("eh-read__value", "", words(question, content.value)), ...lines);
}

function sourceInWords(question, code) {
  const options = [...(question.sources[0]?.options ?? [])];
  return options.find((option) => option.value === (code ?? ""))?.textContent.trim() ?? (code || "not said");
}

function line(css, label, text) {
  const paragraph = document.createElement("p");
  paragraph.className = css;
  if (label) {
    const span = document.createElement("span");
    span.className = "eh-read__label";
    span.textContent = label;
    paragraph.append(span);
  }
  paragraph.append(text);
  return paragraph;
}

// A value in the words of its own choices.
function words(question, value) {
  if (value === null) return "Not answered";
  if (question.kept) return String(value).replaceAll("_", " ");
  const labels = new Map(question.answers.map((input) => [input.value, input.labels?.[0]?.textContent.trim()]));
  return question.answers[0].type === "textarea" ? value : [value].flat().map((code) => labels.get(code) ?? code).join(", ");
}

function moment(text) {
  const at = new Date(text);
  const day = { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/London" };
  return `${clock(at)} on ${new Intl.DateTimeFormat("en-GB", day).format(at)}`;
}
