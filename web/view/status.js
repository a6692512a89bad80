/** The state in words, the room's name, and how the page is laid out for being alone. */

import { setText } from "./element.js";

export function showStatus(status) {
  const words = document.getElementById("status");
  words.dataset.tone = status.tone.toLowerCase();
  setText(words, status.text);
  setText(document.getElementById("room"), status.room);
  document.querySelector(".room").hidden = status.room === "";
  document.body.toggleAttribute("data-room", status.room !== "");
  document.body.dataset.server = status.server.toLowerCase();
  document.body.toggleAttribute("data-started", true);
  document.body.toggleAttribute("data-alone", status.alone === 1);
}
