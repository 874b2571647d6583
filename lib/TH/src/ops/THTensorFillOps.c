#include "TH/THArgument.h"
#include "TH/THTensorFill.h"

#include <math.h>
#include <string.h>

#include "TH/THIter.h"
#include "TH/THThreads.h"
#include "core/THCore.h"
#include "iter/THIterCopy.h"
#include "iter/THMove.h"
#include "kernels/THConversion.h"

/* --- fill ---------------------------------------------------------------------------------------------------------- */

THStatus THTensor_fill(THTensor *self, THScalar value)
{
    TH_GIVEN("fill", self);
    int64_t element = 0;
    THScalar_store(value, (THDtype)self->dtype, &element);
    TH_FAIL_IF(self->storage == NULL, TH_ERR_STATE, "[fill] self: has no dtype and no elements yet");
    TH_TRY(THIter_map("fill", thMove_fillLoop(THDtype_itemsize((THDtype)self->dtype)), &element, TH_GRAIN, 1, &self));
    thCore_touch(self);
    return TH_OK;
}

static void zeroBytes(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    memset((char *)context + begin, 0, (size_t)(end - begin));
}

THStatus THTensor_zero(THTensor *self)
{
    TH_GIVEN("zero", self);
    if (self->storage == NULL || !THTensor_isContiguous(self)) return THTensor_fill(self, THScalar_fromLong(0));
    const int64_t itemsize = THDtype_itemsize((THDtype)self->dtype);
    THThreads_for(self->numel * itemsize, TH_GRAIN * itemsize, zeroBytes, THTensor_dataBytes(self));
    thCore_touch(self);
    return TH_OK;
}

/* --- copy ---------------------------------------------------------------------------------------------------------- */

/* self[...] = source without counting a write. */
static THStatus copyInto(const char *op, THTensor *self, const THTensor *source)
{
    TH_FAIL_IF(self->storage == NULL, TH_ERR_STATE, "[%s] self: has no dtype and no elements yet", op);
    TH_FAIL_IF(source->storage == NULL, TH_ERR_STATE, "[%s] source: has no dtype and no elements yet", op);
    if (self->dtype == source->dtype) return thIterCopy_run(op, self, source);
    const THLoop loop = TH_PICK(THConversion_tables, source->dtype)->to[self->dtype];
    THTensor *const operands[] = {self, (THTensor *)source};
    return THIter_map(op, loop, NULL, TH_GRAIN, 2, operands);
}

THStatus THTensor_copy(THTensor *self, const THTensor *source)
{
    TH_GIVEN("copy", self, source);
    TH_TRY(copyInto("copy", self, source));
    thCore_touch(self);
    return TH_OK;
}

/* A row-major copy in `dtype`. */
static THTensor *newCopy(const char *op, const THTensor *self, THDtype dtype)
{
    if (self->storage == NULL) {
        THStatus_fail(TH_ERR_STATE, "[%s] self: has no dtype and no elements yet", op);
        return NULL;
    }
    THTensor *copy = THTensor_newWithSize(dtype, self->ndim, self->size);
    if (copy == NULL || copyInto(op, copy, self) == TH_OK) return copy;
    THTensor_free(copy);
    return NULL;
}

THTensor *THTensor_newClone(const THTensor *self)
{
    TH_GIVEN_OR(NULL, "clone", self);
    return newCopy("clone", self, (THDtype)self->dtype);
}

THTensor *THTensor_newContiguous(THTensor *self)
{
    TH_GIVEN_OR(NULL, "contiguous", self);
    if (!THTensor_isContiguous(self)) return newCopy("contiguous", self, (THDtype)self->dtype);
    THTensor_retain(self);
    return self;
}

THTensor *THTensor_newConvert(const THTensor *self, THDtype dtype)
{
    TH_GIVEN_OR(NULL, "convert", self);
    return newCopy("convert", self, dtype);
}

THTensor *THTensor_newReshape(const THTensor *self, int ndim, const int64_t *size)
{
    TH_GIVEN_OR(NULL, "newReshape", self);
    if (ndim > 0) TH_GIVEN_OR(NULL, "newReshape", size);
    bool none;
    THTensor *view = thTensor_newViewOrNone(self, ndim, size, &none);
    if (!none) return view;
    THTensor *copy = THTensor_newClone(self);
    if (copy == NULL) return NULL;
    view = THTensor_newView(copy, ndim, size);
    THTensor_free(copy);
    return view;
}

/* --- sequences ----------------------------------------------------------------------------------------------------- */

#define TH_SEQUENCE_BLOCK 256

/* first + i * step; with `total` > 0 the second half counts back from last, so that both ends are exact. */
typedef struct Sequence {
    bool integer;
    int64_t first_long, step_long;
    double first, step, last;
    int64_t total;
    THDtype dtype;
    char *data;
    THLoop convert; /* from Long or Double; NULL: no conversion */
} Sequence;

static void sequenceBlock(const Sequence *s, int64_t begin, int64_t count, void *numbers)
{
    int64_t *longs = numbers;
    double *doubles = numbers;
    for (int64_t i = 0; i < count; i++) {
        const int64_t at = begin + i;
        if (s->integer)
            longs[i] = (int64_t)((uint64_t)s->first_long + (uint64_t)at * (uint64_t)s->step_long);
        else if (at < s->total - at)
            doubles[i] = s->first + (double)at * s->step;
        else
            doubles[i] = s->total > 0 ? s->last - (double)(s->total - 1 - at) * s->step : s->first + (double)at * s->step;
    }
}

