/* cmocka_all.h - includes cmocka.h, and the headers that it needs before it. */
#ifndef PARLEY_CMOCKA_ALL_H
#define PARLEY_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
