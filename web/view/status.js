/** The status line, the room's name, and the attributes from which CSS lays out the page. */

import { addressOf, isSealed, roomInAddress } from "../address.js";
import { element, setText } from "./element.js";

export function showStatus(status) {
  const words = document.getElementById("status");
  words.dataset.tone = status.tone.toLowerCase();
  setSentence(words, status.parts);
  setText(document.getElementById("room-kind"), status.roomKind);
  setText(document.getElementById("room"), status.roomName);
  document.querySelector(".room").hidden = status.room === "";
  showAsked(status);
  document.getElementById("again").hidden = status.canRetry === 0;
  document.body.toggleAttribute("data-room", status.room !== "");
  document.body.dataset.server = status.server.toLowerCase();
  document.body.toggleAttribute("data-started", true);
  document.body.toggleAttribute("data-alone", status.alone === 1);
}

/**
 * Names are isolated, as in the transcript. Set only when it has changed, so that the live region
 * stays silent.
 */
function setSentence(target, parts) {
  const made = parts.map(({ text, name }) =>
    name ? element("bdi", { className: "name" }, text) : document.createTextNode(text),
  );
  const sentence = element("span", {}, ...made);
  if (made.length === 0) setText(target, "");
  else if (!target.firstChild?.isEqualNode(sentence)) target.replaceChildren(sentence);
}

/** Names the open room that could not be entered. */
function showAsked({ room, server }) {
  const asked = document.getElementById("asked");
  const wanted = room === "" && server === "REFUSED" ? roomInAddress() : "";
  const name = isSealed(wanted) ? "" : wanted;
  setText(asked.lastElementChild, name);
  asked.hidden = name === "";
}

/** Pressing a shortened name shows all of it. */
export function createRoomName() {
  const button = document.getElementById("room-button");
  button.onclick = () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
  };
}

/** Says which room was left, with a link back; CSS shows it while the person is alone. */
export function showLeft({ room, roomName }) {
  const words = document.getElementById("left-room");
  words.replaceChildren();
  if (room === "") return;
  const back = element("a", { href: addressOf(room) }, "Go back");
  words.append("You left ", element("bdi", {}, roomName), ". This is a new room. ", back);
}
