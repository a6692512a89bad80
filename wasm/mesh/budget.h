/* budget.h - how many connections a page may open, and for whom.
 *
 * A browser gives a page some 500 connections in its life (Chrome). Shares keep people we have
 * never talked to from using up what others need:
 *
 *   share        for                                            at once, then one in
 *   -----------  ---------------------------------------------  --------------------------------
 *   firsts       the first connection to each person, each      112, BUDGET_FIRST_MS
 *                time that they come
 *   own          what one person's next connections cost first  1 (talked to: 2), BUDGET_OWN_MS
 *   strangers    others to people who were never talked to      48, BUDGET_STRANGERS_MS
 *   known        others to people who were                      130, BUDGET_KNOWN_MS
 *
 * One person may take at most BUDGET_EACH_... from the common shares, so it takes many people to
 * use one up. Nobody can touch another person's own share. A reload counts as a first connection;
 * when strangers have used those up, people we have talked to still have their own share. Coming
 * again under the same id costs others no more than coming under a new one. Withdrawing an offer
 * before anything is agreed costs a connection, too (negotiation.h). Two kinds of link leave
 * the reserves to others: a link that worked once and seems hopeless, and one to a stranger who has
 * just come. So a crowd that keeps coming and going does not overtake those who wait.
 */
#ifndef PARLEY_BUDGET_H
#define PARLEY_BUDGET_H

#include "rate.h"

#include <stdbool.h>
#include <stdint.h>

#define BUDGET_FIRST_MS 20000
#define BUDGET_FIRSTS_AT_ONCE 112
#define BUDGET_OWN_MS 600000
#define BUDGET_OWN_AT_ONCE 2 /* of a person who was talked to; others have one less */
#define BUDGET_STRANGERS_MS 120000
#define BUDGET_STRANGERS_AT_ONCE 48
#define BUDGET_KNOWN_MS 600000
#define BUDGET_KNOWN_AT_ONCE 130
#define BUDGET_KNOWN_RESERVE 40  /* left by those who seem hopeless */
#define BUDGET_WAITING_RESERVE 8 /* left by strangers who come, to those who wait already */
#define BUDGET_EACH_MS 300000    /* one person, of the common shares */
#define BUDGET_EACH_AT_ONCE 20
#define BUDGET_EACH_STRANGER_AT_ONCE 6

/* The common shares of a page. A zeroed one is unused. */
struct budget {
    struct rate firsts, strangers, known;
};

/* The cost of one person. It is remembered after they leave (room.h), so that coming again brings
 * no new allowance. */
struct expense {
    struct rate own, common;
    bool met;    /* there was a connection to them */
    bool talked; /* and both heard each other through one, for a while */
};

/* When one more connection to that person may be opened; a time in the past means now. |yields|:
 * the reserve is left to others. */
uint64_t budget_due_ms(const struct budget *budget, const struct expense *expense, bool yields);

/* Takes one connection from the first share that has one. False: no share has one now. */
bool budget_take(struct budget *budget, struct expense *expense, bool yields, uint64_t now_ms);

/* The person comes, or comes again with a new page: their next connection counts as a first one. */
void budget_arrive(struct expense *expense);

/* The person was connected for long: what they cost before is forgotten. */
void budget_forgive(struct expense *expense);

#endif