static void sequenceRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Sequence *s = context;
    const int64_t itemsize = THDtype_itemsize(s->dtype);
    int64_t numbers[TH_SEQUENCE_BLOCK];
    for (int64_t at = begin; at < end; at += TH_SEQUENCE_BLOCK) {
        const int64_t count = end - at < TH_SEQUENCE_BLOCK ? end - at : TH_SEQUENCE_BLOCK;
        char *const data[] = {s->data + at * itemsize, (char *)numbers};
        const int64_t stride[] = {itemsize, (int64_t)sizeof *numbers};
        sequenceBlock(s, at, count, numbers);
        if (s->convert == NULL)
            memcpy(data[0], numbers, (size_t)(count * itemsize));
        else
            s->convert(data, stride, count, NULL);
    }
}

/* Makes r a 1-d tensor of `count` elements (dtype as it has it, else `fresh`) and writes the sequence. */
static THStatus writeSequence(const char *op, THTensor *r, THDtype fresh, int64_t count, Sequence *s)
{
    const THDtype dtype = r->storage == NULL ? fresh : (THDtype)r->dtype;
    TH_TRY(THTensor_output(r, op, dtype, 1, &count));
    TH_TRY(thTensor_checkWritable(r, op));
    THTensor *dense = THTensor_newWithTensor(r);
    if (dense != NULL && !THTensor_isContiguous(r)) {
        THTensor_free(dense);
        dense = THTensor_newWithSize(dtype, 1, &count);
    }
    if (dense == NULL) return THStatus_last();
    const THDtype computed = s->integer ? THDtype_Long : THDtype_Double;
    s->dtype = dtype;
    s->data = THTensor_dataBytes(dense);
    s->convert = TH_PICK(THConversion_tables, computed)->to[dtype];
    THThreads_for(count, TH_GRAIN, sequenceRange, s);
    const THStatus status = dense->storage == r->storage ? TH_OK : thIterCopy_run(op, r, dense);
    THTensor_free(dense);
    return status;
}

/* Elements of start, start + step, ... before end: integers exactly, with differences that may not fit int64. */
static int64_t countLongs(int64_t start, int64_t end, int64_t step)
{
    const uint64_t distance = step > 0 ? (uint64_t)end - (uint64_t)start : (uint64_t)start - (uint64_t)end;
    const uint64_t stride = step > 0 ? (uint64_t)step : -(uint64_t)step;
    const uint64_t count = distance / stride + (distance % stride != 0);
    return count > INT64_MAX ? INT64_MAX : (int64_t)count;
}

THStatus THTensor_arange(THTensor *r, THScalar start, THScalar end, THScalar step)
{
    TH_GIVEN("arange", r);
    Sequence s = {.integer = !start.is_float && !end.is_float && !step.is_float};
    int64_t count;
    s.first = THScalar_toDouble(start);
    s.last = THScalar_toDouble(end);
    s.step = THScalar_toDouble(step);
    TH_FAIL_IF(s.step == 0 || isnan(s.step), TH_ERR_VALUE, "[arange] step, %g: step must be nonzero", s.step);
    const bool away = s.integer ? (step.value.i > 0) != (start.value.i <= end.value.i) && start.value.i != end.value.i
                                : !((s.step > 0 && s.first <= s.last) || (s.step < 0 && s.first >= s.last));
    TH_FAIL_IF(away, TH_ERR_VALUE,
               "[arange] start %g, end %g, step %g: upper bound and larger bound inconsistent with step sign", s.first, s.last,
               s.step);
    if (s.integer) {
        s.first_long = start.value.i;
        s.step_long = step.value.i;
        count = countLongs(start.value.i, end.value.i, step.value.i);
    } else {
        const double length = ceil((s.last - s.first) / s.step);
        TH_FAIL_IF(!(length < 0x1p62), TH_ERR_SHAPE, "[arange] start %g, end %g, step %g: too many elements", s.first, s.last,
                   s.step);
        count = (int64_t)length;
    }
    return writeSequence("arange", r, s.integer ? THDtype_Long : THDtype_Float, count, &s);
}

THStatus THTensor_linspace(THTensor *r, double start, double end, int64_t steps)
{
    TH_GIVEN("linspace", r);
    TH_FAIL_IF(steps < 0, TH_ERR_VALUE, "[linspace] steps, %lld: number of steps must be non-negative", (long long)steps);
    Sequence s = {.first = start, .last = steps == 1 ? start : end, .total = steps};
    s.step = steps > 1 ? (end - start) / (double)(steps - 1) : 0;
    return writeSequence("linspace", r, THDtype_Float, steps, &s);
}

THStatus THTensor_eye(THTensor *r, int64_t n, int64_t m)
{
    TH_GIVEN("eye", r);
    const int64_t size[] = {n, m};
    TH_FAIL_IF(n < 0 || m < 0, TH_ERR_VALUE, "[eye] sizes, %lld and %lld: must not be negative", (long long)n, (long long)m);
    TH_TRY(THTensor_output(r, "eye", r->storage == NULL ? THDtype_Float : (THDtype)r->dtype, 2, size));
    TH_TRY(THTensor_zero(r));
    const int64_t length = n < m ? n : m;
    const int64_t stride = r->stride[0] + r->stride[1];
    THTensor *diagonal = THTensor_newAsStrided(r, 1, &length, &stride, r->offset);
    if (diagonal == NULL) return THStatus_last();
    const THStatus status = THTensor_fill(diagonal, THScalar_fromLong(1));
    THTensor_free(diagonal);
    return status;
}
