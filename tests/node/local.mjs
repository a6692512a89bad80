/**
 * A hub and browsers in this process, with only what a page needs. The real ones have their own
 * tests; here only the module is tested.
 */

import { createHash } from "node:crypto";

const ROOM = "made-by-the-hub";

/** Rooms of sockets. It passes offers, answers, candidates and asks on with the true sender. */
class Hub {
  #members = new Map(); // id -> socket

  receive(socket, message) {
    if (message.type === "join") this.#join(socket, message);
    else if (message.type === "leave") this.leave(socket);
    else if (message.type === "ping") socket.deliver({ type: "pong" });
    else this.#members.get(message.to)?.deliver({ ...message, to: undefined, from: socket.id });
  }

  leave(socket) {
    if (!this.#remove(socket)) return;
    const left = { type: "left", member: socket.id, goodbye: true };
    for (const other of this.#roommates(socket)) other.deliver(left);
  }

  /** Loses a socket, whose member may come back. */
  drop(socket) {
    this.#remove(socket);
  }

  #remove(socket) {
    return this.#members.get(socket.id) === socket && this.#members.delete(socket.id);
  }

  #join(socket, { room = ROOM, token, back }) {
    socket.id = createHash("sha256").update(`${room} ${token}`).digest("base64url").slice(0, 22);
    socket.room = room;
    const others = this.#roommates(socket);
    this.#members.set(socket.id, socket);
    socket.deliver({
      ...{ type: "welcome", version: 2, room, you: socket.id, iceServers: [], roomMembersMax: 32 },
      members: others.map(({ id }) => id),
    });
    for (const other of others) other.deliver({ type: "joined", member: socket.id, back });
  }

  #roommates(socket) {
    return [...this.#members.values()].filter(
      (one) => one.id !== socket.id && one.room === socket.room,
    );
  }
}

const hub = new Hub();

class LocalSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 3;
  readyState = LocalSocket.CONNECTING;

  constructor() {
    queueMicrotask(() => {
      this.readyState = LocalSocket.OPEN;
      this.onopen?.();
    });
  }

  send(text) {
    hub.receive(this, JSON.parse(text));
  }

  close() {
    this.readyState = LocalSocket.CLOSED;
    hub.leave(this);
  }

  deliver(message) {
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }
}

/** A channel. The descriptions lead to its other end. */
class LocalChannel {
  bufferedAmount = 0;
  mate = null;

  send(text) {
    if (!this.mate) throw new Error("not open");
    const { mate } = this;
    queueMicrotask(() => mate.onmessage?.({ data: text }));
  }

  close() {
    const { mate } = this;
    this.mate = null;
    if (mate) queueMicrotask(() => mate.onclose?.());
  }
}

const connections = [];

/** A description of the connection with that number. */
const describe = (number) =>
  `v=0\r\no=${number} 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n` +
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n";

class LocalConnection {
  localDescription = null;
  #remote = null;
  #number = connections.push(this) - 1;
  channel = new LocalChannel();

  createDataChannel() {
    return this.channel;
  }

  async setLocalDescription({ type }) {
    this.localDescription = { type, sdp: describe(this.#number) };
    queueMicrotask(() => this.onicecandidate?.({ candidate: null }));
    this.#openIfAgreed();
  }

  async setRemoteDescription({ sdp }) {
    this.#remote = connections[Number(/o=(\d+)/.exec(sdp)[1])];
    this.#openIfAgreed();
  }

  setConfiguration() {}

  async addIceCandidate() {}

  async getStats() {
    return new Map();
  }

  close() {}

  #openIfAgreed() {
    const mate = this.#remote;
    if (mate?.#remote !== this || this.channel.mate) return;
    this.channel.mate = mate.channel;
    mate.channel.mate = this.channel;
    queueMicrotask(() => this.channel.onopen?.());
    queueMicrotask(() => mate.channel.onopen?.());
  }
}

export function useLocalWorld() {
  globalThis.WebSocket = LocalSocket;
  globalThis.RTCPeerConnection = LocalConnection;
}
