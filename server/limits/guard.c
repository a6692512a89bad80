#include "guard.h"

#include "deadline_queue.h"
#include "error.h"

#include <search.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_PER_MINUTE 60u
#define MS_PER_MINUTE 60000u

/* First come, first served. */
struct line {
    struct chain members;
    uint32_t count;
};

struct guard_account {
    struct ip ip; /* a household's */
    uint32_t sockets, people;
    struct lru spare_sockets; /* those that may make way */
    struct fair_line handshake_line;
    struct line silent, waiting;
    struct deadline_entry due; /* where somebody waits: when the next one gets in */
    struct bucket joins, messages, handshakes;
    struct chain_link link; /* of the idle, with nothing open, or of the free */
};

struct guard {
    const struct config *config;
    struct bucket_rate joins, messages, member_messages, handshakes;
    void *tree; /* tsearch by address: addresses are the clients' choice, so no hash to attack */
    struct guard_account *accounts;
    struct chain free;
    struct chain idle; /* the longest idle first */
    uint32_t accounts_max, used, count;
    struct lru spare_sockets;        /* of all */
    struct fair_line handshake_line; /* of those without an account */
    struct deadline_queue crowded;   /* accounts where somebody waits */
    uint32_t line_max, line_step_ms;
};

static int compare(const void *left, const void *right) {
    const struct guard_account *a = left, *b = right;
    return memcmp(a->ip.bytes, b->ip.bytes, IP_BYTES);
}

/* --- the idle --------------------------------------------------------------------------------- */

static bool is_idle(const struct guard_account *account) {
    return account->sockets == 0 && account->people == 0;
}

/* NULL: |link| is. */
static struct guard_account *account_of(struct chain_link *link) {
    return link == NULL ? NULL : CHAIN_OWNER(link, struct guard_account, link);
}

static void forget(struct guard *guard, struct guard_account *account) {
    chain_remove(&guard->idle, &account->link);
    PARLEY_CHECK(tdelete(account, &guard->tree, compare) != NULL);
    chain_append(&guard->free, &account->link);
    guard->count--;
}

static bool has_nothing_to_say(const struct guard *guard, const struct guard_account *account,
                               uint64_t now_ms) {
    return bucket_is_full(&account->joins, &guard->joins, now_ms) &&
           bucket_is_full(&account->handshakes, &guard->handshakes, now_ms) &&
           bucket_is_full(&account->messages, &guard->messages, now_ms);
}

/* The longest idle are the first whose buckets are full again, about. */
static void forget_old(struct guard *guard, uint64_t now_ms) {
    struct guard_account *oldest;
    while ((oldest = account_of(guard->idle.first)) != NULL &&
           has_nothing_to_say(guard, oldest, now_ms))
        forget(guard, oldest);
}

/* --- accounts --------------------------------------------------------------------------------- */

static struct guard_account *take_account(struct guard *guard) {
    if (guard->free.first == NULL && guard->used == guard->accounts_max)
        forget(guard, account_of(guard->idle.first)); /* one is: not all can be connected */
    struct guard_account *account = account_of(guard->free.last);
    if (account == NULL)
        return &guard->accounts[guard->used++];
    chain_remove(&guard->free, &account->link);
    return account;
}

/* NULL: there is none. */
static struct guard_account *find_account(const struct guard *guard, const struct ip *ip) {
    const struct guard_account key = {.ip = ip_household(ip)};
    struct guard_account **found = tfind(&key, &guard->tree, compare);
    return found == NULL ? NULL : *found;
}

/* The account of |ip|, made if need be, and idle if it was. NULL: no memory. */
static struct guard_account *open_account(struct guard *guard, uint64_t now_ms,
                                          const struct ip *ip) {
    const struct guard_account key = {.ip = ip_household(ip)};
    struct guard_account *found = find_account(guard, ip);
    if (found != NULL)
        return found;
    forget_old(guard, now_ms);
    struct guard_account *account = take_account(guard);
    *account = key;
    if (tsearch(account, &guard->tree, compare) == NULL) {
        chain_append(&guard->free, &account->link);
        return NULL;
    }
    guard->count++;
    chain_append(&guard->idle, &account->link);
    return account;
}

