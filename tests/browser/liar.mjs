// A malicious server: between pages and an honest one it reads, changes, drops and adds the messages
// of their WebSockets (wasm/wire/wire.h); and two WebRTC peers of its own, in a page without
// Parley, with which it puts itself between two members.
import { createServer, request as ask } from "node:http";
import { WebSocket, WebSocketServer } from "ws";

const EMPTY = "/empty";

/**
 * @param {{port: number, origin: string}} server
 * @returns {{origin, url, habits, pages: Page[], beHonest(), close()}} habits: toPage, toServer:
 *   (message, page) => the messages that go on instead, now or later; absent: it is honest.
 *   pages: {toPage(message), toServer(message)} past the habits, in the order in which they came.
 *   beHonest(): from now on; the pages, which it lied to, lose their sockets
 */
export async function startLiar(server) {
  const box = { habits: {}, pages: [] };
  const http = createServer((request, response) => answer(server, request, response));
  const sockets = new WebSocketServer({ server: http, path: "/signal" });
  sockets.on("connection", (socket) => connectOn(box, server, socket));
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  box.origin = `http://127.0.0.1:${http.address().port}`;
  box.url = `${box.origin}/`;
  box.beHonest = () => {
    box.habits = {};
    for (const socket of sockets.clients) socket.terminate();
  };
  box.close = () => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  };
  return box;
}

function answer(server, request, response) {
  const { method, url: path, headers } = request;
  if (path === EMPTY) {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>empty</title>");
    return;
  }
  const host = `127.0.0.1:${server.port}`;
  const to = { port: server.port, host: "127.0.0.1", method, path, headers: { ...headers, host } };
  if (headers.origin) to.headers.origin = server.origin;
  const onward = ask(to, (reply) => {
    response.writeHead(reply.statusCode, reply.headers);
    reply.pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}

/** Messages keep their order, however long a habit takes. */
function connectOn(box, server, socket) {
  const onward = new WebSocket(`ws://127.0.0.1:${server.port}/signal`, { origin: server.origin });
  const opened = new Promise((resolve) => onward.once("open", resolve));
  const page = {
    isClosed: () => socket.readyState !== WebSocket.OPEN,
    toPage: (message) => socket.send(JSON.stringify(message)),
    toServer: (message) => opened.then(() => onward.send(JSON.stringify(message))),
  };
  box.pages.push(page);
  const pass = (from, to, habit) => {
    let last = opened;
    from.on("message", (data) => {
      const message = JSON.parse(data);
      last = last.then(async () => {
        const changed = (await box.habits[habit]?.(message, page)) ?? [message];
        for (const one of changed) to.send(JSON.stringify(one));
      });
    });
    from.on("close", () => to.terminate());
    from.on("error", () => to.terminate());
  };
  pass(socket, onward, "toServer");
  pass(onward, socket, "toPage");
}

/** In the empty page: its peers, by name, and all that they hear. */
function beBetween() {
  const peers = {};
  globalThis.heard = [];
  globalThis.opened = 0;
  const gathered = (connection) =>
    new Promise((resolve) => {
      const look = () => connection.iceGatheringState === "complete" && resolve();
      connection.addEventListener("icegatheringstatechange", look);
      look();
    });
  const open = (name, other) => {
    const connection = new globalThis.RTCPeerConnection();
    const peer = { connection, early: [], waiting: [] };
    peers[name] = peer;
    peer.channel = connection.createDataChannel("chat", { negotiated: true, id: 0 });
    peer.channel.onopen = () => {
      globalThis.opened++;
      for (const text of peer.waiting.splice(0)) peer.channel.send(text);
    };
    peer.channel.onmessage = ({ data }) => {
      globalThis.heard.push(data);
      const on = peers[other];
      if (on.channel.readyState === "open") on.channel.send(data);
      else on.waiting.push(data);
    };
    return peer;
  };
  const accept = async (peer, description) => {
    await peer.connection.setRemoteDescription(description);
    for (const candidate of peer.early.splice(0)) await peer.connection.addIceCandidate(candidate);
  };
  const describe = async ({ connection }) => {
    await connection.setLocalDescription();
    await gathered(connection);
    return connection.localDescription.sdp;
  };
  globalThis.between = {
    offerTo: (name, other) => describe(open(name, other)),
    answerTo: async (name, other, sdp) => {
      const peer = open(name, other);
      await accept(peer, { type: "offer", sdp });
      return describe(peer);
    },
    takeAnswer: (name, sdp) => accept(peers[name], { type: "answer", sdp }),
    takeCandidate: async (name, candidate) => {
      const peer = peers[name];
      if (!peer) return;
      if (!peer.connection.remoteDescription) peer.early.push(candidate);
      else await peer.connection.addIceCandidate(candidate);
    },
  };
}

/**
 * Re-terminates DTLS: each of two members gets descriptions of a peer of its own instead of the
 * other's, as far as their signals can be read.
 * @returns {{habits, heard(): Promise<string[]>, opened(): Promise<number>, close()}} heard: all that
 *   the two said through the channels; opened: how many channels opened
 */
export async function startBetween(browser, liar) {
  const { page, context } = await browser.pages.take();
  await page.goto(`${liar.origin}${EMPTY}`);
  await page.evaluate(beBetween);
  const call = (name, ...args) =>
    page.evaluate((which, all) => globalThis.between[which](...all), name, args);
  const answers = new Map(); // to offers, by the offerer's connection
  let offerer; // its connection: the peer "a" is for its side, and "b" for the other one
  const between = {
    offer: async ({ sdp, connection }) => {
      offerer = connection;
      answers.set(connection, await call("answerTo", "a", "b", sdp));
      return { sdp: await call("offerTo", "b", "a") };
    },
    answer: async (message) => {
      await call("takeAnswer", "b", message.sdp);
      return { sdp: answers.get(message.for) };
    },
    candidate: async ({ candidate, mid = "0", ufrag = null, connection }) => {
      const init = { candidate, sdpMid: mid, usernameFragment: ufrag };
      await call("takeCandidate", connection === offerer ? "a" : "b", init);
    },
  };
  const toServer = async (message) => {
    if (!between[message.type]) return [message];
    const changes = await between[message.type](message);
    return changes ? [{ ...message, ...changes }] : [];
  };
  return {
    habits: { toServer },
    heard: () => page.evaluate(() => globalThis.heard),
    opened: () => page.evaluate(() => globalThis.opened),
    close: () => context.close(),
  };
}

/** A join that says nothing of its page. */
export const withoutHello = (message) => ({ ...message, hello: undefined });
