/* made_ids.h - ids in tests: makes them from literals, and compares them with literals. */
#ifndef PARLEY_MADE_IDS_H
#define PARLEY_MADE_IDS_H

#include "cmocka_all.h"
#include "ids.h"

/* |text| must be a valid id of that kind. */
static inline struct member_id member_id_from(const char *text) {
    struct member_id id;
    assert_true(member_id_read(slice_of(text), &id));
    return id;
}

static inline struct room_id room_id_of(const char *text) {
    struct room_id id;
    assert_true(room_id_read(slice_of(text), &id));
    return id;
}

static inline struct token_secret token_secret_of(const char *text) {
    struct token_secret secret;
    assert_true(token_secret_read(slice_of(text), &secret));
    return secret;
}

static inline bool member_id_is(const struct member_id *id, const char *text) {
    return slice_equal(member_id_text(id), slice_of(text));
}

static inline bool room_id_is(const struct room_id *id, const char *text) {
    return slice_equal(room_id_text(id), slice_of(text));
}

#endif
