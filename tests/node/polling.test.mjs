// Pages that poll: the real core and web/transport/http.js with the real server, through a network
// that loses, repeats and delays requests.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { createHttp } from "../../web/transport/http.js";
import { newCore } from "./page.mjs";

const realFetch = globalThis.fetch;
let server;
let origin;

before(async () => {
  const options = ["--port=0", "--host=127.0.0.1", "--grace-seconds=0", "--log-level=error"];
  server = spawn(process.env.PARLEY_BINARY, options, { stdio: ["ignore", "pipe", "inherit"] });
  origin = await new Promise((resolve) =>
    server.stdout.on("data", (text) => resolve(/http:\/\/[\d.]+:\d+/.exec(text)[0])),
  );
});
after(() => server.kill());

/** Acts as the browser of a page of this server, whose requests go through |network|. */
function useNetwork(network) {
  globalThis.fetch = (url, options) =>
    network(
      { ...options, headers: { ...Object.fromEntries(options.headers), Origin: origin } },
      (sent) => realFetch(url, sent),
    );
}

const goodNetwork = (options, send) => send(options);

/** Loses every request the first time, or its answer. The next time, most arrive twice. */
function badNetwork() {
  const seen = new Map();
  const lose = () => Promise.reject(new TypeError("lost"));
  let losses = 0;
  return async (options, send) => {
    const key = `${options.headers["parley-session"]} ${options.body}`;
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    if (times > 0) {
      if (!options.body.startsWith("poll")) await (await send(options)).text();
      return send(options);
    }
    if (options.body !== "open\n" && losses++ % 2 === 0) return lose();
    const response = await send(options);
    if (options.body === "open\n") return response;
    await response.text();
    return lose();
  };
}

/** A page whose WebSockets do not open, and that ignores actions for peers. */
async function open(name) {
  const core = await newCore();
  const http = createHttp(core, `${origin}/`);
  const checks = [];
  const actions = { ...http.actions, SERVER_CONNECT: () => core.handle("SERVER_CLOSED") };
  core.onAction = (action) => actions[action.name]?.(action);
  core.onDrained = () => checks.forEach((check) => check());
  const until = (condition) =>
    new Promise((resolve) => checks.push(() => condition(core) && resolve()));
  const started = until(() => core.status().server !== "CONNECTING");
  const c = crypto.getRandomValues(new Uint8Array(core.limits.randomBytes));
  const close = () => {
    core.handle("UNLOAD");
    core.dispose();
  };
  core.handle("START", { a: "in-node", b: name, c, code: core.enums.start.POLLING });
  await started;
  return { core, until, close };
}

test("people find each other through a bad network, and learn who leaves", async () => {
  useNetwork(badNetwork());
  const ada = await open("Ada");
  assert.equal(ada.core.status().server, "JOINED");
  const found = ada.until((core) => core.members().length === 2);
  const bea = await open("Bea");
  assert.equal(bea.core.members().length, 2);
  await found;
  const left = ada.until((core) => core.members().length === 1);
  bea.close(); // and the page is gone
  await left;
  ada.close();
});

test("for a foreign page, or without a server, the connection does not open", async () => {
  useNetwork((options, send) =>
    send({ ...options, headers: { ...options.headers, Origin: "http://evil.example" } }),
  );
  const foreign = await open("Eve");
  assert.equal(foreign.core.status().server, "LOST");
  assert.match(
    foreign.core.status().text,
    /refused this page \(403\)\. It says: This page may not connect here: .*--allow-origin/,
  );
  foreign.close();
  useNetwork(() => Promise.reject(new TypeError("no network")));
  const alone = await open("Ada");
  assert.match(alone.core.status().text, /^The server is out of reach/);
  alone.close();
});

test("a session that the server no longer knows is lost at once", async () => {
  useNetwork((options, send) => {
    const { "parley-session": secret, ...others } = options.headers;
    const headers = secret ? { ...others, "Parley-Session": `${secret}x` } : others;
    return send({ ...options, headers });
  });
  const { core, close } = await open("Ada");
  assert.equal(core.status().server, "LOST");
  close();
});

test("a redirection by a proxy that wants a sign-in is shown", async () => {
  const redirect = { status: 0, type: "opaqueredirect", ok: false, headers: new Headers() };
  useNetwork(async ({ redirect: mode }) => {
    assert.equal(mode, "manual");
    return { ...redirect, text: async () => "" };
  });
  const { core, close } = await open("Ada");
  assert.match(core.status().text, /^A proxy before the server sends this page elsewhere/);
  close();
});

/** The event that results from the answer to one request. */
function eventOf(makeAnswer) {
  useNetwork(makeAnswer);
  return new Promise((resolve) => {
    const core = { handle: (name, fields) => resolve({ name, ...fields }) };
    const { actions } = createHttp(core, `${origin}/`);
    actions.HTTP_POST({ peer: 7, code: 0, a: "open\n", b: "", c: "poll" });
  });
}

test("Retry-After is in seconds, or makes no number", async (context) => {
  context.mock.method(Date, "now", () => Date.UTC(2026, 0, 1));
  const expected = { 1: "1", "Thu, 01 Jan 2026 00:01:00 GMT": "60" };
  for (const wanted of ["1", "Thu, 01 Jan 2026 00:01:00 GMT", "soon", "-1"]) {
    const headers = { "retry-after": wanted };
    const { b } = await eventOf(() => new Response("", { status: 503, headers }));
    if (wanted in expected) assert.equal(b, expected[wanted]);
    else assert.doesNotMatch(b, /^\d/);
  }
});

test("an answer is handed in unchanged", async () => {
  const headers = { "content-type": "text/html" };
  const answer = await eventOf(() => new Response("<h1>Forbidden</h1>", { status: 403, headers }));
  const expected = { name: "HTTP_ANSWERED", peer: 7, code: 403, a: "text/html", b: "" };
  assert.deepEqual(answer, { ...expected, c: "<h1>Forbidden</h1>" });
  const lost = await eventOf(() => Promise.reject(new TypeError("lost")));
  assert.deepEqual(lost, { name: "HTTP_FAILED", peer: 7 });
});

test("an aborted request is not reported", async () => {
  useNetwork(goodNetwork);
  const core = {};
  const { actions } = createHttp(core, `${origin}/`);
  const ask = (peer) => actions.HTTP_POST({ peer, code: 0, a: "open\n", b: "", c: "poll" });
  const answered = new Promise((resolve) => (core.handle = (...event) => resolve(event)));
  ask(1);
  actions.HTTP_ABORT({ peer: 1 });
  ask(2);
  assert.equal((await answered)[1].peer, 2);
});
