/* fd_limit.h - how many sockets there may be, by the system's limit on file descriptors. */
#ifndef PARLEY_FD_LIMIT_H
#define PARLEY_FD_LIMIT_H

#include "config.h"

#include <stdint.h>

/* Fits the process' limit on open files to config->connections_max, and that to the limit where the
 * system allows no more, with a warning in the log. Returns how many sockets may be open at
 * once. */
uint32_t fd_limit_fit(struct config *config);

#endif
