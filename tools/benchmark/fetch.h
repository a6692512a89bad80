/* fetch.h - requests one file repeatedly, over kept connections. */
#ifndef PARLEY_BENCH_FETCH_H
#define PARLEY_BENCH_FETCH_H

#include "crowd.h"

#define FETCH_CONNECTIONS_MAX 256

/* For |duration_ms|, |connections| connections to |port| each ask for |path| and ask again when the
 * answer is there; |server| is the process. An answer that is not 200, has no Content-Length, or
 * another one than the first had, ends the program. */
struct cost fetch(uint16_t port, pid_t server, const char *path, uint32_t connections,
                  uint32_t duration_ms);

#endif
