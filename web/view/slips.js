/** What a slip of the hand would do to the page, and must not: lead away from it. */

import { isComposing } from "./element.js";

const isField = ({ target }) => target.matches?.("textarea, input:read-write") ?? false;

/** Text may be dropped where one writes; files nowhere. */
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
  // Some browsers open the address that was copied last where the middle button is pressed.
  addEventListener("auxclick", (event) => {
    if (event.button === 1 && !event.target.closest?.("a, input, textarea")) event.preventDefault();
  });
  // And some go back.
  addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !isField(event) && !isComposing(event)) event.preventDefault();
  });
}
