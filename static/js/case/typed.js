// Keeps what was typed in a form that is saved by its button: before it is sent, the session is looked at, and where that
// has ended the person signs in on this page. Without it the form is sent as ever.

import { Session } from "./session.js";

function keep(forms) {
  const session = new Session(document.documentElement.dataset.person);
  let waiting = null;
  for (const form of forms) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (waiting) return session.ask();
      waiting = form;
      await session.check();
      if (session.signedIn) form.submit();
      else session.ask();
      return undefined;
    });
  }
  session.addEventListener("back", () => waiting?.submit());
  // A page that comes back from the browser's memory may be sent again.
  addEventListener("pageshow", () => {
    waiting = null;
  });
}

const forms = document.querySelectorAll("form[data-typed]");
if (forms.length) keep(forms);
