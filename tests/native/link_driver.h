/* link_driver.h - one link for tests, without a browser or another side. */
#ifndef PARLEY_LINK_DRIVER_H
#define PARLEY_LINK_DRIVER_H

#include "cmocka_all.h"
#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The link, and the arguments of each call. */
extern struct link link;
extern struct actions actions;
extern struct budget budget;
extern uint32_t last_peer;
extern struct link_env env;

/* If true, others have all turns: a connection that waits for its turn continues to wait. */
extern bool crowded;

/* Makes a link that has not begun, and a budget that is not used yet. */
void begin(bool polite);

int setup(void **state);
int teardown(void **state);

/* The actions since the last call, in short: "open describe offer ". PEER_ASK_ROUTE is left out. */
const char *drained(void);
#define assert_told(expected) assert_string_equal(drained(), expected)

/* link_offer and link_retry. */
void offer(void);
void retry(bool anew);

/* Hand in events of the browser. */
void happen(enum event_kind kind, uint32_t code, const char *a);
void be(enum event_peer_state state);

/* Hands in a signal from their connection |theirs| for |ours|. */
void receive(enum wire_type type, uint32_t theirs, uint32_t ours);

/* The browser completes its operations, and the other side answers as |theirs|. */
void agree(uint32_t theirs);

/* We accept their offer of the connection |theirs|, and answer. */
void answered_by_us(uint32_t theirs);

/* The link works for LINK_STEADY_MS, after our offer or theirs. */
void connected(void);
void connected_by_their_offer(void);

/* Let time pass. */
void pass(uint64_t ms);
void pass_to_deadline(void);

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
