/** The test vectors of tests/vectors, with hexadecimal strings converted to bytes. */

import { readFileSync } from "node:fs";

const TEXTS = [
  "name",
  "label",
  "fragment",
  "roomId",
  "token",
  "member",
  "other",
  "hello",
  "proof",
  "sender",
  "receiver",
  "type",
];

const bytesOf = (field, value) =>
  typeof value === "string" && !TEXTS.includes(field) ? Buffer.from(value, "hex") : value;

function groupsOf(file) {
  const text = readFileSync(new URL(`../vectors/${file}`, import.meta.url), "utf8");
  return JSON.parse(text, (field, value) => bytesOf(field, value));
}

export const vectors = groupsOf("core.json");
