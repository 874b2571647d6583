// Random numbers in float, and in Half by way of it.
#define TH_DTYPE Float
#include "ops/THCRandomLaws.cuh"

THStatus thc_fillFloat(const char *op, THCLaw law, const THCStreamShare &share, float *out)
{
    return fillWith(op, law, share, out);
}

THStatus thc_fillHalf(const char *op, THCLaw law, const THCStreamShare &share, void *out)
{
    return fillWith(op, law, share, static_cast<__half *>(out));
}
