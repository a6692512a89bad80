// The table of Unicode's classes is what its generator makes of the data that node has.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { unicodeTable } from "../../tools/unicode-table.mjs";

const table = readFileSync(new URL("../../wasm/unicode_table.h", import.meta.url), "utf8");
const [, version] = /of Unicode ([\d.]+)/.exec(table);
const { unicode } = process.versions;

const skip = unicode !== version && `this node has Unicode ${unicode}, the table ${version}`;
test("the table is up to date", { skip }, () => {
  assert.equal(table, unicodeTable());
});
