"use strict";
// Without this script the page works as well: the server checks what is submitted.
const form = document.querySelector("form");
const summary = document.getElementById("summary");
if (summary) summary.focus();

if (form) {
  form.elements.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const time = document.querySelector("time");
  if (time) {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: "full", timeStyle: "short" })
      + " (" + form.elements.zone.value.replaceAll("_", " ") + ")";
  }
  const phone = form.elements.phone;
  if (phone) watch(phone, document.getElementById("phone-error"));
}

function watch(phone, error) {
  const submit = document.getElementById("submit");
  const served = document.getElementById("served");
  let asked = 0;
  let pause;

  async function ask() {
    const body = new URLSearchParams({ phone: phone.value });
    try {
      // A network that neither answers nor fails must not keep Submit from anybody.
      const answer = await fetch("/join/check", { method: "POST", body, signal: AbortSignal.timeout?.(4000) });
      if (answer.ok) return await answer.json();
    } catch { /* as if it had not been asked */ }
    return { ok: true, served: true }; // the server will tell
  }

  async function check(entered) {
    clearTimeout(pause);
    const number = ++asked;
    const found = await ask();
    if (number !== asked) return;
    submit.disabled = !found.ok;
    served.classList.toggle("note", found.ok && !found.served);
    if (found.ok) say("");
    else if (entered || (phone.value && document.activeElement !== phone)) say(found.reason);
    if (found.ok && entered) form.requestSubmit(submit);
  }

  function say(reason) {
    error.textContent = reason;
    if (reason) phone.setAttribute("aria-invalid", "true");
    else phone.removeAttribute("aria-invalid");
  }

  phone.addEventListener("input", () => {
    submit.disabled = true;
    asked++;
    clearTimeout(pause);
    pause = setTimeout(check, 200, false);
  });
  phone.addEventListener("blur", () => check(false));
  // Enter, and "Go" on a phone: a button that is off would say nothing.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && event.target.matches("input") && submit.disabled) {
      event.preventDefault();
      check(true);
    }
  });
  submit.disabled = true;
  check(false);
}
