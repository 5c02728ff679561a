// Says a sentence to who listens rather than looks, without moving the focus.
let region;

export function announce(sentence) {
  if (!region) {
    region = document.createElement("div");
    region.className = "govuk-visually-hidden";
    region.setAttribute("aria-live", "polite");
    document.querySelector("main").append(region);
  }
  // The same sentence twice is said twice only when it changes in between.
  region.textContent = region.textContent === sentence ? `${sentence}\u00a0` : sentence;
}
