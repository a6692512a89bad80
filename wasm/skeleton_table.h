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
    {0xb2, 0xba,
     "23.....1o"},
    {0xc0, 0x2b8,
     "aaaaaa.ceeeeiiii.nooooo.ouuuuy..aaaaaa.ceeeeiiii.nooooo.ouuuuy.yaaaaaaccccccccdd"
     "ddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.llllll..llnnnnnn...oooooo..rrrrrrssssss"
     "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs....bb..........eff...i.........oo....r........u"
     "u.v.............l............aaiioouuuuuuuuuu.aaaa....ggkkoooo..j...gg..nnaa..oo"
     "aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy...j........................"
     ".a.........e.....gg......ii.........n.........r.r..........v...y.........b..h..l"
     "................h.jr...wy"},
    {0x2e1, 0x2e3,
     "lsx"},
    {0x370, 0x52f,
     "...............j......a.ehi.o.ywiaby.ezh.ik.mn.o.p.oty.x.wiyaeniuaby.e.n.ik..v.o"
     ".p.otu.x.wiuouw.b.yyy...........................kp.j.e...o......ee.r.siij...kuy."
     "a.br.e.zuuk.mhonpcty.x......b...a.br.e.zuuk.mhonpcty.x......b...ee.r.siij...kuy."
     "................................................................................"
     "..........hh....l..............laaaa..ee......zz..uuuuoo......yyyyyy............"
     "dd........................qqww.................."},
    {0x531, 0x585,
     "w.q..q.........h....j..n...nu...g...o...........w.q..q.........h....j..n...nu..."
     "g...o"},
    {0x13a0, 0x13f4,
     "drt..i...yaje......w...m...h.y..g.hz...........b..r.ws...vs...lc..p...kd........"
     "...gb"},
    {0x1d00, 0x1d6a,
     "a...cd.e..jk.m.o........p..tu...vwz.........a.b.de.ghijklmn.o.prtuwa.a.bde.e.g.k"
     "m.o...ptu..v.by..xiruvbyp.x"},
    {0x1d9c, 0x1dbb,
     "c...f.g..ii....l....n.......uv.z"},
    {0x1e00, 0x1fff,
     "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo"
     "oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s...."
     "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu"
     "uuyyyyyyyy......aaaaaaaaaaaaaaaaeeeeee..eeeeee..nnnnnnnnhhhhhhhhiiiiiiiiiiiiiiii"
     "oooooo..oooooo..uuuuuuuu.y.y.y.ywwwwwwwwwwwwwwwwaaeenniioouuww..aaaaaaaaaaaaaaaa"
     "nnnnnnnnhhhhhhhhwwwwwwwwwwwwwwwwaaaaa.aaaaaaa.i...nnn.nneehhh...iiii..iiiiii...."
     "uuuuppuuyyyyp.....www.wwoowww..."},
    {0x2070, 0x209c,
     "0i..456789...()n0123456789...().aeox.hklmnpst"},
    {0x2102, 0x217f,
     "c....e..ghhhhhiill.n...pqrrr......z.w.z.kabc.eef.mo....i...yy......ddeij........"
     "..............i...v....x..lcdmi...v....x..lcdm"},
    {0x2c80, 0x2cad,
     "aabb....ee....hh..iikk..mmnn..oo..ppccttyy..xx"},
    {0xa4d0, 0xa4f4,
     "bpddt.gk.jc.zf.mnlsr..vh..wxy.a.e.iou"},
};

#endif
