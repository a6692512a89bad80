// Faults of a page: its UDP or its server is cut off, it is frozen or killed, its connections are
// closed.
import { createServer, connect } from "node:net";

/**
 * For |before|: counts channels that close, and lets a test close connections without the page's
 * knowledge.
 */
export function watchConnections() {
  const watched = { connections: [], closedChannels: 0 };
  globalThis.watched = watched;
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    createDataChannel(...args) {
      watched.connections.push(this); // one without a channel is only prepared
      const channel = super.createDataChannel(...args);
      channel.addEventListener("close", () => watched.closedChannels++);
      return channel;
    }
  };
}

/** Connections made and channels closed in the page's life. */
export function countsOf(person) {
  return person.page.evaluate(() => ({
    connections: globalThis.watched.connections.length,
    closedChannels: globalThis.watched.closedChannels,
  }));
}

/** Closes the oldest connection that is still open, as a browser's own failure would. */
export function closeOldestConnection(person) {
  return person.page.evaluate(() => {
    const isOpen = ({ connectionState }) => connectionState !== "closed";
    globalThis.watched.connections.find(isOpen).close();
  });
}

const sessions = new WeakMap();

function emulate(session, { offline = false, packetLoss = 0 }) {
  const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
  return Promise.all([
    session.send("Network.emulateNetworkConditionsByRule", {
      offline,
      matchedNetworkConditions: [{ urlPattern: "", ...unlimited, packetLoss }],
    }),
    session.send("Network.overrideNetworkState", { offline, ...unlimited }),
  ]);
}

/** For |prepare|: only sockets opened later can be cut off. Chromium only. */
export async function beCuttable(page) {
  const session = await page.createCDPSession();
  sessions.set(page, session);
  await session.send("Network.enable");
  await emulate(session, {});
}

/** Loses every UDP packet from and to a page that beCuttable. */
export const cutUdp = ({ page }) => emulate(sessions.get(page), { packetLoss: 100 });
/** The same, and the browser says that the device has no network. */
export const goOffline = ({ page }) =>
  emulate(sessions.get(page), { packetLoss: 100, offline: true });
export const heal = ({ page }) => emulate(sessions.get(page), {});

export async function setFrozen({ page }, frozen) {
  const session = await page.createCDPSession();
  await session.send("Page.setWebLifecycleState", { state: frozen ? "frozen" : "active" });
  await session.detach();
}

/** kill -9 of the page's process. */
export async function crash({ page }) {
  const session = await page.createCDPSession();
  const crashed = new Promise((resolve) => page.once("error", resolve));
  session.send("Page.crash").catch(() => {}); // nobody is left to answer
  await crashed;
}

/** A proxy that can cut the server off. @returns {{origin, url, cut(), mend(), stop()}} */
export async function startGate(server) {
  const sockets = new Set();
  let open = true;
  const gate = createServer((client) => {
    if (!open) {
      client.destroy();
      return;
    }
    const upstream = connect(server.port, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(from);
      from.pipe(to);
      from.on("close", () => sockets.delete(from) && to.destroy());
      from.on("error", () => to.destroy());
    }
  });
  await new Promise((resolve) => gate.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${gate.address().port}`;
  const cut = () => {
    open = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    ...{ origin, url: `${origin}/`, cut },
    mend: () => (open = true),
    stop() {
      cut();
      gate.close();
    },
  };
}
