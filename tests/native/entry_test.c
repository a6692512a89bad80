/* Entries: the vectors, writing and reading, and the entries that are refused. */
#include "entry.h"

#include "error.h"
#include "slices.h"
#include "vectors.h"

struct author {
    struct sign_public_key public_key;
    struct sign_secret_key secret_key;
};

static const struct entry_room room = {.id = {.bytes = "lobby", .len = 5}, .is_sealed = true};

static struct author author_of(uint8_t first) {
    struct author author;
    const uint8_t seed[SIGN_SEED_BYTES] = {first};
    sign_key_pair(seed, &author.public_key, &author.secret_key);
    return author;
}

static struct entry signed_entry(const struct author *author, struct slice body) {
    struct entry entry = {.kind = ENTRY_TEXT,
                          .time = 1700000000000u * 65536 + 3,
                          .sequence = 1,
                          .author = author->public_key,
                          .body = body};
    assert_int_equal(entry_sign(&entry, &room, &author->secret_key), PARLEY_OK);
    return entry;
}

static struct buffer written(const struct entry *entry) {
    struct buffer bytes;
    buffer_init(&bytes, ENTRY_BYTES_MAX);
    assert_int_equal(entry_write(entry, &bytes), PARLEY_OK);
    return bytes;
}

static void read_id(const cJSON *vector, const char *field, struct entry_id *id) {
    vector_copy(vector, field, id->hash.bytes, sizeof id->hash.bytes);
}

static void check_vector(const cJSON *vector) {
    uint8_t seed[SIGN_SEED_BYTES];
    struct author author;
    struct entry entry = {.kind = (uint8_t)vector_number(vector, "kind"),
                          .flags = (uint8_t)vector_number(vector, "flags"),
                          .sequence = vector_number(vector, "sequence"),
                          .body = vector_bytes(vector, "body")};
    vector_copy(vector, "seed", seed, sizeof seed);
    sign_key_pair(seed, &author.public_key, &author.secret_key);
    entry.author = author.public_key;
    entry.time = (uint64_t)vector_number(vector, "timeSeconds") * 1000 * 65536 +
                 vector_number(vector, "timeCount");
    vector_copy(vector, "run", entry.run.bytes, sizeof entry.run.bytes);
    read_id(vector, "previous", &entry.previous);
    read_id(vector, "seen", &entry.seen);
    struct entry_room where = {.is_sealed = vector_number(vector, "sealed") == 1};
    assert_true(room_id_read(slice_of(vector_text(vector, "roomId")), &where.id));
    assert_int_equal(entry_sign(&entry, &where, &author.secret_key), PARLEY_OK);
    struct buffer bytes = written(&entry);
    assert_vector_bytes(vector, "entry", (const uint8_t *)bytes.bytes, bytes.len);
    struct entry_id id = entry_id(&entry);
    assert_vector_bytes(vector, "id", id.hash.bytes, sizeof id.hash.bytes);
    buffer_deinit(&bytes);
}

static void entries_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("entry", check_vector);
}

static void one_comes_back_as_it_was(void **state) {
    (void)state;
    struct author author = author_of(1);
    struct entry entry = signed_entry(&author, BYTES("Good morning")), read;
    struct buffer bytes = written(&entry);
    assert_int_equal(entry_read(buffer_slice(&bytes), &read), PARLEY_OK);
    assert_int_equal(entry_verify(&read, &room), PARLEY_OK);
    assert_int_equal(read.time, entry.time);
    assert_slice(read.body, "Good morning");
    struct entry_id id = entry_id(&entry), read_again = entry_id(&read);
    assert_true(entry_id_equal(&id, &read_again));
    buffer_deinit(&bytes);
}

static void an_entry_without_its_body_still_verifies(void **state) {
    (void)state;
    struct author author = author_of(1);
    struct entry entry = signed_entry(&author, BYTES("Good morning")), read;
    struct buffer bytes = written(&entry);
    struct slice head = slice_first(buffer_slice(&bytes), ENTRY_HEADER_BYTES + SIGNATURE_BYTES);
    assert_int_equal(entry_read(head, &read), PARLEY_ERR_FORGED); /* it is no entry */
    assert_int_equal(entry_read_head(buffer_slice(&bytes), &read), PARLEY_ERR_FIELD);
    assert_int_equal(entry_read_head(head, &read), PARLEY_OK);
    assert_null(read.body.bytes);
    assert_int_equal(entry_verify(&read, &room), PARLEY_OK);
    buffer_deinit(&bytes);
}

/* Unknown kinds and flags come from newer pages. */
static void what_a_newer_page_says_is_kept(void **state) {
    (void)state;
    struct author author = author_of(1);
    struct entry entry = {.kind = 200,
                          .flags = 0x81,
                          .sequence = 1,
                          .author = author.public_key,
                          .body = BYTES("\0\xff")},
                 read;
    assert_int_equal(entry_sign(&entry, &room, &author.secret_key), PARLEY_OK);
    struct buffer bytes = written(&entry);
    assert_int_equal(entry_read(buffer_slice(&bytes), &read), PARLEY_OK);
    assert_int_equal(read.kind, 200);
    assert_int_equal(read.flags, 0x81);
    buffer_deinit(&bytes);
}

