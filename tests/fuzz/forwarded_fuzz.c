/* The client of a request that a proxy passes on. An input is what a client sends in
 * X-Forwarded-For or Forwarded, or in both. Only the address that the proxy adds may count, or the
 * proxy's own, but never an address that the client chose. */
#include "forwarded.h"

#include "script.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct ip_range trusted[2];

static struct ip ip_of(const char *text) {
    struct ip ip;
    FUZZ_CHECK(ip_read(slice_of(text), &ip));
    return ip;
}

static bool is_same(const struct ip *left, const struct ip *right) {
    return memcmp(left->bytes, right->bytes, IP_BYTES) == 0;
}

static struct ip client_of(struct ip peer, struct slice x_forwarded_for, struct slice forwarded) {
    struct forwarded_field fields[] = {{x_forwarded_for, x_forwarded_for.bytes != NULL},
                                       {forwarded, forwarded.bytes != NULL}};
    return forwarded_client(peer, fields[0], fields[1], trusted, 2);
}

/* |sent|, followed by what the proxy adds. */
static struct slice add(struct script *script, struct slice sent, const char *added) {
    struct buffer *text = script_scratch();
    buffer_clear(text);
    FUZZ_CHECK(buffer_append(text, sent) == 0 && buffer_append(text, slice_of(added)) == 0);
    return script_copy(script, buffer_slice(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    const struct slice none = {NULL, 0};
    struct script script = script_of(bytes, len);
    struct slice sent = script_rest(&script);
    FUZZ_CHECK(ip_range_read(slice_of("10.0.0.0/8"), &trusted[0]));
    FUZZ_CHECK(ip_range_read(slice_of("2001:db8:9::/48"), &trusted[1]));
    struct ip proxy = ip_of("10.0.0.1"), real = ip_of("192.0.2.1"), stranger = ip_of("192.0.2.9");

    struct slice list = add(&script, sent, ", 192.0.2.1, 10.0.0.2");
    struct ip client = client_of(proxy, list, sent);
    FUZZ_CHECK(is_same(&client, &real));

    list = add(&script, sent, ", for=192.0.2.1;host=\"a,b\", for=10.0.0.2");
    client = client_of(proxy, none, list);
    FUZZ_CHECK(is_same(&client, &real) || is_same(&client, &proxy));

    client_of(proxy, sent, none);
    client_of(proxy, none, sent);
    client = client_of(stranger, sent, sent);
    FUZZ_CHECK(is_same(&client, &stranger));
    script_free_texts(&script);
    return 0;
}
