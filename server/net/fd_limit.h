/* fd_limit.h - how many sockets the system's limit on file descriptors allows. */
#ifndef PARLEY_FD_LIMIT_H
#define PARLEY_FD_LIMIT_H

#include "config.h"

#include <stdint.h>

/* Raises the process's limit on open files for config->connections_max; if the system does not
 * allow that, lowers connections_max, with a warning in the log. Returns how many sockets may be
 * open at once. */
uint32_t fd_limit_fit(struct config *config);

#endif
