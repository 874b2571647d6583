/* Where workers wake and run. The system may wake one on the CPU of the thread that wakes it although another is idle (a
 * virtual machine's idle CPU looks taken by its host), and the two then take turns of some milliseconds, longer than most
 * regions last. So their owner's CPU is barred for workers. */
#define _GNU_SOURCE
#include "threads/THPlacement.h"

#include <sched.h>

int thPlacement_cpu(void)
{
    return sched_getcpu();
}

bool thPlacement_bar(int cpu, const int *ids, int count)
{
    cpu_set_t others;
    if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof others, &others) != 0) return true;
    CPU_CLR(cpu, &others);
    if (CPU_COUNT(&others) < count) return true; /* some must share */
    bool all = true;
    for (int i = 0; i < count; i++) {
        const int id = __atomic_load_n(&ids[i], __ATOMIC_RELAXED);
        if (id == 0)
            all = false;
        else
            (void)sched_setaffinity(id, sizeof others, &others); /* what fails costs time only */
    }
    return all;
}
