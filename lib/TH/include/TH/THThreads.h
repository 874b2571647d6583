/* The thread pool: one for the process, started at the first parallel region, usable again in a forked child. */
#ifndef TH_THREADS_H
#define TH_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "TH/THStatus.h"

/* Works on [begin, end). `thread` is 0 .. THThreads_get()-1, unique among the ranges that run at one time. */
typedef void (*THRange)(int64_t begin, int64_t end, int thread, void *context);

TH_BEGIN_DECLS

/* Threads that a parallel region uses: OMP_NUM_THREADS, else the CPUs of the affinity mask and the cgroup's quota. */
TH_API int THThreads_get(void);
TH_API THStatus THThreads_set(int count);
/* True inside a parallel region; regions inside it run in the calling thread. */
TH_API bool THThreads_inParallel(void);
/* Calls `body` on disjoint ranges that cover [0, n), each of at least `grain` elements but the last. In the calling thread,
 * without any synchronisation, if n <= grain, with one thread, or inside another region. Returns when all are done. */
TH_API void THThreads_for(int64_t n, int64_t grain, THRange body, void *context);

TH_END_DECLS

#endif
