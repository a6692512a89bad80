/* error.h - the errors every function of ours returns, and the trap for broken invariants.
 *
 * A function that can fail returns `int`: 0, or one of the negative numbers below. Bad input is an
 * error and leaves the state as it was; a broken invariant is a bug of ours and traps, in release
 * builds too: PARLEY_CHECK.
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
    PARLEY_ERR_ROOM = -24,    /* a room id that breaks the rules for room ids */

    /* cryptography: -30 to -39 */
    PARLEY_ERR_FORGED = -30,   /* not made with that key, or changed since */
    PARLEY_ERR_KEY = -31,      /* a public key that gives no secret */
    PARLEY_ERR_SIGNATURE = -32 /* not signed by whom it names, though it was sealed with the key */
};

/* Stops the program when an invariant of ours does not hold, and says which: natively as
 * "file:line: condition" on standard error before abort(); in the page as a number before a trap,
 * since texts would cost it 0.5 KB: 1000 for each file before it, and the line (README.md). */
#define PARLEY_CHECK(condition)                                                                    \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ERROR_TRAP(condition);                                                                 \
    } while (0)

#ifdef __EMSCRIPTEN__
#define ERROR_TRAP(condition) error_trap(1000 * PARLEY_FILE + __LINE__)
_Noreturn void error_trap(unsigned place);
#else
#define ERROR_TRAP(condition) error_trap(__FILE_NAME__, __LINE__, #condition)
_Noreturn void error_trap(const char *file, unsigned line, const char *condition);
#endif

/* The number of the check that failed; 0: none has, or this is no page. */
unsigned error_place(void);

#endif
