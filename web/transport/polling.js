/**
 * Signaling where no WebSocket passes: HTTP polling, which wasm/wire/poll_wire.h specifies,
 * with as much of a WebSocket's face as signaling.js looks at. Requests that are lost are sent again,
 * and every message arrives once and in order.
 */

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

const CLOSE_LOST = 1006; // as a WebSocket says it (RFC 6455, 7.1.5)
const SECRET_HEADER = "Parley-Session";
const BATCH_BYTES_MAX = 32768;
const REASON_LENGTH_MAX = 1000;
const REDIRECTED = 302; // browsers do not say with which status (Fetch, 3.1.1)
const ANSWER_MS_MAX = 30_000; // the server says something after 22 s at most
const RETRY_MS = [250, 500, 1000, 2000, 4000]; // pauses after requests that were lost
const LOST_MS = 40_000; // as long does the server remember who does not ask

const PAUSE_MS_MAX = 20_000; // that an answer may ask for: the session lives for as long

/** The request may be repeated: the server, or a proxy, was away, late or too busy. */
const isPassing = (status) => status >= 500 || [408, 425, 429].includes(status);

/** The pause that an answer asks for (RFC 9110, 10.2.3). */
function pauseWanted(headers) {
  const value = headers.get("retry-after") ?? "";
  const ms = /^\d+$/.test(value) ? 1000 * value : Date.parse(value) - Date.now();
  return ms > 0 ? Math.min(ms, PAUSE_MS_MAX) : 0;
}

const RENEW = "renew"; // why a poll was aborted: not for its silence

const encoder = new TextEncoder();

export class PollingSocket {
  readyState = CONNECTING;
  onopen = null;
  onmessage = null;
  onclose = null;
  oncut = null; // given the milliseconds that a poll had waited,
  onanswered = null; // and the same

  #url;
  #secret = null;
  #outbox = []; // what is not known to have arrived
  #outboxFirst = 0; // the number of the first in it
  #received = 0; // the number of the next that is wanted
  #waitMs = 0; // that a poll may wait; 0: as long as the server lets it
  #pauseMs = 0; // between two polls, where nothing happens
  #poll = null; // aborts the one that waits
  #goOn = () => {}; // ends the pause
  #pumping = false;
  #ended = new AbortController();

  constructor(url, waitMs = 0, pauseMs = 0) {
    this.#url = url;
    this.#waitMs = waitMs;
    this.#pauseMs = pauseMs;
    this.#run().catch((error) => this.#fail(error));
  }

  send(text) {
    this.#outbox.push(text);
    this.#goOn();
    this.#pump().catch((error) => this.#fail(error));
  }

