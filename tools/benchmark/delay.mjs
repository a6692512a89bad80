// A distant server: a proxy in front of it delays every byte. The machine itself answers TCP's
// handshake at once, so the proxy also delays the first bytes of a new connection by a round trip.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * Carries bytes from one socket to the other, in order and |ms| later. The connection counts as
 * open from the time |open|.
 */
function carry(from, to, ms, open) {
  const waiting = [];
  const later = (arrive) => {
    const now = performance.now();
    waiting.push(arrive);
    setTimeout(() => waiting.shift()(), Math.max(now, open) + ms - now);
  };
  from.on("data", (bytes) => later(() => to.write(bytes)));
  from.on("close", () => later(() => to.end()));
  from.on("error", () => {}); // its close follows
}

/** @returns {Promise<{port: number, stop()}>} the server at |port|, a round trip of |tripMs| away */
export async function startDelay(port, tripMs) {
  const sockets = new Set();
  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ port, host: "127.0.0.1", noDelay: true });
    carry(client, server, tripMs / 2, performance.now() + tripMs);
    carry(server, client, tripMs / 2, 0);
    for (const socket of [client, server]) sockets.add(socket);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: proxy.address().port,
    stop() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
