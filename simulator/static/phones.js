// Renews the screens every second and sends replies without leaving the page. All of it works without this, too.
"use strict";
const screens = document.getElementById("screens");

function localTimes(root) {
  for (const time of root.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString();
  }
}

function toEnd(list) {
  list.scrollTop = list.scrollHeight;
}

function renew(fresh) {
  localTimes(fresh);
  for (const phone of [...fresh.children]) {
    const known = document.getElementById(phone.id);
    if (!known) {
      screens.append(phone);
      toEnd(phone.querySelector("ol"));
      continue;
    }
    const list = known.querySelector("ol");
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    known.querySelector("h2").replaceChildren(...phone.querySelector("h2").childNodes);
    const bubbles = [...phone.querySelector("ol").children];
    bubbles.forEach((bubble, place) => {
      const old = list.children[place];
      if (!old) list.append(bubble);
      else if (old.outerHTML !== bubble.outerHTML) old.replaceWith(bubble);
    });
    while (list.children.length > bubbles.length) list.lastElementChild.remove();
    if (atEnd) toEnd(list);
  }
  screens.dataset.version = fresh.dataset.version;
  document.getElementById("nothing").hidden = screens.children.length > 0;
}

async function look() {
  try {
    const answer = await fetch("/screens?after=" + screens.dataset.version);
    if (answer.status === 200) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      renew(page.getElementById("screens"));
    }
  } catch {
    // the simulator is away for the moment: look again in a second
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches(".reply, .add")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  if (answer.type === "opaqueredirect" && !event.submitter?.name) form.querySelector("input").value = "";
  await look();
});

localTimes(document);
document.querySelectorAll("ol").forEach(toEnd);
setInterval(look, 1000);