  /**
   * How long polls may wait from now on, and the pause between two. One that waits for longer is
   * ended, and asked again.
   */
  setWait(ms, pauseMs) {
    this.#pauseMs = pauseMs;
    const isShorter = ms > 0 && (this.#waitMs === 0 || ms < this.#waitMs);
    this.#waitMs = ms;
    if (isShorter) this.#poll?.abort(RENEW);
  }

  /** What was sent before still goes out, even while the page is being left. */
  close() {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#ended.abort();
    this.#sayGoodbye();
  }

  async #run() {
    const [line, ...rest] = await this.#ask("open\n");
    this.#secret = /^session (\w+)$/.exec(line)?.[1] ?? null;
    this.readyState = OPEN;
    this.onopen?.();
    if (this.#secret === null) this.#take(line, rest); // the server is full, and says so
    while (this.readyState === OPEN) {
      const [first, ...messages] = await this.#askUntilAnswered(() => this.#pollOnce());
      this.#take(first, messages);
      if (messages.length === 0 && this.#pauseMs > 0) await this.#pause();
    }
  }

  /** Leaves the browser's connections to others; whoever says something waits for the answer. */
  #pause() {
    return new Promise((resolve) => {
      this.#goOn = resolve;
      setTimeout(resolve, this.#pauseMs);
    });
  }

  /** Null where it must be asked again at once. */
  async #pollOnce() {
    const began = performance.now();
    const waited = () => Math.round(performance.now() - began);
    const poll = (this.#poll = new AbortController());
    try {
      const wait = this.#waitMs === 0 ? "" : ` ${this.#waitMs}`;
      const lines = await this.#ask(`poll ${this.#received}${wait}\n`, poll);
      this.onanswered?.(waited());
      return lines;
    } catch (error) {
      if (poll.signal.reason === RENEW && !this.#ended.signal.aborted) return null;
      if (!error.isFinal && this.readyState === OPEN) this.oncut?.(waited());
      throw error;
    } finally {
      this.#poll = null;
    }
  }

  /** What the answer to a poll says. */
  #take(line, messages) {
    let number = this.#numberIn(line, "messages");
    for (const message of messages) {
      if (this.readyState === CLOSED) return;
      const close = /^close (\d+)/.exec(message);
      if (close) {
        this.#end(Number(close[1]));
        this.#sayGoodbye();
        return;
      }
      if (number++ < this.#received) continue;
      this.#received = number;
      this.onmessage?.({ data: message });
    }
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    await null; // all that is sent in one go, goes in one request
    while (this.#outbox.length > 0 && this.readyState === OPEN) {
      const [line] = await this.#askUntilAnswered(() => this.#ask(`send ${this.#batch()}`));
      const expected = this.#numberIn(line, "expect");
      const arrived = expected - this.#outboxFirst;
      if (arrived < 0 || arrived > this.#outbox.length) throw new Error(`polling: ${line}`);
      this.#outbox.splice(0, arrived);
      this.#outboxFirst = expected;
    }
    this.#pumping = false;
  }

  /** As many messages as one request may have, after the number of the first. */
  #batch() {
    let bytes = 0;
    let body = `${this.#outboxFirst}\n`;
    for (const message of this.#outbox) {
      bytes += encoder.encode(message).length + 1;
      if (bytes > BATCH_BYTES_MAX) break;
      body += `${message}\n`;
    }
    return body;
  }

  #numberIn(line, word) {
    const number = new RegExp(`^${word} (\\d+)$`).exec(line);
    if (!number) throw new Error("polling: not the server's answer");
    return Number(number[1]);
  }

  /** As many messages as one request may have, the last ones, after the number of the first. */
  #lastBatch() {
    let bytes = 0;
    let at = this.#outbox.length;
    while (at > 0 && bytes <= BATCH_BYTES_MAX)
      bytes += encoder.encode(this.#outbox[--at]).length + 1;
    if (bytes > BATCH_BYTES_MAX) at++;
    const lines = this.#outbox.slice(at).map((message) => `${message}\n`);
    return `${this.#outboxFirst + at}\n${lines.join("")}`;
  }

  /** The first try survives the page. */
  async #sayGoodbye() {
    if (this.#secret === null) return;
    const body = `close ${this.#lastBatch()}`;
    for (const pause of RETRY_MS) {
      const response = await this.#fetch(body, { keepalive: true }).catch(() => null);
      if (response && !isPassing(response.status)) return;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Asks again until there is an answer, or the session must be lost. */
  async #askUntilAnswered(ask) {
    const lostAt = performance.now() + LOST_MS;
    for (const pause of RETRY_MS) {
      this.#ended.signal.throwIfAborted();
      let lines = null;
      try {
        do lines = await ask();
        while (lines === null);
        return lines;
      } catch (error) {
        if (error.isFinal || this.#ended.signal.aborted || performance.now() > lostAt) throw error;
        const ms = Math.max(pause, error.pauseMs ?? 0);
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
    }
    throw new Error("polling: no answer");
  }

  /** The lines of the answer. */
  async #ask(body, stop = new AbortController()) {
    const abort = () => stop.abort();
    const timer = setTimeout(abort, ANSWER_MS_MAX);
    this.#ended.signal.addEventListener("abort", abort);
    try {
      const response = await this.#fetch(body, { signal: stop.signal });
      const text = await response.text();
      if (response.ok || response.status === 409) return text.split("\n").slice(0, -1);
      const error = new Error(`polling: status ${response.status}`);
      const isPlain = /^text\/plain/.test(response.headers.get("content-type"));
      error.reason = `${response.status || REDIRECTED} ${isPlain ? text.slice(0, REASON_LENGTH_MAX) : ""}`;
      error.isFinal = !isPassing(response.status);
      error.pauseMs = pauseWanted(response.headers);
      throw error;
    } finally {
      clearTimeout(timer);
      this.#ended.signal.removeEventListener("abort", abort);
    }
  }

  #fetch(body, options) {
    return fetch(this.#url, {
      ...{ method: "POST", body, cache: "no-store", redirect: "manual", ...options },
      headers: this.#secret === null ? {} : { [SECRET_HEADER]: this.#secret },
    });
  }

  #fail(error) {
    if (this.readyState === CLOSED) return;
    console.warn(error);
    this.#end(CLOSE_LOST, error.reason);
  }

  /** |reason|: the status and the text of an answer that refused us. */
  #end(code, reason = "") {
    this.readyState = CLOSED;
    this.#ended.abort();
    this.onclose?.({ code, reason });
  }
}
