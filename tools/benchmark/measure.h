/* measure.h - time, a process's CPU time, and order statistics of durations. */
#ifndef PARLEY_BENCH_MEASURE_H
#define PARLEY_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The monotonic clock, in nanoseconds. */
uint64_t measure_now_ns(void);

/* The CPU time of all threads of process |pid| so far, including ended ones, in nanoseconds. Ends
 * this program if there is no such process. */
uint64_t measure_cpu_ns(pid_t pid);

/* Durations, in nanoseconds; zero-initialise. */
struct samples {
    uint64_t *values;
    size_t count, capacity;
};

/* Adds one. Ends this program if memory runs out. */
void samples_add(struct samples *samples, uint64_t value);

/* Forgets all, keeps the memory. */
void samples_clear(struct samples *samples);

/* Sorts them. After that, samples_at returns the value below which |share| (0 to 1) of them lie; 0
 * if there are none. */
void samples_sort(struct samples *samples);
uint64_t samples_at(const struct samples *samples, double share);

/* Prints an error and ends this program: a benchmark does not continue after one. */
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);

#endif
