// The page behind proxies that change parley.wasm's type, or lose it on its way.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { setUp, withPeople } from "./harness.mjs";

const { server, browsers } = await setUp();

/** Fates of the answer with parley.wasm: |answer| is the server's, |whole| its body. */
const give = (type) => (response, answer, whole) => {
  const headers = { ...answer.headers };
  delete headers["content-type"];
  delete headers["transfer-encoding"];
  response.writeHead(answer.statusCode, type ? { ...headers, "content-type": type } : headers);
  response.end(whole);
};
const refuse = (response) => response.writeHead(503).end("busy");
const reset = (response) => response.socket.destroy();
const cut = (response, answer, whole) => {
  response.writeHead(answer.statusCode, answer.headers);
  response.write(whole.subarray(0, whole.length / 2), () => response.socket.destroy());
};
const replace = (response) =>
  response.writeHead(200, { "content-type": "application/wasm" }).end("<h1>Sign in first</h1>");

/** A proxy before the server. The n-th request for parley.wasm meets the n-th of |fates|, or the last. */
async function startProxy(fates) {
  let fetches = 0;
  const proxy = createServer(async (incoming, response) => {
    const { method, headers, url: path } = incoming;
    const upstream = request({ host: "127.0.0.1", port: server.port, method, headers, path });
    incoming.pipe(upstream);
    upstream.on("error", () => response.destroy());
    const [answer] = await once(upstream, "response");
    if (path.endsWith(".wasm")) {
      const whole = Buffer.concat(await answer.toArray());
      fates[Math.min(fetches++, fates.length - 1)](response, answer, whole);
      return;
    }
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  proxy.on("upgrade", ({ headers, method, url: path }, client) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const upstream = connect(server.port, "127.0.0.1");
    upstream.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
    client.pipe(upstream).pipe(client);
    for (const end of [client, upstream]) end.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const origin = `http://127.0.0.1:${proxy.address().port}`;
  return {
    origin,
    url: `${origin}/`,
    fetches: () => fetches,
    stop() {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

function testBehind(what, fates, words, fetchesWanted) {
  for (const name of Object.keys(browsers))
    test(`${name}: ${what}`, async () => {
      const proxy = await startProxy(fates);
      const read = async (open) => {
        const ada = await open(browsers[name], proxy.url);
        await ada.statusSays(words);
      };
      try {
        await withPeople(proxy, read, { faultsAllowed: true });
      } finally {
        proxy.stop();
      }
      assert.equal(proxy.fetches(), fetchesWanted);
    });
}

const IN = "Nobody else is here yet";
const asIs = give("application/wasm");

describe("parley.wasm comes with another type", () => {
  for (const type of [
    "text/plain",
    "application/octet-stream",
    "application/wasm; charset=utf-8",
    "APPLICATION/WASM",
    "",
  ])
    testBehind(type || "none", [give(type)], IN, 1);
});

describe("parley.wasm does not come at first", () => {
  testBehind("the proxy is busy", [refuse, asIs], IN, 2);
  testBehind("the connection breaks", [reset, asIs], IN, 2);
  testBehind("half of it comes", [cut, asIs], IN, 2);
  testBehind("another page comes", [replace, asIs], IN, 2);
});

describe("parley.wasm does not come at all", () => {
  const words = "could not start";
  testBehind("the proxy is busy", [refuse], words, 2);
  testBehind("another page comes", [replace], words, 2);
});
