/* poll_driver.h - only the page's side of polling (poll_client.h): a test gives it answers and the
 * time, and reads its requests and its news. */
#ifndef PARLEY_POLL_DRIVER_H
#define PARLEY_POLL_DRIVER_H

#include "cmocka_all.h"
#include "error.h"
#include "poll_client.h"

#include <stdio.h>
#include <string.h>

#define SECRET "00000007aabbccddeeff00112233445566778899"
#define SESSION "session " SECRET "\n"
#define DRIVER_TEXT_BYTES 80000

extern struct actions actions;
extern struct env env;
extern struct poll_client client;
extern char asked[DRIVER_TEXT_BYTES]; /* since the last assert_asked: "3:poll 0/ 2:abort " */
extern char news[DRIVER_TEXT_BYTES];  /* the same: "opened a closed:403:No " */
extern uint32_t outlives;             /* the last request that outlives the page */

/* A test of a client that is closed; of one that has come in and sent its first poll, request 2. */
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, driver_setup, driver_teardown)
#define TEST_IN(name) cmocka_unit_test_setup_teardown(test_##name, driver_setup_in, driver_teardown)

int driver_setup(void **state);
int driver_setup_in(void **state);
int driver_teardown(void **state);

/* Ends a turn; ends turns until there is no more news, since each piece of news has its own. */
void end_turn(void);
void take_news(void);

/* Compares the requests, or the news, since the last call. */
void assert_asked(const char *expected);
void assert_news(const char *expected);

/* An answer to |request| comes, or none. */
void answer_with(uint32_t request, struct poll_answer answer);
void answer(uint32_t request, uint32_t status, const char *body);
void lose(uint32_t request);

/* There is something to be said; and the turn ends. */
void put_line(const char *line);
void say(const char *line);

/* Time passes: |ms|, to the next deadline, until something is asked. Returns how much. */
void pass(uint64_t ms);
uint64_t pass_to_deadline(void);
uint64_t pass_until_asked(void);

void open_client(void);
void close_client(void);

/* Up to its first poll, which is request 2. */
void come_in(void);

#endif
