/* descriptors.h - how many sockets there may be, by the system's limit on file descriptors. */
#ifndef PARLEY_DESCRIPTORS_H
#define PARLEY_DESCRIPTORS_H

#include "config.h"

#include <stdint.h>

/* Fits the process' limit on open files to config->connections_max, and that to the limit where the
 * system allows no more, with a warning in the log. Returns how many sockets may be open at
 * once. */
uint32_t descriptors_fit(struct config *config);

#endif
