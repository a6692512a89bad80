/* server.h - the program: one loop, one port, from start to the last goodbye. */
#ifndef PARLEY_SERVER_H
#define PARLEY_SERVER_H

#include "config.h"

enum server_exit { SERVER_EXIT_OK = 0, SERVER_EXIT_RUNTIME = 1, SERVER_EXIT_USAGE = 2 };

/* The first thing that the program does: from now on SIGHUP waits for server_run, SIGTERM and
 * SIGINT end a program that has not begun to serve with status 0, and SIGPIPE is ignored. */
void server_begin_signals(void);

/* Serves until SIGTERM or SIGINT; a second one ends the process at once. SIGHUP has the files of
 * options read again, and does nothing else. Tells on standard output where to go, and on standard
 * error, in one line, why it cannot. Returns the process' exit status. */
enum server_exit server_run(const struct config *config);

#endif
