/* Which names look alike. */
#include "skeleton.h"

#include "slices.h"
#include "text.h"

struct names {
    const char *one, *other;
};

static const struct names alike[] = {
    {"Alice", "alice"},
    {"Alice", "ALICE"},
    {"Quiet Otter", "QuietOtter"},
    {"Quiet Otter", "quiet otter "},
    {"Alice", "\u0410lice"}, /* Cyrillic A, */
    {"Alice", "Al\u0456c\u0435"},
    {"Alice", "\u0391lice"}, /* Greek, */
    {"COCO", "\u0421\u041e\u0421\u041e"},
    {"Peter", "\u0420\u0435t\u0435r"},
    {"Nikos", "\u039dikos"},
    {"Kim", "\u041a\u0456\u043c"},
    {"Max", "\u041c\u0430\u0445"},
    {"Bob", "B0b"}, /* digits */
    {"Ol", "0|"},
    {"Allan", "A11an"},
    {"Allan", "AIIan"},
    {"Carna", "Cama"},
    {"Vivvy", "Viwy"},
    {"Zo\u00eb", "Zoe\u0308"}, /* composed or not */
    {"Zo\u00eb", "Zoe"},
    {"\u1ea4n", "A\u0302\u0301n"},
    {"\u03ac\u03bd", "\u03b1\u0301\u03bd"},
    {"\u0439", "\u0438\u0306"},
    {"\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af"},
    {"\u05e9\u05c1\u05b8\u05dc", "\u05e9\u05dc"}, /* with points and without */
    {"Alice", "\uff21\uff4c\uff49\uff43\uff45"},  /* wide */
    {"Alice", "\U0001D400\U0001D425\U0001D422\U0001D41C\U0001D41E"},
    {"Alice", "\u24b6\u24db\u24d8\u24d2\u24d4"},
    {"ABE", "\U0001F130\U0001F131\U0001F134"},
    {"DE", "\U0001F1E9\U0001F1EA"},
    {"Alice", "\u13aalice"}, /* Cherokee, */
    {"Alice", "\uab7a\uabae\uab75ce"},
    {"Alice", "\ua4ee\ua4e1\ua4f2\ua4da\ua4f0"}, /* Lisu, */
    {"Tony", "T\u0585\u0578y"},                  /* Armenian, */
    {"ABE", "\u2c80\u2c82\u2c88"},               /* Coptic */
    {"Alice", "\u1d00\u029f\u026a\u1d04\u1d07"}, /* small capitals */
    {"Alice", "\u1d2c\u02e1\u2071\u1d9c\u1d49"}, /* raised */
    {"Rich", "\u211bi\u2102\u210b"},             /* symbols */
    {"Max", "\U0001D6B3\U0001D6A8\U0001D6BE"},   /* mathematical Greek */
    {"B42", "\U0001D401\U0001D7D2\U0001D7D0"},
    {"Max V", "Max \u2164"},
    {"Bj\u00f8rn", "Bjorn"},
    {"\u041c\u0438\u0448\u0430", "\u043c\u0438\u0448\u0430"}, /* case beyond ASCII */
    {"\u03a0\u03af\u03bd\u03b4\u03b1\u03c1\u03bf\u03c2",
     "\u03c0\u03b9\u03bd\u03b4\u03b1\u03c1\u03bf\u03c2"},
    {"\u0531\u0580\u0561", "\u0561\u0580\u0561"},
    {"\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"}, /* without a joiner */
    {"\u2764\ufe0f", "\u2764"},
    /* equal in Unicode, or drawn alike */
    {"\u0623\u062d\u0645\u062f", "\u0627\u0654\u062d\u0645\u062f"},
    {"\u0622\u062f\u0645", "\u0627\u0653\u062f\u0645"},
    {"\u30ac\u30a4\u30c9", "\u30ab\u3099\u30a4\u30c8\u3099"},
    {"\uff76\uff9e\uff72\uff84\uff9e", "\u30ac\u30a4\u30c9"},
    {"\u0995\u09cb", "\u0995\u09c7\u09be"},
    {"\u0b95\u0bca", "\u0b95\u0bc6\u0bbe"},
    {"\u0c95\u0cca", "\u0c95\u0cc6\u0cc2"},
    {"\u0d9a\u0ddc", "\u0d9a\u0dd9\u0dcf"},
    {"\u0d39\u0d4a", "\u0d39\u0d46\u0d3e"},
    {"\u1026", "\u1025\u102e"},
    {"\u0958", "\u0915\u093c"},
    {"\u05e9\u05c1", "\ufb2a"},
    {"\u0e17\u0e33", "\u0e17\u0e4d\u0e32"},
    {"\u0e19\u0e49\u0e33", "\u0e19\u0e4d\u0e49\u0e32"},
    {"\u0e01\u0e38\u0e48", "\u0e01\u0e48\u0e38"},
    {"\u1100\u1161", "\uffa1\uffc2"},
    {"Alice", "Ali\u03f2e"},
    {"Marc", "Mar\u03f2"},
    {"Eva", "E\u0475a"},
    {"\u00e6", "\u04d5"},
    {"\u00c6sa", "aesa"},
    {"VI", "\u2165"},
    {"Sofia", "So\ufb01a"},
    {"Griffin", "Gri\ufb03n"},
    {"\u0132s", "ijs"},
    {"\u01c6", "d\u017e"},
    {"Jean-Luc", "Jean\u2010Luc"},
    {"Jean-Luc", "Jean\u2011Luc"},
    {"Jean-Luc", "Jean\u2212Luc"},
    {"O'Neil", "O\u2019Neil"},
    {"\u0645\u062d\u0645\u062f", "\u0645\u062d\u0640\u0645\u062f"},
    {"\u0639\u0644\u06cc", "\u0639\u0644\u0649"},
    {"\u06a9\u0631\u06cc\u0645", "\u0643\u0631\u06cc\u0645"},
    {"\u0627\u0644\u0644\u0647", "\ufdf2"},
    {"\u30ab", "\u529b"},
    {"\u30ed", "\u53e3"},
    {"\u30d8\u30ec\u30f3", "\u3078\u30ec\u30f3"},
    {"\u30d9", "\u3079"},
    {"\u0906\u0936\u093e", "\u0905\u093e\u0936\u093e"},
    {"\u0d05\u0d35\u0d7e", "\u0d05\u0d35\u0d33\u0d4d"},
    {"\u04c1", "\u0436\u0306"},
    {"\u0393", "\u0413"},
    {"Alice (2)", "Alice (2)"},
    {"Alice (2)", "Alice \u207d\u00b2\u207e"},
    {"Alice (2)", "Alice \u208d\u2082\u208e"},
    {"Alice (2)", "Alice \uff082\uff09"},
};

