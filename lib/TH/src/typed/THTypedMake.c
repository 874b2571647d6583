/* THFloatTensor_*: tensors of given sizes, sequences, distances. */
#include "TH/THTensorFill.h"
#include "TH/THTensorPointwise.h"
#include "TH/THTensorRandom.h"
#include "TH/THTensorReduce.h"
#include "typed/THTypedBody.h"

static THStatus filled(const char *op, THTensor *r_, const THTensor *like, int ndim, const int64_t *size, int value)
{
    TH_TRY(thTyped_output(r_, op, like, REAL_DTYPE, ndim, size));
    return THTensor_fill(r_, THScalar_fromLong(value));
}

THStatus THTensor_(zeros)(THTensor *r_, const THStorage *size)
{
    TH_TRY(check_sizes("zeros", size, NULL));
    return filled("zeros", r_, NULL, (int)THStorage_size(size), longs_of(size), 0);
}

THStatus THTensor_(ones)(THTensor *r_, const THStorage *size)
{
    TH_TRY(check_sizes("ones", size, NULL));
    return filled("ones", r_, NULL, (int)THStorage_size(size), longs_of(size), 1);
}

THStatus THTensor_(zerosLike)(THTensor *r_, const THTensor *input)
{
    TH_TRY(check_dtype("zerosLike", input));
    return filled("zerosLike", r_, input, input->ndim, input->size, 0);
}

THStatus THTensor_(onesLike)(THTensor *r_, const THTensor *input)
{
    TH_TRY(check_dtype("onesLike", input));
    return filled("onesLike", r_, input, input->ndim, input->size, 1);
}

THStatus THTensor_(reshape)(THTensor *r_, const THTensor *t, const THStorage *size)
{
    TH_GIVEN("reshape", r_, t);
    TH_TRY(check_dtype("reshape", t));
    TH_TRY(check_sizes("reshape", size, NULL));
    THTensor *const view = THTensor_newReshape(t, (int)THStorage_size(size), longs_of(size));
    THTensor *const copy = view == NULL ? NULL : THTensor_newClone(view); /* r_ may be t */
    THStatus status = copy == NULL ? THStatus_last() : thTyped_output(r_, "reshape", t, REAL_DTYPE, copy->ndim, copy->size);
    if (status == TH_OK) status = THTensor_copy(r_, copy);
    THTensor_free(view);
    THTensor_free(copy);
    return status;
}

/* --- sequences ----------------------------------------------------------------------------------------------------------- */

#if TH_DTYPE_IS_FLOATING
THStatus THTensor_(range)(THTensor *r_, accreal xmin, accreal xmax, accreal step)
{
    TH_GIVEN("range", r_);
    TH_FAIL_IF(step == 0, TH_ERR_VALUE, "[range] step, 0: must be nonzero");
    const double count = floor((xmax - xmin) / step) + 1;
    TH_FAIL_IF(!(count >= 1 && count < 0x1p53), TH_ERR_VALUE,
               "[range] from %g to %g by %g: upper bound and lower bound are inconsistent with step sign", xmin, xmax, step);
    /* Half a step beyond the last: arange, which leaves its end out, then counts the same whatever is rounded. */
    return THTensor_(arange)(r_, xmin, xmin + (count - 0.5) * step, step);
}

THStatus THTensor_(logspace)(THTensor *r_, real a, real b, int64_t n)
{
    TH_GIVEN("logspace", r_);
    TH_TRY(thTyped_check("logspace", THTensor_device(r_)));
    THTensor *const places = THTensor_(new)();
    THStatus status = places == NULL ? THStatus_last() : THTensor_(linspace)(places, a, b, n);
    if (status == TH_OK) status = thTyped_output(r_, "logspace", NULL, REAL_DTYPE, 1, &n);
    if (status == TH_OK) status = THTensor_tpow(r_, places, THScalar_fromLong(10));
    THTensor_free(places);
    return status;
}

THStatus THTensor_(rand)(THTensor *r_, THGenerator *generator, const THStorage *size)
{
    TH_GIVEN("rand", r_);
    TH_TRY(check_sizes("rand", size, NULL));
    TH_TRY(thTyped_output(r_, "rand", NULL, REAL_DTYPE, (int)THStorage_size(size), longs_of(size)));
    return THTensor_uniform(r_, generator, 0, 1);
}

