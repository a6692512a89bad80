/* The simulator's program; tools/sim builds and starts it. */
#include "error.h"
#include "run.h"
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

#define MINUTES 10
#define MINUTES_MAX 2880
#define WORKERS 2

static const char usage[] =
    "usage: tools/sim [--seed S | --seeds A..B | --replay FILE] [--members N] [--minutes M]\n"
    "                 [--seconds T] [--at-least W] [--script TEXT] [--no-shrink] [--trace]\n"
    "                 [--record FILE]\n"
    "  --seed S        one world; where it fails the fewest faults that do it are looked for\n"
    "  --seeds A..B    many worlds, in two processes (1..1000)\n"
    "  --replay FILE   the options in each of its lines (tests/sim/seeds.txt)\n"
    "  --members N     people in the room, 2 to 64 (2 to 5, drawn from the seed)\n"
    "  --minutes M     of virtual time (10)\n"
    "  --seconds T     of real time: no new world after that,\n"
    "  --at-least W    unless there were fewer than so many\n"
    "  --script TEXT   faults in place of those drawn from the seed (script.h)\n"
    "  --trace         print all that happens\n"
    "  --record FILE   write all inputs and outputs of the cores (record.h); -: to stdout\n";

struct arguments {
    struct options options;
    struct storm storm;
    bool one, no_shrink;
    const char *replay, *record;
};

static void fail_usage(void) {
    fputs(usage, stderr);
    exit(2);
}

static uint64_t read_number(const char *text, uint64_t max, char **end) {
    if (*text < '0' || *text > '9')
        fail_usage();
    uint64_t number = strtoull(text, end, 10);
    if (number > max)
        fail_usage();
    return number;
}

static uint64_t whole_number(const char *text, uint64_t max) {
    char *end;
    uint64_t number = read_number(text, max, &end);
    if (*end)
        fail_usage();
    return number;
}

static void read_range(const char *text, struct storm *storm) {
    char *end;
    storm->first = read_number(text, UINT64_MAX - 1, &end);
    if (strncmp(end, "..", 2) != 0)
        fail_usage();
    storm->last = whole_number(end + 2, UINT64_MAX - 1);
}

static const char *checked_script(const char *text) {
    struct script script = {0};
    bool well = script_read(&script, text);
    script_deinit(&script);
    if (!well)
        fail_usage();
    return text;
}

static void read_option(struct arguments *arguments, const char *name, const char *value) {
    struct options *options = &arguments->options;
    if (!value)
        fail_usage();
    if (strcmp(name, "--seed") == 0) {
        options->seed = whole_number(value, UINT64_MAX - 1);
        arguments->one = true;
    } else if (strcmp(name, "--seeds") == 0)
        read_range(value, &arguments->storm);
    else if (strcmp(name, "--members") == 0)
        options->members = (uint32_t)whole_number(value, SCRIPT_MEMBERS_MAX);
    else if (strcmp(name, "--minutes") == 0)
        options->minutes = (uint32_t)whole_number(value, MINUTES_MAX);
    else if (strcmp(name, "--seconds") == 0)
        arguments->storm.seconds = (uint32_t)whole_number(value, 1000000);
    else if (strcmp(name, "--at-least") == 0)
        arguments->storm.least = whole_number(value, UINT64_MAX);
    else if (strcmp(name, "--script") == 0)
        options->script = checked_script(value);
    else if (strcmp(name, "--replay") == 0)
        arguments->replay = value;
    else if (strcmp(name, "--record") == 0)
        arguments->record = value;
    else
        fail_usage();
}

static struct arguments read_arguments(int count, char **words) {
    struct arguments arguments = {.options.minutes = MINUTES,
                                  .storm = {.first = 1, .last = 1000, .workers = WORKERS}};
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], "--trace") == 0)
            arguments.options.trace = true;
        else if (strcmp(words[i], "--no-shrink") == 0)
            arguments.no_shrink = true;
        else {
            read_option(&arguments, words[i], i + 1 < count ? words[i + 1] : NULL);
            i++;
        }
    }
    return arguments;
}

/* One world */

