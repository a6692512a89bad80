/** The address bar: which room it asks for, and how a room is written into it. */

const query = () => new URLSearchParams(location.search);

/** `&debug` stays in the address in every room. */
export const debug = query().has("debug");

/** The name of the room in the address bar, "" where there is none. */
export function roomInAddress() {
  return query().get("roomId") ?? "";
}

/** This page's own address of |room|; "": of a fresh room. */
export function addressOf(room) {
  const parts = [room && `roomId=${encodeURIComponent(room)}`, debug && "debug"].filter(Boolean);
  return parts.length ? `?${parts.join("&")}` : location.pathname;
}

/** The invite link. */
export function linkTo(room) {
  if (room === "") return "";
  return `${location.origin}${location.pathname}?roomId=${encodeURIComponent(room)}`;
}

export function putRoomIntoAddress(room) {
  if (room) history.replaceState(null, "", addressOf(room));
  else history.pushState(null, "", addressOf(room)); // so that Back returns to the room
}
