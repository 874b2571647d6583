/* Convolution of one plane or volume with one kernel, as sums of scaled rows. Integer overflow wraps. */
#include "kernels/THConvolve.h"

#if TH_DTYPE_IS_FLOATING
typedef scalar_t wide_t;
#else
typedef uint64_t wide_t; /* unsigned, so that overflow is defined */
#endif

TH_INLINE void add_row(scalar_t *r, int64_t r_step, const scalar_t *t, int64_t t_step, int64_t n, wide_t weight)
{
    TH_INDEPENDENT for (int64_t i = 0; i < n; i++) r[i * r_step] =
        (scalar_t)((wide_t)r[i * r_step] + weight * (wide_t)t[i * t_step]);
}

/* All rows that one element of the kernel weighs; r and t stand at its place. */
static void add_rows(scalar_t *r, const scalar_t *t, const THConvolveAxis axes[3], wide_t weight)
{
    const THConvolveAxis *const d = &axes[0], *const y = &axes[1], *const x = &axes[2];
    for (int64_t i = 0; i < d->count; i++) {
        for (int64_t j = 0; j < y->count; j++) {
            scalar_t *const to = r + (i * d->r_step * y->r_size + j * y->r_step) * x->r_size;
            const scalar_t *const from = t + (i * d->t_step * y->t_size + j * y->t_step) * x->t_size;
            if (x->r_step == 1 && x->t_step == 1)
                add_row(to, 1, from, 1, x->count, weight);
            else
                add_row(to, x->r_step, from, x->t_step, x->count, weight);
        }
    }
}

static void TH_KERNEL(add)(void *r, const void *t, const void *k, const void *scale, const THConvolveAxis axes[3], int flip)
{
    const THConvolveAxis *const d = &axes[0], *const y = &axes[1], *const x = &axes[2];
    const int64_t elements = d->kernel * y->kernel * x->kernel;
    for (int64_t e = 0; e < elements; e++) {
        const int64_t i = e / (y->kernel * x->kernel), j = e / x->kernel % y->kernel, l = e % x->kernel;
        const scalar_t value = ((const scalar_t *)k)[flip ? elements - 1 - e : e];
        scalar_t *const to = (scalar_t *)r + (i * d->r_shift * y->r_size + j * y->r_shift) * x->r_size + l * x->r_shift;
        const scalar_t *const from =
            (const scalar_t *)t + (i * d->t_shift * y->t_size + j * y->t_shift) * x->t_size + l * x->t_shift;
        add_rows(to, from, axes, (wide_t)value * (wide_t) * (const scalar_t *)scale);
    }
}

const THConvolve TH_TABLE(THConvolve) = {.add = TH_KERNEL(add)};
