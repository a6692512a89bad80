// web/debug.js: what it writes to the console, and what it leaves out.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { traceToConsole } from "../../web/debug.js";

const TOKEN = "abcdefghijklmnopqrstuv";

/** The console's output for one event or action. */
function traced(...trace) {
  const core = { enums: {}, members: () => [] };
  const log = mock.method(console, "log", () => {});
  try {
    traceToConsole(core);
    core.onTrace(...trace);
    return log.mock.calls[0].arguments.join(" ");
  } finally {
    log.mock.restore();
  }
}

function fields(a) {
  return { peer: 0, code: 0, a, b: "", c: "" };
}

test("the tab's token is never shown", () => {
  assert.match(traced("action", "TOKEN_STORE", fields(TOKEN)), /TOKEN_STORE/);
  assert.ok(!traced("action", "TOKEN_STORE", fields(TOKEN)).includes(TOKEN));
  const join = JSON.stringify({ type: "join", room: "saturday", token: TOKEN });
  const shown = traced("action", "SERVER_SEND", fields(join));
  assert.ok(!shown.includes(TOKEN));
  assert.match(shown, /saturday/);
});

test("a relay's credential is never shown", () => {
  const server = { urls: "turn:turn.example.org", credential: 'hush"hush' };
  const shown = traced("event", "SERVER_MESSAGE", fields(JSON.stringify({ servers: [server] })));
  assert.ok(!shown.includes("hush"));
});
