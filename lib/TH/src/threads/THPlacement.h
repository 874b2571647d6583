/* Keeps the workers of the pool off the CPU of the thread that they work for. */
#ifndef TH_PLACEMENT_H
#define TH_PLACEMENT_H

#include <stdbool.h>

/* The CPU on which the calling thread runs; -1: the system does not tell. */
int thPlacement_cpu(void);

/* Lets the `count` threads of this process with these ids (0: none yet) run wherever the calling thread may, but not on `cpu`.
 * Does nothing where the calling thread may use fewer than `count` other CPUs. False: some were not running yet. */
bool thPlacement_bar(int cpu, const int *ids, int count);

#endif
