/**
 * Replays the simulator's cores in WebAssembly: the same inputs give the same actions, results and
 * deadlines, byte for byte. tests/sim/record.h describes the record.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { wasmModule } from "./page.mjs";

assert.ok(process.env.PARLEY_SIM, "PARLEY_SIM names the built simulator");

const WORLDS = 1000;
const OPTIONS = ["--seeds", `1..${WORLDS}`, "--members", "3", "--minutes", "2", "--record", "-"];
const [EVENT, ACTION, RESULT, END] = Buffer.from("EARZ");
const NEVER = 2n ** 64n - 1n;

/** A core without the page's JavaScript around it. */
class Core {
  #wasm = new WebAssembly.Instance(wasmModule).exports;
  #action; // offsets of struct action

  constructor() {
    this.#wasm._initialize?.();
    const bytes = Buffer.from(this.#wasm.memory.buffer);
    const at = this.#wasm.parley_layout();
    this.#action = JSON.parse(bytes.toString("utf8", at, bytes.indexOf(0, at))).structs.action;
    assert.equal(this.#wasm.parley_create(), 0);
  }

  handle({ numbers: [kind, peer, code], nowMs, wallMs, utcOffsetMin, lengths, bytes }) {
    const area = new Uint8Array(this.#wasm.memory.buffer, this.#wasm.parley_input());
    area.set(bytes);
    return this.#wasm.parley_handle(kind, peer, code, ...lengths, nowMs, wallMs, utcOffsetMin);
  }

  /** The bytes of the next action in the record's format, or null. */
  nextAction() {
    const at = this.#wasm.parley_next_action();
    if (at === 0) return null;
    const memory = Buffer.from(this.#wasm.memory.buffer);
    const number = (offset) => memory.readUInt32LE(at + offset);
    const texts = ["a", "b", "c"].map((name) => {
      const [offset] = this.#action[name];
      return memory.subarray(number(offset), number(offset) + number(offset + 4));
    });
    const head = Buffer.alloc(24);
    ["kind", "peer", "code"].forEach((name, i) =>
      head.writeUInt32LE(number(this.#action[name][0]), 4 * i),
    );
    texts.forEach((text, i) => head.writeUInt32LE(text.length, 12 + 4 * i));
    return Buffer.concat([head, ...texts]);
  }

  deadlineMs() {
    return this.#wasm.parley_deadline_ms();
  }
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const numbersAt = (bytes, from, count) =>
  Array.from({ length: count }, (_, i) => bytes.readUInt32LE(from + 4 * i));

// The minimum size of each kind of record, including its tag, and the offset of the lengths of the
// three texts that follow, if any.
const HEADS = {
  [EVENT]: { bytes: 52, lengthsAt: 40 },
  [ACTION]: { bytes: 28, lengthsAt: 16 },
  [RESULT]: { bytes: 16 },
  [END]: { bytes: 12 },
};

/** The size of the record at |at|; Infinity: it is not complete; 0: its kind is unknown. */
function sizeAt(bytes, at) {
  const head = HEADS[bytes[at]];
  const there = bytes.length - at;
  if (!head || there < head.bytes) return head ? Infinity : 0;
  const texts = head.lengthsAt ? sum(numbersAt(bytes, at + head.lengthsAt, 3)) : 0;
  return there < head.bytes + texts ? Infinity : head.bytes + texts;
}

const eventOf = (record) => ({
  core: record.readUInt32LE(4),
  numbers: numbersAt(record, 8, 3),
  nowMs: Number(record.readBigUInt64LE(20)),
  wallMs: Number(record.readBigInt64LE(28)),
  utcOffsetMin: record.readInt32LE(36),
  lengths: numbersAt(record, 40, 3),
  bytes: record.subarray(52),
});

/** Replays the records of one world after the other, and counts worlds and events. */
class Replay {
  worlds = 0;
  events = 0;
  #cores = [];
  #core;
  #result;

  take(record) {
    const where = `world ${this.worlds + 1}, event ${this.events}`;
    if (record[0] === EVENT) {
      const event = eventOf(record);
      this.#core = this.#cores[event.core] ??= new Core();
      this.#result = this.#core.handle(event);
      this.events++;
    } else if (record[0] === ACTION) {
      const expected = record.subarray(4);
      const action = this.#core.nextAction();
      if (!action || Buffer.compare(action, expected) !== 0)
        assert.deepEqual(action?.toString("latin1"), expected.toString("latin1"), where);
    } else if (record[0] === RESULT) {
      const deadline = record.readBigUInt64LE(8);
      assert.equal(this.#core.nextAction(), null, where);
      assert.equal(this.#result, record.readInt32LE(4), where);
      assert.equal(
        this.#core.deadlineMs(),
        deadline === NEVER ? Infinity : Number(deadline),
        where,
      );
    } else {
      assert.equal(record[0], END, where);
      this.worlds++;
      this.#cores = [];
    }
  }
}

/** Replays a whole record. It awaits only chunks: node's test runner tracks every promise. */
async function replay(stream) {
  const all = new Replay();
  let rest = Buffer.alloc(0);
  for await (const piece of stream) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    let at = 0;
    for (let size; at < bytes.length && (size = sizeAt(bytes, at)) < Infinity; at += size)
      all.take(bytes.subarray(at, at + size));
    rest = bytes.subarray(at);
  }
  assert.equal(rest.length, 0);
  return all;
}

test(`the cores of ${WORLDS} simulated worlds do the same in WebAssembly`, async (t) => {
  const sim = spawn(process.env.PARLEY_SIM, OPTIONS, { stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  sim.stderr.on("data", (piece) => (words += piece));
  const ended = new Promise((resolve) => sim.on("close", resolve));
  const { worlds, events } = await replay(sim.stdout);
  assert.equal(await ended, 0, words);
  assert.equal(worlds, WORLDS);
  t.diagnostic(`${events} events`);
});