THStatus THTensor_(randn)(THTensor *r_, THGenerator *generator, const THStorage *size)
{
    TH_GIVEN("randn", r_);
    TH_TRY(check_sizes("randn", size, NULL));
    TH_TRY(thTyped_output(r_, "randn", NULL, REAL_DTYPE, (int)THStorage_size(size), longs_of(size)));
    return THTensor_normal(r_, generator, 0, 1);
}
#else
THStatus THTensor_(range)(THTensor *r_, accreal xmin, accreal xmax, accreal step)
{
    TH_GIVEN("range", r_);
    int64_t end = 0;
    TH_FAIL_IF(step == 0, TH_ERR_VALUE, "[range] step, 0: must be nonzero");
    TH_FAIL_IF((step > 0 && xmax < xmin) || (step < 0 && xmax > xmin), TH_ERR_VALUE,
               "[range] from %lld to %lld by %lld: upper bound and lower bound are inconsistent with step sign",
               (long long)xmin, (long long)xmax, (long long)step);
    TH_FAIL_IF(__builtin_add_overflow(xmax, step > 0 ? 1 : -1, &end), TH_ERR_VALUE,
               "[range] xmax, %lld: there is no integer behind it", (long long)xmax);
    return THTensor_(arange)(r_, xmin, end, step);
}
#endif

/* --- distances ----------------------------------------------------------------------------------------------------------- */

/* One row of the result: the distances of `row` to all of m2. */
static THStatus match_row(THTensor *to, const THTensor *row, const THTensor *m2, real gain)
{
    THTensor *const apart = THTensor_new(), *const sums = THTensor_new();
    THStatus status = apart == NULL || sums == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) status = THTensor_csub(apart, m2, row, THScalar_fromLong(1));
    if (status == TH_OK) status = THTensor_cmul(apart, apart, apart);
    if (status == TH_OK) status = THTensor_sum(sums, apart, 1, 0);
    if (status == TH_OK) status = THTensor_mul(sums, sums, SCALAR(gain));
    if (status == TH_OK) status = THTensor_copy(to, sums); /* integers were summed in int64, and wrap here */
    THTensor_free(apart);
    THTensor_free(sums);
    return status;
}

static THTensor *vectors(const THTensor *m)
{
    const int64_t size[] = {m->ndim == 0 ? 1 : m->size[0], -1};
    const int64_t empty[] = {size[0], 0};
    return THTensor_newReshape(m, 2, m->numel == 0 ? empty : size);
}

THStatus THTensor_(match)(THTensor *r_, const THTensor *m1, const THTensor *m2, real gain)
{
    TH_GIVEN("match", r_, m1, m2);
    TH_TRY(check_dtype("match", m1));
    TH_TRY(check_dtype("match", m2));
    TH_TRY(thTyped_check("match", THTensor_device(m1)));
    TH_TRY(thTyped_check("match", THTensor_device(m2)));
    THTensor *const x = vectors(m1), *const y = vectors(m2), *result = NULL;
    THStatus status = x == NULL || y == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK && x->size[1] != y->size[1])
        status = THStatus_fail(TH_ERR_SHAPE, "[match] vectors of m1 have %lld elements, those of m2 %lld",
                               (long long)x->size[1], (long long)y->size[1]);
    if (status == TH_OK) {
        const int64_t size[] = {x->size[0], y->size[0]};
        result = thTyped_new(REAL_DTYPE, 2, size);
        if (result == NULL) status = THStatus_last();
    }
    for (int64_t i = 0; status == TH_OK && i < x->size[0]; i++) {
        THTensor *const to = THTensor_newSelect(result, 0, i), *const row = THTensor_newSelect(x, 0, i);
        status = to == NULL || row == NULL ? THStatus_last() : match_row(to, row, y, gain);
        THTensor_free(to);
        THTensor_free(row);
    }
    if (status == TH_OK) status = thTyped_output(r_, "match", m1, REAL_DTYPE, 2, result->size);
    if (status == TH_OK) status = THTensor_copy(r_, result);
    THTensor *const all[] = {x, y, result};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
    return status;
}
