/** The layer wasm/crypto as WebAssembly: the same vectors as in the native tests. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { CryptoModule } from "./crypto-module.mjs";
import { vectors } from "./vectors.mjs";

assert.ok(process.env.PARLEY_WASM, "PARLEY_WASM names the built module");
const folder = dirname(process.env.PARLEY_WASM);
const crypto = new CryptoModule(join(folder, "crypto.wasm"));

const FORGED = -30; // base/error.h
const POINT_REFUSED = -31;

/** A test of every vector of a group. */
function testEach(group, check) {
  test(`vectors of ${group}`, async (t) => {
    assert.ok(vectors[group].length > 0);
    for (const vector of vectors[group]) await t.test(vector.name, () => check(vector));
  });
}

testEach("hash", ({ key = null, data, hash }) =>
  assert.deepEqual(crypto.hash(key, data, hash.length), hash),
);

testEach("derive", ({ key, label, context, derived }) =>
  assert.deepEqual(crypto.derive(key, label, context, derived.length), derived),
);

testEach("sign", ({ seed, publicKey, message, signature }) => {
  const pair = crypto.signKeyPair(seed);
  assert.deepEqual(pair.publicKey, publicKey);
  assert.deepEqual(crypto.sign(pair.secretKey, message), signature);
  assert.equal(crypto.verify(publicKey, message, signature), 0);
});

testEach("signRefused", ({ publicKey, message, signature }) =>
  assert.equal(crypto.verify(publicKey, message, signature), FORGED),
);

testEach("exchange", ({ seed, publicKey, theirs, shared }) => {
  const pair = crypto.exchangeKeyPair(seed);
  assert.deepEqual(pair.publicKey, publicKey);
  assert.deepEqual(crypto.agree(pair.secretKey, theirs), { error: 0, shared });
});

testEach("exchangeRefused", ({ theirs }) => {
  const { secretKey } = crypto.exchangeKeyPair(Buffer.alloc(32, 7));
  const refused = { error: POINT_REFUSED, shared: Buffer.alloc(32) };
  assert.deepEqual(crypto.agree(secretKey, theirs), refused);
});

testEach("seal", ({ key, nonce, associated, text, sealed }) => {
  assert.deepEqual(crypto.seal(key, nonce, associated, text), sealed);
  assert.deepEqual(crypto.open(key, nonce, associated, sealed), { error: 0, text });
});

test("a changed text is not opened, and no part of it is left", () => {
  const { key, nonce, associated, text, sealed } = vectors.seal[0];
  const refused = { error: FORGED, text: Buffer.alloc(text.length) };
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i] ^= 0x10;
    assert.deepEqual(crypto.open(key, nonce, associated, changed), refused, `byte ${i}`);
  }
});

testEach("password", ({ password, salt, memoryKib, passes, key }) => {
  for (const file of ["crypto.wasm", "password.wasm"]) {
    const module = new CryptoModule(join(folder, file));
    assert.deepEqual(module.password(password, salt, memoryKib, passes), { error: 0, key });
  }
});

test("a password that would need more memory than there is gives an error", () => {
  const { password, salt } = vectors.password[0];
  const module = new CryptoModule(join(folder, "password.wasm"));
  const results = [0, 1, 2].map(() => module.password(password, salt, 256 * 1024 + 1, 1).error);
  assert.deepEqual(results, [-2, -2, -2]);
});
