// The tables of Unicode's classes and of look-alikes are up to date: the generators make the same
// from node's data.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { skeletonTable } from "../../tools/skeleton-table.mjs";
import { unicodeTable } from "../../tools/unicode-table.mjs";

const { unicode } = process.versions;

function upToDate(name, make) {
  const table = readFileSync(new URL(`../../wasm/${name}`, import.meta.url), "utf8");
  const [, version] = /of Unicode ([\d.]+)/.exec(table);
  const skip = unicode !== version && `this node has Unicode ${unicode}, the table ${version}`;
  test(`${name} is up to date`, { skip }, () => assert.equal(table, make()));
}

upToDate("base/unicode_table.h", unicodeTable);
upToDate("mesh/skeleton_table.h", skeletonTable);