/* Counts one more in |number|, a field of |account|. */
static void count_up(struct guard *guard, struct guard_account *account, uint32_t *number) {
    if (is_idle(account))
        chain_remove(&guard->idle, &account->link);
    ++*number;
}

static void count_down(struct guard *guard, uint64_t now_ms, struct guard_account *account,
                       uint32_t *number) {
    PARLEY_CHECK(*number > 0);
    if (--*number == 0 && is_idle(account))
        chain_append(&guard->idle, &account->link);
    forget_old(guard, now_ms);
}

static bool is_exempt(const struct guard *guard, const struct ip *ip) {
    const struct config *config = guard->config;
    return config->trusted_proxy_count == 0 && !config->no_trusted_proxies && ip_is_loopback(ip);
}

static bool is_proxy(const struct guard *guard, const struct ip *ip) {
    const struct config *config = guard->config;
    for (size_t i = 0; i < config->trusted_proxy_count; i++) {
        if (ip_range_has(&config->trusted_proxies[i], ip))
            return true;
    }
    return false;
}

/* --- sockets ---------------------------------------------------------------------------------- */

static uint32_t sockets_max(const struct guard *guard) {
    uint32_t people_max = guard->config->address_connections_max;
    return people_max == 0 ? UINT32_MAX
                           : people_max * GUARD_SOCKETS_PER_CONNECTION + GUARD_SOCKETS_SPARE;
}

int guard_open_socket(struct guard *guard, uint64_t now_ms, const struct ip *ip,
                      struct guard_account **account) {
    *account = NULL;
    if (is_exempt(guard, ip) || is_proxy(guard, ip))
        return PARLEY_OK;
    struct guard_account *found = open_account(guard, now_ms, ip);
    if (found == NULL)
        return PARLEY_ERR_NO_MEMORY;
    if (found->sockets >= sockets_max(guard))
        return PARLEY_ERR_FULL;
    count_up(guard, found, &found->sockets);
    *account = found;
    return PARLEY_OK;
}

void guard_close_socket(struct guard *guard, uint64_t now_ms, struct guard_account *account) {
    if (account != NULL)
        count_down(guard, now_ms, account, &account->sockets);
}

void guard_use_socket(struct guard *guard, struct guard_account *account,
                      struct guard_socket *socket, enum lru_use use) {
    lru_put(&guard->spare_sockets, &socket->of_all, use);
    if (account != NULL)
        lru_put(&account->spare_sockets, &socket->of_address, use);
}

void guard_keep_socket(struct guard_socket *socket) {
    lru_remove(&socket->of_all);
    lru_remove(&socket->of_address);
}

struct guard_socket *guard_oldest_socket(const struct guard *guard, const struct ip *ip) {
    const struct guard_account *account = ip == NULL ? NULL : find_account(guard, ip);
    struct lru_entry *oldest = ip == NULL        ? lru_oldest(&guard->spare_sockets)
                               : account == NULL ? NULL
                                                 : lru_oldest(&account->spare_sockets);
    if (oldest == NULL)
        return NULL;
    return ip == NULL ? CHAIN_OWNER(oldest, struct guard_socket, of_all)
                      : CHAIN_OWNER(oldest, struct guard_socket, of_address);
}

bool guard_allows_handshake(struct guard *guard, uint64_t now_ms, struct guard_account *account) {
    return account == NULL || bucket_take(&account->handshakes, &guard->handshakes, now_ms);
}

struct fair_line *guard_handshake_line(struct guard *guard, struct guard_account *account) {
    return account == NULL ? &guard->handshake_line : &account->handshake_line;
}

