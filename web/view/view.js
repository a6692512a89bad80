/** The page's view: what the core shows, drawn at most once a frame. It decides nothing. */

import { createComposer } from "./composer.js";
import { createDetails } from "./details.js";
import { keepFocus } from "./element.js";
import { createHiding } from "./hiding.js";
import { createInvite } from "./invite.js";
import { createPeople } from "./people.js";
import { createRoomName, showLeft, showStatus } from "./status.js";
import { createTranscript } from "./transcript.js";

/** A hidden page draws no frames; it must not fall behind by more than this. */
const DRAW_DELAY_MS_MAX = 200;

/**
 * @param core as made by createCore
 * @param {() => void} leave what 'Leave room' does
 * @returns {{actions: Object<string, () => void>}} handlers for SHOW_... actions
 */
export function createView(core, leave) {
  const composer = createComposer(core);
  const details = createDetails(core);
  const hiding = createHiding(core);
  const invite = createInvite();
  const people = createPeople();
  const transcript = createTranscript(core);
  const changed = { status: false, members: false, lines: false };

  const draw = onceAFrame(() => {
    const { status: statusToo, members: membersToo, lines: linesToo } = changed;
    changed.status = changed.members = changed.lines = false;
    const status = core.status();
    if (statusToo) {
      keepFocus(() => showStatus(status), heirOf);
      composer.show(status);
      invite.show(status);
    }
    if (membersToo) {
      const members = core.members();
      people.show(members, status.memberCount);
      composer.showColour(members[0]?.colour);
      details.show(members);
    }
    hiding.show(status);
    if (statusToo || linesToo) transcript.show(status);
  });

  const show = (what) => () => {
    changed[what] = true;
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
  composer.start();
  return {
    actions: {
      SHOW_STATUS: show("status"),
      SHOW_MEMBERS: show("members"),
      SHOW_LINES: show("lines"),
    },
  };
}

/** Who leaves the invitation stays beside it; else there is always something to write. */
function heirOf(hidden) {
  return document.getElementById(hidden.closest(".invite") ? "copy" : "message");
}

function onceAFrame(draw) {
  let frame = 0;
  let timer = 0;
  const run = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = 0;
    draw();
  };
  return () => {
    if (frame) return;
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, DRAW_DELAY_MS_MAX);
  };
}
