#define _GNU_SOURCE /* O_PATH */
#include "web_root.h"

#include "error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES 16384

int web_root_open(const char *dir) {
    int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? PARLEY_ERR_ARGUMENT : fd;
}

static bool is_plain_name(const char *name) {
    if (*name == '\0' || *name == '.')
        return false;
    for (; *name != '\0'; name++) {
        if ((unsigned char)*name < ' ' || *name == '\\' || *name == 0x7f)
            return false;
    }
    return true;
}

/* Opens |path| part by part, so that no part can be a link out of the folder. |path| is cut up. */
static int open_below(int root_fd, char *path) {
    int fd = root_fd;
    while (path != NULL) {
        char *slash = strchr(path, '/');
        if (slash != NULL)
            *slash = '\0';
        int kind = slash == NULL ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
        int next = is_plain_name(path) ? openat(fd, path, kind | O_NOFOLLOW | O_CLOEXEC) : -1;
        if (fd != root_fd)
            close(fd);
        if (next < 0)
            return PARLEY_ERR_ARGUMENT;
        fd = next;
        path = slash == NULL ? NULL : slash + 1;
    }
    return fd;
}

static int read_content(int fd, struct buffer *content) {
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return PARLEY_ERR_ARGUMENT;
    char bytes[READ_BYTES];
    for (;;) {
        ssize_t len = read(fd, bytes, sizeof bytes);
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0)
            return len == 0 ? PARLEY_OK : PARLEY_ERR_ARGUMENT;
        int err = buffer_append(content, (struct slice){bytes, (size_t)len});
        if (err != PARLEY_OK)
            return err;
    }
}

int web_root_read(int root_fd, struct slice path, struct buffer *content) {
    char copy[WEB_ROOT_PATH_BYTES_MAX];
    if (path.len < 2 || path.len >= sizeof copy || path.bytes[0] != '/' ||
        memchr(path.bytes, '\0', path.len) != NULL)
        return PARLEY_ERR_ARGUMENT;
    memcpy(copy, path.bytes + 1, path.len - 1);
    copy[path.len - 1] = '\0';
    int fd = open_below(root_fd, copy);
    if (fd < 0)
        return PARLEY_ERR_ARGUMENT;
    int err = read_content(fd, content);
    close(fd);
    if (err != PARLEY_OK)
        buffer_deinit(content);
    return err;
}
