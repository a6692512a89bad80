/* idle_cut.h - estimates after how long a silence a proxy on the path cuts a connection.
 *
 * Two connections in a row that end after about the same silence were cut by a proxy; one alone may
 * have ended for any reason. They are not in a row if a connection between them was silent for as
 * long and survived. The estimate expires after an hour, since devices move to other networks, and
 * a server that crashes twice looks like a proxy; if the proxy is still there, two connections find
 * it again.
 */
#ifndef PARLEY_IDLE_CUT_H
#define PARLEY_IDLE_CUT_H

#include <stdint.h>

#define IDLE_CUT_MIN_MS 4500 /* no proxy cuts sooner, and two thirds of it are long enough */
#define IDLE_CUT_TRUST_MS 3600000
#define IDLE_CUT_NO_LIMIT UINT32_MAX

/* Zero-initialise it. All fields are the module's. */
struct idle_cut {
    uint32_t last_ms;  /* the silence before the last end; 0: unknown */
    uint32_t safe_ms;  /* 0: nothing is known */
    uint64_t until_ms; /* |safe_ms| is valid */
};

/* A connection ended without a close after |silent_ms|; 0: for a known reason. */
void idle_cut_note(struct idle_cut *cut, uint64_t now_ms, uint64_t silent_ms);

/* A connection survived a silence of |silent_ms|: no proxy cuts sooner. */
void idle_cut_held(struct idle_cut *cut, uint64_t silent_ms);

/* How long a connection may be silent, or IDLE_CUT_NO_LIMIT. */
uint32_t idle_cut_safe_ms(const struct idle_cut *cut, uint64_t now_ms);

#endif
