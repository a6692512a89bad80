/* option_file.h - checks that an option names a readable file. */
#ifndef PARLEY_OPTION_FILE_H
#define PARLEY_OPTION_FILE_H

/* NULL: |path| is a file, or a link to one, that can be read. Otherwise what is wrong with it, in a
 * few words; a pipe or a device could block the program, or never end. Never waits. */
const char *option_file_fault(const char *path);

#endif
