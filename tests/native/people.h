/* people.h - a world for one test, and the views of its people. */
#ifndef PARLEY_PEOPLE_H
#define PARLEY_PEOPLE_H

#include "cmocka_all.h"
#include "world.h"

extern struct world *world;

int people_setup(void **state);
int people_teardown(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, people_setup, people_teardown)

/* The views of a page. The member must be there. */
struct status_view status(int page);
struct member_view member(int page, uint32_t index);

/* How many lines of |kind| with |text| (NULL: any) a page shows. */
int lines(int page, enum line_kind kind, const char *text);

void assert_same(struct slice actual, const char *expected);

/* Says |text|, which must be accepted, and lets it arrive. */
void say(int page, const char *text);

/* The message by which the server passes the signal |json|, as it would be sent to it without "to",
 * from one page to the other: sealed as those two seal. Valid until the next call. */
const char *passed_on(int from, int to, const char *json);

/* Connects |count| of Ada, Bea, Cyd, Dan and Eve in one room. */
void meet(int count);

#endif
