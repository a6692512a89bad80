/** The address bar: which room it asks for, and how a room is written into it. */

const query = () => new URLSearchParams(location.search);

/** `&debug` stays in the address in every room. */
export const debug = query().has("debug");

/**
 * The room in the address bar: the id of an open room, "#" and the secret of a sealed one (which a
 * browser never sends), "" where there is none.
 */
export function roomInAddress() {
  const id = query().get("roomId") ?? "";
  const fragment = location.hash.length > 1 ? location.hash : "";
  return id && !fragment.startsWith("#1") ? id : fragment; // "/?roomId=tea#top" is an open room
}

/** Whether |room|, as roomInAddress() gives it, is a sealed one. */
export const isSealed = (room) => room.startsWith("#");

/** What follows the path in an address of |room|. */
function placeOf(room, parameters) {
  const all = [room && !isSealed(room) && `roomId=${encodeURIComponent(room)}`, ...parameters];
  const given = all.filter(Boolean);
  return (given.length ? `?${given.join("&")}` : "") + (isSealed(room) ? room : "");
}

/** This page's own address of |room|; "": of a fresh room. */
export const addressOf = (room) => location.pathname + placeOf(room, [debug && "debug"]);

/** The invite link. */
export const linkTo = (room) =>
  room === "" ? "" : location.origin + location.pathname + placeOf(room, []);

export function putRoomIntoAddress(room) {
  if (room) history.replaceState(null, "", addressOf(room));
  else history.pushState(null, "", addressOf(room)); // so that Back returns to the room
}
