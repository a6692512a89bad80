/* server.h - the program: one loop, one port, from start to the last goodbye. */
#ifndef PARLEY_SERVER_H
#define PARLEY_SERVER_H

#include "config.h"

enum server_exit { SERVER_EXIT_OK = 0, SERVER_EXIT_RUNTIME = 1, SERVER_EXIT_USAGE = 2 };

/* Call it first: from now on SIGHUP waits for server_run, SIGTERM and SIGINT end the program with
 * status 0 if it does not serve yet, and SIGPIPE is ignored. */
void server_begin_signals(void);

/* Serves until SIGTERM or SIGINT; a second one ends the process at once. SIGHUP only makes it read
 * the options' files again. Prints the page's addresses on standard output or, if it cannot serve,
 * the reason in one line on standard error. Returns the process's exit status. */
enum server_exit server_run(const struct config *config);

#endif
