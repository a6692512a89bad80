#include "rate_limits.h"

#include "deadline_queue.h"
#include "error.h"

#include <search.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_PER_MINUTE 60u
#define MS_PER_MINUTE 60000u

_Static_assert((uint64_t)CONFIG_RATE_MAX *SECONDS_PER_MINUTE <= BUCKET_PER_MINUTE_MAX,
               "messages a second are a limit");
_Static_assert((uint64_t)CONFIG_RATE_MAX *RATE_LIMITS_HANDSHAKES_PER_JOIN <= BUCKET_PER_MINUTE_MAX,
               "handshakes are a limit");
_Static_assert((uint64_t)CONFIG_RATE_MAX *RATE_LIMITS_MESSAGE_BURST_SECONDS <= UINT32_MAX,
               "a burst is counted");
_Static_assert((uint64_t)CONFIG_CONNECTIONS_MAX *RATE_LIMITS_SOCKETS_PER_CONNECTION +
                       RATE_LIMITS_SOCKETS_SPARE <=
                   UINT32_MAX,
               "sockets are counted");

/* First come, first served. */
struct waiting_line {
    struct chain members;
    uint32_t count;
};

struct rate_limits_account {
    struct ip ip; /* or its network: ip_client_network */
    uint32_t sockets, people;
    struct lru spare_sockets; /* those that may make way */
    struct fair_line handshake_line;
    struct waiting_line silent, waiting;
    struct deadline_entry due; /* where somebody waits: when the next one gets in */
    struct bucket joins, messages, handshakes;
    struct chain_link link; /* of the idle, with nothing open, or of the free */
};

struct rate_limits {
    const struct config *config;
    struct bucket_limit joins, messages, member_messages, handshakes;
    void *tree; /* tsearch by address: no hash table that clients could attack */
    struct rate_limits_account *accounts;
    struct chain free;
    struct chain idle; /* the longest idle first */
    uint32_t accounts_max, used, count;
    struct lru spare_sockets;        /* of all */
    struct fair_line handshake_line; /* of those without an account */
    struct deadline_queue crowded;   /* accounts where somebody waits */
    uint32_t line_max, line_step_ms;
};

static int compare(const void *left, const void *right) {
    const struct rate_limits_account *a = left, *b = right;
    return memcmp(a->ip.bytes, b->ip.bytes, IP_BYTES);
}

/* --- the idle --------------------------------------------------------------------------------- */

static bool is_idle(const struct rate_limits_account *account) {
    return account->sockets == 0 && account->people == 0;
}

/* NULL: |link| is. */
static struct rate_limits_account *account_of(struct chain_link *link) {
    return link == NULL ? NULL : CHAIN_OWNER(link, struct rate_limits_account, link);
}

static void forget_account(struct rate_limits *limits, struct rate_limits_account *account) {
    chain_remove(&limits->idle, &account->link);
    PARLEY_CHECK(tdelete(account, &limits->tree, compare) != NULL);
    chain_append(&limits->free, &account->link);
    limits->count--;
}

static bool has_nothing_to_say(const struct rate_limits *limits,
                               const struct rate_limits_account *account, uint64_t now_ms) {
    return bucket_is_full(&account->joins, &limits->joins, now_ms) &&
           bucket_is_full(&account->handshakes, &limits->handshakes, now_ms) &&
           bucket_is_full(&account->messages, &limits->messages, now_ms);
}

/* Those idle for longest are roughly the first whose buckets are full again. */
static void forget_old(struct rate_limits *limits, uint64_t now_ms) {
    struct rate_limits_account *oldest;
    while ((oldest = account_of(limits->idle.first)) != NULL &&
           has_nothing_to_say(limits, oldest, now_ms))
        forget_account(limits, oldest);
}

/* --- accounts --------------------------------------------------------------------------------- */

static struct rate_limits_account *take_account(struct rate_limits *limits) {
    if (limits->free.first == NULL && limits->used == limits->accounts_max)
        forget_account(limits,
                       account_of(limits->idle.first)); /* one is: not all can be connected */
    struct rate_limits_account *account = account_of(limits->free.last);
    if (account == NULL)
        return &limits->accounts[limits->used++];
    chain_remove(&limits->free, &account->link);
    return account;
}

/* NULL: there is none. */
static struct rate_limits_account *find_account(const struct rate_limits *limits,
                                                const struct ip *ip) {
    const struct rate_limits_account key = {.ip = ip_client_network(ip)};
    struct rate_limits_account **found = tfind(&key, &limits->tree, compare);
    return found == NULL ? NULL : *found;
}