/* The signature or the body's hash covers every bit. */
static void a_changed_bit_anywhere_is_refused(void **state) {
    (void)state;
    struct author author = author_of(1);
    struct entry entry = signed_entry(&author, BYTES("Hi")), read;
    struct buffer bytes = written(&entry);
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        bytes.bytes[bit / 8] = (char)(bytes.bytes[bit / 8] ^ 1 << bit % 8);
        assert_true(entry_read(buffer_slice(&bytes), &read) || entry_verify(&read, &room));
        bytes.bytes[bit / 8] = (char)(bytes.bytes[bit / 8] ^ 1 << bit % 8);
    }
    assert_int_equal(entry_read(buffer_slice(&bytes), &read), PARLEY_OK);
    buffer_deinit(&bytes);
}

/* The one exception: the whole body can be missing. */
static void a_cut_or_longer_one_is_refused(void **state) {
    (void)state;
    struct author author = author_of(1);
    struct entry entry = signed_entry(&author, BYTES("Hi")), read;
    struct buffer bytes = written(&entry);
    bytes.bytes_max++;
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(entry_read(slice_first(buffer_slice(&bytes), len), &read),
                         len < ENTRY_HEADER_BYTES + SIGNATURE_BYTES ? PARLEY_ERR_FIELD
                                                                    : PARLEY_ERR_FORGED);
    assert_int_equal(buffer_append(&bytes, BYTES("!")), PARLEY_OK);
    assert_int_equal(entry_read(buffer_slice(&bytes), &read), PARLEY_ERR_FORGED);
    buffer_deinit(&bytes);
}

static void an_author_cannot_sign_an_entry_that_readers_refuse(void **state) {
    (void)state;
    struct author author = author_of(1);
    struct entry entry = {.kind = ENTRY_TEXT, .author = author.public_key, .body = BYTES("Hi")};
    assert_int_equal(entry_sign(&entry, &room, &author.secret_key),
                     PARLEY_ERR_FIELD); /* no sequence */
    entry.sequence = 2;
    assert_int_equal(entry_sign(&entry, &room, &author.secret_key),
                     PARLEY_ERR_FIELD); /* no previous */
    entry.previous.hash.bytes[31] = 1;
    entry.sequence = 0;
    assert_int_equal(entry_sign(&entry, &room, &author.secret_key), PARLEY_ERR_FIELD);
    entry.sequence = 2;
    assert_int_equal(entry_sign(&entry, &room, &author.secret_key), PARLEY_OK);
    entry.sequence = 1;
    assert_int_equal(entry_sign(&entry, &room, &author.secret_key),
                     PARLEY_ERR_FIELD); /* has previous */
    entry.sequence = 2;
    struct buffer body;
    buffer_init(&body, ENTRY_BODY_BYTES_MAX + 1);
    append_times(&body, "x", ENTRY_BODY_BYTES_MAX);
    entry.body = buffer_slice(&body);
    assert_int_equal(entry_sign(&entry, &room, &author.secret_key), PARLEY_OK);
    append_times(&body, "x", 1);
    entry.body = buffer_slice(&body);
    assert_int_equal(entry_sign(&entry, &room, &author.secret_key), PARLEY_ERR_TOO_BIG);
    buffer_deinit(&body);
}

/* A reader does not rely on the writer's checks. */
static void a_reader_checks_the_chain_and_the_size(void **state) {
    (void)state;
    enum { SIZE = 6, SEQUENCE = 16, PREVIOUS = 60 };
    struct author author = author_of(1);
    struct entry entry = signed_entry(&author, BYTES("Hi")), read;
    struct buffer bytes = written(&entry);
    bytes.bytes[PREVIOUS] = 1;
    assert_int_equal(entry_read(buffer_slice(&bytes), &read), PARLEY_ERR_FIELD);
    bytes.bytes[SEQUENCE] = 1;
    assert_int_equal(entry_read(buffer_slice(&bytes), &read), PARLEY_OK);
    bytes.bytes[SIZE] = 1;
    assert_int_equal(entry_read(buffer_slice(&bytes), &read), PARLEY_ERR_FORGED);
    bytes.bytes[SIZE] = (char)0xff;
    assert_int_equal(entry_read(buffer_slice(&bytes), &read), PARLEY_ERR_TOO_BIG);
    buffer_deinit(&bytes);
}

/* Nobody can repeat in one room what was said in another. */
static void another_room_is_refused(void **state) {
    (void)state;
    static const struct entry_room others[] = {
        {.id = {.bytes = "lobby", .len = 5}},
        {.id = {.bytes = "lobbi", .len = 5}, .is_sealed = true},
        {.id = {.bytes = "lobby2", .len = 6}, .is_sealed = true}};
    static const struct entry_room same = {.id = {.bytes = "LOBBY", .len = 5}, .is_sealed = true};
    struct author author = author_of(1);
    struct entry entry = signed_entry(&author, BYTES("Good morning"));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(entry_verify(&entry, &others[i]), PARLEY_ERR_FORGED);
    assert_int_equal(entry_verify(&entry, &same), PARLEY_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_those_of_the_vectors),
        cmocka_unit_test(one_comes_back_as_it_was),
        cmocka_unit_test(an_entry_without_its_body_still_verifies),
        cmocka_unit_test(what_a_newer_page_says_is_kept),
        cmocka_unit_test(a_changed_bit_anywhere_is_refused),
        cmocka_unit_test(a_cut_or_longer_one_is_refused),
        cmocka_unit_test(another_room_is_refused),
        cmocka_unit_test(an_author_cannot_sign_an_entry_that_readers_refuse),
        cmocka_unit_test(a_reader_checks_the_chain_and_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
