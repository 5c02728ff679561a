// Every page: starts the GOV.UK components that the page holds. Without it every page still works.
import "./supported.js";
import { initAll } from "../vendor/govuk-frontend/govuk-frontend.min.js";

// GOV.UK's radios carry aria-expanded for what they reveal, which ARIA does not allow on a radio. What is revealed
// stands right after its radio, so nothing is lost without it.
function withoutExpandedRadios() {
  for (const radio of document.querySelectorAll('input[type="radio"][aria-expanded]')) {
    radio.removeAttribute("aria-expanded");
  }
}

initAll();
withoutExpandedRadios();
document.addEventListener("click", withoutExpandedRadios);
window.addEventListener("pageshow", withoutExpandedRadios);
