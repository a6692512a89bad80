// A proxy between browsers and the server, in the server's network: passes everything on and
// records what the browsers send. As a program, with the arguments ADDRESS and PORT of the server,
// it prints its own port, and then each WebSocket message and everything else as a line of JSON.
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

const HEAD_END = "\r\n\r\n";
const MASK_BYTES = 4;

/** One frame of a browser (RFC 6455, 5.2) at the start of |bytes|; null: it is not all there. */
function readFrame(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 127;
  const extended = { 126: 2, 127: 8 }[short] ?? 0;
  const start = 2 + extended + MASK_BYTES;
  if (bytes.length < start) return null;
  const lengths = {
    0: () => short,
    2: () => bytes.readUInt16BE(2),
    8: () => bytes.readUInt32BE(6),
  };
  const end = start + lengths[extended]();
  if (bytes.length < end) return null;
  const mask = bytes.subarray(start - MASK_BYTES, start);
  const text = bytes.subarray(start, end).map((byte, i) => byte ^ mask[i % MASK_BYTES]);
  return { text: Buffer.from(text).toString(), end };
}

function listener(note) {
  let waiting = Buffer.alloc(0);
  let framed = false;
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    const head = framed ? -1 : waiting.indexOf(HEAD_END);
    if (head >= 0) {
      const text = waiting.subarray(0, head).toString();
      framed = /^upgrade: *websocket/im.test(text);
      note(text);
      waiting = waiting.subarray(head + HEAD_END.length);
    }
    for (let frame; framed && (frame = readFrame(waiting));) {
      note(frame.text);
      waiting = waiting.subarray(frame.end);
    }
    if (framed) return;
    note(waiting.toString());
    waiting = Buffer.alloc(0);
  };
}

function listen(address, port) {
  const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  const proxy = createServer((browser) => {
    const server = connect(port, address);
    const from = browser.remoteAddress;
    browser.on(
      "data",
      listener((text) => say({ from, text })),
    );
    browser.pipe(server).on("error", () => browser.destroy());
    server.pipe(browser).on("error", () => server.destroy());
  });
  proxy.listen(0, address, () => say(proxy.address().port));
}

/**
 * @returns {{url, said: {from: string, text: string}[], stop()}} said: all that browsers have said
 *   so far, and from which address
 */
export async function tap(networks, server) {
  const { serverCommand, serverAddress } = networks;
  const [program, ...args] = [...serverCommand, process.execPath, import.meta.filename];
  const proxy = spawn(program, [...args, serverAddress, String(server.port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: proxy.stdout });
  const said = [];
  const port = await new Promise((resolve) => lines.once("line", resolve));
  lines.on("line", (line) => said.push(JSON.parse(line)));
  return {
    url: `http://${serverAddress}:${port}/`,
    said,
    stop() {
      proxy.kill();
    },
  };
}

if (process.argv[1] === import.meta.filename) listen(process.argv[2], Number(process.argv[3]));
