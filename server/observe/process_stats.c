#define _POSIX_C_SOURCE 200809L /* clock_gettime, getrlimit */
#include "process_stats.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FDS_DIR "/proc/self/fd"

/* statm: two numbers of pages come first. */
static void read_memory(struct process_stats *stats) {
    const uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    char line[128] = "";
    char *rest;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return;
    if (fgets(line, sizeof line, file) != NULL) {
        stats->virtual_bytes = strtoull(line, &rest, 10) * page_bytes;
        stats->resident_bytes = strtoull(rest, NULL, 10) * page_bytes;
    }
    fclose(file);
}

/* Since Linux 6.2 the folder's size is their number; otherwise the entries are counted, without the
 * descriptor that is open for that, "." and "..". */
static uint64_t count_fds(void) {
    struct stat status;
    uint64_t count = 0;
    if (stat(FDS_DIR, &status) == 0 && status.st_size > 0)
        return (uint64_t)status.st_size;
    DIR *dir = opendir(FDS_DIR);
    if (dir == NULL)
        return 0;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count > 3 ? count - 3 : 0;
}

struct process_stats process_stats_read(void) {
    struct process_stats stats = {.open_fds = count_fds()};
    struct timespec cpu;
    struct rlimit limit;
    read_memory(&stats);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        stats.max_fds = limit.rlim_cur;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
        stats.cpu_ns = (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec;
    return stats;
}
