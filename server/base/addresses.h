/* addresses.h - the addresses at which a person can open the page, on this machine and on other
 * devices of its network. */
#ifndef PARLEY_ADDRESSES_H
#define PARLEY_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#define ADDRESSES_SHOWN_MAX 6      /* addresses for other devices: more would hide the useful one */
#define ADDRESSES_URL_BYTES_MAX 96 /* with its NUL */

/* True when other devices may reach |address|, of the interface |name| with |flags| (IFF_...): the
 * interface is up and running, and the address is not loopback, link-local, or of a bridge for
 * containers or virtual machines. */
bool addresses_reachable(const struct sockaddr *address, const char *name, unsigned flags);

/* Writes "http://192.0.2.1:3000/" or "http://[2001:db8::1]:3000/" for |address| and the |scheme|
 * "http" or "https". False for families other than IPv4 and IPv6. */
bool addresses_format(const struct sockaddr *address, const char *scheme, uint16_t port,
                      char url[ADDRESSES_URL_BYTES_MAX]);

/* True when |host|, as in --host, is a loopback address; NULL (all interfaces) is not. */
bool addresses_is_loopback(const char *host);

/* Prints to |out| the page's addresses with |scheme|, and flushes: those that other devices can
 * use, and localhost; if |host| is not NULL, only that one. */
void addresses_print(FILE *out, const char *scheme, const char *host, uint16_t port);

#endif
