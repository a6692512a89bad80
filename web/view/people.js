/** Who is in the room: a count and a list. */

import { disc, element, setText } from "./element.js";

export function createPeople() {
  const list = document.getElementById("members");
  const count = document.getElementById("count");

  return {
    show(members, memberCount) {
      setText(count, String(memberCount));
      list.replaceChildren(...members.map(personRow));
    },
  };
}

function personRow({ name, state, stateText, reason, colour }) {
  return element(
    "li",
    { className: "person", title: reason, data: { state: state.toLowerCase() } },
    disc(name, colour),
    element("bdi", { className: "person-name" }, name),
    element("span", { className: "person-state" }, stateText),
  );
}
