/* What threads/ offers beside the public header. */
#ifndef TH_POOL_H
#define TH_POOL_H

/* CPUs that this process may use: the affinity mask, cut by the cgroup's quota (v1 and v2). At least 1. */
int thCpuBudget_count(void);

#endif
