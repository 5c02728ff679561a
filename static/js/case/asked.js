// Shows and hides key questions as the facts leave them out or ask them: at once, on the page where they stand.
//
// A key question that is no longer asked is folded away with its prompts. Its answers stay in the form as they are and
// are posted unchanged, so that they come back with it. One that the page was opened without comes with a reload.
import { announce } from "./announce.js";

const form = document.querySelector("form[data-saves]");
const waiting = new Set(); // sections to be folded once the focus has left them

if (form) {
  document.addEventListener("evenhand:saved", ({ detail }) => detail.asked?.length && follow(detail.asked));
  // Whoever pressed "Ask it anyway" gives the reason next.
  const reason = document.getElementById(location.hash.slice(1));
  if (reason?.name?.startsWith("asked_because-")) {
    reason.closest("details")?.setAttribute("open", "");
    reason.focus();
  }
}

function follow(asked) {
  for (const section of form.querySelectorAll('section[aria-labelledby^="part-"]')) {
    const code = section.getAttribute("aria-labelledby").slice("part-".length);
    const isAsked = asked.includes(code);
    waiting.delete(section);
    if (section.querySelector(":scope > .eh-not-asked[id]")) offer(section, code, isAsked);
    else if (isAsked) unfold(section, code);
    else fold(section, code);
  }
}

function fold(section, code) {
  if (section.querySelector("[data-folded]")) return;
  if (section.contains(document.activeElement)) {
    // Nobody's field is taken from under their fingers.
    waiting.add(section);
    section.addEventListener("focusout", () => setTimeout(() => waiting.has(section) && fold(section, code)), { once: true });
    return;
  }
  waiting.delete(section);
  for (const question of questionsIn(section)) question.hidden = true;
  const title = element("h3", "govuk-heading-s", `Not asked: ${wordsOf(section, code)}`);
  const why = element("p", "govuk-body", "The facts leave this key question and its prompts out. What you answered is kept, counts nowhere, and comes back if they are asked again.");
  const anyway = element("button", "govuk-button govuk-button--secondary", "Ask it anyway");
  anyway.type = "button";
  anyway.append(element("span", "govuk-visually-hidden", `: ${code}`));
  anyway.addEventListener("click", () => reloadAt(`id_asked_because-${code}`));
  const note = element("div", "eh-not-asked");
  note.dataset.folded = "";
  note.append(title, why, anyway);
  section.append(note);
  announce(`Key question ${code} and its prompts are no longer asked. Their answers are kept.`);
}

function unfold(section, code) {
  const note = section.querySelector("[data-folded]");
  if (!note) return;
  const hadFocus = note.contains(document.activeElement);
  note.remove();
  for (const question of questionsIn(section)) question.hidden = false;
  if (hadFocus) section.querySelector("input, textarea")?.focus();
  announce(`Key question ${code} and its prompts are asked again.`);
}

// The page was opened when this was not asked, so that it has no fields for it.
function offer(section, code, isAsked) {
  const offered = section.querySelector("[data-show]");
  if (!isAsked) offered?.remove();
  if (!isAsked || offered) return;
  const button = element("button", "govuk-button", "Show this question");
  button.type = "button";
  button.dataset.show = "";
  button.append(element("span", "govuk-visually-hidden", `: ${code}`));
  button.addEventListener("click", () => reloadAt(`question-${code}`));
  section.querySelector("h2").after(button);
  announce(`Key question ${code} is asked now. Use “Show this question” to see it.`);
}

// What is being saved is saved first; what cannot be saved is kept and comes back with the page.
function reloadAt(place) {
  const status = document.getElementById("save-status");
  const go = () => {
    if (status.dataset.kind === "saving") return;
    observer.disconnect();
    location.hash = place;
    location.reload();
  };
  const observer = new MutationObserver(go);
  observer.observe(status, { attributes: true, attributeFilter: ["data-kind"] });
  go();
}

function questionsIn(section) {
  return section.querySelectorAll("[data-question]");
}

function wordsOf(section, code) {
  const legend = section.querySelector(`[data-question="${CSS.escape(code)}"] legend`);
  return legend?.textContent.replace(code, "").replace(/\s+/g, " ").trim() ?? code;
}

function element(name, className, text = "") {
  return Object.assign(document.createElement(name), { className, textContent: text });
}
