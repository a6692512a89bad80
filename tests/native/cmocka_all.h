/* cmocka_all.h - what cmocka.h wants to be included before itself. */
#ifndef PARLEY_CMOCKA_ALL_H
#define PARLEY_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
