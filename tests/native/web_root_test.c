/* Serving a folder: its files, but nothing outside it. */
#define _POSIX_C_SOURCE 200809L
#define _XOPEN_SOURCE 700 /* nftw */
#include "web_root.h"

#include "error.h"

#include "cmocka_all.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/parley-web-root-XXXXXX";
static int root_fd;

static void write_file(const char *name, const char *content) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void make(const char *name, int (*maker)(const char *path, mode_t mode)) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(maker(path, 0700), 0);
}

static void make_link(const char *to, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(symlink(to, path), 0);
}

static int setup(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    make("web", mkdir);
    make("web/sub", mkdir);
    make("web/pipe", mkfifo);
    write_file("secret", "outside");
    write_file("web/chat.js", "inside");
    write_file("web/sub/deep.js", "deep");
    write_file("web/.hidden", "hidden");
    make_link("../secret", "web/link");
    make_link("..", "web/up");
    make_link("chat.js", "web/alias.js");
    char web[256];
    snprintf(web, sizeof web, "%s/web", folder);
    root_fd = web_root_open(web);
    return root_fd < 0 ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static int teardown(void **state) {
    (void)state;
    close(root_fd);
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int read_path(const char *path, struct buffer *content) {
    buffer_init(content, WEB_ROOT_FILE_BYTES_MAX);
    return web_root_read(root_fd, slice_of(path), content);
}

static void test_files(void **state) {
    (void)state;
    struct buffer content;
    assert_int_equal(read_path("/chat.js", &content), PARLEY_OK);
    assert_true(slice_equal(buffer_slice(&content), slice_of("inside")));
    buffer_deinit(&content);
    assert_int_equal(read_path("/sub/deep.js", &content), PARLEY_OK);
    assert_true(slice_equal(buffer_slice(&content), slice_of("deep")));
    buffer_deinit(&content);
}

static void test_no_way_out(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "/",
                                      "chat.js",
                                      "//chat.js",
                                      "/../secret",
                                      "/sub/../chat.js",
                                      "/sub/../../secret",
                                      "/./chat.js",
                                      "/.hidden",
                                      "/..",
                                      "/link",
                                      "/alias.js",
                                      "/up/secret",
                                      "/sub",
                                      "/sub/",
                                      "/chat.js/",
                                      "/chat.js/x",
                                      "/pipe",
                                      "/..\\secret",
                                      "/nowhere",
                                      "/\x01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buffer content;
        assert_int_equal(read_path(bad[i], &content), PARLEY_ERR_ARGUMENT);
        assert_null(content.bytes);
    }
    struct buffer content;
    buffer_init(&content, WEB_ROOT_FILE_BYTES_MAX);
    assert_int_equal(web_root_read(root_fd, (struct slice){"/chat.js\0x", 10}, &content),
                     PARLEY_ERR_ARGUMENT);
    char path[2 * WEB_ROOT_PATH_BYTES_MAX];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    assert_int_equal(web_root_read(root_fd, (struct slice){path, sizeof path}, &content),
                     PARLEY_ERR_ARGUMENT);
}

static void test_too_large(void **state) {
    (void)state;
    struct buffer content;
    buffer_init(&content, 3);
    assert_int_equal(web_root_read(root_fd, slice_of("/chat.js"), &content), PARLEY_ERR_FULL);
    assert_null(content.bytes);
}

static void test_no_such_folder(void **state) {
    (void)state;
    assert_int_equal(web_root_open("/nowhere/at/all"), PARLEY_ERR_ARGUMENT);
    assert_int_equal(web_root_open("/etc/passwd"), PARLEY_ERR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_no_way_out),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_no_such_folder),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
