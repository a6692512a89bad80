/* addresses.h - where a person can open the page: this machine, and other devices on its
 * network. */
#ifndef PARLEY_ADDRESSES_H
#define PARLEY_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#define ADDRESSES_SHOWN_MAX 6      /* of other devices' addresses: more would hide the useful one */
#define ADDRESSES_URL_BYTES_MAX 96 /* with its NUL */

/* True when other devices may reach |address|, of the interface |name| with |flags| (IFF_...): up,
 * running, no loopback, no link-local address, and none of the bridges that containers and virtual
 * machines make. */
bool addresses_reachable(const struct sockaddr *address, const char *name, unsigned flags);

/* Writes "http://192.0.2.1:3000/" or "http://[2001:db8::1]:3000/" for |address| and the |scheme|
 * "http" or "https". False for families other than IPv4 and IPv6. */
bool addresses_format(const struct sockaddr *address, const char *scheme, uint16_t port,
                      char url[ADDRESSES_URL_BYTES_MAX]);

/* True when |host|, as in --host, is this machine alone; NULL, which is everywhere, is not. */
bool addresses_is_loopback(const char *host);

/* Prints to |out| where to go with |scheme|, and flushes: this machine's addresses, which others
 * can use too, and the localhost address; for a |host| other than NULL only that one. */
void addresses_print(FILE *out, const char *scheme, const char *host, uint16_t port);

#endif
