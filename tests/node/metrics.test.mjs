/** The metrics as Prometheus reads them. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { enterRoom, freePort, start, startServer } from "./server.mjs";

const install = fileURLToPath(new URL("../../tools/install", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "metrics-"));
after(() => rmSync(dir, { recursive: true }));

const STUN_REQUEST = Buffer.from("000100002112a442000102030405060708090a0b", "hex");
const TWO_AT_ONCE = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2);
const SDP = "v=0\r\n".repeat(100);

/** A server with metrics: scrape() returns the text, value(name) one number of a fresh scrape. */
async function startWatched(...options) {
  const server = await startServer("--metrics-listen", "127.0.0.1:0", ...options);
  const log = await server.says(" metrics address=127.0.0.1 port=");
  const watchPort = Number(/ metrics address=127\.0\.0\.1 port=(\d+)/.exec(log)[1]);
  const get = (path, init) => fetch(`http://127.0.0.1:${watchPort}${path}`, init);
  const scrape = async () => (await get("/metrics")).text();
  const value = async (name) => valueIn(await scrape(), name);
  const origin = `http://127.0.0.1:${server.port}`;
  const url = `ws://127.0.0.1:${server.port}/signal`;
  const enter = (room) => enterRoom(url, room, { origin });
  return { ...server, watchPort, get, scrape, value, origin, url, enter };
}

function valueIn(text, name) {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  assert.ok(line, `no ${name} in:\n${text}`);
  return Number(line.slice(name.length + 1));
}

const expectIn = (text, values) =>
  assert.deepEqual(
    Object.fromEntries(Object.keys(values).map((name) => [name, valueIn(text, name)])),
    values,
  );

/** Waits until a metric has the value |wanted|, by scraping again. The runner has a timeout. */
async function becomes(server, name, wanted) {
  while ((await server.value(name)) !== wanted);
}

const promtool = (args, input) =>
  execFileSync("promtool", args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });

async function closed(...people) {
  for (const { socket } of people) {
    socket.close();
    if (socket.readyState !== socket.CLOSED) await once(socket, "close");
  }
}

const postPoll = async (server, body, secret) => {
  const headers = { Origin: server.origin, ...(secret ? { "Parley-Session": secret } : {}) };
  const response = await fetch(`${server.origin}/poll`, { method: "POST", headers, body });
  return { status: response.status, text: await response.text() };
};

async function askStun(port) {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  socket.send(STUN_REQUEST, port, "127.0.0.1");
  await once(socket, "message");
  socket.close();
}

