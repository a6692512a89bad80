/** The message box, and the name one speaks under. */

import { loadDraft, storeDraft } from "../transport/storage.js";
import { isComposing, setText } from "./element.js";

/** The count appears when less than this share of the message's length is left. */
const LEFT_SHOWN_SHARE = 0.1;

export function createComposer(core) {
  const form = document.getElementById("composer");
  const message = document.getElementById("message");
  const send = document.getElementById("send");
  const draft = createDraft(core, message, send);
  const nameField = createNameField(core, message);

  function say() {
    const error = core.handle("SAY", { a: message.value });
    if (error === 0) {
      message.value = "";
      draft.changed();
    } else {
      draft.complain(core.errorText("SAY", error));
    }
    message.focus();
  }

  message.oninput = draft.changed;
  message.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    say();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    say();
  };
  // A press on Send must not take the focus, or a phone's keyboard would close.
  send.onpointerdown = (event) => event.preventDefault();

  return {
    /** Shows why something did not happen, until the person types. */
    complain: draft.complain,
    show(status) {
      nameField.show(status);
    },
    showDraft(status) {
      draft.show(status);
    },
    showColour(colour) {
      document.getElementById("as").dataset.colour = colour;
    },
    start() {
      // Not on touch screens, where it would open the keyboard.
      if (!matchMedia("(pointer: coarse)").matches) message.focus();
    },
  };
}

/** The draft: its length, whether it can be sent, and how it survives a reload. */
function createDraft(core, message, send) {
  const left = document.getElementById("left");
  let draftLeft = null; // characters, as the core counts them; null before it does
  let complaint = ""; // why nothing was sent

  function showState() {
    const tooLong = draftLeft < 0;
    const near = draftLeft < core.limits.textCharacters * LEFT_SHOWN_SHARE;
    setText(left, near ? (tooLong ? tooMany(-draftLeft) : `${draftLeft} left`) : complaint);
    left.classList.toggle("wrong", tooLong || complaint !== "");
    message.ariaInvalid = tooLong ? "true" : null;
    // The button can still be pressed; it then shows why nothing was sent.
    send.ariaDisabled = String(tooLong || message.value.trim() === "");
  }

  function changed() {
    growToFit(message);
    complaint = "";
    left.ariaLive = "off";
    core.handleDraft(message.value);
    showState();
  }

  addEventListener("pagehide", () => storeDraft(message.value));
  return {
    changed,
    complain(words) {
      complaint = words;
      left.ariaLive = "polite"; // unlike a count, which changes with every key
      showState();
    },
    show(status) {
      const first = draftLeft === null;
      draftLeft = status.draftLeft;
      if (first) message.value ||= loadDraft();
      if (first) changed();
      else showState();
    },
  };
}

function tooMany(count) {
  return `${count} ${count === 1 ? "character" : "characters"} too many`;
}

/** For browsers whose CSS cannot grow a textarea with its text. */
function growToFit(textarea) {
  if (CSS.supports("field-sizing", "content")) return;
  textarea.style.height = "auto";
  textarea.style.height = `${textarea.scrollHeight}px`;
}

function createNameField(core, message) {
  const field = document.getElementById("name");
  const hint = document.getElementById("name-hint");
  let status = null;
  let fresh = false; // focused, and neither pressed nor typed into since

  function restore() {
    const name = status?.name ?? "";
    if (field.value !== name) field.value = name; // setting it would drop the selection
    field.ariaInvalid = null;
    showHint();
  }

  function rename() {
    if (field.value === status?.name) return true;
    const error = core.handle("RENAME", { a: field.value.normalize() });
    field.ariaInvalid = error ? "true" : null;
    if (error) setText(hint, core.errorText("RENAME", error));
    return error === 0;
  }

  function showHint() {
    const press = matchMedia("(pointer: coarse)").matches ? "tap" : "click";
    setText(hint, status?.nameGenerated ? `${press} to change` : "");
  }

  field.onchange = rename;
  field.onblur = () => {
    if (!rename()) restore();
  };
  field.onfocus = () => (fresh = true);
  // The press that focuses the field selects the whole name, unless the person dragged.
  field.onclick = () => {
    if (fresh && field.selectionStart === field.selectionEnd) field.select();
    fresh = false;
  };
  field.onkeydown = (event) => {
    fresh = false;
    if (isComposing(event)) return;
    if (event.key === "Escape") restore();
    if (event.key === "Escape" || (event.key === "Enter" && rename())) message.focus();
    if (event.key === "Escape" || event.key === "Enter") event.preventDefault();
  };

  return {
    show(next) {
      const edited = document.activeElement === field && field.value !== status?.name;
      status = next;
      if (!edited) restore();
    },
  };
}
