#include "TH/THDenormal.h"

#include <stdint.h>

bool THDenormal_setFlush(bool on)
{
#if defined(__x86_64__)
    const unsigned flush_and_zero = 0x8040; /* FTZ (results) and DAZ (operands) of MXCSR */
    const unsigned control = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(on ? control | flush_and_zero : control & ~flush_and_zero);
    return true;
#elif defined(__aarch64__)
    const uint64_t flush = UINT64_C(1) << 24; /* FZ of FPCR */
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    control = on ? control | flush : control & ~flush;
    __asm__ volatile("msr fpcr, %0" : : "r"(control));
    return true;
#else
    (void)on;
    return false;
#endif
}
