/* measure.h - time, a process's CPU, and the order statistics of what was timed. */
#ifndef PARLEY_BENCH_MEASURE_H
#define PARLEY_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The monotonic clock, in nanoseconds. */
uint64_t measure_now_ns(void);

/* What all threads of process |pid| have used so far, those that ended too, in nanoseconds; ends
 * this program where there is no such process. */
uint64_t measure_cpu_ns(pid_t pid);

/* Durations, in nanoseconds; zero-initialise. */
struct samples {
    uint64_t *values;
    size_t count, capacity;
};

/* Adds one; ends this program where memory does. */
void samples_add(struct samples *samples, uint64_t value);

/* Forgets all, keeps the memory. */
void samples_clear(struct samples *samples);

/* Sorts them; then samples_at gives the value below which |share| (0 to 1) of them lie; 0 where
 * there is none. */
void samples_sort(struct samples *samples);
uint64_t samples_at(const struct samples *samples, double share);

/* Says what went wrong and ends this program: a benchmark goes on after no error. */
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);

#endif
