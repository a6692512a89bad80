/* config_value.h - reads and checks the values of options: private to config/.
 *
 * Each function that reads a value either sets it in reader->config, or writes one sentence to
 * reader->error and returns PARLEY_ERR_ARGUMENT.
 */
#ifndef PARLEY_CONFIG_VALUE_H
#define PARLEY_CONFIG_VALUE_H

#include "config.h"

#define CONFIG_ERROR_VALUE_BYTES_MAX 80 /* of a bad value that an error quotes */

struct config_reader {
    struct config *config;
    char *error;        /* of CONFIG_ERROR_BYTES */
    const char *source; /* what the operator wrote: "--port" or "PARLEY_PORT" */
};

/* Writes the source and, right after it, the formatted rest: one printable line. Returns
 * PARLEY_ERR_ARGUMENT. */
__attribute__((format(printf, 2, 3))) int config_fail(struct config_reader *reader,
                                                      const char *format, ...);

/* "SOURCE: VALUE is not WANTED", with the beginning of |value|. Returns PARLEY_ERR_ARGUMENT. */
int config_fail_value(struct config_reader *reader, const char *value, const char *wanted);

/* Reads a whole number from |min| to |max| into |number|. */
int config_read_number(struct config_reader *reader, const char *value, uint32_t min, uint32_t max,
                       uint32_t *number);

/* Reads --metrics-listen: "PORT" (on loopback), "ADDRESS:PORT" or "[IPv6]:PORT". */
int config_read_metrics_listen(struct config_reader *reader, const char *value);

/* Items of lists: an ICE server as in --ice-server, or "none"; a TURN server's address; an origin,
 * or "*"; a host's name; a proxy's address or range, or "none". */
int config_add_ice_server(struct config_reader *reader, struct slice text);
int config_add_turn_url(struct config_reader *reader, struct slice text);
int config_add_origin(struct config_reader *reader, struct slice text);
int config_add_host(struct config_reader *reader, struct slice text);
int config_add_trusted_proxy(struct config_reader *reader, struct slice text);

#endif
