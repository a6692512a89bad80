/** The log as programs read it: JSON lines, whose stable names are in the manual. One person's lines
 * can be found. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { enterRoom, startServer } from "./server.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const JSON_LOG = ["--log-format", "json", "--log-level", "debug"];
const ALWAYS = ["time", "level", "event"];

/** The manual's list: event -> its fields. */
function documented() {
  const manual = readFileSync(`${root}/tools/install/parley.1.in`, "utf8");
  const [section] = /^\.Sh LOG\n[^]*?(?=^\.Sh )/m.exec(manual);
  const events = [...section.matchAll(/^\.It Li ([a-z_]+)((?: [a-z_]+)*)$/gm)];
  return new Map(events.map(([, event, fields]) => [event, fields.trim().split(/\s+/)]));
}

const linesOf = (output) =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map(JSON.parse);

/** Enters with |token|: the same token is the same person. */
async function enterAs(token, server, room, back) {
  const url = `ws://127.0.0.1:${server.port}/signal`;
  const origin = `http://127.0.0.1:${server.port}`;
  return enterRoom(url, room, { origin }, { token, ...(back ? { back } : {}) });
}

test("the manual has exactly the events that the server logs", () => {
  const source = readdirSync(`${root}/server`, { recursive: true })
    .filter((name) => name.endsWith(".c"))
    .map((name) => readFileSync(`${root}/server/${name}`, "utf8"))
    .join("\n");
  const logged =
    /(?:LOG\(\w+,|log_limited\([^;]*?LOG_LEVEL_\w+,|log_move\(now_ms,|write_(?:person|message)\(now_ms,)\s*(?:\w+ \? )?"([a-z_]+)"(?: : "([a-z_]+)")?/g;
  const events = [...source.matchAll(logged)].flatMap(([, one, other]) =>
    other ? [one, other] : [one],
  );
  events.push("unlogged", "libwebsockets"); // the log's own; one named by a variable
  assert.deepEqual([...documented().keys()].sort(), [...new Set(events)].sort());
});

test("lines lead from a connection to its person, and from a person to connections", async () => {
  const server = await startServer(...JSON_LOG);
  const token = randomBytes(16).toString("base64url");
  const ada = await enterAs(token, server, "the-room");
  const bea = await enterAs(randomBytes(16).toString("base64url"), server, "the-room");
  await ada.next(); // Bea joined
  bea.send({ type: "offer", to: ada.you, sdp: "v=0", connection: 1 });
  assert.equal((await ada.next()).type, "offer");
  ada.send({ type: "answer", to: bea.you, sdp: "v=0", connection: 1, for: 1 });
  assert.equal((await bea.next()).type, "answer"); // they have met, so Ada's place is kept
  ada.send({ type: "ask", to: "nobody-of-that-name-00" });
  assert.equal((await ada.next()).code, "no_such_member");
  ada.socket.terminate();
  await server.says('"away"');
  const again = await enterAs(token, server, "the-room", true);
  again.send({ type: "leave" });
  await once(again.socket, "close");
  const lines = linesOf(await server.says('"left"'));
  bea.socket.terminate();
  await server.stop();

  const fields = documented();
  for (const { event, ...rest } of lines)
    for (const name of Object.keys(rest))
      assert.ok([...ALWAYS, ...fields.get(event)].includes(name), `${event}: ${name}`);
  const eventsOf = (connection) =>
    lines.filter((line) => line.connection === connection).map(({ event }) => event);
  const [first, second] = lines
    .filter(({ event, member }) => /joined|back/.test(event) && ada.you.startsWith(member))
    .map(({ connection }) => connection);
  assert.notEqual(first, second);
  const came = ["message", "joined", "sent"];
  assert.deepEqual(eventsOf(first), [
    ...came,
    "sent",
    "sent",
    "message",
    "message",
    "refused",
    "sent",
    "away",
  ]);
  assert.deepEqual(eventsOf(second), ["message", "back", "sent", "message", "left"]);
  assert.ok(lines.every(({ event, connection }) => event !== "left" || connection === second));
});

test("the origin of a page that may not connect is logged in full", async () => {
  const server = await startServer();
  const origin = `https://${"a.".repeat(122)}example:65535`; // as long as a host can be
  const { status } = await fetch(`http://127.0.0.1:${server.port}/poll`, {
    ...{ method: "POST", body: "open\n", headers: { origin } },
  });
  assert.equal(status, 403);
  const said = await server.says("detail=");
  await server.stop();
  assert.ok(said.includes(`detail=${origin}\n`), said);
});
