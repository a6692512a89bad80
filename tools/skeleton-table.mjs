// Writes wasm/skeleton_table.h: the letter of ASCII that a letter of Latin, Greek, Cyrillic, or of a
// script with the same shapes, is read as at a glance, from its decomposition in node's Unicode data
// and the list of twins below. Usage: node skeleton-table.mjs > wasm/skeleton_table.h
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

// What no decomposition says. A small letter stands for its capital too, unless that is listed.
const TWINS =
  "\u00f8o \u0142l \u0111d \u0127h \u0131i \u0167t \u0192f \u0251a \u0261g \u0269i \u026ai \u028fy " +
  "\u0391a \u0392b \u0395e \u0396z \u0397h \u0399i \u039ak \u039cm \u039dn \u039fo \u03a1p \u03a4t " +
  "\u03a5y \u03a7x \u03b1a \u03b2b \u03b3y \u03b5e \u03b7n \u03b9i \u03bak \u03bdv \u03bfo \u03c1p " +
  "\u03c3o \u03c4t \u03c5u \u03c7x \u03c9w \u03f2c \u03f3j " +
  "\u0430a \u0432b \u0433r \u0435e \u0437z \u0438u \u043ak \u043cm \u043dh \u043eo \u043fn \u0440p " +
  "\u0441c \u0442t \u0443y \u0445x \u044cb \u0455s \u0456i \u0458j \u04bbh \u04cfl \u0501d \u051bq \u051dw " +
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
const twins = new Map(TWINS.split(" ").map(([letter, twin]) => [letter, twin]));

const withoutMarks = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "");
const isAscii = (text) => /^[a-z0-9()]$/.test(text);

function letterOf(code) {
  const bare = withoutMarks(String.fromCodePoint(code));
  const small = withoutMarks(bare.toLowerCase());
  const letter = twins.get(bare) ?? twins.get(small) ?? small;
  return isAscii(letter) ? letter : NONE;
}

function blockRows([first, last]) {
  let letters = "";
  for (let code = first; code <= last; code++) letters += letterOf(code);
  const rows = letters.match(new RegExp(`.{1,${LETTERS_IN_ROW}}`, "g"));
  const text = rows.map((row) => `     "${row}"`).join("\n");
  return `    {0x${first.toString(16)}, 0x${last.toString(16)},\n${text}},`;
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

#endif
`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.stdout.write(skeletonTable());
