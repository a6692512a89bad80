#include "guard.h"

#include "error.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_PER_MINUTE 60u

struct guard_account {
    struct ip ip; /* a household's */
    uint32_t sockets, people;
    struct bucket joins, messages, handshakes;
    struct guard_account *next, *prev; /* of those with nothing open; next: of the free, too */
};

struct guard {
    const struct config *config;
    struct bucket_rate joins, messages, member_messages, handshakes;
    void *tree; /* tsearch by address: addresses are the clients' choice, so no hash to attack */
    struct guard_account *accounts;
    struct guard_account *free;
    struct guard_account *idle_first, *idle_last; /* the longest idle first */
    uint32_t accounts_max, used, count;
};

static int compare(const void *left, const void *right) {
    const struct guard_account *a = left, *b = right;
    return memcmp(a->ip.bytes, b->ip.bytes, IP_BYTES);
}

/* --- the idle --------------------------------------------------------------------------------- */

static bool is_idle(const struct guard_account *account) {
    return account->sockets == 0 && account->people == 0;
}

static void append_idle(struct guard *guard, struct guard_account *account) {
    account->next = NULL;
    account->prev = guard->idle_last;
    *(guard->idle_last == NULL ? &guard->idle_first : &guard->idle_last->next) = account;
    guard->idle_last = account;
}

static void remove_idle(struct guard *guard, struct guard_account *account) {
    *(account->prev == NULL ? &guard->idle_first : &account->prev->next) = account->next;
    *(account->next == NULL ? &guard->idle_last : &account->next->prev) = account->prev;
}

static void forget(struct guard *guard, struct guard_account *account) {
    remove_idle(guard, account);
    PARLEY_CHECK(tdelete(account, &guard->tree, compare) != NULL);
    account->next = guard->free;
    guard->free = account;
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
    while (guard->idle_first != NULL && has_nothing_to_say(guard, guard->idle_first, now_ms))
        forget(guard, guard->idle_first);
}

/* --- accounts --------------------------------------------------------------------------------- */

static struct guard_account *take_account(struct guard *guard) {
    if (guard->free == NULL && guard->used == guard->accounts_max)
        forget(guard, guard->idle_first); /* there is one: not all can be connected */
    struct guard_account *account = guard->free;
    if (account == NULL)
        return &guard->accounts[guard->used++];
    guard->free = account->next;
    return account;
}

/* The account of |ip|, made if need be, and idle if it was. NULL: no memory. */
static struct guard_account *open_account(struct guard *guard, uint64_t now_ms,
                                          const struct ip *ip) {
    const struct guard_account key = {.ip = ip_household(ip)};
    struct guard_account **found = tfind(&key, &guard->tree, compare);
    if (found != NULL)
        return *found;
    forget_old(guard, now_ms);
    struct guard_account *account = take_account(guard);
    *account = key;
    if (tsearch(account, &guard->tree, compare) == NULL) {
        account->next = guard->free;
        guard->free = account;
        return NULL;
    }
    guard->count++;
    append_idle(guard, account);
    return account;
}

/* Counts one more in |number|, a field of |account|. */
static void count_up(struct guard *guard, struct guard_account *account, uint32_t *number) {
    if (is_idle(account))
        remove_idle(guard, account);
    ++*number;
}

static void count_down(struct guard *guard, uint64_t now_ms, struct guard_account *account,
                       uint32_t *number) {
    PARLEY_CHECK(*number > 0);
    if (--*number == 0 && is_idle(account))
        append_idle(guard, account);
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

bool guard_allows_handshake(struct guard *guard, uint64_t now_ms, struct guard_account *account) {
    return account == NULL || bucket_take(&account->handshakes, &guard->handshakes, now_ms);
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
    if (!bucket_take(&account->joins, &guard->joins, now_ms))
        return WIRE_ERROR_TOO_MANY_JOINS;
    count_up(guard, account, &account->people);
    member->account = account;
    return WIRE_ERROR_COUNT;
}

void guard_dismiss(struct guard *guard, uint64_t now_ms, struct guard_member *member) {
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
                              GUARD_JOIN_BURST_SECONDS),
        .messages = rate_of_messages(config->address_messages_per_second),
        .member_messages = rate_of_messages(config->member_messages_per_second),
        .accounts = calloc((size_t)entries_max + 1, sizeof *guard->accounts),
        .accounts_max = entries_max + 1};
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
