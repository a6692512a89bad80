/** The test vectors, by other implementations than ours: those of the packages @noble. */

import { xchacha20poly1305 } from "@noble/ciphers/chacha";
import { ed25519, x25519 } from "@noble/curves/ed25519";
import { argon2id } from "@noble/hashes/argon2";
import { blake2b } from "@noble/hashes/blake2b";
import assert from "node:assert/strict";
import { test } from "node:test";
import { cryptoVectors } from "./vectors.mjs";

const same = (actual, expected) => assert.deepEqual(Buffer.from(actual), expected);

/** How each group is checked. */
const checks = {
  hash({ key, data, hash }) {
    same(blake2b(data, { key, dkLen: hash.length }), hash);
  },
  derive({ key, label, context, derived }) {
    const input = Buffer.concat([Buffer.from([label.length]), Buffer.from(label), context]);
    same(blake2b(input, { key, dkLen: derived.length }), derived);
  },
  sign({ seed, publicKey, message, signature }) {
    same(ed25519.getPublicKey(seed), publicKey);
    same(ed25519.sign(message, seed), signature);
    assert.ok(ed25519.verify(signature, message, publicKey, { zip215: false }));
  },
  // Where two rules for verifying are known, the vector says what the laxer one (ZIP 215) does.
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
};

test("every group of vectors is checked", () => {
  assert.deepEqual(Object.keys(cryptoVectors), Object.keys(checks));
});

for (const [group, check] of Object.entries(checks)) {
  test(`vectors of ${group}`, async (t) => {
    for (const vector of cryptoVectors[group]) await t.test(vector.name, () => check(vector));
  });
}
