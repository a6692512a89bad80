// Writes wasm/mesh/skeleton_table.h, from the decompositions (NFKD) in node's Unicode data and the
// lists of lookalikes below: the ASCII letter that a Latin, Greek or Cyrillic letter, or one of a
// script with the same shapes, looks like, and the letters that any other letter looks like. Usage:
// node skeleton-table.mjs > wasm/mesh/skeleton_table.h
import process from "node:process";
import { pathToFileURL } from "node:url";

const BLOCKS = [
  [0x00b2, 0x00ba], // raised figures and o
  [0x00c0, 0x02b8], // Latin
  [0x02e1, 0x02e3], // raised ones
  [0x0370, 0x052f], // Greek and Cyrillic
  [0x0531, 0x0585], // Armenian
  [0x13a0, 0x13f4], // Cherokee
  [0x1d00, 0x1d6a], // small capitals, and letters above and below the line
  [0x1d9c, 0x1dbb], // the same
  [0x1e00, 0x1fff], // more of Latin and Greek
  [0x2070, 0x209c], // letters, figures and brackets above and below the line
  [0x2102, 0x217f], // symbols that are letters, and Roman numbers
  [0x2c80, 0x2cad], // Coptic
  [0xa4d0, 0xa4f4], // Lisu
];
const LETTERS_IN_ROW = 80;
const NONE = ".";

// Twins without a decomposition. A small letter stands for its capital too, unless that is listed.
const TWINS =
  "\u00f8o \u0142l \u0111d \u0127h \u0131i \u0167t \u0192f \u0251a \u0261g \u0269i \u026ai \u028fy " +
  "\u0391a \u0392b \u0395e \u0396z \u0397h \u0399i \u039ak \u039cm \u039dn \u039fo \u03a1p \u03a4t " +
  "\u03a5y \u03a7x \u03b1a \u03b2b \u03b3y \u03b5e \u03b7n \u03b9i \u03bak \u03bdv \u03bfo \u03c1p " +
  "\u03c3o \u03c4t \u03c5u \u03c7x \u03c9w \u03f2c \u03f3j " +
  "\u0430a \u0432b \u0433r \u0435e \u0437z \u0438u \u043ak \u043cm \u043dh \u043eo \u043fn \u0440p " +
  "\u0441c \u0442t \u0443y \u0445x \u044cb \u0455s \u0456i \u0458j \u04bbh \u04cfl \u0501d \u051bq \u051dw " +
  "\u0393r \u03c0n \u0454e \u0461w \u0475v \u044cb \u01bd5 \u01a72 \u01b73 \u02923 \u04e13 \u02238 " +
  "\u0185b \u01c0l \u0237j \u025be \u0262g \u0274n \u027er \u0280r \u028bv \u0299b \u029ch \u029fl " +
  "\u0561w \u0563q \u0566q \u0570h \u0575j \u0578n \u057cn \u057du \u0581g \u0585o " +
  "\u13a0d \u13a1r \u13a2t \u13a5i \u13a9y \u13aaa \u13abj \u13ace \u13b3w \u13b7m \u13bbh \u13bdy " +
  "\u13c0g \u13c2h \u13c3z \u13cfb \u13d2r \u13d4w \u13d5s \u13d9v \u13das \u13del \u13dfc \u13e2p " +
  "\u13e6k \u13e7d \u13f3g \u13f4b " +
  "\u1d00a \u1d04c \u1d05d \u1d07e \u1d0aj \u1d0bk \u1d0dm \u1d0fo \u1d18p \u1d1bt \u1d1cu \u1d20v " +
  "\u1d21w \u1d22z " +
  "\u2c81a \u2c83b \u2c89e \u2c8fh \u2c93i \u2c95k \u2c99m \u2c9bn \u2c9fo \u2ca3p \u2ca5c \u2ca7t " +
  "\u2ca9y \u2cadx " +
  "\ua4d0b \ua4d1p \ua4d2d \ua4d3d \ua4d4t \ua4d6g \ua4d7k \ua4d9j \ua4dac \ua4dcz \ua4ddf \ua4dfm " +
  "\ua4e0n \ua4e1l \ua4e2s \ua4e3r \ua4e6v \ua4e7h \ua4eaw \ua4ebx \ua4ecy \ua4eea \ua4f0e \ua4f2i " +
  "\ua4f3o \ua4f4u";

