/* web_root.h - serves files of a folder, for work on the page: never files outside it, never hidden
 * ones. */
#ifndef PARLEY_WEB_ROOT_H
#define PARLEY_WEB_ROOT_H

#include "buffer.h"

#define WEB_ROOT_FILE_BYTES_MAX (8u * 1024 * 1024)
#define WEB_ROOT_PATH_BYTES_MAX 512

/* Opens the folder. Returns a descriptor for web_root_read, to be closed by the caller, or
 * PARLEY_ERR_ARGUMENT (errno says why). */
int web_root_open(const char *dir);

/* Reads the file |path|, such as "/chat.js", below the folder |root_fd| into |content|, which
 * must be empty. Each part of the path must be a plain name: not empty, not beginning with a
 * dot, without backslash or control characters. Symbolic links are not followed.
 * PARLEY_ERR_ARGUMENT: no such file that may be served. PARLEY_ERR_FULL: larger than |content|
 * may become. PARLEY_ERR_NO_MEMORY. */
int web_root_read(int root_fd, struct slice path, struct buffer *content);

#endif
