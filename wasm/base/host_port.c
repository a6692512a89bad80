#include "host_port.h"

bool host_port_split(struct slice text, struct host_port *parts) {
    struct slice rest = text;
    *parts = (struct host_port){.is_bracketed = slice_skip(&rest, "[")};
    if (parts->is_bracketed && !slice_has(rest, ']'))
        return false;
    slice_cut(&rest, parts->is_bracketed ? ']' : ':', &parts->host);
    if (parts->is_bracketed) {
        parts->has_port = slice_skip(&rest, ":");
    } else if (slice_has(rest, ':')) {
        parts->host = text;
        rest.len = 0;
    } else {
        parts->has_port = parts->host.len < text.len;
    }
    parts->port = rest;
    return parts->host.len > 0 && (parts->has_port || rest.len == 0);
}

bool host_port_number(const struct host_port *parts, uint16_t min, uint16_t otherwise,
                      uint16_t *port) {
    uint64_t number = otherwise;
    if (parts->has_port && (!slice_read_number(parts->port, UINT16_MAX, &number) || number < min))
        return false;
    *port = (uint16_t)number;
    return true;
}
