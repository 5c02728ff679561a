// Keys for the case form: Y, N and A answer the question that has the focus, U finds the next one without an answer.
//
// Radios stay plain radios: the keys press them, and arrows, Tab and space do what they always do. No key works while
// somebody types, with another key held, or in a dialog, and all of them can be switched off (WCAG 2.1.4).
import { announce } from "./announce.js";

const OFF = "evenhand-keys-off";
const ANSWERS = { y: ["yes", "true"], n: ["no", "false"], a: ["not_applicable"] };
const PRESSED = ["radio", "checkbox", "button", "submit", "reset"]; // inputs that nobody types in

const form = document.querySelector("form[data-saves]");
const dialog = document.querySelector("[data-keys-dialog]");
if (form && dialog) start();

function start() {
  document.addEventListener("keydown", pressed);
  document.querySelector("[data-keys]").hidden = false;
  document.querySelector("[data-keys-show]").addEventListener("click", () => dialog.showModal());
  dialog.querySelector("[data-keys-close]").addEventListener("click", () => dialog.close());
  for (const control of controls()) {
    control.checked = areOn();
    control.addEventListener("change", () => turn(control.checked));
  }
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && isTyping(event.target)) return leaveText(event);
  if (!areOn() || isTyping(event.target) || event.altKey) return;
  const key = event.key.toLowerCase();
  let done;
  if (event.ctrlKey || event.metaKey) done = key === "z" && !event.shiftKey && takeBack();
  else if (key === "?") done = show();
  else if (event.shiftKey) return;
  else if (key === "u") done = next(event.target);
  else if (key in ANSWERS) done = answer(event.target.closest("[data-question]"), ANSWERS[key]);
  if (done) event.preventDefault();
}

function isTyping(target) {
  if (target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName)) return true;
  return target.tagName === "INPUT" && !PRESSED.includes(target.type);
}

// What the keys do; each returns whether it did anything

function answer(question, values) {
  const radio = values.map((value) => question?.querySelector(`[name^="answer-"][value="${value}"]`)).find(Boolean);
  if (radio?.type !== "radio") return false;
  radio.focus();
  if (!radio.checked) radio.click();
  if (radio.value === "not_applicable") question.querySelector('[name^="reason-"]')?.focus();
  return true;
}

function next(target) {
  const questions = [...form.querySelectorAll("[data-question]")].filter((question) => question.checkVisibility());
  const here = questions.indexOf(target.closest("[data-question]"));
  const open = [...questions.slice(here + 1), ...questions.slice(0, here + 1)].find((question) => !isAnswered(question));
  if (open) {
    focus(open);
  } else {
    form.querySelector('button[type="submit"]').focus();
    announce("Every question on this page is answered.");
  }
  return true;
}

function takeBack() {
  let code = null;
  const hear = ({ detail }) => {
    code = detail.question;
  };
  document.addEventListener("evenhand:given", hear);
  document.dispatchEvent(new CustomEvent("evenhand:undo"));
  document.removeEventListener("evenhand:given", hear);
  const question = code && form.querySelector(`[data-question="${CSS.escape(code)}"]`);
  if (question) focus(question);
  announce(question ? "The last answer was taken back." : "There is no answer to take back.");
  return true;
}

function show() {
  dialog.showModal();
  return true;
}

// Out of a text and back to the answer it belongs to, so that the keys work again without a way through Tab.
function leaveText(event) {
  const question = event.target.closest("[data-question]");
  if (!question?.querySelector('[name^="answer-"]:not(textarea)')) return;
  event.preventDefault();
  focus(question);
}

function isAnswered(question) {
  const fields = [...question.querySelectorAll('[name^="answer-"]')];
  return fields.some((field) => (field.tagName === "TEXTAREA" ? field.value.trim() : field.checked && field.value));
}

function focus(question) {
  const fields = [...question.querySelectorAll('[name^="answer-"]')];
  (fields.find((field) => field.checked) ?? fields[0])?.focus();
}

// Off and on

function areOn() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

function turn(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // Without storage they are on again at the next page.
  }
  for (const control of controls()) control.checked = areOn();
  announce(areOn() ? "Keys for answering are on." : "Keys for answering are off.");
}

function controls() {
  return document.querySelectorAll("[data-keys-on]");
}
