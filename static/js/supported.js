// Runs before the page is drawn, so that content shown only on demand does not flash up first. A file of its own,
// because the content security policy allows no inline script.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
