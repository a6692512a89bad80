/** The layer wasm/crypto as a module of its own: its C functions, called with bytes. */

import { readFileSync } from "node:fs";

const SIZE_BYTES = 4; // a pointer or size_t in WebAssembly

export class CryptoModule {
  /** |path|: build/wasm/crypto.wasm, or password.wasm, which has fewer functions. */
  constructor(path) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)));
    this.c = instance.exports; // by their names in C
    this.c._initialize?.();
  }

  /** A view of C's memory, valid until C allocates again. Nothing is freed. */
  view(address, len) {
    return new Uint8Array(this.c.memory.buffer, address, len);
  }

  room(len) {
    const address = this.c.malloc(Math.max(len, 1));
    this.view(address, len).fill(0xa5);
    return address;
  }

  put(bytes) {
    const address = this.room(bytes.length);
    this.view(address, bytes.length).set(bytes);
    return address;
  }

  /** A struct slice. C passes it by its address. */
  slice(bytes) {
    const address = this.room(2 * SIZE_BYTES);
    const pair = [this.put(bytes), bytes.length];
    new Uint32Array(this.c.memory.buffer, address, 2).set(pair);
    return address;
  }

  take(address, len) {
    return Buffer.from(this.view(address, len));
  }

  /** |key| may be null. */
  hash(key, data, len) {
    const out = this.room(len);
    this.c.hash_of(key === null ? 0 : this.put(key), this.slice(data), out, len);
    return this.take(out, len);
  }

  derive(key, label, context, len) {
    const out = this.room(len);
    const name = this.put(Buffer.from(`${label}\0`));
    this.c.hash_derive(this.put(key), name, this.slice(context), out, len);
    return this.take(out, len);
  }

  signKeyPair(seed) {
    const publicKey = this.room(32);
    const secretKey = this.room(64);
    this.c.sign_key_pair(this.put(seed), publicKey, secretKey);
    return { publicKey: this.take(publicKey, 32), secretKey: this.take(secretKey, 64) };
  }

  sign(secretKey, message) {
    const signature = this.room(64);
    this.c.sign(this.put(secretKey), this.slice(message), signature);
    return this.take(signature, 64);
  }

  /** Returns C's error, or 0. So do the functions below. */
  verify(publicKey, message, signature) {
    return this.c.sign_verify(this.put(publicKey), this.slice(message), this.put(signature));
  }

  exchangeKeyPair(seed) {
    const publicKey = this.room(32);
    const secretKey = this.room(32);
    this.c.exchange_key_pair(this.put(seed), publicKey, secretKey);
    return { publicKey: this.take(publicKey, 32), secretKey: this.take(secretKey, 32) };
  }

  agree(ours, theirs) {
    const shared = this.room(32);
    const error = this.c.exchange_agree(this.put(ours), this.put(theirs), shared);
    return { error, shared: this.take(shared, 32) };
  }

  seal(key, nonce, associated, text) {
    const bytes = this.put(Buffer.concat([text, Buffer.alloc(16)]));
    this.c.seal(this.put(key), this.put(nonce), this.slice(associated), bytes, text.length);
    return this.take(bytes, text.length + 16);
  }

  open(key, nonce, associated, sealed) {
    const bytes = this.put(sealed);
    const data = this.slice(associated);
    const error = this.c.seal_open(this.put(key), this.put(nonce), data, bytes, sealed.length);
    return { error, text: this.take(bytes, Math.max(sealed.length - 16, 0)) };
  }

  password(password, salt, memoryKib, passes) {
    const cost = this.room(8);
    new Uint32Array(this.c.memory.buffer, cost, 2).set([memoryKib, passes]);
    const key = this.room(32);
    const error = this.c.password_key(this.slice(password), this.put(salt), cost, key);
    return { error, key: this.take(key, 32) };
  }
}
