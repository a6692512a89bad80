/**
 * The people in the room: a count, a list, and a sheet with everybody for windows that have no
 * place for the list.
 */

import { arrange, disc, element, setText } from "./element.js";
import { onceAFrame } from "./frame.js";

const NAMES_IN_TURN_MAX = 8; // new ones before a frame: their letters may need fonts that were never used

export function createPeople() {
  const counts = document.querySelectorAll(".count");
  const list = createList("members");
  const sheet = createSheet();
  return {
    show(members, memberCount) {
      for (const count of counts) setText(count, String(memberCount));
      list.show(members);
      sheet.show(members);
    },
  };
}

/** While the sheet is closed, nothing in it is drawn. */
function createSheet() {
  const sheet = document.getElementById("sheet");
  const button = document.getElementById("everybody");
  const list = createList("sheet-members");
  let members = [];

  function open() {
    list.show(members);
    sheet.showModal();
  }

  button.onclick = open;
  // Pressing the strip of people opens the sheet.
  document.getElementById("members").onclick = () => button.offsetParent && open();
  document.getElementById("sheet-close").onclick = () => sheet.close();
  sheet.onkeydown = (event) => event.stopPropagation(); // Escape closes it and nothing below it
  sheet.onclick = ({ target }) => target === sheet && sheet.close(); // beside it
  return {
    show(next) {
      members = next;
      if (sheet.open) list.show(members);
    },
  };
}

function createList(id) {
  const list = document.getElementById(id);
  const rows = new Map(); // by member, so that a state's mark keeps turning while others change
  let members = [];
  const later = onceAFrame(draw);

  function rowOf(member) {
    const row = rows.get(member.peer) ?? createRow();
    rows.set(member.peer, row);
    row.show(member);
    return row.item;
  }

  /** A member whose new name has to wait keeps the old row, or has none yet. */
  function draw() {
    const named = members.filter((member) => !rows.get(member.peer)?.isNamed(member));
    const waiting = new Set(named.slice(NAMES_IN_TURN_MAX));
    const here = new Set(members.map(({ peer }) => peer));
    for (const peer of rows.keys()) if (!here.has(peer)) rows.delete(peer);
    const items = members.flatMap((member) => {
      if (!waiting.has(member)) return [rowOf(member)];
      return rows.has(member.peer) ? [rows.get(member.peer).item] : [];
    });
    arrange(list, items);
    if (waiting.size > 0) later();
  }

  return {
    show(next) {
      members = next;
      draw();
    },
  };
}

function createRow() {
  const nameElement = element("bdi", { className: "person-name" });
  const state = element("span", { className: "person-state" });
  const reason = element("span", { className: "person-reason" });
  const item = element("li", { className: "person" }, nameElement, state, reason);
  let shown = {};
  const isNamed = ({ name, colour }) => name === shown.name && colour === shown.colour;
  return {
    item,
    isNamed,
    show(member) {
      if (!isNamed(member)) {
        if (shown.name !== undefined) item.firstChild.remove();
        item.prepend(disc(member.name, member.colour));
      }
      item.dataset.state = member.state.toLowerCase();
      item.title = member.reason || member.stateText;
      setText(nameElement, member.name);
      setText(state, member.stateText);
      setText(reason, member.reason);
      shown = member;
    },
  };
}
