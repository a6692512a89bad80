/** A member without a page, in an open room: it joins, and never answers an offer. */

import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";

/** The first message of a member without a page, as wire.h has it. */
export function joinMessage(room) {
  const token = randomBytes(16).toString("base64url");
  return JSON.stringify({ type: "join", version: 2, room, token });
}

/** Joins and then never answers an offer. @returns {Promise<WebSocket>} */
export function openSilentMember(server, room) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/signal`, { origin: server.origin });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("open", () => socket.send(joinMessage(room)));
    socket.once("message", () => resolve(socket));
  });
}
