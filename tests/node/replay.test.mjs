/**
 * The simulator's cores once more, as WebAssembly: the same inputs give the same actions, the same
 * results and deadlines, byte for byte. tests/sim/record.h describes the record.
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

  /** The bytes of the next action as the record has them, or null. */
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

/** Reads what comes out of a process piece by piece. */
class Reader {
  #chunks;
  #rest = Buffer.alloc(0);

  constructor(stream) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** True when |count| more bytes are there; false at the end. */
  async #fill(count) {
    const pieces = [this.#rest];
    for (let have = this.#rest.length; have < count;) {
      const { value, done } = await this.#chunks.next();
      if (done) return false;
      pieces.push(value);
      have += value.length;
    }
    if (pieces.length > 1) this.#rest = Buffer.concat(pieces);
    return true;
  }

  /** The next bytes, or null at the end; a promise only where they are not there yet. */
  take(count) {
    if (this.#rest.length >= count) return this.#cut(count);
    return this.#fill(count).then((there) => (there ? this.#cut(count) : null));
  }

  #cut(count) {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const numbersOf = (bytes, from, count) =>
  Array.from({ length: count }, (_, i) => bytes.readUInt32LE(from + 4 * i));

async function readEvent(reader) {
  const head = await reader.take(48);
  const lengths = numbersOf(head, 36, 3);
  return {
    core: head.readUInt32LE(0),
    numbers: numbersOf(head, 4, 3),
    nowMs: Number(head.readBigUInt64LE(16)),
    wallMs: Number(head.readBigInt64LE(24)),
    utcOffsetMin: head.readInt32LE(32),
    lengths,
    bytes: await reader.take(sum(lengths)),
  };
}

async function readAction(reader) {
  const head = Buffer.from(await reader.take(24));
  return Buffer.concat([head, await reader.take(sum(numbersOf(head, 12, 3)))]);
}

/** One world after the other; returns how many there were, and how many events. */
async function replay(reader) {
  const count = { worlds: 0, events: 0 };
  let cores = [];
  let core, result;
  for (let tag; (tag = await reader.take(4)) !== null;) {
    const where = `world ${count.worlds + 1}, event ${count.events}`;
    if (tag[0] === EVENT) {
      const event = await readEvent(reader);
      core = cores[event.core] ??= new Core();
      result = core.handle(event);
      count.events++;
    } else if (tag[0] === ACTION) {
      const expected = await readAction(reader);
      const action = core.nextAction();
      if (!action || Buffer.compare(action, expected) !== 0) {
        assert.deepEqual(action?.toString("latin1"), expected.toString("latin1"), where);
      }
    } else if (tag[0] === RESULT) {
      const tail = await reader.take(12);
      const deadline = tail.readBigUInt64LE(4);
      assert.equal(core.nextAction(), null, where);
      assert.equal(result, tail.readInt32LE(0), where);
      assert.equal(core.deadlineMs(), deadline === NEVER ? Infinity : Number(deadline), where);
    } else {
      assert.equal(tag[0], END, where);
      await reader.take(8);
      count.worlds++;
      cores = [];
    }
  }
  return count;
}

test(`the cores of ${WORLDS} simulated worlds do the same as WebAssembly`, async (t) => {
  const sim = spawn(process.env.PARLEY_SIM, OPTIONS, { stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  sim.stderr.on("data", (piece) => (words += piece));
  const ended = new Promise((resolve) => sim.on("close", resolve));
  const { worlds, events } = await replay(new Reader(sim.stdout));
  assert.equal(await ended, 0, words);
  assert.equal(worlds, WORLDS);
  t.diagnostic(`${events} events`);
});
