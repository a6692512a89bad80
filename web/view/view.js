/**
 * The page's view: draws what the core shows when it changes, at most once a frame. It decides
 * nothing.
 */

import { createComposer } from "./composer.js";
import { keepFocus } from "./element.js";
import { later, onceAFrame } from "./frame.js";
import { createHideAddress } from "./hide-address.js";
import { createInvite } from "./invite.js";
import { createPeople } from "./people.js";
import { preventSlips } from "./slips.js";
import { createRoomName, showLeft, showStatus } from "./status.js";
import { createTranscript } from "./transcript.js";

/**
 * Draws everything once, then what changes. Create it after START, so that the server can answer
 * meanwhile.
 * @param core as made by createCore
 * @param {() => void} leave called for 'Leave room'
 * @returns {(action) => void} takes the actions that show something
 */
export function createView(core, leave) {
  const composer = createComposer(core);
  const details = createLateDetails(core);
  const hideAddress = createHideAddress(core);
  const invite = createInvite();
  const people = createPeople();
  const transcript = createTranscript(core);

  const parts = {
    SHOW_STATUS(status) {
      showStatus(status);
      composer.show(status);
      invite.show(status);
      hideAddress.show(status);
      transcript.showRoom(status.room);
    },
    SHOW_DRAFT(status) {
      composer.showDraft(status);
    },
    SHOW_MEMBERS(status) {
      const members = core.members();
      people.show(members, status.memberCount);
      composer.showColour(members[0]?.colour);
      details.show(members);
    },
    SHOW_LINES(status) {
      transcript.show(status);
    },
  };
  const changed = new Set(Object.keys(parts));

  const draw = onceAFrame(() => {
    const status = core.status();
    if (status.arriving) return;
    const names = [...changed];
    changed.clear();
    transcript.look();
    const drawAll = () => names.forEach((name) => parts[name](status));
    if (names.includes("SHOW_STATUS")) keepFocus(drawAll, heirOf);
    else drawAll();
    details.load();
  }, true);

  function goElsewhere() {
    showLeft(core.status());
    leave();
  }

  document.getElementById("leave").onclick = goElsewhere;
  document.getElementById("anew").onclick = goElsewhere;
  document.getElementById("again").onclick = () => location.reload();
  createRoomName();
  preventSlips(composer.complain);
  composer.start();
  draw();
  return ({ name, code }) => {
    if (name === "LINE_CHANGED") transcript.change(code);
    changed.add(name === "LINE_CHANGED" ? "SHOW_LINES" : name);
    draw();
  };
}

/** The panel of connections, loaded late. If loading fails, the next drawing tries again. */
function createLateDetails(core) {
  const button = document.getElementById("details-button");
  let details = null;
  let isWanted = false;
  let loading = false;
  button.onclick = () => (isWanted = true); // until the panel sets its own handler
  return {
    async load() {
      if (loading) return;
      loading = true;
      await new Promise(later);
      const module = await import("./details.js").catch(() => null);
      loading = module !== null;
      details = module?.createDetails(core);
      if (details && isWanted) button.click();
    },
    show: (members) => details?.show(members),
  };
}

/**
 * The element that gets the focus in place of |hidden|: the copy button in the invitation, else
 * the message box.
 */
function heirOf(hidden) {
  return document.getElementById(hidden.closest(".invite") ? "copy" : "message");
}
