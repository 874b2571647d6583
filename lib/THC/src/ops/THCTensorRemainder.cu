// Remainders of divisions, of the sign of the dividend and of the divisor.
#include "ops/THCPointwise.cuh"

THC_BINARY_OP(cfmod, "fmod", THCFmod, TH_TRY(thc_checkDivisor("fmod", b)))
THC_BINARY_OP(cremainder, "remainder", THCRemainder, TH_TRY(thc_checkDivisor("remainder", b)))
THC_SCALAR_OP(fmod, "fmod", THCFmod, false, TH_TRY(thc_checkDivisorScalar("fmod", a, value)))
THC_SCALAR_OP(remainder, "remainder", THCRemainder, false, TH_TRY(thc_checkDivisorScalar("remainder", a, value)))