/* --- lines ------------------------------------------------------------------------------------ */

static void append(struct line *line, struct guard_member *member) {
    chain_append(&line->members, &member->link);
    line->count++;
}

/* Of a line in which somebody is. */
static struct guard_member *first_in(const struct line *line) {
    return CHAIN_OWNER(line->members.first, struct guard_member, link);
}

static void take_out(struct line *line, struct guard_member *member) {
    chain_remove(&line->members, &member->link);
    line->count--;
}

static void begin_waiting(struct guard *guard, uint64_t now_ms, struct guard_member *member) {
    struct guard_account *account = member->account;
    if (account->waiting.count == 0)
        deadline_queue_add(&guard->crowded, &account->due, now_ms + guard->line_step_ms);
    append(&account->waiting, member);
    member->stage = GUARD_WAITING;
}

static void end_waiting(struct guard *guard, struct guard_member *member) {
    struct guard_account *account = member->account;
    take_out(&account->waiting, member);
    if (account->waiting.count == 0)
        deadline_queue_remove(&guard->crowded, &account->due);
}

/* Nobody passes those who wait. */
static bool is_in_time(struct guard *guard, uint64_t now_ms, struct guard_account *account) {
    return account->waiting.count == 0 && bucket_take(&account->joins, &guard->joins, now_ms);
}

void guard_pass(struct guard *guard, struct guard_member *member) {
    switch (member->stage) {
    case GUARD_IN:
        return;
    case GUARD_SILENT:
    case GUARD_LATE:
        take_out(&member->account->silent, member);
        break;
    case GUARD_WAITING:
        end_waiting(guard, member);
        break;
    }
    member->stage = GUARD_IN;
}

void guard_hush(struct guard *guard, struct guard_member *member) {
    guard_pass(guard, member);
}

bool guard_is_waiting(const struct guard_member *member) {
    return member->stage == GUARD_WAITING;
}

enum guard_turn guard_speak(struct guard *guard, uint64_t now_ms, struct guard_member *member) {
    if (member->stage == GUARD_IN)
        return GUARD_NOW;
    if (member->stage == GUARD_WAITING)
        return GUARD_LATER;
    bool in_time = member->stage == GUARD_SILENT || is_in_time(guard, now_ms, member->account);
    guard_pass(guard, member);
    if (in_time)
        return GUARD_NOW;
    if (member->account->waiting.count >= guard->line_max)
        return GUARD_NEVER;
    begin_waiting(guard, now_ms, member);
    return GUARD_LATER;
}

/* Those in line book their joins too: the pace is used up for as long as somebody waits. */
struct guard_member *guard_next(struct guard *guard, uint64_t now_ms) {
    struct deadline_entry *entry = deadline_queue_next(&guard->crowded, now_ms);
    if (entry == NULL)
        return NULL;
    struct guard_account *account = CHAIN_OWNER(entry, struct guard_account, due);
    struct guard_member *member = first_in(&account->waiting);
    bucket_take(&account->joins, &guard->joins, now_ms);
    take_out(&account->waiting, member);
    member->stage = GUARD_IN;
    if (account->waiting.count > 0)
        deadline_queue_add(&guard->crowded, &account->due, now_ms + guard->line_step_ms);
    return member;
}

uint64_t guard_deadline_ms(const struct guard *guard) {
    return deadline_queue_deadline_ms(&guard->crowded);
}

struct guard_member *guard_longest_silent(const struct guard *guard, const struct ip *ip) {
    const struct guard_account *account = find_account(guard, ip);
    bool enough = account != NULL && account->silent.count > GUARD_SILENT_SPARED;
    return enough ? first_in(&account->silent) : NULL;
}

/* --- people ----------------------------------------------------------------------------------- */

