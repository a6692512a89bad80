// The tree's shape: who may know whom, how long things may be, what may not be in a file.
import assert from "node:assert/strict";
import { basename, dirname } from "node:path";
import { test } from "node:test";
import { files, read, run, withExtension } from "./tree.mjs";

const FILE_LINES_MAX = 600;
const FUNCTION_LINES_MAX = 70;
const LINE_COLUMNS_MAX = 100;

// Every C file of the program, by floor. A floor knows itself and the floors that it names.
const BASE = ["wasm: base"];
const WIRE = [...BASE, "wasm: wire"];
const CORE = [...WIRE, "wasm: core"];
const CHAT = [...CORE, "wasm: chat"];
const HUB = [...WIRE, "server: hub"];
const FLOORS = {
  "wasm: base": {
    files:
      "error buffer unicode unicode_table cluster joiner text url json cjson_numbers pace idle_cut",
    knows: [],
  },
  "wasm: wire": { files: "wire wire_relay", knows: BASE },
  "wasm: core": {
    files:
      "event action peer_message skeleton skeleton_table name transcript fold outbox inbox friendly_name token random backoff heartbeat steps " +
      "candidate sdp hiding route budget negotiation link link_ladder link_signals link_turn link_reason room audit",
    knows: WIRE,
  },
  "wasm: chat": {
    files: "chat chat_state channel roster relay dialing signaling lines note gap view",
    knows: CORE,
  },
  "wasm: abi": { files: "abi", knows: CHAT },
  "server: hub": {
    files: "hub hub_state hub_join hub_room hub_action hub_share hub_ice id room_words turn",
    knows: WIRE,
  },
  "server: parts": {
    files:
      "config config_value ice_address log origin assets web_root due_queue liveness addresses frame_queue ip forwarded " +
      "redirect host_name option_file turn_secret process_stats request_head request_plain request_reader",
    knows: WIRE,
  },
  "server: limits": {
    files: "bucket fair_queue guard household lru",
    knows: [...WIRE, "server: parts"],
  },
  "server: polling": { files: "poll_head poll_session", knows: [...WIRE, "server: parts"] },
  "server: stun": { files: "stun stun_limit", knows: [...BASE, "server: parts", "server: limits"] },
  "server: metrics": { files: "metrics metrics_text", knows: WIRE },
  "server: program": {
    files:
      "http http_input http_output handshake people_log exchange websocket polling caller lobby sockets listener " +
      "stun_socket stun_offer tls keys descriptors scrape " +
      "server_state server_doors server_events server main",
    knows: [
      ...HUB,
      "server: parts",
      "server: limits",
      "server: polling",
      "server: stun",
      "server: metrics",
    ],
  },
};

// Floors that do no I/O and read no clock, and those that may use the event loop.
const IS_SANS_IO = /^(?:wasm: .*|server: (?:hub|limits|polling|stun|metrics))$/;
const MAY_USE_LOOP = /^server: program$/;
const OUTSIDE =
  /^(?:libwebsockets|uv|time|signal|unistd|pthread|poll|fcntl|netdb|sys\/|net|arpa\/)/;
const LOOP = /^(?:libwebsockets|uv)/;

const programFiles = withExtension("c", "h").filter((file) => /^(?:wasm|server)\//.test(file));
const none = (faults) => assert.ok(faults.length === 0, `\n${faults.join("\n")}`);

function floorOf(file) {
  const module = basename(file).replace(/\.[ch]$/, "");
  const dir = dirname(file);
  return Object.keys(FLOORS).find(
    (floor) => floor.startsWith(`${dir}:`) && FLOORS[floor].files.split(" ").includes(module),
  );
}

function includesOf(file, pattern) {
  return [...read(file).matchAll(pattern)].map((match) => match[1]);
}

test("every C file has its floor", () => {
  none(programFiles.filter((file) => floorOf(file) === undefined));
});

// The headers of ours that a file includes and that its floor must not know.
function forbiddenHeaders(file) {
  const floor = floorOf(file);
  return includesOf(file, /^\s*#\s*include\s+"([^"]+)"/gm).filter((include) => {
    const target = programFiles.find((other) => basename(other) === include);
    return !target || ![floor, ...(FLOORS[floor]?.knows ?? [])].includes(floorOf(target));
  });
}

test("a file includes its own floor and those below", () => {
  none(programFiles.flatMap((file) => forbiddenHeaders(file).map((h) => `${file}: "${h}"`)));
});

test("only the program's files touch the outside", () => {
  const faults = programFiles.flatMap((file) => {
    const floor = floorOf(file);
    return includesOf(file, /^\s*#\s*include\s+<([^>]+)>/gm)
      .filter(
        (include) =>
          (IS_SANS_IO.test(floor) && OUTSIDE.test(include)) ||
          (!MAY_USE_LOOP.test(floor) && LOOP.test(include)),
      )
      .map((include) => `${file}: <${include}>`);
  });
  none(faults);
});

test("no file is too long", () => {
  const lines = (file) => read(file).split("\n").length - 1;
  none(withExtension("c", "h", "js", "mjs").filter((file) => lines(file) > FILE_LINES_MAX));
});

// Calls find(line) on each line of the files; lists where it is true.
function linesWhere(names, find) {
  return names.flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, i) => (find(line) ? [`${file}:${i + 1}`] : [])),
  );
}

test("no line of C is too wide", () => {
  none(linesWhere(withExtension("c", "h"), (line) => [...line].length > LINE_COLUMNS_MAX));
});

// clang-format gives a function's last brace, and little else, a line of its own without indent.
// JavaScript's functions are eslint's to count.
function functionsOf(source) {
  const found = [];
  let start = null;
  source.split("\n").forEach((line, i) => {
    if (/^\w.*\(/.test(line)) start = i;
    if (line !== "}" || start === null) return;
    found.push({ line: start + 1, lines: i - start + 1 });
    start = null;
  });
  return found;
}

test("no C function is too long", () => {
  const faults = withExtension("c").flatMap((file) =>
    functionsOf(read(file))
      .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
      .map(({ line, lines }) => `${file}:${line}: ${lines} lines`),
  );
  none(faults);
});

test("no file knows the machine it was written on", () => {
  const places = ["home", "root", "work", "Users"].join("|");
  const elsewhere = new RegExp(`(?<![\\w.])/(?:${places})/[a-z]`, "i");
  const text = files.filter((name) => !/\.(?:png|ico|woff2)$/.test(name));
  none(linesWhere(text, (line) => elsewhere.test(line)));
});

test("every native test is built", () => {
  const registered = new Set(read("tests/CMakeLists.txt").split(/[\s()]+/));
  const names = files.flatMap((f) => f.match(/^tests\/native\/(\w+)_test\.c$/)?.[1] ?? []);
  none(names.filter((name) => !registered.has(name)));
});

test("scripts pass shellcheck", async () => {
  const scripts = files.filter((f) =>
    /^#(!.*\bbash|\s*shellcheck shell=)/.test(read(f).slice(0, 80)),
  );
  assert.ok(scripts.length > 0);
  await run("shellcheck", ["-x", ...scripts]);
});
