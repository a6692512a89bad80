// Relays: if nothing else passes, with credentials that expire, and for people who hide their
// address. The network, the relay (coturn) and both browsers are real.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startCoturn } from "./coturn.mjs";
import { assertNobodyMoved, launch, startServerIn, withPeople } from "./harness.mjs";
import { blockUdp, countBetween, makeNetworks, whyNoNetworks } from "./networks.mjs";
import { tap } from "./wiretap.mjs";

const BROWSERS = ["chromium", "firefox"];
const LIFE_SECONDS = 8;
const PRIVATE = ["10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.1.1", "172.16.0.1", "192.168.7.7"];
const NO_RELAY = / typ (host|srflx|prflx)|\.local /;
const HTTP = { faultsAllowed: true }; // Chromium says that an address without HTTPS is not to be trusted

let networks;
let coturn;
const browsers = {};

/** Waits until all the others are reached through a relay. */
const isRelayed = (person) =>
  person.until(() => {
    const states = [...document.querySelectorAll("#members .person-state")].slice(1);
    return (
      states.length > 0 &&
      states.every(({ textContent }) => textContent === "connected through a relay")
    );
  });

async function talk(ada, grace, text) {
  await ada.say(`${text}?`);
  await grace.reads(`${text}?`);
  await grace.say(`${text}!`);
  await ada.reads(`${text}!`);
}

/** Runs |use| with a server that offers the relay. */
async function withServer(options, use) {
  const server = await startServerIn(networks, "--stun-port", "0", ...coturn.options, ...options);
  await use(server);
  await server.stop();
}

/** Opens the details and clicks the switch, like the person. */
async function hide(person) {
  await person.page.click("#details-button");
  await person.page.click("#hide");
}

const saysOfTheSwitch = (part) => document.getElementById("hide-note").textContent.includes(part);

/** For |before|: the switch was on at an earlier visit, and connections are watched. */
function watchHidden() {
  if (location.host !== "") localStorage.setItem("parley.hiding", "1");
  globalThis.watched = [];
  globalThis.OriginalConnection = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      globalThis.watched.push(this);
    }
  };
}

/** Runs in the page: what a connection with these ICE servers finds. */
async function gather(iceServers) {
  const connection = new globalThis.OriginalConnection({ iceServers, iceTransportPolicy: "relay" });
  const found = { candidates: [], errors: [] };
  connection.createDataChannel("x");
  connection.onicecandidateerror = ({ errorCode }) => found.errors.push(errorCode);
  const done = new Promise((resolve) => {
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) found.candidates.push(candidate.candidate);
      if (!candidate) resolve();
    };
  });
  await connection.setLocalDescription();
  await done;
  connection.close();
  return found;
}

const iceServersOf = (person) =>
  person.page.evaluate(() => globalThis.watched[0].getConfiguration().iceServers);

const endOf = ([{ username }]) => Number(username.split(":")[0]);

/**
 * Waits until the person's credentials have expired, so that the relay accepts only new ones,
 * which the page has.
 */
async function seeCredentialsEnd(person) {
  const old = await iceServersOf(person);
  await person.until((end) => Date.now() / 1000 > end + 1, endOf(old));
  const now = await iceServersOf(person);
  assert.ok(endOf(now) > endOf(old));
  const refused = await person.page.evaluate(gather, old);
  assert.deepEqual(refused.candidates, []);
  if (person.browserName === "chromium") assert.ok(refused.errors.includes(401));
  const { candidates } = await person.page.evaluate(gather, now);
  assert.match(candidates[0], / typ relay/);
}

/** The relay forgets everybody, and no longer accepts their old credentials. */
async function outliveCredentials(ada, grace) {
  for (const person of [ada, grace]) await seeCredentialsEnd(person);
  await talk(ada, grace, "Still there");
  await coturn.restart();
  for (const person of [ada, grace]) {
    const member = (await iceServersOf(person))[0].username.split(":")[1];
    await coturn.says(new RegExp(`:${member}>: incoming packet ALLOCATE processed, success`));
  }
  for (const person of [ada, grace]) await person.connectedTo(1);
  await talk(ada, grace, "With new ones");
  await assertNobodyMoved([ada, grace]);
  for (const person of [ada, grace]) await isRelayed(person);
}

