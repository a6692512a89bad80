/**
 * A page without a screen: the built module with the page's own web/core.js and transports. The
 * test sets WebSocket and RTCPeerConnection on globalThis.
 */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createCore } from "../../web/core.js";
import { createHttp } from "../../web/transport/http.js";
import { createPeers } from "../../web/transport/peers.js";
import { createSignaling } from "../../web/transport/signaling.js";

assert.ok(process.env.PARLEY_WASM, "PARLEY_WASM names the built module");
const module = new WebAssembly.Module(readFileSync(process.env.PARLEY_WASM));

export const wasmModule = module;

/** A core without a page. */
export const newCore = (clock) => createCore(module, clock);

export class Page {
  #changed = [];
  #peers;

  static async open({ url = "ws://hub/signal", room = "", name = "", token = "" } = {}) {
    const page = new Page();
    page.core = await newCore();
    const signaling = createSignaling(url);
    const http = createHttp(page.core, url.replace(/^ws/, "http"));
    const peers = createPeers(page.core);
    page.#peers = peers;
    signaling.attach(page.core);
    const handlers = { ...signaling.actions, ...http.actions, ...peers.actions };
    page.core.onAction = (action) => handlers[action.name]?.(action);
    page.core.onDrained = () => {
      peers.reportBuffered();
      for (const check of page.#changed) queueMicrotask(check);
    };
    page.core.onFatal = (error) => {
      throw error;
    };
    page.core.handle("START", {
      a: room,
      b: name,
      c: Buffer.concat([randomBytes(page.core.limits.randomBytes), Buffer.from(token)]),
    });
    return page;
  }

  say(text) {
    return this.core.handle("SAY", { a: text });
  }

  /** The texts of all lines of that kind. */
  lines(kind = "TEXT") {
    const { lineFirst, lineEnd } = this.core.status();
    const texts = [];
    for (let at = lineFirst; at < lineEnd; at++) {
      const line = this.core.line(at);
      if (line?.kind === kind) texts.push(line.text); // the oldest lines may be gone
    }
    return texts;
  }

  connectedCount() {
    return this.core.members().filter(({ state }) => state === "CONNECTED").length;
  }

  /** Resolves when |condition| holds, which it checks after every event. */
  until(condition) {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition(this)) return;
        this.#changed = this.#changed.filter((one) => one !== check);
        resolve();
      };
      this.#changed.push(check);
      check();
    });
  }

  close() {
    this.core.handle("UNLOAD");
    this.core.dispose();
    this.#peers.closeAll();
  }
}
