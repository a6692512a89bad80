#define _POSIX_C_SOURCE 200809L /* open, fstat */
#include "option_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *fault_of_kind(int file) {
    struct stat status;
    if (fstat(file, &status) != 0)
        return strerror(errno);
    if (S_ISREG(status.st_mode))
        return NULL;
    if (S_ISDIR(status.st_mode))
        return "is a folder, not a file";
    if (S_ISFIFO(status.st_mode))
        return "is a pipe, not a file";
    return "is a device, not a file";
}

const char *option_file_fault(const char *path) {
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return errno == ENXIO ? "is a socket, not a file" : strerror(errno);
    const char *fault = fault_of_kind(file);
    close(file);
    return fault;
}
