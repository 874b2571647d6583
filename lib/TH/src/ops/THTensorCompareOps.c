/* Comparisons and choice. */
#include <math.h>

#include "TH/THArgument.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorPointwise.h"
#include "kernels/THCompare.h"
#include "kernels/THSelect.h"
#include "ops/THOps.h"
#include "ops/THScalarLoop.h"

typedef enum Relation { LT, LE, GT, GE, EQ, NE } Relation;

/* a > b is computed as b < a. */
static THLoop loop_of(const THCompare *table, Relation relation)
{
    switch (relation) {
    case LT:
    case GT:
        return table->lt;
    case LE:
    case GE:
        return table->le;
    case EQ:
        return table->eq;
    default:
        return table->ne;
    }
}

static bool is_swapped(Relation relation)
{
    return relation == GT || relation == GE;
}

/* One call. */
typedef struct Comparison {
    const char *op;
    Relation relation;
    const THTensor *a, *b; /* b NULL: against value */
    THScalar value;
} Comparison;

static THStatus compare_tensors(const Comparison *c, THTensor *r)
{
    const THTensor *const left = is_swapped(c->relation) ? c->b : c->a;
    const THTensor *const right = is_swapped(c->relation) ? c->a : c->b;
    TH_OPS_COMPUTE(THCompare, table, c->op, (THDtype)c->a->dtype);
    TH_TRY(THOps_outputOfTwo(c->op, r, c->a, c->b, THDtype_Byte));
    return THOps_map2(c->op, loop_of(table, c->relation), NULL, r, left, right);
}

/* Replaces a comparison of integers with `value` by an equivalent one with an integer that the dtype has. Returns true if that
 * is possible; else the answer is the same for each element: *constant. */
static bool integer_bound(Relation relation, THScalar *value, THDtype dtype, bool *constant)
{
    const int bits = 8 * (int)THDtype_size(dtype);
    const int64_t max = dtype == THDtype_Byte ? UINT8_MAX : (int64_t)(UINT64_MAX >> (65 - bits));
    const int64_t min = dtype == THDtype_Byte ? 0 : -max - 1;
    bool above, below;
    *constant = relation == NE;
    if (value->is_float) {
        const double d = value->value.d;
        if (isnan(d) || ((relation == EQ || relation == NE) && d != floor(d))) return false;
        const double whole = relation == LT || relation == GE ? ceil(d) : floor(d);
        above = whole >= 0x1p63;
        below = whole < -0x1p63;
        if (!above && !below) *value = THScalar_fromLong((int64_t)whole);
    } else {
        above = below = false;
    }
    above = above || (!below && value->value.i > max);
    below = below || (!above && value->value.i < min);
    if (above) *constant = relation == LT || relation == LE || relation == NE;
    if (below) *constant = relation == GT || relation == GE || relation == NE;
    return !above && !below;
}

static THStatus compare_value(const Comparison *c, THTensor *r)
{
    const THDtype dtype = (THDtype)c->a->dtype;
    THScalar value = c->value;
    bool constant = false;
    TH_OPS_COMPUTE(THCompare, table, c->op, dtype);
    TH_TRY(THOps_outputLike(c->op, r, c->a, THDtype_Byte));
    if (!THDtype_isFloating(dtype) && !integer_bound(c->relation, &value, dtype, &constant))
        return THTensor_fill(r, THScalar_fromLong(constant));
    THScalarLoop args = {.loop = loop_of(table, c->relation)};
    THScalar_store(value, THHalfLoop_computes(dtype), &args.value);
    return THOps_map1(c->op, is_swapped(c->relation) ? THScalarLoop_left : THScalarLoop_right, &args, r, c->a);
}

/* With a Byte output: r itself, or, if r has a's dtype, a temporary that is then converted into r. */
static THStatus compare(const Comparison *c, THTensor *r)
{
    THStatus (*const compute)(const Comparison *, THTensor *) = c->b == NULL ? compare_value : compare_tensors;
    if (c->b != NULL) TH_TRY(THOps_sameDtype(c->op, c->a, c->b));
    if (r->dtype == THDtype_None || r->dtype == THDtype_Byte || r->dtype != c->a->dtype) return compute(c, r);
    THTensor *const bytes = THTensor_new();
    if (bytes == NULL) return THStatus_last();
    THStatus status = compute(c, bytes);
    if (status == TH_OK && (r == c->a || r == c->b) && !THOps_sameSize(r, bytes))
        status = THStatus_fail(TH_ERR_SHAPE, "[%s] the output is an input that does not have the broadcast size", c->op);
    if (status == TH_OK) status = THOps_outputLike(c->op, r, bytes, (THDtype)r->dtype);
    if (status == TH_OK) status = THTensor_copy(r, bytes);
    THTensor_free(bytes);
    return status;
}

#define COMPARE_OP(name, which)                                                                                                \
    THStatus THTensor_##name##Tensor(THTensor *r, const THTensor *a, const THTensor *b)                                        \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a, b);                                                                                              \
        const Comparison c = {.op = #name, .relation = which, .a = a, .b = b};                                                 \
        return compare(&c, r);                                                                                                 \
    }                                                                                                                          \
    THStatus THTensor_##name##Value(THTensor *r, const THTensor *a, THScalar value)                                            \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a);                                                                                                 \
        const Comparison c = {.op = #name, .relation = which, .a = a, .value = value};                                         \
        return compare(&c, r);                                                                                                 \
    }

COMPARE_OP(lt, LT)
COMPARE_OP(le, LE)
COMPARE_OP(gt, GT)
COMPARE_OP(ge, GE)
COMPARE_OP(eq, EQ)
COMPARE_OP(ne, NE)

THStatus THTensor_equal(int *result, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("equal", result, a, b);
    *result = 0;
    TH_TRY(THOps_sameDtype("equal", a, b));
    TH_OPS_COMPUTE(THCompare, table, "equal", (THDtype)a->dtype);
    if (!THOps_sameSize(a, b)) return TH_OK;
    THTensor *const x = THHalfLoop_newDense(a);
    THTensor *const y = x == NULL ? NULL : THHalfLoop_newDense(b);
    const THStatus status = y == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) *result = table->equal(THTensor_dataBytes(x), THTensor_dataBytes(y), x->numel);
    THTensor_free(x);
    THTensor_free(y);
    return status;
}

THStatus THTensor_where(THTensor *r, const THTensor *condition, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("where", r, condition, a, b);
    THTensor *const tensors[] = {r, (THTensor *)condition, (THTensor *)a, (THTensor *)b};
    TH_TRY(THOps_sameDtype("where", a, b));
    TH_FAIL_IF(condition->dtype != THDtype_Byte, TH_ERR_DTYPE, "[where] condition is %s, expected Byte",
               THDtype_name((THDtype)condition->dtype));
    if (a->dtype == THDtype_None) return THOps_unsupported("where", THDtype_None);
    TH_OPS_TABLE(THSelect, table, "where", THSelect_dtypeOfSize(THDtype_size((THDtype)a->dtype)));
    TH_TRY(THOps_outputBroadcast3("where", r, a, b, condition, (THDtype)a->dtype));
    return THIter_map("where", table->where, NULL, TH_GRAIN, 4, tensors);
}
