#define _POSIX_C_SOURCE 200809L /* open, fstat */
#include "turn_secret.h"

#include "error.h"
#include "option_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(char error[TURN_SECRET_ERROR_BYTES], const char *path, const char *why) {
    snprintf(error, TURN_SECRET_ERROR_BYTES, "--turn-secret-file: %.200s: %s", path, why);
    for (char *at = error; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~')
            *at = '?';
    }
    return PARLEY_ERR_ARGUMENT;
}

static bool is_space(char byte) {
    return byte == '\n' || byte == '\r' || byte == ' ' || byte == '\t';
}

/* The fault of the secret; NULL: none. */
static const char *fault_of_secret(const char *bytes, size_t len) {
    if (len == 0)
        return "is empty";
    if (len > TURN_SECRET_BYTES_MAX)
        return "is too long for a secret of one line";
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\0')
            return "is not one line";
    }
    return NULL;
}

/* One byte more than it may have, to see that it is not longer; and a line end. */
static int read_file(int file, struct turn_secret *secret, const char **why) {
    char bytes[TURN_SECRET_BYTES_MAX + 3];
    struct stat status;
    ssize_t got = read(file, bytes, sizeof bytes);
    if (got < 0 || fstat(file, &status) != 0) {
        *why = strerror(errno);
        return PARLEY_ERR_ARGUMENT;
    }
    size_t len = (size_t)got;
    while (len > 0 && is_space(bytes[len - 1]))
        len--;
    *why = fault_of_secret(bytes, len);
    if (*why != NULL)
        return PARLEY_ERR_ARGUMENT;
    memcpy(secret->bytes, bytes, len);
    secret->len = len;
    secret->exposed = (status.st_mode & S_IROTH) != 0;
    return PARLEY_OK;
}

int turn_secret_load(struct turn_secret *secret, const char *path,
                     char error[TURN_SECRET_ERROR_BYTES]) {
    const char *why = NULL;
    why = option_file_fault(path);
    if (why != NULL)
        return fail(error, path, why);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fail(error, path, strerror(errno));
    int err = read_file(file, secret, &why);
    close(file);
    return err == PARLEY_OK ? PARLEY_OK : fail(error, path, why);
}

struct slice turn_secret_slice(const struct turn_secret *secret) {
    return (struct slice){secret->bytes, secret->len};
}
