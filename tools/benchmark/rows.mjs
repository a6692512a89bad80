// The rows of the benchmark, and one round of measurements for one server.
import { TRIP_MS, measureVisit } from "./page.mjs";
import { SERVERS, begin } from "./servers.mjs";
import { startLoad } from "./processes.mjs";

const PAIRS = 16; // each with one signal in transit
const ROOM_MEMBERS = 4;
const JOIN_WINDOW = 256; // clients that join at the same time
const FETCH_CONNECTIONS = 16;
const [FIRST_MS_MAX, FIRST_FLOOR_MS] = [150, 22]; // on a machine where the floor takes 22
// TCP and the page, TCP and the socket, the join, the offer, the answer; and one for all else
const TRIPS_MAX = 7.5;
const WARM_UP_SHARE = 0.2; // of the joins, before time and memory are counted

export const FULL = { relayMs: 2000, tripMs: 1000, warmUpMs: 1000, idle: 10000, fill: 5000 };
export const QUICK = { relayMs: 200, tripMs: 100, warmUpMs: 100, idle: 500, fill: 500 };

/*
 * |group|: the rows of one measurement, which are chosen together. |base|: the server that the
 * ratios are to. |mark|: Parley's limit, as a number, or as a factor of another value of the same
 * round. |share|: the quantile of the rounds that the row shows, if not the median: 0.9 for p90.
 */
const relaying = (suffix, mark) => [
  { key: `relay${suffix}`, title: "server CPU per relayed message", unit: "µs", mark },
  { key: `rate${suffix}`, title: "relays per second", unit: "/s", more: true },
  { key: `p50${suffix}`, title: "round trip, p50", unit: "µs" },
  { key: `p99${suffix}`, title: "round trip, p99", unit: "µs" },
];

/** Faster than Socket.IO's page, in the median and in the 90th percentile. */
const besides = (key, title) => {
  const row = { key, unit: "ms", base: "socketio", mark: { factor: 1, server: "socketio" } };
  return [
    { ...row, title },
    { ...row, title: `${title}, p90`, share: 0.9 },
  ];
};

export function rowsFor(sizes) {
  const idle = `with ${sizes.idle} idle: `;
  const among = relaying("-idle", { factor: 1.1, key: "relay" });
  const rows = {
    relay: relaying("", { factor: 1.3, server: "floor" }),
    idle: among.map((row) => ({ ...row, title: idle + row.title })),
    memory: [
      { key: "memory", title: `memory per idle client of ${sizes.idle}`, unit: "KB", mark: 3 },
    ],
    join: [{ key: "join", title: "server CPU per join", unit: "µs", mark: 100 }],
    fill: [{ key: "fill", title: `until ${sizes.fill} have joined, from nothing`, unit: "ms" }],
    start: [{ key: "start", title: "memory at start", unit: "MB", mark: 8 }],
    pages: [
      { key: "pages", title: "static pages per second", unit: "/s", more: true, base: "nginx" },
      { key: "page", title: "server CPU per static page", unit: "µs", base: "nginx" },
    ],
    page: [
      {
        key: "first",
        title: "from a link to the first message",
        unit: "ms",
        mark: { factor: FIRST_MS_MAX / FIRST_FLOOR_MS, server: "floor" },
      },
      ...besides("first", "the same, beside the original's way"),
      ...besides("far", `with the server ${TRIP_MS} ms away`),
      { key: "trips", title: "round trips in that", unit: "", base: "socketio", mark: TRIPS_MAX },
      { key: "bytes", title: "a first visit loads", unit: "KB", base: "socketio", mark: 60 },
    ],
  };
  return Object.entries(rows).flatMap(([group, list]) =>
    list.map((row) => ({ base: "floor", ...row, group })),
  );
}

export const GROUPS = ["relay", "idle", "memory", "join", "fill", "start", "pages", "page"];

const eachUs = ({ serverNs, done }) => serverNs / done / 1000;
const perSecond = ({ done, wallNs }) => done / (wallNs / 1e9);

async function relay(load, sizes, suffix) {
  await load.task(`relay ${PAIRS} ${sizes.warmUpMs}`);
  const cost = await load.task(`relay ${PAIRS} ${sizes.relayMs}`);
  const trip = await load.task(`relay 1 ${sizes.tripMs}`);
  return {
    // NaN: no round trip was timed.
    [`relay${suffix}`]: eachUs(cost),
    [`rate${suffix}`]: perSecond(cost),
    [`p50${suffix}`]: trip.p50Ns / 1000 || NaN,
    [`p99${suffix}`]: trip.p99Ns / 1000 || NaN,
  };
}

async function withServer(name, setup, task) {
  const server = await begin(name, setup);
  const load = startLoad(setup.load, SERVERS[name].dialect ?? name, server);
  const result = await task(server, load);
  await load.stop();
  await server.stop();
  return result;
}

/** Pairs that exchange signals, first alone, then with many idle clients connected. */
async function measureCrowd(server, load, { sizes, groups }) {
  await load.task(`join ${2 * PAIRS} 2 ${2 * PAIRS}`);
  const results = await relay(load, sizes, "");
  if (!["idle", "memory", "join"].some((group) => groups.has(group))) return results;
  const first = sizes.idle * WARM_UP_SHARE;
  await load.task(`join ${first} ${ROOM_MEMBERS} ${JOIN_WINDOW}`);
  const before = await server.memoryBytes();
  const joins = await load.task(`join ${sizes.idle - first} ${ROOM_MEMBERS} ${JOIN_WINDOW}`);
  const after = await server.memoryBytes();
  const idle = groups.has("idle") ? await relay(load, sizes, "-idle") : {};
  return { ...results, memory: (after - before) / joins.done / 1024, join: eachUs(joins), ...idle };
}

async function measureFresh(server, load, { sizes }) {
  const start = (await server.memoryBytes()) / 1024 / 1024;
  const { wallNs } = await load.task(`join ${sizes.fill} ${ROOM_MEMBERS} ${JOIN_WINDOW}`);
  return { start, fill: wallNs / 1e6 };
}

async function measurePages(server, load, { sizes }) {
  await load.task(`fetch ${FETCH_CONNECTIONS} ${sizes.warmUpMs}`);
  const cost = await load.task(`fetch ${FETCH_CONNECTIONS} ${sizes.relayMs}`);
  return { pages: perSecond(cost), page: eachUs(cost) };
}

const MEASUREMENTS = [
  { groups: ["fill", "start"], of: "relays", measure: measureFresh },
  { groups: ["relay", "idle", "memory", "join"], of: "relays", measure: measureCrowd },
  { groups: ["pages"], of: "serves", measure: measurePages },
];

/** One round for one server: the values of the chosen groups' rows, by key. */
export async function measure(name, setup) {
  const values = {};
  for (const { groups, of, measure: how } of MEASUREMENTS) {
    if (!SERVERS[name][of] || !groups.some((group) => setup.groups.has(group))) continue;
    const task = (server, load) => how(server, load, setup);
    Object.assign(values, await withServer(name, setup, task));
  }
  if (SERVERS[name].meets && setup.groups.has("page"))
    Object.assign(values, await measureVisit(name, setup));
  return values;
}
