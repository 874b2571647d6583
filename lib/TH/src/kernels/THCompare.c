/* Comparisons, element by element. */
#include "kernels/THCompare.h"

TH_LOOP2(lt, uint8_t, scalar_t, , x < y)
TH_LOOP2(le, uint8_t, scalar_t, , x <= y)
TH_LOOP2(eq, uint8_t, scalar_t, , x == y)
TH_LOOP2(ne, uint8_t, scalar_t, , x != y)

static int TH_KERNEL(equal)(const char *a, const char *b, int64_t n)
{
    const scalar_t *x = (const scalar_t *)a, *y = (const scalar_t *)b;
    const int64_t block = 1024;
    for (int64_t begin = 0; begin < n; begin += block) {
        const int64_t end = begin + block < n ? begin + block : n;
        scalar_t differs = 0; /* of the elements' width, so that the loop is vectorised without conversions */
        for (int64_t i = begin; i < end; i++) differs = differs != 0 || x[i] != y[i] ? 1 : 0;
        if (differs != 0) return 0;
    }
    return 1;
}

const THCompare TH_TABLE(THCompare) = {
    .lt = TH_KERNEL(lt),
    .le = TH_KERNEL(le),
    .eq = TH_KERNEL(eq),
    .ne = TH_KERNEL(ne),
    .equal = TH_KERNEL(equal),
};