// The same for more than one letter, and for scripts without a twin in ASCII: the first text looks
// like the second.
const DRAWN_AS =
  "\u00c6ae \u00e6ae \u04d4ae \u04d5ae \u0152oe \u0153oe \u00df\u03b2 " +
  "\u0473\u03b8 \u0472\u03b8 \u04e9\u03b8 \u04e8\u03b8 \u0275\u03b8 \u019f\u03b8 " +
  "\u0444\u03c6 \u0424\u03c6 \u0471\u03c8 \u0470\u03c8 " +
  // hyphens, apostrophes and other signs
  "\u02d7- \u05be- \u2010- \u2012- \u2013- \u2014- \u2043- \u2212- " +
  "`' \u00b4' \u02b9' \u02bb' \u02bc' \u02bd' \u055a' \u05f3' \u2018' \u2019' \u201b' \u2032' " +
  '\u201c" \u201d" \u201a, \u0589: \u2236: \u2044/ \u2215/ \u01c3! \u2022\u00b7 \u2219\u00b7 \u22c5\u00b7 \u30fb\u00b7 ' +
  // Arabic: letters of several languages, and figures
  "\u0649\u06cc \u064a\u06cc \u0643\u06a9 \u06c1\u0647 \u06be\u0647 \u06d5\u0647 \u0671\u0627 " +
  "\u0660. \u06611 \u0665o \u0667v \u06f0. \u06f11 \u06f2\u0662 \u06f3\u0663 \u06f7v \u06f8\u0668 \u06f9\u0669 " +
  // Hebrew
  "\u05f0\u05d5\u05d5 \u05f1\u05d5\u05d9 \u05f2\u05d9\u05d9 " +
  // vowels of India that are one letter, or two, and letters of Malayalam without a vowel
  "\u0906\u0905\u093e \u0911\u0905\u0949 \u0912\u0905\u094a \u0913\u0905\u094b \u0914\u0905\u094c " +
  "\u0986\u0985\u09be \u0a06\u0a05\u0a3e \u0a86\u0a85\u0abe \u0a93\u0a85\u0acb \u0a94\u0a85\u0acc " +
  "\u0b06\u0b05\u0b3e \u0d08\u0d07\u0d57 \u0d14\u0d12\u0d57 " +
  "\u0d7a\u0d23\u0d4d \u0d7b\u0d28\u0d4d \u0d7c\u0d30\u0d4d \u0d7d\u0d32\u0d4d \u0d7e\u0d33\u0d4d \u0d7f\u0d15\u0d4d " +
  // kana and ideographs
  "\u3078\u30d8 \u308a\u30ea \u529b\u30ab \u53e3\u30ed \u56d7\u30ed \u4e8c\u30cb \u5de5\u30a8 \u535c\u30c8 " +
  "\u5915\u30bf \u516b\u30cf \u4e00\u30fc \u4e3f\u30ce \u66f0\u65e5";
const drawnAs = new Map(DRAWN_AS.split(" ").map(([letter, ...others]) => [letter, others]));

// Decomposed by skeleton.c (Hangul; wide, circled and mathematical letters), refused in names by
// text.c (ideographs and Arabic letters for compatibility), or nobody's letters.
const LEFT_OUT = [
  [0x1d00, 0x1dbf], [0x2070, 0x209c], [0x2150, 0x215f], [0x2190, 0x24ff],
  [0x2a00, 0x2aff], [0x2e80, 0x2fdf], [0x3190, 0x33ff], [0xac00, 0xdfff], [0xf900, 0xfaff],
  [0xfb50, 0xfdcf], [0xfe10, 0xfefc], [0xff01, 0xff5e], [0xffe0, 0xffee], [0x10780, 0x107ba],
  [0x1d100, 0x1d7ff], [0x1e030, 0x1e06d], [0x1ee00, 0x1ffff], [0x2f800, 0x2fa1f],
]; // prettier-ignore
const MANY = 4; // letters

