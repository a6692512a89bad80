/** A stranger and a real relay, coturn: one address is one user, however many people it claims. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startCoturn } from "../browser/coturn.mjs";
import { allocate } from "./relay-client.mjs";
import { enterRoom, freePort, startServer } from "./server.mjs";

const HOST = "127.0.0.1";
const STRANGER = "127.0.0.2";
const HONEST = "127.0.0.3";
const QUOTA = 5;
const PAIRS = 20;

let coturn;
let server;
const people = [];

/** Somebody whose browser is at |localAddress|. */
async function enterFrom(localAddress, room) {
  const options = { localAddress, origin: `http://${HOST}:${server.port}` };
  const person = await enterRoom(`ws://${HOST}:${server.port}/signal`, room, options);
  people.push(person);
  return person;
}

const relaysOf = ({ iceServers }) => iceServers.filter(({ urls }) => urls.startsWith("turn:"));

/** Two people enter a room of their own. Returns the relay that each is told of. */
async function pair(localAddress, room) {
  const ann = await enterFrom(localAddress, room);
  const bob = await enterFrom(localAddress, room);
  assert.deepEqual(relaysOf(ann.first), []); // alone
  const credentials = await ann.next();
  assert.equal(credentials.type, "credentials");
  assert.equal((await ann.next()).type, "joined");
  return [relaysOf(credentials)[0], relaysOf(bob.first)[0]];
}

const nameOf = ({ username }) => username.split(":")[1];

describe("a relay", () => {
  before(async () => {
    const port = await freePort();
    const place = { devices: [], serverAddress: HOST, serverCommand: [] };
    coturn = await startCoturn(place, ["udp"], { port, quota: QUOTA });
    coturn.port = port;
    server = await startServer("--trusted-proxy", "none", ...coturn.options);
  });

  after(async () => {
    for (const { socket } of people) socket.terminate();
    await server.stop();
    await coturn.stop();
  });

  test("treats all people of one address as one user, and others as other users", async () => {
    const credentials = [];
    for (let i = 0; i < PAIRS; i++) credentials.push(...(await pair(STRANGER, `stranger-${i}`)));
    assert.equal(new Set(credentials.map(nameOf)).size, 1);
    const allocations = await Promise.all(
      credentials.map((one) => allocate(HOST, coturn.port, one, STRANGER)),
    );
    const refused = allocations.filter(({ error }) => error === 486); // RFC 8656, 19
    assert.equal(allocations.filter(({ error }) => error === undefined).length, QUOTA);
    assert.equal(refused.length, 2 * PAIRS - QUOTA);
    const [honest] = await pair(HONEST, "honest");
    assert.notEqual(nameOf(honest), nameOf(credentials[0]));
    const allocation = await allocate(HOST, coturn.port, honest, HONEST);
    assert.equal(allocation.error, undefined);
    for (const { close } of [...allocations, allocation]) close();
  });

  test("is not offered to a person who is alone, even if they ask", async () => {
    const alone = await enterFrom(STRANGER, "alone");
    assert.deepEqual(relaysOf(alone.first), []);
    alone.send({ type: "credentials" });
    const answer = await alone.next();
    assert.deepEqual([answer.type, relaysOf(answer)], ["credentials", []]);
  });
});
