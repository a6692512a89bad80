/** Prevents slips of the hand from leading away from the page. */

import { isComposing } from "./element.js";

const isField = ({ target }) => target.matches?.("textarea, input:read-write") ?? false;

/** Text may be dropped into fields, files nowhere. */
function mayDrop(event) {
  return isField(event) && !event.dataTransfer.types.includes("Files");
}

/** @param {(words: string) => void} tell the person why nothing happened */
export function preventSlips(tell) {
  addEventListener("dragover", (event) => {
    if (mayDrop(event)) return;
    event.preventDefault(); // else the browser would open what is dropped in place of the page
    if (!event.dataTransfer.types.includes("Files")) event.dataTransfer.dropEffect = "none";
  });
  addEventListener("drop", (event) => {
    if (mayDrop(event)) return;
    event.preventDefault();
    if (event.dataTransfer.types.includes("Files")) tell("Files cannot be sent here, only text.");
  });
  // In some browsers the middle button opens the copied address.
  addEventListener("auxclick", (event) => {
    if (event.button === 1 && !event.target.closest?.("a, input, textarea")) event.preventDefault();
  });
  // In some browsers Backspace goes back.
  addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !isField(event) && !isComposing(event)) event.preventDefault();
  });
}