const twins = new Map(TWINS.split(" ").map(([letter, twin]) => [letter, twin]));

const withoutMarks = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "");
const isAscii = (text) => /^[a-z0-9()]$/.test(text);

function letterOf(code) {
  const bare = withoutMarks(String.fromCodePoint(code));
  const small = withoutMarks(bare.toLowerCase());
  const itself = twins.get(String.fromCodePoint(code));
  const letter = itself ?? twins.get(bare) ?? twins.get(small) ?? small;
  return isAscii(letter) ? letter : NONE;
}

function blockRows([first, last]) {
  let letters = "";
  for (let code = first; code <= last; code++) letters += letterOf(code);
  const rows = letters.match(new RegExp(`.{1,${LETTERS_IN_ROW}}`, "g"));
  const text = rows.map((row) => `     "${row}"`).join("\n");
  return `    {0x${first.toString(16)}, 0x${last.toString(16)},\n${text}},`;
}

// The marks that skeleton.c ignores
const PASSED_OVER = [
  [0x0020, 0x0020],
  [0x0300, 0x036f],
  [0x0591, 0x05c7],
  [0x0610, 0x061a],
  [0x0640, 0x0640],
  [0x064b, 0x065f],
];
const isIn = (ranges, code) => ranges.some(([first, last]) => code >= first && code <= last);

function lettersOf(code) {
  const character = String.fromCodePoint(code);
  const parts = [...character.normalize("NFKD")];
  const seen = parts.filter((part) => !isIn(PASSED_OVER, part.codePointAt(0)));
  const letters = seen.flatMap((part) => drawnAs.get(part) ?? [part]);
  const known = letterOf(code) !== NONE && !drawnAs.has(character);
  return known || letters.join("") === character
    ? []
    : letters.map((letter) => letter.codePointAt(0));
}

function number(bytes, value) {
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  bytes.push(value);
}

const distance = (value) => (value < 0 ? -2 * value - 1 : 2 * value);

function drawnBytes() {
  const bytes = [];
  let before = 0;
  let first = 0;
  let other = 0;
  for (let code = 0x60; code < 0x30000; code++) {
    const character = String.fromCodePoint(code);
    if (isIn(LEFT_OUT, code) && !drawnAs.has(character)) continue;
    const letters = lettersOf(code);
    if (letters.length === 0) continue;
    number(bytes, (code - before) * MANY + Math.min(letters.length, MANY) - 1);
    if (letters.length >= MANY) number(bytes, letters.length);
    number(bytes, distance(letters[0] - (first + code - before)));
    for (const letter of letters.slice(1)) {
      number(bytes, distance(letter - other));
      other = letter;
    }
    before = code;
    first = letters[0];
  }
  return bytes;
}

function byteRows(bytes) {
  const rows = [];
  for (let at = 0; at < bytes.length; at += 24)
    rows.push(`    ${bytes.slice(at, at + 24).join(",")},`);
  return rows.join("\n");
}

export function skeletonTable() {
  return `/* skeleton_table.h - made by tools/skeleton-table.mjs of Unicode ${process.versions.unicode}; see skeleton.c. */
#ifndef PARLEY_SKELETON_TABLE_H
#define PARLEY_SKELETON_TABLE_H
/* clang-format off */

#include <stdint.h>

/* For each character of a block the letter that it is read as; '${NONE}': none of ASCII. */
static const struct {
    uint32_t first, last;
    const char *letters;
} skeleton_blocks[] = {
${BLOCKS.map(blockRows).join("\n")}
};

/* The looks of other characters. For each, in ascending order, numbers of 7 bits a byte, the
 * lowest first, bit 7: one more follows. The way from the character before, times ${MANY}, plus the
 * letters, less 1; ${MANY} or more: their number follows. Then the way to the first letter from that of
 * the character before, moved as far as the character, and to each further one from the last
 * further one: doubled, or where it goes down, doubled less 1. */
#define SKELETON_MANY ${MANY}u
static const uint8_t skeleton_drawn[] = {
${byteRows(drawnBytes())}
};

#endif
`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.stdout.write(skeletonTable());