/** Ada's page reveals her address; she hides it; from her next visit on it is not revealed. */
async function hideAndComeBack(ada, grace, wire, packets) {
  const tells = ({ text }) => text.includes(ada.address) || NO_RELAY.test(text);
  const saidByAda = (from = 0) => wire.said.slice(from).filter((one) => one.from === ada.address);
  await talk(ada, grace, "Where are you");
  assert.ok(saidByAda().some(tells));
  assert.ok((await packets.read()) > 0);

  await hide(ada);
  await ada.until(saysOfTheSwitch, "know your network address already");
  for (const person of [ada, grace]) await isRelayed(person);
  await talk(ada, grace, "And now");
  await assertNobodyMoved([ada, grace]);

  const [saidBefore, packetsBefore] = [wire.said.length, await packets.read()];
  await ada.page.reload();
  await ada.until(saysOfTheSwitch, "do not learn your network address");
  for (const person of [ada, grace]) await isRelayed(person);
  await talk(ada, grace, "And from the start");
  const said = saidByAda(saidBefore);
  assert.ok(said.some(({ text }) => / typ relay raddr 0\.0\.0\.0 rport 9/.test(text)));
  assert.deepEqual(said.filter(tells), []);
  assert.equal(await packets.read(), packetsBefore);
}

/** Two people in two browsers. */
async function openIn(open, names, url, options) {
  const ada = await open(browsers[names[0]], url, { name: "Ada", ...options });
  const grace = await open(browsers[names[1]], ada.page.url(), { name: "Grace", ...options });
  for (const person of [ada, grace]) await person.connectedTo(1);
  ada.address = browsers[names[0]].device.address;
  return [ada, grace];
}

/** For |before|: the page shows no hello, so its signals in an open room are not sealed. */
function takeHello() {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (text) {
    send.call(this, text.replace(/"hello":"[^"]*",/, ""));
  };
}

const openInPlain = (open, names, url) =>
  openIn(open, names, `${url}?roomId=hiding-${names[0]}`, { before: takeHello });

describe("a relay", { skip: whyNoNetworks() || false }, () => {
  before(async () => {
    networks = await makeNetworks(2);
    coturn = await startCoturn(networks);
    for (const [i, name] of BROWSERS.entries()) {
      browsers[name] = await launch(name, { device: networks.devices[i] });
    }
  });

  after(async () => {
    for (const browser of Object.values(browsers)) await browser.close();
    await coturn?.stop();
    await networks?.stop();
  });

  test("is reached over TCP where no UDP passes", () =>
    withServer([], async (server) => {
      const unblock = await blockUdp(networks.devices);
      const use = async (open) => {
        const people = await openIn(open, BROWSERS, server.url);
        for (const person of people) await isRelayed(person);
        await talk(...people, "Over TCP");
      };
      await withPeople(server, use, HTTP);
      await unblock();
    }));

  test("is used with new credentials when the old ones have ended", () =>
    withServer(["--turn-seconds", String(LIFE_SECONDS)], (server) => {
      const use = async (open) =>
        outliveCredentials(...(await openIn(open, BROWSERS, server.url, { before: watchHidden })));
      return withPeople(server, use, HTTP);
    }));

  test("leads nobody into a private network", async () => {
    const [device, other] = networks.devices;
    for (const address of PRIVATE)
      assert.equal(await coturn.leads(device, address), false, address);
    assert.equal(await coturn.leads(device, other.address), true);
  });

  for (const names of [BROWSERS, BROWSERS.toReversed()]) {
    test(`hides an address in ${names[0]}`, () =>
      withServer([], async (server) => {
        const wire = await tap(networks, server);
        const packets = await countBetween(...networks.devices);
        const use = async (open) =>
          hideAndComeBack(...(await openInPlain(open, names, wire.url)), wire, packets);
        await withPeople(server, use, HTTP);
        await packets.stop();
        wire.stop();
      }));
  }
});
