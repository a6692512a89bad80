// web/transport/polling.js against the real server, through a network that loses, repeats and delays.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { PollingSocket } from "../../web/transport/polling.js";

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

/** As a browser: a page of this server, whose requests go through |network|. */
function useNetwork(network) {
  globalThis.fetch = (url, options) =>
    network({ ...options, headers: { ...options.headers, Origin: origin } }, (sent) =>
      realFetch(url, sent),
    );
}

/** Every request is lost the first time, on its way there or back; the next arrives twice. */
function badNetwork() {
  const seen = new Map();
  const lose = () => Promise.reject(new TypeError("lost"));
  let losses = 0;
  return async (options, send) => {
    const key = `${options.headers["Parley-Session"]} ${options.body}`;
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

const token = (letter) => letter.repeat(21) + "A";
const join = (letter) =>
  JSON.stringify({ type: "join", version: 2, room: "in-node", token: token(letter) });

/** A socket whose messages can be waited for. */
function open() {
  const socket = new PollingSocket(`${origin}/poll`);
  const messages = [];
  const closed = new Promise((resolve) => (socket.onclose = resolve));
  const opened = new Promise((resolve) => (socket.onopen = resolve));
  let wake = () => {};
  socket.onmessage = ({ data }) => {
    messages.push(JSON.parse(data));
    wake();
  };
  const next = async (type) => {
    for (;;) {
      const at = messages.findIndex((message) => message.type === type);
      if (at >= 0) return messages.splice(at, 1)[0];
      await new Promise((resolve) => (wake = resolve));
    }
  };
  return { socket, opened, closed, next };
}

const WARNINGS = console.warn;
async function quietly(use) {
  console.warn = () => {};
  await use();
  console.warn = WARNINGS;
}

test("through a bad network every message arrives once and in order", async () => {
  useNetwork(badNetwork());
  const ada = open();
  await ada.opened;
  ada.socket.send(join("a"));
  const { you } = await ada.next("welcome");
  const bea = open();
  await bea.opened;
  bea.socket.send(join("b"));
  const welcome = await bea.next("welcome");
  assert.deepEqual(welcome.members, [you]);
  for (let i = 0; i < 5; i++) {
    const offer = { type: "offer", to: welcome.you, sdp: `from ada ${i}`, connection: 1 };
    ada.socket.send(JSON.stringify(offer));
    bea.socket.send(JSON.stringify({ ...offer, to: you, sdp: `from bea ${i}` }));
    if (i % 2 === 0) await ada.next("offer").then(({ sdp }) => assert.match(sdp, /from bea/));
  }
  for (let i = 0; i < 5; i++) assert.equal((await bea.next("offer")).sdp, `from ada ${i}`);
  ada.socket.send(JSON.stringify({ type: "leave" }));
  ada.socket.close(); // in the same breath
  const left = await bea.next("left");
  assert.deepEqual(left, { type: "left", member: you, goodbye: true });
  bea.socket.close();
});

test("a goodbye arrives however much there was to say before", async () => {
  useNetwork((options, send) => send(options));
  const [ada, bea] = [open(), open()];
  await Promise.all([ada.opened, bea.opened]);
  bea.socket.send(join("b"));
  const to = (await bea.next("welcome")).you;
  ada.socket.send(join("a"));
  const { you } = await ada.next("welcome");
  for (let i = 0; i < 5; i++)
    ada.socket.send(JSON.stringify({ type: "offer", to, sdp: "x".repeat(12000), connection: 1 }));
  ada.socket.send(JSON.stringify({ type: "leave" }));
  ada.socket.close();
  assert.deepEqual(await bea.next("left"), { type: "left", member: you, goodbye: true });
  bea.socket.close();
});

test("the server's close has the code that a WebSocket's would have", async () => {
  useNetwork((options, send) => send(options));
  const { socket, opened, closed, next } = open();
  await opened;
  socket.send(JSON.stringify({ type: "join", version: 99 }));
  assert.equal((await next("error")).code, "bad_version");
  assert.equal((await closed).code, 1008);
});

test("a foreign page, or no server, is a connection that did not open", () =>
  quietly(async () => {
    useNetwork((options, send) =>
      send({ ...options, headers: { ...options.headers, Origin: "http://evil.example" } }),
    );
    const { code, reason } = await open().closed;
    assert.equal(code, 1006);
    assert.match(reason, /^403 This page may not connect here: .*--allow-origin/);
    useNetwork(() => Promise.reject(new TypeError("no network")));
    assert.equal((await open().closed).code, 1006);
  }));

test("a session that the server does not know any more is lost at once", () =>
  quietly(async () => {
    useNetwork((options, send) => {
      const { "Parley-Session": secret, ...others } = options.headers;
      const headers = secret ? { ...others, "Parley-Session": `${secret}x` } : others;
      return send({ ...options, headers });
    });
    assert.equal((await open().closed).code, 1006);
  }));

test("who is sent elsewhere, by a proxy that wants a sign-in, is told so", () =>
  quietly(async () => {
    const redirect = { status: 0, type: "opaqueredirect", ok: false, headers: new Headers() };
    useNetwork(async ({ redirect: mode }) => {
      assert.equal(mode, "manual");
      return { ...redirect, text: async () => "" };
    });
    assert.equal((await open().closed).reason, "302 ");
  }));

/** What an answer means: the same is asked |again|, or the session is over, with a reason. */
const answers = [
  { status: 408, again: true },
  { status: 425, again: true },
  { status: 429, again: true },
  { status: 500, again: true },
  { status: 502, again: true },
  { status: 503, again: true },
  { status: 504, again: true },
  { status: 400, reason: "400 no" },
  { status: 403, reason: "403 no" },
  { status: 404, reason: "404 no" },
  { status: 410, reason: "410 no" },
  { status: 413, reason: "413 no" },
];

/** The answer to each first request like |command| is |makeAnswer()|'s. */
function answeringOnce(command, makeAnswer) {
  let answered = false;
  return (options, send) => {
    if (answered || !options.body.startsWith(command)) return send(options);
    answered = true;
    return Promise.resolve(makeAnswer());
  };
}

for (const command of ["poll", "send"])
  for (const { status, again, reason } of answers)
    test(`${status} to ${command}: ${again ? "asked again" : "over"}`, () =>
      quietly(async () => {
        useNetwork(answeringOnce(command, () => new Response("no", { status })));
        const { socket, opened, closed, next } = open();
        await opened;
        socket.send(join("c"));
        if (again) await Promise.race([next("welcome"), closed.then(assert.fail)]);
        else assert.deepEqual(await closed, { code: 1006, reason });
        socket.close();
      }));

for (const wanted of ["1", new Date(Date.now() + 60_000).toUTCString(), "soon", "-1"])
  test(`Retry-After: ${/[:]/.test(wanted) ? "a date" : wanted}`, async (context) => {
    const pauses = [];
    const later = globalThis.setTimeout;
    context.mock.method(globalThis, "setTimeout", (use, ms, ...rest) => {
      pauses.push(ms);
      return later(use, ms === 30_000 ? ms : 0, ...rest); // an answer's time is no pause
    });
    const headers = { "retry-after": wanted };
    useNetwork(answeringOnce("poll", () => new Response("", { status: 503, headers })));
    const { socket, opened, next } = open();
    await opened;
    socket.send(join("d"));
    await next("welcome");
    socket.close();
    const expected = { 1: 1000, soon: 250, "-1": 250 }[wanted] ?? 20_000;
    assert.ok(pauses.includes(expected), `${pauses}`);
  });

test("whoever closes while a request is to be repeated repeats none", async (context) => {
  const bodies = [];
  const later = globalThis.setTimeout;
  let endPause;
  const pausing = new Promise((resolve) =>
    context.mock.method(globalThis, "setTimeout", (use, ms, ...rest) => {
      if (ms !== 3000) return later(use, ms, ...rest);
      endPause = use;
      return resolve();
    }),
  );
  const broken = new Response("", { status: 503, headers: { "retry-after": "3" } });
  const once = answeringOnce("poll", () => broken);
  useNetwork((options, send) => {
    bodies.push(options.body);
    return once(options, send);
  });
  const { socket, opened } = open();
  await opened;
  await pausing;
  socket.close();
  endPause();
  await new Promise(setImmediate);
  assert.deepEqual(bodies, ["open\n", "poll 0\n", "close 0\n"]);
});

test("the sentence of a page of HTML is nobody's", () =>
  quietly(async () => {
    const page = new Response("<h1>Forbidden</h1>", {
      ...{ status: 403, headers: { "content-type": "text/html" } },
    });
    useNetwork(() => Promise.resolve(page));
    assert.equal((await open().closed).reason, "403 ");
  }));

test("a poll waits as long as it may, and one that waits for longer is asked again", async () => {
  const polls = [];
  let noticed = () => {};
  useNetwork((options, send) => {
    if (options.body.startsWith("poll")) noticed(polls.push(options.body));
    return send(options);
  });
  const { socket, opened } = open();
  const seen = (count) =>
    new Promise((resolve) => {
      noticed = () => polls.length >= count && resolve();
      noticed();
    });
  await opened;
  await seen(1);
  const answered = new Promise((resolve) => (socket.onanswered = resolve));
  socket.setWait(500, 0); // while that one waits
  await seen(3); // the second is answered in time
  assert.deepEqual(polls.slice(0, 3), ["poll 0\n", "poll 0 500\n", "poll 0 500\n"]);
  assert.ok((await answered) >= 500); // the second
  socket.setWait(0, 0);
  await seen(4);
  assert.equal(polls[3], "poll 0\n");
  socket.close();
});

test("a poll that is cut is told of", () =>
  quietly(async () => {
    let cutting = true;
    useNetwork((options, send) =>
      cutting && options.body.startsWith("poll")
        ? Promise.reject(new TypeError("cut"))
        : send(options),
    );
    const { socket } = open();
    const ms = await new Promise((resolve) => (socket.oncut = resolve));
    assert.ok(Number.isInteger(ms) && ms >= 0);
    cutting = false;
    socket.close();
  }));
