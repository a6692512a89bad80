/**
 * The only file that touches the WebAssembly. Events go in by name, actions come out by name, views
 * are plain objects. Every number (kinds, limits, struct offsets) is read from the module itself.
 *
 * The contract of chat.h: hand in one event, carry out all its actions, then hand in the next. An
 * event that arrives meanwhile waits here.
 */

const TIMEOUT_MS_MAX = 2 ** 31 - 1;
const REFUSED_DEAD = -1; /* returned by handle() when the module is gone */

const BYTES_IN_UNIT_MAX = 3; /* of UTF-16, as UTF-8 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const systemClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  utcOffset: () => -new Date().getTimezoneOffset(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * @param module a WebAssembly.Module, or a promise of one
 * @param clock another clock, for tests
 */
export async function createCore(module = loadModule(), clock = systemClock) {
  return new Core(await WebAssembly.instantiate(await module), clock);
}

/** Fetches parley.wasm and compiles it. If that fails, fetches it once more, past caches. */
export async function loadModule() {
  try {
    return await compile(await fetchModule());
  } catch (error) {
    console.warn(error);
    return compile(await fetchModule({ cache: "reload" }));
  }
}

async function fetchModule(options) {
  const response = await fetch(new URL("./parley.wasm", document.baseURI), options);
  if (!response.ok) throw new Error(`parley.wasm: status ${response.status}`);
  return response;
}

