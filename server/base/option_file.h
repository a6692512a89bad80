/* option_file.h - whether what an option names can be read as a file. */
#ifndef PARLEY_OPTION_FILE_H
#define PARLEY_OPTION_FILE_H

/* NULL: |path| is a file, or a link to one, that can be read. Else what is wrong with it, in a few
 * words: a pipe or a device would keep the program waiting, or have no end. Never waits. */
const char *option_file_fault(const char *path);

#endif
