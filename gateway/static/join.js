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

  async function check() {
    const number = ++asked;
    let found;
    try {
      const answer = await fetch("/join/check", { method: "POST", body: new URLSearchParams({ phone: phone.value }) });
      if (!answer.ok) throw new Error(answer.status);
      found = await answer.json();
    } catch {
      submit.disabled = false; // the server will tell
      return;
    }
    if (number !== asked) return;
    submit.disabled = !found.ok;
    served.classList.toggle("note", found.ok && !found.served);
    if (found.ok) say("");
    else if (phone.value && document.activeElement !== phone) say(found.reason);
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
    pause = setTimeout(check, 200);
  });
  phone.addEventListener("blur", () => { clearTimeout(pause); check(); });
  submit.disabled = true;
  check();
}