/* The account of |ip|, made if need be, and idle if it was. NULL: no memory. */
static struct rate_limits_account *open_account(struct rate_limits *limits, uint64_t now_ms,
                                                const struct ip *ip) {
    const struct rate_limits_account key = {.ip = ip_client_network(ip)};
    struct rate_limits_account *found = find_account(limits, ip);
    if (found != NULL)
        return found;
    forget_old(limits, now_ms);
    struct rate_limits_account *account = take_account(limits);
    *account = key;
    if (tsearch(account, &limits->tree, compare) == NULL) {
        chain_append(&limits->free, &account->link);
        return NULL;
    }
    limits->count++;
    chain_append(&limits->idle, &account->link);
    return account;
}

/* Counts one more in |number|, a field of |account|. */
static void count_up(struct rate_limits *limits, struct rate_limits_account *account,
                     uint32_t *number) {
    if (is_idle(account))
        chain_remove(&limits->idle, &account->link);
    ++*number;
}

static void count_down(struct rate_limits *limits, uint64_t now_ms,
                       struct rate_limits_account *account, uint32_t *number) {
    PARLEY_CHECK(*number > 0);
    if (--*number == 0 && is_idle(account))
        chain_append(&limits->idle, &account->link);
    forget_old(limits, now_ms);
}

static bool is_exempt(const struct rate_limits *limits, const struct ip *ip) {
    const struct config *config = limits->config;
    return config->trusted_proxy_count == 0 && !config->no_trusted_proxies && ip_is_loopback(ip);
}

