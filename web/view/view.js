/** The page's view: what the core shows, drawn at most once a frame. It decides nothing. */

import { createComposer } from "./composer.js";
import { createDetails } from "./details.js";
import { keepFocus } from "./element.js";
import { onceAFrame } from "./frame.js";
import { createHiding } from "./hiding.js";
import { createInvite } from "./invite.js";
import { createPeople } from "./people.js";
import { preventSlips } from "./slips.js";
import { createRoomName, showLeft, showStatus } from "./status.js";
import { createTranscript } from "./transcript.js";

/**
 * @param core as made by createCore
 * @param {() => void} leave what 'Leave room' does
 * @returns {{actions: Object<string, () => void>}} handlers for the actions that show something
 */
export function createView(core, leave) {
  const composer = createComposer(core);
  const details = createDetails(core);
  const hiding = createHiding(core);
  const invite = createInvite();
  const people = createPeople();
  const transcript = createTranscript(core);
  const changed = new Set();

  const parts = {
    status(status) {
      keepFocus(() => showStatus(status), heirOf);
      composer.show(status);
      invite.show(status);
      hiding.show(status);
      transcript.showRoom(status.room);
    },
    draft(status) {
      composer.showDraft(status);
    },
    members(status) {
      const members = core.members();
      people.show(members, status.memberCount);
      composer.showColour(members[0]?.colour);
      details.show(members);
    },
    lines(status) {
      transcript.show(status);
    },
  };

  const draw = onceAFrame(() => {
    const names = [...changed];
    changed.clear();
    const status = core.status();
    for (const name of names) parts[name](status);
  });

  const show = (what) => () => {
    changed.add(what);
    draw();
  };

  function goElsewhere() {
    showLeft(core.status().room);
    leave();
  }

  document.getElementById("leave").onclick = goElsewhere;
  document.getElementById("anew").onclick = goElsewhere;
  document.getElementById("again").onclick = () => location.reload();
  createRoomName();
  preventSlips(composer.complain);
  composer.start();
  return {
    actions: {
      SHOW_STATUS: show("status"),
      SHOW_DRAFT: show("draft"),
      SHOW_MEMBERS: show("members"),
      SHOW_LINES: show("lines"),
      LINE_CHANGED({ code }) {
        transcript.change(code);
        show("lines")();
      },
    },
  };
}

/** Who leaves the invitation stays beside it; else there is always something to write. */
function heirOf(hidden) {
  return document.getElementById(hidden.closest(".invite") ? "copy" : "message");
}
