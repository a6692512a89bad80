/* skeleton_table.h - made by tools/skeleton-table.mjs of Unicode 17.0; see skeleton.c. */
#ifndef PARLEY_SKELETON_TABLE_H
#define PARLEY_SKELETON_TABLE_H
/* clang-format off */

#include <stdint.h>

/* For each character of a block the letter that it is read as; '.': none of ASCII. */
static const struct {
    uint32_t first, last;
    const char *letters;
} skeleton_blocks[] = {
    {0xc0, 0x2af,
     "aaaaaa.ceeeeiiii.nooooo.ouuuuy..aaaaaa.ceeeeiiii.nooooo.ouuuuy.yaaaaaaccccccccdd"
     "ddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.llllll..llnnnnnn...oooooo..rrrrrrssssss"
     "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs.................ff...i.........oo.............u"
     "u............................aaiioouuuuuuuuuu.aaaa....ggkkoooo..j...gg..nnaa..oo"
     "aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy............................"
     ".a...............g.......ii....................................y................"
     "................"},
    {0x370, 0x52f,
     "...............j......a.ehi.o.ywiaby.ezh.ik.mn.o.p.oty.x.wiyaeniuaby.e.n.ik..v.o"
     ".p.otu.x.wiuouw.b.yyy...........................kp.j.e...o......ee.r.siij...kuy."
     "a.br.e.zuuk.mhonpcty.x......b...a.br.e.zuuk.mhonpcty.x......b...ee.r.siij...kuy."
     "................................................................................"
     "..........hh....l..............laaaa..ee......zz..uuuuoo......yyyyyy............"
     "dd........................qqww.................."},
    {0x1e00, 0x1fff,
     "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo"
     "oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s...."
     "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu"
     "uuyyyyyyyy......aaaaaaaaaaaaaaaaeeeeee..eeeeee..nnnnnnnnhhhhhhhhiiiiiiiiiiiiiiii"
     "oooooo..oooooo..uuuuuuuu.y.y.y.ywwwwwwwwwwwwwwwwaaeenniioouuww..aaaaaaaaaaaaaaaa"
     "nnnnnnnnhhhhhhhhwwwwwwwwwwwwwwwwaaaaa.aaaaaaa.i...nnn.nneehhh...iiii..iiiiii...."
     "uuuuppuuyyyyp.....www.wwoowww..."},
    {0x2160, 0x217f,
     "i...v....x..lcdmi...v....x..lcdm"},
};

#endif
