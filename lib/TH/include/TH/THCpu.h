/* Which instructions this CPU has, and which of the compiled kernels are used. */
#ifndef TH_CPU_H
#define TH_CPU_H

#include "TH/THStatus.h"

/* Each level includes the ones before it. Order is part of the ABI: append only. */
typedef enum THCpu {
    THCpu_BASE,   /* what the platform's ABI promises: SSE2 on x86-64, NEON on aarch64 */
    THCpu_AVX2,   /* AVX2, FMA, F16C */
    THCpu_AVX512, /* AVX-512 F, BW, DQ, VL */
    THCpu_Count
} THCpu;

TH_BEGIN_DECLS

/* The level in use: the highest that CPU and operating system have, unless TH_CPU_LEVEL (read once: base, avx2, avx512) or
 * THCpu_force says less. */
TH_API THCpu THCpu_level(void);
/* The highest level that this machine has. */
TH_API THCpu THCpu_best(void);
/* Uses `level` from now on, for tests and benchmarks. TH_ERR_VALUE if the machine lacks it. Not while other threads compute. */
TH_API THStatus THCpu_force(THCpu level);
/* "base", "avx2", "avx512". */
TH_API const char *THCpu_name(THCpu level);

TH_END_DECLS

#endif