/** Compiles while the bytes come if the type is exactly right; some proxies change it. */
async function compile(response) {
  const type = response.headers.get("content-type") ?? "";
  if (type.toLowerCase() === "application/wasm") return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

class Core {
  /** Called with each action: {name, peer, code, a, b, c}. */
  onAction = () => {};
  /** Called when all actions of one event are carried out. */
  onDrained = () => {};
  /** Called with ("event" | "action", name, fields), for ?debug. */
  onTrace = null;
  /**
   * Called once when the module has trapped, with the error and the place in our C (0: not known).
   * Nothing works from then on.
   */
  onFatal = (error) => console.error(error);

  #wasm = {};
  #placeOf; // parley_error_place
  #clock;
  #layout;
  #readers = {};
  #input;
  #memory; // a DataView, made anew when the memory has grown
  #waiting = [];
  #busy = false;
  #dead = false;
  #timer = null;
  #timerDue = Infinity;

  constructor(instance, clock) {
    for (const [name, value] of Object.entries(instance.exports))
      this.#wasm[name] = this.#watch(value);
    this.#placeOf = instance.exports.parley_error_place;
    this.#clock = clock;
    this.#wasm._initialize?.();
    this.#layout = JSON.parse(this.#readTerminated(this.#wasm.parley_layout()));
    for (const [name, fields] of Object.entries(this.#layout.structs)) {
      this.#readers[name] = this.#makeReader(fields);
    }
    const error = this.#wasm.parley_create();
    if (error) throw new Error(`parley_create: ${error}`);
    this.#input = this.#wasm.parley_input();
  }

  get limits() {
    return this.#layout.limits;
  }

  /** The numbers of the module's enums by name, such as enums.sdp.OFFER. */
  get enums() {
    return this.#layout.enums;
  }

  /** A sentence for the person: why the event |name|, SAY or RENAME, was refused. */
  errorText(name, error) {
    if (this.#dead) return "";
    return this.#readTerminated(this.#wasm.parley_error_text(this.enums.event[name], error));
  }

  /**
   * Hands in an event and carries out its actions.
   * @param {string} name of event.h
   * @param {{peer?: number, code?: number, a?: string|ArrayBuffer|Uint8Array, b?: string,
   *   c?: string|Uint8Array}} fields
   * @returns 0, or the negative error with which the core refused it
   */
  handle(name, fields = {}) {
    if (this.#dead) return REFUSED_DEAD;
    if (this.#busy) {
      this.#waiting.push([name, fields]);
      return 0;
    }
    this.#busy = true;
    try {
      const error = this.#handleOne(name, fields);
      while (this.#waiting.length > 0) this.#handleOne(...this.#waiting.shift());
      this.#arm();
      return error;
    } catch (error) {
      this.#die(error);
      return REFUSED_DEAD;
    } finally {
      this.#busy = false;
    }
  }

  /** Hands in the draft. The part that does not fit into the input area is only counted. */
  handleDraft(text) {
    const fits = Math.floor(this.limits.eventBytes / BYTES_IN_UNIT_MAX);
    const end = isLeadSurrogate(text.charCodeAt(fits - 1)) ? fits - 1 : fits;
    return this.handle("DRAFT", { a: text.slice(0, end), code: countCharacters(text, end) });
  }

  /** The status view. Its text is cut into `parts` of {text, name}. */
  status() {
    const at = this.#wasm.parley_status();
    const status = this.#readers.status(at);
    const names = this.#spans(status.names, status.nameCount);
    status.parts = this.#cut(this.#textAt("status", at), "name", names, 0, Infinity);
    return status;
  }

  /** Everybody in the room, ourselves first. */
  members() {
    const members = [];
    for (let at; (at = this.#wasm.parley_member(members.length)) !== 0;) {
      members.push(this.#readers.member(at));
    }
    return members;
  }

  /** The log of the |index|-th member's connection. */
  connectionLog(index) {
    const entries = [];
    for (let at; (at = this.#wasm.parley_connection_log(index, entries.length)) !== 0;) {
      entries.push(this.#readers.connection_log(at));
    }
    return entries;
  }

  /**
   * The line with that number; null if it is gone. Its text is cut into parts of {text, link, name}:
   * `parts`, which are shown, and `rest`, which is folded away.
   */
  line(sequence) {
    const at = this.#wasm.parley_line(sequence);
    if (at === 0) return null;
    const line = this.#readers.line(at);
    const [kind, spans] =
      line.nameCount > 0
        ? ["name", this.#spans(line.names, line.nameCount)]
        : ["link", this.#spans(line.links, line.linkCount)];
    const text = this.#textAt("line", at);
    line.parts = this.#cut(text, kind, spans, 0, line.shown);
    line.rest = this.#cut(text, kind, spans, line.shown, Infinity);
    return line;
  }

  /** Stops the clock; for tests, and after a trap. */
  dispose() {
    this.#clock.clearTimeout(this.#timer);
    this.#timerDue = Infinity;
  }

  /** Any call may trap; it is then the last one. */
  #watch(value) {
    if (typeof value !== "function") return value;
    return (...args) => {
      if (this.#dead) throw Error("trapped");
      try {
        return value(...args);
      } catch (error) {
        this.#die(error);
        throw error;
      }
    };
  }

  #die(error) {
    if (this.#dead) return;
    this.#dead = true;
    this.dispose();
    this.onFatal(error, this.#placeOf());
  }

  #handleOne(name, { peer = 0, code = 0, a = "", b = "", c = "" }) {
    const kind = this.enums.event[name];
    if (kind === undefined) throw new Error(`no event ${name}`);
    this.onTrace?.("event", name, { peer, code, a, b, c });
    const area = this.limits.eventBytes;
    const aMax = name === "CHANNEL_MESSAGE" ? this.limits.channelMessageBytes + 1 : area;
    const aLength = this.#write(a, 0, aMax);
    const bLength = this.#write(b, aLength, area - aLength);
    const cLength = this.#write(c, aLength + bLength, area - aLength - bLength);
    const error = this.#wasm.parley_handle(
      ...[kind, peer, code, aLength, bLength, cLength],
      ...[this.#clock.now(), this.#clock.wall(), this.#clock.utcOffset()],
    );
    this.#drain();
    return error;
  }

  #drain() {
    for (let at; (at = this.#wasm.parley_next_action()) !== 0;) {
      const action = this.#readers.action(at);
      action.name = action.kind;
      this.onTrace?.("action", action.name, action);
      try {
        this.onAction(action);
      } catch (error) {
        if (this.#dead) throw error;
        console.error(action.name, error); // the other actions still count
      }
    }
    this.onDrained();
  }

  /** Sets the one timeout, for the core's deadline. */
  #arm() {
    const due = this.#wasm.parley_deadline_ms();
    if (due === this.#timerDue) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timerDue = due;
    if (due === Infinity) return;
    const delay = Math.min(Math.max(0, Math.ceil(due - this.#clock.now())), TIMEOUT_MS_MAX);
    this.#timer = this.#clock.setTimeout(() => {
      this.#timerDue = Infinity;
      this.handle("TICK");
    }, delay);
  }

  /**
   * Writes a text into the input area. A text that does not fit fills its place, so that it stays
   * too long.
   */
  #write(value, offset, lengthMax) {
    if (value.length === 0) return 0;
    const area = new Uint8Array(this.#wasm.memory.buffer, this.#input + offset, lengthMax);
    if (typeof value === "string") {
      const { read, written } = encoder.encodeInto(value, area);
      if (read === value.length) return written;
      area.fill(0, written);
      return lengthMax;
    }
    const bytes = new Uint8Array(value.buffer ?? value, value.byteOffset ?? 0, value.byteLength);
    area.set(bytes.subarray(0, lengthMax));
    return Math.min(bytes.length, lengthMax);
  }

  get #view() {
    if (this.#memory?.buffer !== this.#wasm.memory.buffer) {
      this.#memory = new DataView(this.#wasm.memory.buffer);
    }
    return this.#memory;
  }

  #readText(at, length) {
    return length === 0 ? "" : decoder.decode(new Uint8Array(this.#view.buffer, at, length));
  }

  #readTerminated(at) {
    const bytes = new Uint8Array(this.#view.buffer);
    return this.#readText(at, bytes.indexOf(0, at) - at);
  }

  #readSlice(at) {
    return this.#readText(this.#view.getUint32(at, true), this.#view.getUint32(at + 4, true));
  }

  /** A function that reads a struct at an address into an object. */
  #makeReader(fields) {
    const read = {
      u32: (at) => this.#view.getUint32(at, true),
      i32: (at) => this.#view.getInt32(at, true),
      ptr: (at) => this.#view.getUint32(at, true),
      slice: (at) => this.#readSlice(at),
    };
    const plan = Object.entries(fields).map(([name, [offset, type]]) => {
      const names = namesOf(this.enums[type]); // where the type is an enum
      const readField = names ? (at) => names[read.u32(at)] : read[type];
      return { name: camelCase(name), offset, readField };
    });
    return (at) => {
      const struct = {};
      for (const { name, offset, readField } of plan) struct[name] = readField(at + offset);
      return struct;
    };
  }

  #spans(at, count) {
    const size = this.#layout.sizes.span;
    return Array.from({ length: count }, (_, i) => this.#readers.span(at + i * size));
  }

  /** The address and length of the text of the |struct| at |at|. */
  #textAt(struct, at) {
    const [offset] = this.#layout.structs[struct].text;
    return [0, 4].map((part) => this.#view.getUint32(at + offset + part, true));
  }

  /**
   * Cuts a text from byte |from| to |to| at spans, whose parts get a property |kind|. A span that
   * reaches beyond is none: half a link would lead elsewhere.
   */
  #cut([textAt, length], kind, spans, from, to) {
    const last = Math.min(to, length);
    const parts = [];
    let end = from;
    const cut = (at, inSpan) => {
      if (at > end) parts.push({ text: this.#readText(textAt + end, at - end), [kind]: inSpan });
      end = at;
    };
    for (const span of spans) {
      if (span.start < from || span.end > last) continue;
      cut(span.start, false);
      cut(span.end, true);
    }
    cut(last, false);
    return parts;
  }
}

function isLeadSurrogate(unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** How many characters a text has from |at| on. */
function countCharacters(text, at) {
  let count = 0;
  for (; at < text.length; count++) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return count;
}

/** An enum's names at the places of their numbers. */
function namesOf(numbers) {
  if (!numbers) return null;
  const names = [];
  for (const [name, number] of Object.entries(numbers)) names[number] = name;
  return names;
}

function camelCase(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
