/** Who is in the room: a count and a list, and a sheet with everybody where the list has no place. */

import { disc, element, setText } from "./element.js";

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

/** It shows nothing, and costs nothing, while it is closed. */
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
  // Who presses the strip of people wants more of it.
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

  function rowOf(member) {
    const row = rows.get(member.peer) ?? createRow();
    rows.set(member.peer, row);
    row.show(member);
    return row.item;
  }

  return {
    show(members) {
      const items = members.map(rowOf);
      const here = new Set(members.map(({ peer }) => peer));
      for (const peer of rows.keys()) if (!here.has(peer)) rows.delete(peer);
      const same = items.length === list.children.length;
      if (!same || items.some((item, i) => item !== list.children[i]))
        list.replaceChildren(...items);
    },
  };
}

function createRow() {
  const name = element("bdi", { className: "person-name" });
  const state = element("span", { className: "person-state" });
  const reason = element("span", { className: "person-reason" });
  const item = element("li", { className: "person" }, name, state, reason);
  let shown = {};
  return {
    item,
    show(member) {
      if (member.name !== shown.name || member.colour !== shown.colour) {
        if (shown.name !== undefined) item.firstChild.remove();
        item.prepend(disc(member.name, member.colour));
      }
      item.dataset.state = member.state.toLowerCase();
      item.title = member.reason || member.stateText;
      setText(name, member.name);
      setText(state, member.stateText);
      setText(reason, member.reason);
      shown = member;
    },
  };
}
