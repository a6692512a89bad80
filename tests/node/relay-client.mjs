/** A TURN client (RFC 8656) that only allocates an address, or reports why it cannot. */

import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";

const MAGIC = 0x2112a442;
const ALLOCATE = 0x0003;
const SUCCESS = 0x0103;
const [USERNAME, INTEGRITY, ERROR_CODE, REALM, NONCE, TRANSPORT] = [
  0x0006, 0x0008, 0x0009, 0x0014, 0x0015, 0x0019,
];
const UDP = Buffer.from([17, 0, 0, 0]);

function attribute(type, value) {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

function message(attributes, more = 0) {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(ALLOCATE, 0);
  head.writeUInt16BE(body.length + more, 2);
  head.writeUInt32BE(MAGIC, 4);
  randomBytes(12).copy(head, 8);
  return Buffer.concat([head, body]);
}

function read(bytes) {
  const found = new Map();
  for (let at = 20; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16BE(at + 2);
    found.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  const error = found.get(ERROR_CODE);
  return { type: bytes.readUInt16BE(0), found, error: error && error[2] * 100 + error[3] };
}

/** The long-term credential mechanism (RFC 8489, 9.2). */
function signed({ username, credential }, realm, nonce) {
  const attributes = [
    attribute(TRANSPORT, UDP),
    attribute(USERNAME, Buffer.from(username)),
    attribute(REALM, realm),
    attribute(NONCE, nonce),
  ];
  const key = createHash("md5").update(`${username}:${realm}:${credential}`).digest();
  const text = message(attributes, 24);
  return Buffer.concat([text, attribute(INTEGRITY, createHmac("sha1", key).update(text).digest())]);
}

/**
 * Asks the relay at |port| of |host| for an address, from |from|, and keeps it until close().
 * @returns {{error?: number, close()}} error: the relay's error code; undefined: it gave an address
 */
export async function allocate(host, port, server, from) {
  const socket = createSocket("udp4").bind(0, from);
  await once(socket, "listening");
  const ask = async (bytes) => {
    socket.send(bytes, port, host);
    const [answer] = await once(socket, "message");
    return read(answer);
  };
  const { found } = await ask(message([attribute(TRANSPORT, UDP)]));
  const { type, error } = await ask(signed(server, found.get(REALM), found.get(NONCE)));
  return { error: type === SUCCESS ? undefined : error, close: () => socket.close() };
}
