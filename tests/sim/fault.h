/* fault.h - carries out the faults of a script. */
#ifndef PARLEY_SIM_FAULT_H
#define PARLEY_SIM_FAULT_H

#include "queue.h"

/* Begins a fault. |object|: a struct fault. If the fault lasts, this queues its end. */
happening_fn fault_strike;

#endif
