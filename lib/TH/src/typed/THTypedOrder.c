/* THFloatTensor_*: sorting, selecting, running results, parts of matrices. */
#include "typed/THTypedBody.h"

#define OF_LINES(name, parameters, call)                                                                                       \
    THStatus THTensor_(name) parameters                                                                                        \
    {                                                                                                                          \
        TH_TRY(check_dtype(#name, t));                                                                                         \
        return call;                                                                                                           \
    }

OF_LINES(sort, (THTensor * rt_, THTensor *ri_, const THTensor *t, int dimension, int descendingOrder),
         THTensor_sort(rt_, ri_, t, dimension, descendingOrder))
OF_LINES(topk, (THTensor * rt_, THTensor *ri_, const THTensor *t, int64_t k, int dim, int dir, int sorted),
         THTensor_topk(rt_, ri_, t, k, dim, dir, sorted))
OF_LINES(kthvalue, (THTensor * values_, THTensor *indices_, const THTensor *t, int64_t k, int dimension, int keepdim),
         THTensor_kthvalue(values_, indices_, t, k, dimension, keepdim))
OF_LINES(median, (THTensor * values_, THTensor *indices_, const THTensor *t, int dimension, int keepdim),
         THTensor_median(values_, indices_, t, dimension, keepdim))
OF_LINES(mode, (THTensor * values_, THTensor *indices_, const THTensor *t, int dimension, int keepdim),
         THTensor_mode(values_, indices_, t, dimension, keepdim))

RETURN_VALUE(real, medianall, (const THTensor *t), THTensor_medianall(r, t))
RETURN_VALUE(accreal, trace, (const THTensor *t), THTensor_trace(r, t))

/* Torch's results have the input's dtype; the tagged running sums of integers are int64 and are wrapped here. */
static THStatus scan_wrapped(const char *op, THStatus (*scan)(THTensor *, const THTensor *, int), THTensor *r_,
                             const THTensor *t, int dimension)
{
    TH_TRY(check_dtype(op, t));
    TH_TRY(check_dtype(op, r_));
    if (TH_DTYPE_IS_FLOATING || REAL_DTYPE == THDtype_Long) return scan(r_, t, dimension);
    THTensor *const wide = THTensor_new();
    if (wide == NULL) return THStatus_last();
    return wrap_into(op, r_, wide, scan(wide, t, dimension));
}

THStatus THTensor_(cumsum)(THTensor *r_, const THTensor *t, int dimension)
{
    return scan_wrapped("cumsum", THTensor_cumsum, r_, t, dimension);
}

THStatus THTensor_(cumprod)(THTensor *r_, const THTensor *t, int dimension)
{
    return scan_wrapped("cumprod", THTensor_cumprod, r_, t, dimension);
}

OF_LINES(tril, (THTensor * r_, const THTensor *t, int64_t k), THTensor_tril(r_, t, k))
OF_LINES(triu, (THTensor * r_, const THTensor *t, int64_t k), THTensor_triu(r_, t, k))
OF_LINES(diag, (THTensor * r_, const THTensor *t, int64_t k), THTensor_diag(r_, t, k))

THStatus THTensor_(cross)(THTensor *r_, const THTensor *a, const THTensor *b, int dimension)
{
    TH_GIVEN("cross", r_, a, b);
    TH_TRY(check_dtype("cross", a));
    for (int d = 0; dimension < 0 && d < a->ndim; d++)
        if (a->size[d] == 3) dimension = d;
    TH_FAIL_IF(dimension < 0, TH_ERR_SHAPE, "[cross] no dimension of size 3, expected one");
    return THTensor_cross(r_, a, b, dimension);
}