static void show_shrunk(const struct options *options) {
    char failure[RUN_FAILURE_BYTES];
    struct options fewest = *options;
    char *text = shrink(&fewest);
    fewest.script = text;
    fewest.trace = false;
    run_isolated(&fewest, failure);
    printf("the fewest faults with which it fails:\n  --seed %llu",
           (unsigned long long)options->seed);
    if (fewest.members)
        printf(" --members %u", fewest.members);
    printf(" --minutes %u --script '%s'\n  %s", fewest.minutes, text, failure);
    free(text);
}

static int run_one(const struct arguments *arguments) {
    char failure[RUN_FAILURE_BYTES];
    if (run_isolated(&arguments->options, failure)) {
        if (!arguments->options.record)
            printf("seed %llu: well\n", (unsigned long long)arguments->options.seed);
        return 0;
    }
    fputs(failure, stdout);
    if (!arguments->no_shrink)
        show_shrunk(&arguments->options);
    return 1;
}

/* Many worlds */

static bool judge_repairs(const struct arguments *arguments, const struct repairs *repairs) {
    FILE *out = arguments->options.record ? stderr : stdout;
    char sentence[RUN_FAILURE_BYTES] = "";
    bool quick = repairs_are_quick(repairs, sentence, sizeof sentence);
    fprintf(
        out, "%s%llu repairs, of which half took up to %u s, 90 %% %u s, 99 %% %u s, all %u s\n",
        sentence, (unsigned long long)repairs_count(repairs), repairs_within(repairs, 500),
        repairs_within(repairs, 900), repairs_within(repairs, 990), repairs_within(repairs, 1000));
    return quick;
}

static int run_many(const struct arguments *arguments) {
    struct storm_result result = run_storm(&arguments->options, &arguments->storm);
    if (result.failures && result.failed_seed && !arguments->no_shrink) {
        struct options failed = arguments->options;
        failed.seed = result.failed_seed;
        show_shrunk(&failed);
    }
    double virtual_s = (double)result.virtual_ms / 1000;
    fprintf(arguments->options.record ? stderr : stdout,
            "%llu worlds, %llu failed; %.1f s, %.0f worlds a second, %.0f times real time, "
            "%.2f us an event\n",
            (unsigned long long)result.seeds, (unsigned long long)result.failures, result.seconds,
            (double)result.seeds / result.seconds, virtual_s / result.seconds,
            result.seconds * 1e6 * arguments->storm.workers / (double)(result.turns + 1));
    return !judge_repairs(arguments, &result.repairs) || result.failures ? 1 : 0;
}

/* Splits a line into words. '...' is one word, and a # begins a comment. */
static int split(char *line, char **words, int max) {
    int count = 0;
    for (char *at = line; count < max;) {
        at += strspn(at, " \t\n");
        if (*at == '\0' || *at == '#')
            break;
        const char *ends = *at == '\'' ? "'" : " \t\n";
        at += *at == '\'';
        words[count++] = at;
        at += strcspn(at, ends);
        if (*at)
            *at++ = '\0';
    }
    return count;
}

static int replay(const char *path) {
    static char line[1 << 16];
    FILE *file = fopen(path, "r");
    char *words[32];
    unsigned worlds = 0, failed = 0;
    if (!file) {
        perror(path);
        return 2;
    }
    while (fgets(line, sizeof line, file)) {
        int count = split(line, words, 32);
        if (count == 0)
            continue;
        struct arguments arguments = read_arguments(count, words);
        arguments.no_shrink = true;
        worlds++;
        failed += run_one(&arguments) != 0;
    }
    fclose(file);
    printf("%u worlds, %u failed\n", worlds, failed);
    return failed ? 1 : 0;
}

static FILE *open_record(const char *path) {
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(2);
    }
    return file;
}

int main(int argc, char **argv) {
    struct arguments arguments = read_arguments(argc - 1, argv + 1);
    if (arguments.replay)
        return replay(arguments.replay);
    if (arguments.record) {
        arguments.options.record = open_record(arguments.record);
        arguments.storm.workers = 1;
        arguments.no_shrink = true;
    }
    return arguments.one ? run_one(&arguments) : run_many(&arguments);
}