enum wire_error guard_admit(struct guard *guard, uint64_t now_ms, const struct ip *ip,
                            struct guard_member *member) {
    uint32_t people_max = guard->config->address_connections_max;
    *member = (struct guard_member){0};
    if (is_exempt(guard, ip))
        return WIRE_ERROR_COUNT;
    struct guard_account *account = open_account(guard, now_ms, ip);
    if (account == NULL)
        return WIRE_ERROR_SERVER_FULL;
    if (people_max > 0 && account->people >= people_max)
        return WIRE_ERROR_ADDRESS_FULL;
    bool in_time = is_in_time(guard, now_ms, account);
    if (!in_time && guard->line_max == 0)
        return WIRE_ERROR_TOO_MANY_JOINS;
    count_up(guard, account, &account->people);
    member->account = account;
    member->stage = in_time ? GUARD_SILENT : GUARD_LATE;
    append(&account->silent, member);
    return WIRE_ERROR_COUNT;
}

void guard_dismiss(struct guard *guard, uint64_t now_ms, struct guard_member *member) {
    guard_hush(guard, member);
    if (member->account != NULL)
        count_down(guard, now_ms, member->account, &member->account->people);
    member->account = NULL;
}

bool guard_allows_message(struct guard *guard, uint64_t now_ms, struct guard_member *member) {
    return bucket_take(&member->messages, &guard->member_messages, now_ms) &&
           (member->account == NULL ||
            bucket_take(&member->account->messages, &guard->messages, now_ms));
}

/* --- life ------------------------------------------------------------------------------------- */

static struct bucket_rate rate_of(uint32_t per_minute, uint32_t burst_seconds) {
    uint32_t capacity = per_minute / SECONDS_PER_MINUTE * burst_seconds +
                        per_minute % SECONDS_PER_MINUTE * burst_seconds / SECONDS_PER_MINUTE;
    return (struct bucket_rate){per_minute, capacity == 0 ? 1 : capacity};
}

static struct bucket_rate rate_of_messages(uint32_t per_second) {
    return rate_of(per_second * SECONDS_PER_MINUTE, GUARD_MESSAGE_BURST_SECONDS);
}

/* Whoever has a place in the line gets in within GUARD_WAIT_SECONDS. */
static void set_line(struct guard *guard, uint32_t joins_per_minute) {
    if (joins_per_minute < GUARD_LINE_JOINS_MIN)
        return;
    uint32_t step_ms = MS_PER_MINUTE / GUARD_LINE_SPEED / joins_per_minute;
    guard->line_step_ms = step_ms == 0 ? 1 : step_ms;
    guard->line_max = GUARD_WAIT_SECONDS * 1000 / guard->line_step_ms;
}

/* calloc: pages that were never written cost nothing. One more account than can be connected, so
 * that one is idle where all are taken. */
struct guard *guard_create(const struct config *config, uint32_t entries_max) {
    struct guard *guard = calloc(1, sizeof *guard);
    if (guard == NULL)
        return NULL;
    *guard = (struct guard){
        .config = config,
        .joins = rate_of(config->address_joins_per_minute, GUARD_JOIN_BURST_SECONDS),
        .handshakes = rate_of(config->address_joins_per_minute * GUARD_HANDSHAKES_PER_JOIN,
                              GUARD_HANDSHAKE_BURST_SECONDS),
        .messages = rate_of_messages(config->address_messages_per_second),
        .member_messages = rate_of_messages(config->member_messages_per_second),
        .accounts = calloc((size_t)entries_max + 1, sizeof *guard->accounts),
        .accounts_max = entries_max + 1};
    set_line(guard, config->address_joins_per_minute);
    if (guard->accounts != NULL)
        return guard;
    free(guard);
    return NULL;
}

void guard_destroy(struct guard *guard) {
    if (guard == NULL)
        return;
    while (guard->tree != NULL)
        tdelete(*(struct guard_account **)guard->tree, &guard->tree, compare);
    free(guard->accounts);
    free(guard);
}

uint32_t guard_account_count(const struct guard *guard) {
    return guard->count;
}