static const struct names different[] = {
    {"Alice", "Alicia"},
    {"Ada", "Bea"},
    {"Alice", "Alice (2)"},
    {"\u0930\u093e\u092e", "\u0930\u092e\u093e"}, /* Ram, Rama */
    {"\u0938\u0924\u0940", "\u0938\u0940\u0924\u093e"},
    {"\u0e01\u0e34", "\u0e01\u0e35"},
    {"\u304b\u304e", "\u304b\u304d"},
    {"\u6f22", "\u5b57"},
    {"\U0001F469", "\U0001F468"},
    {"\U0001F44D\U0001F3FD", "\U0001F44D"},
    {"\u041c\u0438\u0448\u0430", "\u041c\u0430\u0448\u0430"},
    {"\u0393\u03b9\u03ce\u03c1\u03b3\u03bf\u03c2", "\u03a3\u03c4\u03ac\u03c5\u03c1\u03bf\u03c2"},
    {"rm", "nm"},
    {"\u0915\u093f", "\u0915\u0940"},
    {"\u30ab", "\u30ac"},
    {"\u5c71\ufa11", "\u5c71\u5d0e"}, /* a letter of its own */
    {"", "a"},
};

static void check(const struct names *rows, size_t count, bool same) {
    for (size_t i = 0; i < count; i++)
        if ((skeleton_of(slice_of(rows[i].one)) == skeleton_of(slice_of(rows[i].other))) != same)
            fail_msg("row %zu: \"%s\", \"%s\"", i, rows[i].one, rows[i].other);
}

static void test_names_that_look_alike(void **state) {
    (void)state;
    check(alike, COUNT(alike), true);
}

static void test_names_that_do_not(void **state) {
    (void)state;
    check(different, COUNT(different), false);
}

static void check_cut(struct slice beginning) {
    if (text_utf8_valid(beginning))
        skeleton_of(beginning);
}

static void test_nothing_behind_the_end_is_read(void **state) {
    (void)state;
    for_each_beginning("rn\u00e4\u6f22\ud55c\U0001F600", check_cut);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_that_look_alike),
        cmocka_unit_test(test_names_that_do_not),
        cmocka_unit_test(test_nothing_behind_the_end_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
