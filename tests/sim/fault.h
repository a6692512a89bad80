/* fault.h - what each line of a script does. */
#ifndef PARLEY_SIM_FAULT_H
#define PARLEY_SIM_FAULT_H

#include "queue.h"

/* |object|: a struct fault. A fault that lasts queues its own end. */
happening_fn fault_strike;

#endif
