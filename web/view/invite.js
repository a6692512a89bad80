/** The invite link: copied, shared, or shown selected where the browser refuses both. */

import { linkTo } from "../address.js";
import { setText } from "./element.js";

const NOTICE_MS = 4000;

export function createInvite() {
  const section = document.getElementById("invite");
  const field = document.getElementById("link");
  const notice = document.getElementById("copied");
  const copy = document.getElementById("copy");
  const share = document.getElementById("share");
  let timer = 0;

  function tell(words, state) {
    clearTimeout(timer);
    section.dataset.copy = state;
    setText(notice, words);
    if (state === "done") timer = setTimeout(forget, NOTICE_MS);
  }

  function forget() {
    delete section.dataset.copy;
    setText(notice, "");
  }

  copy.onclick = async () => {
    if (await writeToClipboard(field.value)) {
      tell("Link copied", "done");
      return;
    }
    tell(howToCopy(), "refused"); // this shows the field
    field.focus();
    field.select();
    if (copySelection()) {
      tell("Link copied", "done");
      copy.focus();
    }
  };

  field.onfocus = () => field.select();
  field.onblur = () => {
    if (section.dataset.copy === "refused") forget();
  };
  field.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    copy.focus();
  };

  document.getElementById("only-here").hidden = !isLoopback(location.hostname);
  share.hidden = typeof navigator.share !== "function";
  share.onclick = () => navigator.share({ title: "Parley", url: field.value }).catch(() => {});

  return {
    show({ room, full }) {
      copy.className = full ? "plain collapses" : "primary collapses"; // nobody could follow it
      field.value = linkTo(room);
      copy.disabled = share.disabled = room === "";
    },
  };
}

function isLoopback(host) {
  return /^(?:(?:.+\.)?localhost|127\.[\d.]+|\[::1\])$/.test(host);
}

function howToCopy() {
  if (matchMedia("(pointer: coarse)").matches) return "Copy the selected link";
  const key = /Mac/.test(navigator.platform) ? "\u2318C" : "Ctrl+C";
  return `Press ${key} to copy the selected link`;
}

async function writeToClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // refused, or not there because the page came over plain http
  }
}

/** The old way, which plain http still has. */
function copySelection() {
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  }
}