test("everything done is counted, and people who have gone are no longer counted", async () => {
  const stunPort = await freePort();
  const limits = ["--room-members-max", "2", "--grace-seconds", "0"];
  const server = await startWatched("--stun-port", String(stunPort), ...limits);
  const none = await server.scrape();
  promtool(["check", "metrics"], none);
  assert.match(none, /^parley_build_info\{version="[\d.]+"\} 1$/m);
  expectIn(none, { parley_rooms: 0, 'parley_connections{transport="websocket"}': 0 });

  const ada = await server.enter("watched");
  const bea = await server.enter("watched");
  await ada.next(); // Bea joined
  const third = await server.enter("watched");
  assert.equal(third.first.code, "room_full");
  ada.send({ type: "offer", to: bea.you, sdp: SDP, connection: 1 });
  assert.equal((await bea.next()).type, "offer");
  const poller = (await postPoll(server, "open\n")).text.trim().split(" ")[1];
  assert.ok(poller);
  const foreign = enterRoom(server.url, "watched", { origin: "https://other.example" });
  await assert.rejects(foreign, /403/);
  assert.equal((await fetch(`${server.origin}/`)).status, 200);
  assert.equal((await fetch(`${server.origin}/healthz`)).status, 200);
  assert.equal((await fetch(`${server.origin}/metrics`)).status, 404);
  await askStun(stunPort);
  await closed(third);

  const text = await server.scrape();
  promtool(["check", "metrics"], text);
  expectIn(text, {
    'parley_connections{transport="websocket"}': 2,
    'parley_connections{transport="polling"}': 1,
    parley_rooms: 1,
    parley_members: 2,
    parley_absent_members: 0,
    'parley_messages_total{type="join",direction="in"}': 3,
    'parley_messages_total{type="offer",direction="in"}': 1,
    'parley_messages_total{type="offer",direction="out"}': 1,
    'parley_messages_total{type="welcome",direction="out"}': 2,
    'parley_messages_total{type="joined",direction="out"}': 1,
    'parley_messages_total{type="error",direction="out"}': 1,
    'parley_refusals_total{reason="room_full"}': 1,
    'parley_refusals_total{reason="origin"}': 1,
    'parley_refusals_total{reason="bad_message"}': 0,
    'parley_http_responses_total{code="2xx"}': 4, // open, two pages, and the scrape before
    'parley_http_responses_total{code="4xx"}': 2,
    parley_stun_answers_total: 1,
    parley_join_seconds_count: 2,
    'parley_join_seconds_bucket{le="+Inf"}': 2,
    parley_relay_seconds_count: 1,
    parley_queued_bytes: 0,
    parley_queues: 0,
    parley_draining: 0,
  });
  assert.ok(valueIn(text, "parley_relay_seconds_sum") > 0);
  assert.ok(valueIn(text, "parley_received_bytes_total") > SDP.length);
  assert.ok(valueIn(text, "parley_sent_bytes_total") > SDP.length);
  for (const name of ["resident_memory_bytes", "virtual_memory_bytes", "open_fds", "max_fds"])
    assert.ok(valueIn(text, `process_${name}`) > 0, name);
  assert.ok(valueIn(text, "process_start_time_seconds") <= Date.now() / 1000 + 1);
  assert.ok(valueIn(text, "process_cpu_seconds_total") > 0);

  await closed(ada, bea);
  await becomes(server, "parley_rooms", 0);
  await becomes(server, 'parley_connections{transport="websocket"}', 0);
  expectIn(await server.scrape(), { parley_members: 0, parley_join_seconds_count: 2 });
  await server.stop();
});

test("queued bytes and dropped messages are counted", async () => {
  const server = await startWatched("--member-queue-kilobytes", "64");
  const ada = await server.enter("waiting");
  const secret = (await postPoll(server, "open\n")).text.trim().split(" ")[1];
  const token = "t".repeat(21) + "A";
  const body = `send 0\n${JSON.stringify({ type: "join", version: 2, room: "waiting", token })}\n`;
  const sent = await postPoll(server, body, secret);
  assert.equal(sent.status, 200, sent.text);
  const { member: to } = await ada.next();
  for (let i = 0; i < 10; i++)
    ada.send({ type: "offer", to, sdp: "x".repeat(12000), connection: 1 });
  ada.send({ type: "ask", to: "nobody-of-that-name-00" });
  assert.equal((await ada.next()).code, "no_such_member"); // the server has taken all messages before it
  const text = await server.scrape();
  expectIn(text, { parley_queues: 1, 'parley_connections{transport="polling"}': 1 });
  assert.ok(valueIn(text, "parley_queued_bytes") > 12000);
  assert.ok(valueIn(text, "parley_dropped_messages_total") > 0);
  await closed(ada);
  await server.stop();
});

test("the metrics' port serves nothing else", async () => {
  const server = await startWatched();
  for (const path of ["/", "/healthz", "/signal", "/metrics/", "/poll"])
    assert.equal((await server.get(path)).status, 404, path);
  const post = await server.get("/metrics", { method: "POST", body: "x" });
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  const head = await server.get("/metrics", { method: "HEAD" });
  assert.equal(head.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const url = `ws://127.0.0.1:${server.watchPort}/signal`;
  for (let i = 0; i < 20; i++)
    // more attempts than the port has sockets: none is kept
    await assert.rejects(enterRoom(url, "watched", { origin: server.origin }));
  const requests = ["\xff\0\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n", TWO_AT_ONCE];
  for (const request of requests.flatMap((one) => Array(10).fill(one))) {
    const socket = connect(server.watchPort, "127.0.0.1").on("error", () => {});
    const end = once(socket.resume(), "close");
    socket.write(request, "latin1");
    await end;
  }
  assert.match(await server.scrape(), /^parley_rooms 0$/m); // the port still works
  await server.stop();
});

/** Connected sockets that send nothing, and a promise that all of them have ended. */
async function idle(port, count) {
  const sockets = Array.from({ length: count }, () =>
    connect(port, "127.0.0.1")
      .on("error", () => {})
      .resume(),
  );
  const ended = Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.on("close", resolve))),
  );
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return { sockets, ended };
}

