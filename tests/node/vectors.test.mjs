/** The test vectors, by other implementations than ours: those of the packages @noble. */

import { xchacha20poly1305 } from "@noble/ciphers/chacha";
import { ed25519, x25519 } from "@noble/curves/ed25519";
import { argon2id } from "@noble/hashes/argon2";
import { blake2b } from "@noble/hashes/blake2b";
import assert from "node:assert/strict";
import { test } from "node:test";
import { vectors } from "./vectors.mjs";

const same = (actual, expected) => assert.deepEqual(Buffer.from(actual), expected);

/** hash_derive of wasm/crypto/hash.h. */
function derive(key, label, context = Buffer.alloc(0), length = 32) {
  const input = Buffer.concat([Buffer.from([label.length]), Buffer.from(label), context]);
  return Buffer.from(blake2b(input, { key, dkLen: length }));
}

/** Unsigned and big-endian. */
const number = (value, bytes) =>
  Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(2 * bytes, "0"),
    "hex",
  );

/** A room's id as it is bound to what is said there. */
const room = (id) => Buffer.concat([number(id.length, 1), Buffer.from(id.toLowerCase())]);

/** One of a pair. */
const side = (id, features, exchangeSeed, identitySeed) =>
  Buffer.concat([
    Buffer.from(id),
    number(features, 4),
    x25519.getPublicKey(exchangeSeed),
    ed25519.getPublicKey(identitySeed),
  ]);

/** RFC 4648, 6, in lower case, without padding. */
function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const digits = bits.match(/.{1,5}/g).map((five) => parseInt(five.padEnd(5, "0"), 2));
  return digits.map((digit) => "abcdefghijklmnopqrstuvwxyz234567"[digit]).join("");
}

