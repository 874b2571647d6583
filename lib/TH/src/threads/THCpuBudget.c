/* How many CPUs this process may use. */
#define _GNU_SOURCE
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threads/THPool.h"

/* CPUs in the affinity mask; 0 if unknown. The mask grows until the kernel's fits. */
static int affinityCount(void)
{
    for (int cpus = 1024; cpus <= 1 << 20; cpus *= 4) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (set == NULL) return 0;
        const size_t bytes = CPU_ALLOC_SIZE(cpus);
        const int known = sched_getaffinity(0, bytes, set) == 0;
        const int count = known ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (known) return count;
    }
    return 0;
}

/* The first line of a small file; false if it cannot be read. */
static int readLine(const char *path, char *line, int room)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) return 0;
    const int read = fgets(line, room, file) != NULL;
    fclose(file);
    return read;
}

static int quotaCpus(long long quota, long long period)
{
    if (quota <= 0 || period <= 0) return INT_MAX;
    const long long cpus = (quota + period - 1) / period;
    return cpus > INT_MAX ? INT_MAX : (int)cpus;
}

/* The limit that one cgroup folder sets; INT_MAX if none. */
static int folderLimit(const char *folder, int version)
{
    char path[PATH_MAX], line[128];
    long long quota = 0, period = 0;
    if (version == 2) {
        /* "max 100000" has no number in front: no limit. */
        if (snprintf(path, sizeof path, "%s/cpu.max", folder) < (int)sizeof path && readLine(path, line, sizeof line) &&
            sscanf(line, "%lld %lld", &quota, &period) == 2)
            return quotaCpus(quota, period);
        return INT_MAX;
    }
    if (snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder) < (int)sizeof path && readLine(path, line, sizeof line))
        quota = atoll(line);
    if (snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder) < (int)sizeof path && readLine(path, line, sizeof line))
        period = atoll(line);
    return quotaCpus(quota, period);
}

/* The smallest limit from `root`/`group` up to `root`: a parent's quota binds its children. */
static int limitUpwards(const char *root, const char *group, int version)
{
    char folder[PATH_MAX];
    if (snprintf(folder, sizeof folder, "%s%s", root, group) >= (int)sizeof folder) return INT_MAX;
    int limit = INT_MAX;
    for (;;) {
        const int here = folderLimit(folder, version);
        if (here < limit) limit = here;
        char *slash = strrchr(folder, '/');
        if (slash == NULL || slash < folder + strlen(root)) return limit;
        *slash = '\0';
    }
}

/* True if `name` is one of the comma-separated controllers. */
static int hasController(const char *controllers, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = controllers; (at = strstr(at, name)) != NULL; at += length) {
        if ((at == controllers || at[-1] == ',') && (at[length] == '\0' || at[length] == ',')) return 1;
    }
    return 0;
}

static int cgroupLimit(void)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL) return INT_MAX;
    int limit = INT_MAX;
    char line[PATH_MAX];
    /* Lines are "id:controllers:path"; version 2 has id 0 and no controllers. */
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        if (controllers == NULL) continue;
        char *group = strchr(++controllers, ':');
        if (group == NULL) continue;
        *group++ = '\0';
        int here = INT_MAX;
        if (controllers[0] == '\0') {
            here = limitUpwards("/sys/fs/cgroup", group, 2);
        } else if (hasController(controllers, "cpu")) {
            here = limitUpwards("/sys/fs/cgroup/cpu", group, 1);
        }
        if (here < limit) limit = here;
    }
    fclose(file);
    return limit;
}

int thCpuBudget_count(void)
{
    const int cpus = affinityCount();
    const int limit = cgroupLimit();
    const int count = cpus < limit ? cpus : limit;
    return count < 1 ? 1 : count;
}
