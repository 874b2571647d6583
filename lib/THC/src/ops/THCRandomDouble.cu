// Random numbers in double.
#define TH_DTYPE Double
#include "ops/THCRandomLaws.cuh"

THStatus thc_fillDouble(const char *op, THCLaw law, const THCStreamShare &share, double *out)
{
    return fillWith(op, law, share, out);
}
