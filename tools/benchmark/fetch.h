/* fetch.h - requests one file repeatedly, over kept connections. */
#ifndef PARLEY_BENCH_FETCH_H
#define PARLEY_BENCH_FETCH_H

#include "crowd.h"

#define FETCH_CONNECTIONS_MAX 256

/* For |duration_ms|, |connections| connections to |port| of the process |server| request |path|,
 * and request it again after each answer. The program ends if an answer is not 200, or if it has no
 * Content-Length or another one than the first answer. */
struct cost fetch(uint16_t port, pid_t server, const char *path, uint32_t connections,
                  uint32_t duration_ms);

#endif
