#include "host_port.h"

bool host_port_split(struct slice text, struct host_port *parts) {
    struct slice rest = text;
    *parts = (struct host_port){.is_bracketed = slice_skip(&rest, "[")};
    if (parts->is_bracketed) {
        size_t end = slice_find(rest, ']');
        if (end == rest.len)
            return false;
        parts->host = slice_first(rest, end);
        rest = slice_drop(rest, end + 1);
    } else {
        size_t colon = slice_find(text, ':');
        bool is_last = colon < text.len && !slice_has(slice_drop(text, colon + 1), ':');
        parts->host = slice_first(text, is_last ? colon : text.len);
        rest = slice_drop(text, parts->host.len);
    }
    parts->has_port = slice_skip(&rest, ":");
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
