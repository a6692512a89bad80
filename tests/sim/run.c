#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "run.h"

#include "error.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FAILURES_MAX 25      /* a storm ends after so many */
#define WORLD_SECONDS_MAX 60 /* of processor time; more is an endless loop */

static struct sim sim;
static int failure_fd; /* where failures are reported */

static void tell(const char *sentence) {
    ssize_t written = write(failure_fd, sentence, strlen(sentence));
    (void)written; /* there is no other place to report to */
}

static void tell_number(unsigned long long number) {
    char digits[24];
    size_t at = sizeof digits;
    digits[--at] = '\0';
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    tell(digits + at);
}

/* PARLEY_CHECK has printed the failure to standard error. */
static void on_signal(int number) {
    tell("seed ");
    tell_number(sim.options.seed);
    tell(": at ");
    tell_number(sim.now_ms);
    tell(number == SIGABRT   ? " ms: an invariant does not hold (PARLEY_CHECK)\n"
         : number == SIGPROF ? " ms: no end in a minute of work\n"
                             : " ms: a crash\n");
    _exit(1);
}

static void watch_signals(void) {
    static const int numbers[] = {SIGILL,  SIGPROF,
                                  SIGABRT,
#ifndef __SANITIZE_ADDRESS__
                                  SIGSEGV, SIGBUS,
                                  SIGFPE
#endif
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        signal(numbers[i], on_signal);
}

/* 0 removes the bound. */
static void bound_work(time_t seconds) {
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = seconds}, NULL);
}

static bool run_here(const struct options *options) {
    bound_work(WORLD_SECONDS_MAX);
    bool well = sim_run(&sim, options);
    if (!well) {
        char sentence[RUN_FAILURE_BYTES + 64];
        snprintf(sentence, sizeof sentence, "seed %llu: %s\n", (unsigned long long)options->seed,
                 sim.failure);
        tell(sentence);
    }
    sim_deinit(&sim);
    bound_work(0);
    return well;
}

bool run_isolated(const struct options *options, char failure[RUN_FAILURE_BYTES]) {
    int fds[2], status = 0;
    PARLEY_CHECK(pipe(fds) == 0);
    fflush(NULL);
    pid_t child = fork();
    PARLEY_CHECK(child >= 0);
    if (child == 0) {
        close(fds[0]);
        failure_fd = fds[1];
        watch_signals();
        bool well = run_here(options);
        fflush(NULL);
        _exit(well ? 0 : 1);
    }
    close(fds[1]);
    size_t len = 0;
    for (ssize_t got; (got = read(fds[0], failure + len, RUN_FAILURE_BYTES - 1 - len)) > 0;)
        len += (size_t)got;
    close(fds[0]);
    failure[len] = '\0';
    PARLEY_CHECK(waitpid(child, &status, 0) == child);
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!well && len == 0)
        snprintf(failure, RUN_FAILURE_BYTES, "seed %llu: the process died\n",
                 (unsigned long long)options->seed);
    return well;
}

/* Storms */

struct shared {
    _Atomic uint64_t next, seeds, failures, failed_seed, virtual_ms, turns;
    double deadline;
    atomic_flag merging;
    struct repairs repairs;
    uint64_t least;
};

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool goes_on(struct shared *shared) {
    bool in_time = shared->deadline <= 0 || now_s() < shared->deadline;
    return atomic_load(&shared->failures) < FAILURES_MAX &&
           (in_time || atomic_load(&shared->seeds) < shared->least);
}

static void merge_repairs(struct shared *shared) {
    while (atomic_flag_test_and_set(&shared->merging))
        ;
    repairs_merge(&shared->repairs, &sim.repairs);
    atomic_flag_clear(&shared->merging);
}

/* Does not return. A seed counts before it runs, so that it is not repeated after a crash. */
static void work(struct options options, const struct storm *storm, struct shared *shared) {
    failure_fd = options.record ? STDERR_FILENO : STDOUT_FILENO;
    watch_signals();
    while (goes_on(shared)) {
        options.seed = atomic_fetch_add(&shared->next, 1);
        if (options.seed > storm->last)
            break;
        atomic_fetch_add(&shared->seeds, 1);
        atomic_fetch_add(&shared->virtual_ms, (uint64_t)options.minutes * 60000);
        if (!run_here(&options)) {
            atomic_fetch_add(&shared->failures, 1);
            atomic_store(&shared->failed_seed, options.seed);
        }
        atomic_fetch_add(&shared->turns, sim.turns);
        merge_repairs(shared);
    }
    fflush(NULL);
    _exit(0);
}

static void start_worker(const struct options *options, const struct storm *storm,
                         struct shared *shared) {
    fflush(NULL);
    pid_t child = fork();
    PARLEY_CHECK(child >= 0);
    if (child == 0)
        work(*options, storm, shared);
}

static void wait_for_workers(const struct options *options, const struct storm *storm,
                             struct shared *shared) {
    for (int status; wait(&status) > 0;) {
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        atomic_fetch_add(&shared->failures, 1); /* the worker has reported it */
        if (goes_on(shared))
            start_worker(options, storm, shared);
    }
}

struct storm_result run_storm(const struct options *options, const struct storm *storm) {
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    PARLEY_CHECK(shared != MAP_FAILED);
    double started = now_s();
    atomic_store(&shared->next, storm->first);
    shared->deadline = storm->seconds ? started + storm->seconds : 0;
    shared->least = storm->least;
    for (uint32_t i = 0; i < storm->workers; i++)
        start_worker(options, storm, shared);
    wait_for_workers(options, storm, shared);
    struct storm_result result = {.seeds = atomic_load(&shared->seeds),
                                  .failures = atomic_load(&shared->failures),
                                  .virtual_ms = atomic_load(&shared->virtual_ms),
                                  .turns = atomic_load(&shared->turns),
                                  .failed_seed = atomic_load(&shared->failed_seed),
                                  .seconds = now_s() - started,
                                  .repairs = shared->repairs};
    munmap(shared, sizeof *shared);
    return result;
}
