#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000u

static uint64_t read_clock(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0)
        die("a clock cannot be read: has the server ended?");
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

uint64_t measure_now_ns(void) {
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t measure_cpu_ns(pid_t pid) {
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0)
        die("no process %d", (int)pid);
    return read_clock(clock);
}

void samples_add(struct samples *samples, uint64_t value) {
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity ? 2 * samples->capacity : 4096;
        uint64_t *values = realloc(samples->values, capacity * sizeof *values);
        if (!values)
            die("no memory for %zu samples", capacity);
        samples->values = values;
        samples->capacity = capacity;
    }
    samples->values[samples->count++] = value;
}

void samples_clear(struct samples *samples) {
    samples->count = 0;
}

static int compare(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

void samples_sort(struct samples *samples) {
    if (samples->count)
        qsort(samples->values, samples->count, sizeof *samples->values, compare);
}

uint64_t samples_at(const struct samples *samples, double share) {
    size_t at = (size_t)(share * (double)samples->count);
    if (!samples->count)
        return 0;
    return samples->values[at < samples->count ? at : samples->count - 1];
}

void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_FAILURE);
}
