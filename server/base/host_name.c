#include "host_name.h"

#include "ip.h"
#include "origin.h"
#include "text.h"

static struct slice without_last_dot(struct slice name) {
    if (name.len > 1 && name.bytes[name.len - 1] == '.')
        name.len--;
    return name;
}

static bool is_below(struct slice name, struct slice dot_domain) {
    return name.len > dot_domain.len &&
           text_equal_without_case(slice_drop(name, name.len - dot_domain.len), dot_domain);
}

static bool is_ip_literal(struct slice name) {
    struct ip ip;
    return name.bytes[0] == '[' || ip_read(name, &ip);
}

bool host_name_valid(struct slice name) {
    slice_skip(&name, ".");
    return name.len > 0 && name.bytes[0] != '.' && name.bytes[0] != '[' &&
           origin_host_valid(name) && !slice_has(name, ':');
}

bool host_name_known(struct slice host, const struct slice *allowed, size_t allowed_count) {
    if (host.len == 0)
        return true;
    struct slice name = without_last_dot(origin_host_name(host));
    if (name.len == 0)
        return false;
    if (is_ip_literal(name) || text_equal_without_case(name, slice_of("localhost")) ||
        is_below(name, slice_of(".localhost")))
        return true;
    for (size_t i = 0; i < allowed_count; i++) {
        struct slice rule = without_last_dot(allowed[i]);
        if (rule.bytes[0] == '.' ? is_below(name, rule) : text_equal_without_case(name, rule))
            return true;
    }
    return false;
}