test("a flood of idle sockets does not prevent scrapes, and the server ends it", async () => {
  const server = await startWatched("--request-seconds", "1");
  const { ended } = await idle(server.watchPort, 100);
  promtool(["check", "metrics"], await server.scrape());
  await ended;
  await server.stop();
});

test("a full server still answers scrapes", async () => {
  const server = await startWatched("--connections-max", "1");
  const ada = await server.enter("full");
  const { sockets } = await idle(server.port, 400);
  const bea = await server.enter("full");
  assert.equal(bea.first.code, "server_full");
  expectIn(await server.scrape(), {
    'parley_connections{transport="websocket"}': 1,
    'parley_refusals_total{reason="server_full"}': 1,
  });
  sockets.forEach((socket) => socket.destroy());
  await closed(ada);
  await server.stop();
});

test("a draining server answers scrapes, and reports that it is draining", async () => {
  const server = await startWatched("--drain-seconds", "60");
  const [first, second] = [await server.enter("draining"), await server.enter("draining")];
  const stopped = server.stop();
  await once(first.socket, "close"); // it goes first; the other has half a minute
  await becomes(server, "parley_draining", 1);
  await becomes(server, "parley_members", 1);
  await closed(second);
  await stopped;
});

test("the log warns if other machines can reach the port", async () => {
  const server = await startServer("--metrics-listen", "0.0.0.0:0");
  await server.says("warn metrics_exposed");
  await server.stop();
});

test("a port that is in use is an error in one sentence, and the server exits", async () => {
  const server = await startWatched();
  const options = ["--port", "0", "--metrics-listen", String(server.watchPort)];
  const { ended, output } = start(process.env.PARLEY_BINARY, options);
  assert.equal(await ended, 1);
  assert.match(
    output(),
    /^parley: port \d+ is in use already; choose another with --metrics-listen/,
  );
  await server.stop();
});

const read = (name) => readFileSync(join(install, name), "utf8");

/** Every PromQL expression of the dashboard, with what Grafana puts in for its variables. */
const dashboard = JSON.parse(read("grafana-dashboard.json"));
const expressions = dashboard.panels
  .flatMap(({ targets }) => targets ?? [])
  .map(({ expr }) => expr.replaceAll("$__rate_interval", "1m").replaceAll("$instance", "parley"));

test("the dashboard's queries are valid and use existing metrics", async () => {
  const server = await startWatched();
  const text = await server.scrape();
  await server.stop();
  const there = new Set([...text.matchAll(/^(\w+)[ {]/gm)].map(([, name]) => name));
  const alerts = read("prometheus-alerts.yml");
  const asked = [...expressions, alerts].join("\n").matchAll(/\b(?:parley|process)_\w+/g);
  const missing = [...asked].map(([name]) => name).filter((name) => !there.has(name));
  assert.deepEqual(missing, []);
  assert.ok(expressions.length > 10);
  const rules = expressions.map((expr, i) => ({ record: `dashboard:${i}`, expr }));
  const file = join(dir, "rules.json"); // YAML, too
  writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
  promtool(["check", "rules", file]);
});

test("the dashboard has a data source to choose, and panels that do not overlap", () => {
  assert.ok(dashboard.schemaVersion > 30);
  const names = dashboard.templating.list.map(({ name }) => name);
  assert.deepEqual(names, ["datasource", "instance"]);
  const ids = dashboard.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { title, type, targets, datasource, gridPos } of dashboard.panels) {
    assert.ok(title && gridPos.w > 0 && gridPos.x + gridPos.w <= 24, title);
    if (type === "row") continue;
    assert.equal(datasource.uid, "${datasource}", title);
    assert.ok(targets.length > 0, title);
  }
});

test("Prometheus accepts the examples", () => {
  promtool(["check", "rules", join(install, "prometheus-alerts.yml")]);
  promtool(["check", "config", "--syntax-only", join(install, "prometheus.yml")]);
});
