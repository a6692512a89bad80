/** `?debug`: every event and action on the console, one readable line each. */

const TEXT_SHOWN_MAX = 120;
const SECRET_ACTIONS = new Set(["TOKEN_STORE", "DEVICE_STORE"]);
const SECRET_FIELDS = /("(?:token|credential)"\s*:\s*")(?:[^"\\]|\\.)*/g;
const ROOM_SECRETS = /#1[\w-]{22}/g; // wasm/wire/room_secret.h
const SESSIONS = /(session:? )[0-9a-f]+/g; // wasm/wire/poll_wire.h
const STYLE = {
  event: ["\u2192", "color:#0a7d6c"],
  action: ["\u2190", "color:#8a5cd6"],
};

const ENUM_OF_CODE = {
  PEER_STATE: "peerState",
  PEER_DESCRIBE: "sdp",
  PEER_DESCRIBED: "sdp",
  PEER_ACCEPT: "sdp",
  TRANSPORT_STORE: "transport",
  WAKE: "wake",
};

/** @param core as made by createCore */
export function traceToConsole(core) {
  const names = new Map();
  core.onTrace = (direction, name, { peer, code, a, b, c }) => {
    const [arrow, style] = STYLE[direction];
    const texts = [a, b, c].map((value) => shorten(name, value)).filter((text) => text !== "");
    const time = (performance.now() / 1000).toFixed(3);
    console.log(
      `%c${time} ${arrow} ${name}`,
      style,
      ...(peer ? [`${names.get(peer) ?? "?"} #${peer}`] : []),
      ...(code || name in ENUM_OF_CODE ? [codeName(core, name, code)] : []),
      ...texts,
    );
    // The core must not be asked while it is being handed an event: learn the names afterwards.
    if (name === "SHOW_MEMBERS") queueMicrotask(() => learnNames(core, names));
  };
}

function learnNames(core, names) {
  for (const { connection, name } of core.members()) names.set(connection, name);
}

function codeName(core, name, code) {
  const numbers = core.enums[ENUM_OF_CODE[name]] ?? {};
  return Object.keys(numbers).find((key) => numbers[key] === code) ?? code;
}

/**
 * Conceals secrets, with which others could become this member or use the relay, since people
 * paste logs into reports.
 */
function conceal(name, text) {
  if (SECRET_ACTIONS.has(name)) return `(secret, ${text.length} characters)`;
  return text
    .replace(SECRET_FIELDS, "$1(secret)")
    .replace(ROOM_SECRETS, "#(secret)")
    .replace(SESSIONS, "$1(secret)");
}

function shorten(name, value) {
  if (typeof value !== "string") return `(${value.byteLength} bytes)`;
  const text = conceal(name, value).replaceAll("\r\n", "\u23ce").replaceAll("\n", "\u23ce");
  if (text.length <= TEXT_SHOWN_MAX) return text;
  return `${text.slice(0, TEXT_SHOWN_MAX)}\u2026 (${value.length})`;
}