/** The check for each group. */
const checks = {
  hash({ key, data, hash }) {
    same(blake2b(data, { key, dkLen: hash.length }), hash);
  },
  derive({ key, label, context, derived }) {
    same(derive(key, label, context, derived.length), derived);
  },
  random({ seed, draw, bytes }) {
    let key = seed;
    for (let i = 1; i < draw; i++) key = derive(key, "parley random next");
    same(derive(key, "parley random", undefined, bytes.length), bytes);
  },
  sign({ seed, publicKey, message, signature }) {
    same(ed25519.getPublicKey(seed), publicKey);
    same(ed25519.sign(message, seed), signature);
    assert.ok(ed25519.verify(signature, message, publicKey, { zip215: false }));
  },
  // If the laxer rule for verifying (ZIP 215) gives another result, the vector has it.
  signRefused({ publicKey, message, signature, zip215 }) {
    assert.equal(ed25519.verify(signature, message, publicKey, { zip215: true }), zip215);
  },
  exchange({ seed, publicKey, theirs, shared }) {
    same(x25519.getPublicKey(seed), publicKey);
    same(x25519.getSharedSecret(seed, theirs), shared);
  },
  exchangeRefused({ theirs }) {
    assert.throws(() => x25519.getSharedSecret(Buffer.alloc(32, 7), theirs));
  },
  seal({ key, nonce, associated, text, sealed }) {
    same(xchacha20poly1305(key, nonce, associated).encrypt(text), sealed);
    same(xchacha20poly1305(key, nonce, associated).decrypt(sealed), text);
  },
  password({ password, salt, memoryKib, passes, key }) {
    same(argon2id(password, salt, { m: memoryKib, t: passes, p: 1, dkLen: key.length }), key);
  },
  entry({ seed, run, previous, seen, body, entry, id, ...of }) {
    const begin = Buffer.alloc(20);
    begin.write("ple1");
    begin.set([of.kind, of.flags], 4);
    begin.writeUInt16BE(body.length, 6);
    begin.writeBigUInt64BE(BigInt(of.timeSeconds * 1000) * 65536n + BigInt(of.timeCount), 8);
    begin.writeUInt32BE(of.sequence, 16);
    const hash = (data) => blake2b(data, { dkLen: 32 });
    const author = ed25519.getPublicKey(seed);
    const header = Buffer.concat([begin, run, author, previous, seen, hash(body)]);
    const place = [of.sealed, of.roomId.length, ...Buffer.from(of.roomId.toLowerCase())];
    const signature = ed25519.sign(Buffer.concat([header, Buffer.from(place)]), seed);
    same(Buffer.concat([header, signature, body]), entry);
    same(hash(header), id);
  },
  fingerprint({ first, second, third, fingerprint }) {
    const ids = [first, second, third].map((entry) =>
      blake2b(entry.subarray(0, 156), { dkLen: 32 }),
    );
    same(blake2b(Buffer.concat(ids), { dkLen: 32 }), fingerprint);
  },
  room({ secret, password, ...expected }) {
    assert.equal(`1${secret.toString("base64url")}`, expected.fragment);
    const root = derive(Buffer.concat([secret, Buffer.alloc(16)]), "parley room");
    same(root, expected.root);
    assert.equal(base32(derive(root, "parley room id", undefined, 16)), expected.roomId);
    same(derive(root, "parley room salt", undefined, 16), expected.salt);
    const lock = derive(root, "parley room lock", password);
    same(derive(lock, "parley hello key"), expected.helloKey);
    same(derive(lock, "parley pair key"), expected.pairKey);
  },
  openRoom({ roomId, ...expected }) {
    const name = Buffer.from(roomId.toLowerCase());
    const root = derive(Buffer.alloc(32), "parley open room", name);
    same(root, expected.root);
    const lock = derive(root, "parley room lock");
    same(derive(lock, "parley hello key"), expected.helloKey);
    same(derive(lock, "parley pair key"), expected.pairKey);
  },
  identity({ root, device, seed }) {
    same(derive(device, "parley identity", root), seed);
  },
  member({ roomId, token, member }) {
    const input = [Buffer.from("parley member id"), room(roomId), Buffer.from(token)];
    const id = Buffer.from(blake2b(Buffer.concat(input), { dkLen: 16 }));
    assert.equal(id.toString("base64url"), member);
  },
  hello({ exchangeSeed, identitySeed, key, nonce, roomId, member, hello, ...of }) {
    const keys = [x25519.getPublicKey(exchangeSeed), ed25519.getPublicKey(identitySeed)];
    const numbers = [number(of.features, 4), number(of.number, 4)];
    const fields = Buffer.concat([Buffer.from("plh1"), ...numbers, ...keys]);
    const place = Buffer.concat([Buffer.from("plh1"), room(roomId), Buffer.from(member)]);
    const signature = ed25519.sign(Buffer.concat([fields, place]), identitySeed);
    const text = Buffer.concat([fields, signature]);
    const sealed = xchacha20poly1305(key, nonce, place).encrypt(text);
    assert.equal(Buffer.concat([nonce, sealed]).toString("base64url"), hello);
    assert.ok(hello.length <= 512);
  },
  pair({ roomKey, roomId, ...of }) {
    const shared = x25519.getSharedSecret(
      of.exchangeSeed,
      x25519.getPublicKey(of.otherExchangeSeed),
    );
    const ours = side(of.member, of.features, of.exchangeSeed, of.identitySeed);
    const theirs = side(of.other, of.otherFeatures, of.otherExchangeSeed, of.otherIdentitySeed);
    const sides = [ours, theirs].sort(Buffer.compare);
    const pair = derive(roomKey, "parley pair", Buffer.concat([shared, ...sides, room(roomId)]));
    const [toThem, toUs] = [of.member + of.other, of.other + of.member].map((ids) =>
      Buffer.from(ids),
    );
    same(derive(pair, "parley pair signals", toThem), of.send);
    same(derive(pair, "parley pair signals", toUs), of.receive);
    same(derive(pair, "parley pair dtls", toThem), of.prove);
    same(derive(pair, "parley pair dtls", toUs), of.check);
    same(derive(pair, "parley pair safety"), of.safety);
  },
  proof({ key, prover, proverConnection, checker, checkerConnection, proof }) {
    const fingerprints = [prover, checker].map((value) => blake2b(value, { dkLen: 32 }));
    const connections = [number(proverConnection, 4), number(checkerConnection, 4)];
    const context = Buffer.concat([...fingerprints, ...connections]);
    assert.equal(derive(key, "parley proof", context).toString("base64url"), proof);
  },
  envelope({ key, salt, counter, roomId, sender, receiver, type, text, ...of }) {
    const from = [Buffer.from("plv1"), room(roomId), Buffer.from(sender + receiver)];
    const associated = Buffer.concat([...from, number(type.length, 1), Buffer.from(type)]);
    const nonce = Buffer.concat([salt, number(counter, 8)]);
    const sealed = xchacha20poly1305(key, nonce, associated).encrypt(text);
    same(Buffer.concat([nonce, sealed]), of.envelope);
  },
};

test("every group of vectors is checked", () => {
  assert.deepEqual(Object.keys(vectors), Object.keys(checks));
});

for (const [group, check] of Object.entries(checks)) {
  test(`vectors of ${group}`, async (t) => {
    for (const vector of vectors[group]) await t.test(vector.name, () => check(vector));
  });
}
