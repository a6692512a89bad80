/* url.h - finds web addresses in what people write. */
#ifndef PARLEY_URL_H
#define PARLEY_URL_H

#include "buffer.h"

/* Finds the first http or https address in |text|, valid UTF-8, at or after |from|; sets |start|
 * and |end| (one past) in bytes. False when there is none.
 *
 * The address ends where the sentence goes on, by Unicode's classes (similar to UTS 58): at white
 * space, invisible characters, quotes, terminal punctuation of other scripts, and a closing bracket
 * without an opening one in the address. ASCII punctuation, dashes and dots belong to the address
 * only if more of it follows. A name of a room (roomId=) holds ASCII only and may end in '-' or
 * '_'. */
bool url_find(struct slice text, size_t from, size_t *start, size_t *end);

#endif
