// Starts saving by itself on a page that has a case form. Without it the form saves by its buttons.

import { Conflicts } from "./conflict.js";
import { CaseForm } from "./form.js";
import { Outbox } from "./outbox.js";
import { Sender } from "./sender.js";
import { Session } from "./session.js";
import { Status } from "./status.js";

// The form of this page for other modules, which also hear "evenhand:ready" with it; null on a page without one.
export let form = null;

async function start(element) {
  const { person, personName } = element.dataset;
  const session = new Session(person);
  const outbox = new Outbox(person);
  const sender = new Sender(outbox, session, person);
  form = new CaseForm({ form: element, outbox, sender, conflicts: new Conflicts(personName) });
  const status = new Status({ region: document.getElementById("save-status"), outbox, session, form });
  await outbox.open();
  form.start();
  status.show();
  document.dispatchEvent(new CustomEvent("evenhand:ready", { detail: { form } }));
  session.check();
  sender.poke();
}

const element = document.querySelector("form[data-saves]");
if (element) start(element);
