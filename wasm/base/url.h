/* url.h - addresses of the web in what people write. */
#ifndef PARLEY_URL_H
#define PARLEY_URL_H

#include "buffer.h"

/* Finds the first http or https address in |text|, valid UTF-8, at or after |from|; sets |start|
 * and |end| (one past) in bytes. False when there is none.
 *
 * The sentence around is left out, by Unicode's classes (in the manner of UTS 58): white space,
 * what cannot be seen, quotes, terminal punctuation of other scripts, and a bracket that closes
 * none of the address end it; the punctuation of ASCII, and dashes and dots, belong to it only
 * before more of it. A name of a room (roomId=) holds ASCII only and may end in '-' or '_'. */
bool url_find(struct slice text, size_t from, size_t *start, size_t *end);

#endif
