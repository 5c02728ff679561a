// Tells the stylesheet that scripts run, as soon as it is there, so that content shown only on demand does not linger. A
// file of its own, because the content security policy allows no inline script; nothing waits for it, and evenhand.js
// runs it too, should that come first.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
