// Writes wasm/skeleton_table.h: the letter of ASCII that each letter of Latin, Greek and Cyrillic is
// read as at a glance, from its decomposition in node's Unicode data and the list of twins below.
// Usage: node skeleton-table.mjs > wasm/skeleton_table.h
import process from "node:process";
import { pathToFileURL } from "node:url";

const BLOCKS = [
  [0x00c0, 0x02af], // Latin
  [0x0370, 0x052f], // Greek and Cyrillic
  [0x1e00, 0x1fff], // more of Latin and Greek
  [0x2160, 0x217f], // Roman numbers
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
  "\u0441c \u0442t \u0443y \u0445x \u044cb \u0455s \u0456i \u0458j \u04bbh \u04cfl \u0501d \u051bq \u051dw";
const twins = new Map(TWINS.split(" ").map(([letter, twin]) => [letter, twin]));

const withoutMarks = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "");
const isAscii = (text) => /^[a-z]$/.test(text);

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
