/* error.h - the errors every function of ours returns, and the trap for broken invariants.
 *
 * A function that can fail returns `int`: 0, or one of the negative numbers below. Bad input is an
 * error and leaves the state as it was; a broken invariant is a bug of ours and traps, in release
 * builds too.
 */
#ifndef PARLEY_ERROR_H
#define PARLEY_ERROR_H

enum parley_error {
    PARLEY_OK = 0,

    /* general: -1 to -9 */
    PARLEY_ERR_NO_MEMORY = -1, /* the allocator refused */
    PARLEY_ERR_ARGUMENT = -2,  /* the caller passed what the header forbids */
    PARLEY_ERR_STATE = -3,     /* not possible in the present state */
    PARLEY_ERR_FULL = -4,      /* a named limit is reached */

    /* text: -10 to -19 */
    PARLEY_ERR_UTF8 = -10,     /* not UTF-8 (RFC 3629) */
    PARLEY_ERR_EMPTY = -11,    /* nothing visible is left */
    PARLEY_ERR_TOO_LONG = -12, /* more characters or bytes than the limit */

    /* messages: -20 to -29 */
    PARLEY_ERR_JSON = -20,    /* not one JSON object, or too deep, or too many values */
    PARLEY_ERR_TYPE = -21,    /* no such message type in this direction */
    PARLEY_ERR_FIELD = -22,   /* a field is missing, of the wrong kind, or out of its bounds */
    PARLEY_ERR_TOO_BIG = -23, /* the message has more bytes than its limit */
    PARLEY_ERR_ROOM = -24     /* a room id that breaks the rules for room ids */
};

/* Stops the program (a WASM trap, SIGILL natively) when an invariant of ours does not hold. */
#define PARLEY_CHECK(condition)                                                                    \
    do {                                                                                           \
        if (!(condition))                                                                          \
            __builtin_trap();                                                                      \
    } while (0)

#endif