static bool is_proxy(const struct rate_limits *limits, const struct ip *ip) {
    const struct config *config = limits->config;
    return ip_ranges_have(config->trusted_proxies, config->trusted_proxy_count, ip);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static uint32_t sockets_max(const struct rate_limits *limits) {
    uint32_t people_max = limits->config->address_connections_max;
    return people_max == 0
               ? UINT32_MAX
               : people_max * RATE_LIMITS_SOCKETS_PER_CONNECTION + RATE_LIMITS_SOCKETS_SPARE;
}

int rate_limits_open_socket(struct rate_limits *limits, uint64_t now_ms, const struct ip *ip,
                            struct rate_limits_account **account) {
    *account = NULL;
    if (is_exempt(limits, ip) || is_proxy(limits, ip))
        return PARLEY_OK;
    struct rate_limits_account *found = open_account(limits, now_ms, ip);
    if (found == NULL)
        return PARLEY_ERR_NO_MEMORY;
    if (found->sockets >= sockets_max(limits))
        return PARLEY_ERR_FULL;
    count_up(limits, found, &found->sockets);
    *account = found;
    return PARLEY_OK;
}

void rate_limits_close_socket(struct rate_limits *limits, uint64_t now_ms,
                              struct rate_limits_account *account) {
    if (account != NULL)
        count_down(limits, now_ms, account, &account->sockets);
}

void rate_limits_use_socket(struct rate_limits *limits, struct rate_limits_account *account,
                            struct rate_limits_socket *socket, enum lru_use use) {
    lru_put(&limits->spare_sockets, &socket->of_all, use);
    if (account != NULL)
        lru_put(&account->spare_sockets, &socket->of_address, use);
}

void rate_limits_keep_socket(struct rate_limits_socket *socket) {
    lru_remove(&socket->of_all);
    lru_remove(&socket->of_address);
}

struct rate_limits_socket *rate_limits_oldest_socket(const struct rate_limits *limits,
                                                     const struct ip *ip) {
    const struct rate_limits_account *account = ip == NULL ? NULL : find_account(limits, ip);
    struct lru_entry *oldest = ip == NULL        ? lru_oldest(&limits->spare_sockets)
                               : account == NULL ? NULL
                                                 : lru_oldest(&account->spare_sockets);
    if (oldest == NULL)
        return NULL;
    return ip == NULL ? CHAIN_OWNER(oldest, struct rate_limits_socket, of_all)
                      : CHAIN_OWNER(oldest, struct rate_limits_socket, of_address);
}

bool rate_limits_allows_handshake(struct rate_limits *limits, uint64_t now_ms,
                                  struct rate_limits_account *account) {
    return account == NULL || bucket_take(&account->handshakes, &limits->handshakes, now_ms);
}

struct fair_line *rate_limits_handshake_line(struct rate_limits *limits,
                                             struct rate_limits_account *account) {
    return account == NULL ? &limits->handshake_line : &account->handshake_line;
}

/* --- lines ------------------------------------------------------------------------------------ */

static void enter_line(struct waiting_line *line, struct rate_limits_quota *quota) {
    chain_append(&line->members, &quota->link);
    line->count++;
}

/* Of a line in which somebody is. */
static struct rate_limits_quota *first_in(const struct waiting_line *line) {
    return CHAIN_OWNER(line->members.first, struct rate_limits_quota, link);
}

static void leave_line(struct waiting_line *line, struct rate_limits_quota *quota) {
    chain_remove(&line->members, &quota->link);
    line->count--;
}

static void begin_waiting(struct rate_limits *limits, uint64_t now_ms,
                          struct rate_limits_quota *quota) {
    struct rate_limits_account *account = quota->account;
    if (account->waiting.count == 0)
        deadline_queue_add(&limits->crowded, &account->due, now_ms + limits->line_step_ms);
    enter_line(&account->waiting, quota);
    quota->stage = RATE_LIMITS_WAITING;
}

static void end_waiting(struct rate_limits *limits, struct rate_limits_quota *quota) {
    struct rate_limits_account *account = quota->account;
    leave_line(&account->waiting, quota);
    if (account->waiting.count == 0)
        deadline_queue_remove(&limits->crowded, &account->due);
}

/* Nobody overtakes those who wait. */
static bool is_in_time(struct rate_limits *limits, uint64_t now_ms,
                       struct rate_limits_account *account) {
    return account->waiting.count == 0 && bucket_take(&account->joins, &limits->joins, now_ms);
}

void rate_limits_pass(struct rate_limits *limits, struct rate_limits_quota *quota) {
    switch (quota->stage) {
    case RATE_LIMITS_IN:
        return;
    case RATE_LIMITS_SILENT:
    case RATE_LIMITS_LATE:
        leave_line(&quota->account->silent, quota);
        break;
    case RATE_LIMITS_WAITING:
        end_waiting(limits, quota);
        break;
    }
    quota->stage = RATE_LIMITS_IN;
}

void rate_limits_withdraw(struct rate_limits *limits, struct rate_limits_quota *quota) {
    rate_limits_pass(limits, quota);
}

bool rate_limits_is_waiting(const struct rate_limits_quota *quota) {
    return quota->stage == RATE_LIMITS_WAITING;
}

enum rate_limits_verdict rate_limits_speak(struct rate_limits *limits, uint64_t now_ms,
                                           struct rate_limits_quota *quota) {
    if (quota->stage == RATE_LIMITS_IN)
        return RATE_LIMITS_NOW;
    if (quota->stage == RATE_LIMITS_WAITING)
        return RATE_LIMITS_LATER;
    bool in_time = quota->stage == RATE_LIMITS_SILENT || is_in_time(limits, now_ms, quota->account);
    rate_limits_pass(limits, quota);
    if (in_time)
        return RATE_LIMITS_NOW;
    if (quota->account->waiting.count >= limits->line_max)
        return RATE_LIMITS_NEVER;
    begin_waiting(limits, now_ms, quota);
    return RATE_LIMITS_LATER;
}

/* Joins from the line count too: the rate is used up while somebody waits. */
struct rate_limits_quota *rate_limits_next(struct rate_limits *limits, uint64_t now_ms) {
    struct deadline_entry *entry = deadline_queue_next(&limits->crowded, now_ms);
    if (entry == NULL)
        return NULL;
    struct rate_limits_account *account = CHAIN_OWNER(entry, struct rate_limits_account, due);
    struct rate_limits_quota *quota = first_in(&account->waiting);
    bucket_take(&account->joins, &limits->joins, now_ms);
    leave_line(&account->waiting, quota);
    quota->stage = RATE_LIMITS_IN;
    if (account->waiting.count > 0)
        deadline_queue_add(&limits->crowded, &account->due, now_ms + limits->line_step_ms);
    return quota;
}

uint64_t rate_limits_deadline_ms(const struct rate_limits *limits) {
    return deadline_queue_deadline_ms(&limits->crowded);
}

struct rate_limits_quota *rate_limits_longest_silent(const struct rate_limits *limits,
                                                     const struct ip *ip) {
    const struct rate_limits_account *account = find_account(limits, ip);
    bool enough = account != NULL && account->silent.count > RATE_LIMITS_SILENT_SPARED;
    return enough ? first_in(&account->silent) : NULL;
}

/* --- people ----------------------------------------------------------------------------------- */

enum wire_error rate_limits_admit(struct rate_limits *limits, uint64_t now_ms, const struct ip *ip,
                                  struct rate_limits_quota *quota) {
    uint32_t people_max = limits->config->address_connections_max;
    *quota = (struct rate_limits_quota){0};
    if (is_exempt(limits, ip))
        return WIRE_ERROR_COUNT;
    struct rate_limits_account *account = open_account(limits, now_ms, ip);
    if (account == NULL)
        return WIRE_ERROR_SERVER_FULL;
    if (people_max > 0 && account->people >= people_max)
        return WIRE_ERROR_ADDRESS_FULL;
    bool in_time = is_in_time(limits, now_ms, account);
    if (!in_time && limits->line_max == 0)
        return WIRE_ERROR_TOO_MANY_JOINS;
    count_up(limits, account, &account->people);
    quota->account = account;
    quota->stage = in_time ? RATE_LIMITS_SILENT : RATE_LIMITS_LATE;
    enter_line(&account->silent, quota);
    return WIRE_ERROR_COUNT;
}

void rate_limits_dismiss(struct rate_limits *limits, uint64_t now_ms,
                         struct rate_limits_quota *quota) {
    rate_limits_withdraw(limits, quota);
    if (quota->account != NULL)
        count_down(limits, now_ms, quota->account, &quota->account->people);
    quota->account = NULL;
}

bool rate_limits_allows_message(struct rate_limits *limits, uint64_t now_ms,
                                struct rate_limits_quota *quota) {
    return bucket_take(&quota->messages, &limits->member_messages, now_ms) &&
           (quota->account == NULL ||
            bucket_take(&quota->account->messages, &limits->messages, now_ms));
}

/* --- life ------------------------------------------------------------------------------------- */

static struct bucket_limit rate_of(uint32_t per_minute, uint32_t burst_seconds) {
    uint32_t capacity = per_minute / SECONDS_PER_MINUTE * burst_seconds +
                        per_minute % SECONDS_PER_MINUTE * burst_seconds / SECONDS_PER_MINUTE;
    return (struct bucket_limit){per_minute, capacity == 0 ? 1 : capacity};
}

static struct bucket_limit rate_of_messages(uint32_t per_second) {
    return rate_of(per_second * SECONDS_PER_MINUTE, RATE_LIMITS_MESSAGE_BURST_SECONDS);
}

/* A place in the line lets its owner in within RATE_LIMITS_WAIT_SECONDS. */
static void set_line(struct rate_limits *limits, uint32_t joins_per_minute) {
    if (joins_per_minute < RATE_LIMITS_LINE_JOINS_MIN)
        return;
    uint32_t step_ms = MS_PER_MINUTE / RATE_LIMITS_LINE_SPEED / joins_per_minute;
    limits->line_step_ms = step_ms == 0 ? 1 : step_ms;
    limits->line_max = RATE_LIMITS_WAIT_SECONDS * 1000 / limits->line_step_ms;
}

/* calloc: pages that were never written cost nothing. One more account than can be connected, so
 * that at least one is idle when all are in use. */
struct rate_limits *rate_limits_create(const struct config *config, uint32_t entries_max) {
    struct rate_limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL)
        return NULL;
    *limits = (struct rate_limits){
        .config = config,
        .joins = rate_of(config->address_joins_per_minute, RATE_LIMITS_JOIN_BURST_SECONDS),
        .handshakes = rate_of(config->address_joins_per_minute * RATE_LIMITS_HANDSHAKES_PER_JOIN,
                              RATE_LIMITS_HANDSHAKE_BURST_SECONDS),
        .messages = rate_of_messages(config->address_messages_per_second),
        .member_messages = rate_of_messages(config->member_messages_per_second),
        .accounts = calloc((size_t)entries_max + 1, sizeof *limits->accounts),
        .accounts_max = entries_max + 1};
    set_line(limits, config->address_joins_per_minute);
    if (limits->accounts != NULL)
        return limits;
    free(limits);
    return NULL;
}

void rate_limits_destroy(struct rate_limits *limits) {
    if (limits == NULL)
        return;
    while (limits->tree != NULL)
        tdelete(*(struct rate_limits_account **)limits->tree, &limits->tree, compare);
    free(limits->accounts);
    free(limits);
}

uint32_t rate_limits_account_count(const struct rate_limits *limits) {
    return limits->count;
}
