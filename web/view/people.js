/** Who is in the room: a count and a list. */

import { disc, element, setText } from "./element.js";

export function createPeople() {
  const list = document.getElementById("members");
  const count = document.getElementById("count");
  const rows = new Map(); // by member, so that a state's mark keeps turning while others change

  function rowOf(member) {
    const row = rows.get(member.peer) ?? createRow();
    rows.set(member.peer, row);
    row.show(member);
    return row.item;
  }

  return {
    show(members, memberCount) {
      setText(count, String(memberCount));
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
