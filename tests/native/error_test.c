/* PARLEY_CHECK: a broken invariant ends the program, and its message names it. */
#include "cmocka_all.h"
#include "error.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Checks that 1 is |number|, in a process of its own. Sets |status| as waitpid() does, and |said|
 * to its standard error. Returns the line of the check. */
static int check_apart(int number, int *status, char *said, size_t said_bytes) {
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    int line = __LINE__ + 3;
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        PARLEY_CHECK(number == 1);
        _exit(0);
    }
    close(fds[1]);
    size_t len = 0;
    for (ssize_t got; (got = read(fds[0], said + len, said_bytes - 1 - len)) > 0;)
        len += (size_t)got;
    said[len] = '\0';
    close(fds[0]);
    assert_int_equal(waitpid(child, status, 0), child);
    return line;
}

static void a_kept_invariant_passes(void **state) {
    (void)state;
    int status;
    char said[256];
    check_apart(1, &status, said, sizeof said);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(said, "");
}

static void a_broken_invariant_prints_its_file_line_and_condition(void **state) {
    (void)state;
    int status;
    char said[256], expected[256];
    int line = check_apart(2, &status, said, sizeof said);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    snprintf(expected, sizeof expected, "error_test.c:%d: number == 1\n", line);
    assert_string_equal(said, expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_invariant_passes),
        cmocka_unit_test(a_broken_invariant_prints_its_file_line_and_condition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
