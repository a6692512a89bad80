// Writes wasm/base/unicode_table.h: the classes of characters for checking texts and names, from
// the Unicode data built into node. Run it by hand for a new version of Unicode.
// Usage: node unicode-table.mjs > wasm/base/unicode_table.h
import process from "node:process";
import { pathToFileURL } from "node:url";

const FIRST = 0x80; // ASCII needs no table
const LAST = 0x10ffff;
const BYTES_IN_ROW = 20;

// In the order of enum unicode_class; the first that matches counts.
const is = (pattern) => (character) => pattern.test(character);
const CLASSES = [
  ["IGNORABLE", is(/\p{Default_Ignorable_Code_Point}/u)],
  ["VIRAMA", isVirama],
  ["MARK", is(/[\p{M}\p{Grapheme_Extend}\p{Emoji_Modifier}]/u)],
  ["TERMINAL", is(/[\p{Terminal_Punctuation}\p{Sentence_Terminal}\p{Pi}\p{Pf}]/u)],
  ["OPENING", is(/\p{Ps}/u)],
  ["CLOSING", is(/\p{Pe}/u)],
];
const CLASS_BITS = 3;

// Canonical_Combining_Class 9, which no pattern names: marks of one class keep their order, and any
// other mark changes places with one of these three.
const NUKTA = "\u093c"; // class 7
const VIRAMA = "\u094d"; // class 9
const ACUTE = "\u0301"; // class 230
function isVirama(character) {
  const isStable = (text) => text.normalize("NFD") === text;
  const isMark = /\p{M}/u.test(character);
  return (
    isMark &&
    !isStable(`a${ACUTE}${character}`) &&
    !isStable(`a${character}${NUKTA}`) &&
    isStable(`a${VIRAMA}${character}`) &&
    isStable(`a${character}${VIRAMA}`)
  );
}

const isSurrogate = (code) => code >= 0xd800 && code <= 0xdfff;

/** The number of its class, from 1 on; 0: of none; null: not assigned, so it does not matter. */
function classOf(code) {
  if (isSurrogate(code)) return null;
  const character = String.fromCodePoint(code);
  const at = CLASSES.findIndex(([, belongs]) => belongs(character));
  if (at >= 0) return at + 1;
  return /\p{Assigned}/u.test(character) ? 0 : null;
}

/** [first, last, class] of each run; a run may include unassigned characters. */
function ranges() {
  const found = [];
  for (let code = FIRST; code <= LAST; code++) {
    const kind = classOf(code);
    if (kind === null) continue;
    const run = found.at(-1);
    if (run?.[2] === kind) run[1] = code;
    else found.push([code, code, kind]);
  }
  return found.filter(([, , kind]) => kind !== 0);
}

function putNumber(bytes, number) {
  for (; number > 0x7f; number >>>= 7) bytes.push((number & 0x7f) | 0x80);
  bytes.push(number);
}

/** Each run as two numbers of 7 bits a byte, low ones first: how far it is from the last one, and
 * its length less one with the class below it. */
function encode(runs) {
  const bytes = [];
  let end = 0;
  for (const [first, last, kind] of runs) {
    putNumber(bytes, first - end);
    putNumber(bytes, ((last - first) << CLASS_BITS) | kind);
    end = last + 1;
  }
  return bytes;
}

export function unicodeTable() {
  const runs = ranges();
  const bytes = encode(runs);
  const rows = [];
  for (let at = 0; at < bytes.length; at += BYTES_IN_ROW)
    rows.push(`    ${bytes.slice(at, at + BYTES_IN_ROW).join(", ")},`);
  return `/* unicode_table.h - made by tools/unicode-table.mjs of Unicode ${process.versions.unicode}; see unicode.c. */
#ifndef PARLEY_UNICODE_TABLE_H
#define PARLEY_UNICODE_TABLE_H
/* clang-format off */

enum {
    UNICODE_CLASS_BITS = ${CLASS_BITS},
    UNICODE_RUNS = ${runs.length},
};

/* Runs of one class: the gap before it, then (length - 1) << UNICODE_CLASS_BITS | class; each as
 * numbers of 7 bits a byte, low ones first, the top bit set on all bytes but the last. */
static const unsigned char unicode_runs[] = {
${rows.join("\n")}
};

#endif
`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.stdout.write(unicodeTable());
