#define _GNU_SOURCE
#include "TH/THCpu.h"

#include <stdlib.h>
#include <strings.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const char *const th_cpu_names[THCpu_Count] = {"base", "avx2", "avx512"};

static int th_cpu_level = -1; /* atomic; -1: not decided yet */

#if defined(__x86_64__)
/* clang 14's __builtin_cpu_supports does not know it. */
static int hasF16c(void)
{
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C) != 0;
}
#endif

/* libgcc's table also asks the operating system (XGETBV) whether it saves the wide registers. */
THCpu THCpu_best(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !hasF16c()) return THCpu_BASE;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return THCpu_AVX512;
    return THCpu_AVX2;
#else
    return THCpu_BASE;
#endif
}

static THCpu decideLevel(void)
{
    const THCpu best = THCpu_best();
    const char *wanted = getenv("TH_CPU_LEVEL");
    for (int level = 0; wanted != NULL && level < (int)best; level++) {
        if (strcasecmp(wanted, th_cpu_names[level]) == 0) return (THCpu)level;
    }
    return best;
}

THCpu THCpu_level(void)
{
    int level = __atomic_load_n(&th_cpu_level, __ATOMIC_RELAXED);
    if (__builtin_expect(level < 0, 0)) {
        level = (int)decideLevel();
        __atomic_store_n(&th_cpu_level, level, __ATOMIC_RELAXED);
    }
    return (THCpu)level;
}

THStatus THCpu_force(THCpu level)
{
    TH_FAIL_IF((unsigned)level >= (unsigned)THCpu_Count, TH_ERR_VALUE, "[cpu] level, %d: must be 0 to %d", (int)level,
               THCpu_Count - 1);
    TH_FAIL_IF(level > THCpu_best(), TH_ERR_VALUE, "[cpu] level, %s: this machine has at most %s", th_cpu_names[level],
               th_cpu_names[THCpu_best()]);
    __atomic_store_n(&th_cpu_level, (int)level, __ATOMIC_RELAXED);
    return TH_OK;
}

const char *THCpu_name(THCpu level)
{
    return (unsigned)level < (unsigned)THCpu_Count ? th_cpu_names[level] : "unknown";
}
