// Passkeys: a form with data-passkey asks the device before it is sent, and sends what the device says.

const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

for (const note of document.querySelectorAll("[data-passkey-off]")) note.hidden = true;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(form, "");
    if (!globalThis.PublicKeyCredential) return say(form, "This browser has no passkeys. Use a code instead.");
    try {
      form.elements.credential.value = JSON.stringify(await ask(form));
    } catch (error) {
      return say(form, sentence(error));
    }
    return form.submit();
  });
}

async function ask(form) {
  const options = await optionsOf(form);
  const { publicKey } = options;
  publicKey.challenge = decode(publicKey.challenge);
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    for (const known of publicKey[list] ?? []) known.id = decode(known.id);
  }
  if (form.dataset.passkey === "get") return toSend(await navigator.credentials.get(options));
  publicKey.user.id = decode(publicKey.user.id);
  const alone = form.elements.passwordless?.checked ?? false;
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone && { userVerification: "required" }),
  };
  return toSend(await navigator.credentials.create(options));
}

// On the sign-in page nobody is known yet, so what to ask comes when it is wanted.
async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
  if (!answer.ok) throw new Error("no options");
  return (await answer.json()).request_options;
}

function toSend(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

function sentence(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
  if (error.name === "NotAllowedError") return "The passkey was not used, or it took too long. Try again.";
  if (error.name === "SecurityError") return "Passkeys do not work at this address. Ask your administrator.";
  return "The passkey could not be asked. Try again, or use a code instead.";
}

function say(form, text) {
  form.querySelector("[data-passkey-error]").textContent = text;
}
