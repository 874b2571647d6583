#include "TH/THArgument.h"
#include "TH/THTensorRandom.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "TH/THIter.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorPointwise.h"
#include "TH/THTensorReduce.h"
#include "TH/THThreads.h"
#include "core/THCore.h"
#include "core/THHalf.h"
#include "kernels/THConversion.h"
#include "kernels/THRandom.h"
#include "ops/THOps.h"

__extension__ typedef unsigned __int128 Wide;

#define TH_RANDOM_BLOCK 256 /* numbers made at a time, where they are converted afterwards */

/* A kernel of THRandom. */
typedef void (*Fill)(void *out, int64_t n, uint64_t seed, uint64_t counter, double a, double b);

/* One call's share of a generator's stream, and where its numbers go. */
typedef struct Stream {
    uint64_t seed;
    uint64_t counter;
    int64_t per_counter; /* numbers from one counter */
    int64_t n;
    THDtype dtype;
    char *data;
    const THRandom *kernels;
    double a, b; /* the distribution's parameters */
    Fill fill;
    int64_t low;
    uint64_t range;
    THLoop convert; /* to dtype; NULL: no conversion */
} Stream;

static void reserve(Stream *s, THGenerator *generator, int64_t per_counter)
{
    if (generator == NULL) generator = THGenerator_default();
    s->per_counter = per_counter;
    s->seed = THGenerator_initialSeed(generator);
    s->counter = THGenerator_reserve(generator, (uint64_t)(s->n / per_counter + (s->n % per_counter != 0)));
}

/* Runs `body` over the counters of the stream. */
static void runStream(Stream *s, THRange body)
{
    THThreads_for(s->n / s->per_counter + (s->n % s->per_counter != 0), TH_GRAIN / 8, body, s);
}

/* The elements that counters [begin, end) of a stream fill: the first one, and how many in *count. */
static int64_t elementsOf(const Stream *s, int64_t begin, int64_t end, int64_t *count)
{
    const int64_t first = begin * s->per_counter, last = end * s->per_counter;
    *count = (last < s->n ? last : s->n) - first;
    return first;
}

/* A contiguous tensor of self's shape for the numbers: self (one more reference) if it is that. */
static THTensor *newTarget(THTensor *self, const char *op)
{
    if (thTensor_checkWritable(self, op) != TH_OK) return NULL;
    if (!THTensor_isContiguous(self)) return THTensor_newWithSize((THDtype)self->dtype, self->ndim, self->size);
    THTensor_retain(self);
    return self;
}

static THStatus endTarget(THTensor *self, THTensor *target)
{
    THStatus status = TH_OK;
    if (target == self)
        thCore_touch(self);
    else
        status = THTensor_copy(self, target);
    THTensor_free(target);
    return status;
}

/* --- floats -------------------------------------------------------------------------------------------------------- */

/* Runs one of the kernels that take two parameters. */
static void fillRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Stream *s = context;
    int64_t count;
    const int64_t first = elementsOf(s, begin, end, &count);
    s->fill(s->data + first * THDtype_itemsize(s->dtype), count, s->seed, s->counter + (uint64_t)begin, s->a, s->b);
}

/* kernel: where its pointer stands in THRandom. */
static THStatus fillFloats(const char *op, THTensor *self, THGenerator *generator, size_t kernel, double a, double b)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)self->dtype), TH_ERR_DTYPE, "[%s] self, a tensor of dtype %s: must be floating", op,
               THDtype_name((THDtype)self->dtype));
    THTensor *target = newTarget(self, op);
    if (target == NULL) return THStatus_last();
    Stream s = {.n = target->numel, .dtype = (THDtype)target->dtype, .data = THTensor_dataBytes(target), .a = a, .b = b};
    s.kernels = TH_PICK(THRandom_tables, s.dtype);
    memcpy(&s.fill, (const char *)s.kernels + kernel, sizeof s.fill);
    reserve(&s, generator, s.dtype == THDtype_Double ? TH_RANDOM_DOUBLES : TH_RANDOM_FLOATS);
    runStream(&s, fillRange);
    return endTarget(self, target);
}

THStatus THTensor_uniform(THTensor *self, THGenerator *generator, double low, double high)
{
    TH_GIVEN("uniform", self);
    TH_FAIL_IF(!(low <= high), TH_ERR_VALUE,
               "[uniform] uniform_ expects to return a [from, to) range, but found from=%g > to=%g", low, high);
    TH_FAIL_IF(!(high - low <= 1.7976931348623157e308), TH_ERR_VALUE,
               "[uniform] low %g, high %g: their distance must be finite", low, high);
    return fillFloats("uniform", self, generator, offsetof(THRandom, uniform), low, high);
}

THStatus THTensor_normal(THTensor *self, THGenerator *generator, double mean, double stddev)
{
    TH_GIVEN("normal", self);
    TH_FAIL_IF(!(stddev >= 0), TH_ERR_VALUE, "[normal] stddev, %g: normal_ expects std >= 0.0", stddev);
    return fillFloats("normal", self, generator, offsetof(THRandom, normal), mean, stddev);
}

THStatus THTensor_exponential(THTensor *self, THGenerator *generator, double rate)
{
    TH_GIVEN("exponential", self);
    TH_FAIL_IF(!(rate > 0), TH_ERR_VALUE, "[exponential] lambda, %g: exponential_ expects lambda > 0", rate);
    return fillFloats("exponential", self, generator, offsetof(THRandom, exponential), rate, 0);
}

THStatus THTensor_cauchy(THTensor *self, THGenerator *generator, double median, double scale)
{
    TH_GIVEN("cauchy", self);
    TH_FAIL_IF(!(scale > 0), TH_ERR_VALUE, "[cauchy] sigma, %g: cauchy_ expects sigma > 0", scale);
    return fillFloats("cauchy", self, generator, offsetof(THRandom, cauchy), median, scale);
}

THStatus THTensor_logNormal(THTensor *self, THGenerator *generator, double mean, double stddev)
{
    TH_GIVEN("logNormal", self);
    TH_FAIL_IF(!(stddev > 0), TH_ERR_VALUE, "[logNormal] stddev, %g: log_normal_ expects std > 0", stddev);
    return fillFloats("logNormal", self, generator, offsetof(THRandom, logNormal), mean, stddev);
}

/* Geometric numbers as doubles, converted to any dtype block by block. */
static void geometricRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Stream *s = context;
    const int64_t itemsize = THDtype_itemsize(s->dtype);
    double block[TH_RANDOM_BLOCK];
    int64_t count;
    const int64_t first = elementsOf(s, begin, end, &count);
    for (int64_t i = 0; i < count; i += TH_RANDOM_BLOCK) {
        const int64_t here = count - i < TH_RANDOM_BLOCK ? count - i : TH_RANDOM_BLOCK;
        s->kernels->geometric(block, here, s->seed, s->counter + (uint64_t)(begin + i / TH_RANDOM_DOUBLES), s->a, 0);
        for (int64_t j = 0; j < here; j++) block[j] = block[j] < s->b ? block[j] : s->b;
        char *const data[] = {s->data + (first + i) * itemsize, (char *)block};
        const int64_t stride[] = {itemsize, (int64_t)sizeof *block};
        if (s->convert != NULL)
            s->convert(data, stride, here, NULL);
        else
            memcpy(data[0], block, (size_t)here * sizeof *block);
    }
}

/* The largest integer up to which `dtype` has all of them, as a double. */
static double largestInteger(THDtype dtype)
{
    static const double largest[THDtype_Count] = {
        [THDtype_Byte] = 0xff,          [THDtype_Char] = 0x7f, [THDtype_Short] = 0x7fff, [THDtype_Int] = 0x7fffffff,
        [THDtype_Long] = 0x1p63 - 1024, [THDtype_Half] = 2048, [THDtype_Float] = 0x1p24, [THDtype_Double] = 0x1p53,
    };
    return largest[dtype];
}

THStatus THTensor_geometric(THTensor *self, THGenerator *generator, double p)
{
    TH_GIVEN("geometric", self);
    TH_FAIL_IF(!(p > 0 && p < 1), TH_ERR_VALUE, "[geometric] p, %g: geometric_ expects p to be in (0, 1)", p);
    THTensor *target = newTarget(self, "geometric");
    if (target == NULL) return THStatus_last();
    Stream s = {.n = target->numel, .dtype = (THDtype)target->dtype, .data = THTensor_dataBytes(target), .a = log1p(-p)};
    s.kernels = TH_PICK(THRandom_tables, THDtype_Double);
    s.convert = s.dtype == THDtype_Double ? NULL : TH_PICK(THConversion_tables, THDtype_Double)->to[s.dtype];
    s.b = largestInteger(s.dtype);
    reserve(&s, generator, TH_RANDOM_DOUBLES);
    runStream(&s, geometricRange);
    return endTarget(self, target);
}

/* --- normal numbers with parameters for each element --------------------------------------------------------------- */

static THStatus checkStddev(const THTensor *stddev)
{
    if (stddev->numel == 0) return TH_OK;
    THScalar value = THScalar_fromLong(0);
    THTensor *const least = THTensor_new();
    THStatus status = least == NULL ? THStatus_last() : THTensor_minall(least, stddev);
    if (status == TH_OK) status = THTensor_item(least, &value);
    THTensor_free(least);
    TH_TRY(status);
    TH_FAIL_IF(!(THScalar_toDouble(value) >= 0), TH_ERR_VALUE,
               "[normal] stddev's least element, %g: normal expects all std >= 0.0", THScalar_toDouble(value));
    return TH_OK;
}

static THStatus checkParameter(const THTensor *self, const char *name, const THTensor *p)
{
    TH_FAIL_IF(p->dtype != self->dtype, TH_ERR_DTYPE, "[normal] %s is %s, expected %s", name, THDtype_name((THDtype)p->dtype),
               THDtype_name((THDtype)self->dtype));
    return TH_OK;
}

THStatus THTensor_normalTensors(THTensor *self, THGenerator *generator, const THTensor *mean, const THTensor *stddev)
{
    TH_GIVEN("normal", self);
    if (mean != NULL) TH_TRY(checkParameter(self, "mean", mean));
    if (stddev != NULL) TH_TRY(checkParameter(self, "stddev", stddev));
    if (stddev != NULL) TH_TRY(checkStddev(stddev));
    THTensor *const z = THTensor_newWithSize((THDtype)self->dtype, self->ndim, self->size);
    THStatus status = z == NULL ? THStatus_last() : THTensor_normal(z, generator, 0, 1);
    if (status == TH_OK && stddev != NULL) status = THTensor_cmul(z, z, stddev);
    if (status == TH_OK && mean != NULL) status = THTensor_cadd(z, z, mean, THScalar_fromLong(1));
    if (status == TH_OK) status = THTensor_copy(self, z);
    THTensor_free(z);
    return status;
}

/* --- bernoulli ----------------------------------------------------------------------------------------------------- */

/* 32 bits against p * 2^32, in `range`. */
static void bernoulliRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Stream *s = context;
    const int64_t itemsize = THDtype_itemsize(s->dtype);
    uint32_t words[TH_RANDOM_BLOCK];
    uint8_t bytes[TH_RANDOM_BLOCK];
    int64_t count;
    const int64_t first = elementsOf(s, begin, end, &count);
    for (int64_t i = 0; i < count; i += TH_RANDOM_BLOCK) {
        const int64_t here = count - i < TH_RANDOM_BLOCK ? count - i : TH_RANDOM_BLOCK;
        s->kernels->words(words, here, s->seed, s->counter + (uint64_t)(begin + i / 4));
        for (int64_t j = 0; j < here; j++) bytes[j] = words[j] < s->range;
        char *const data[] = {s->data + (first + i) * itemsize, (char *)bytes};
        const int64_t stride[] = {itemsize, 1};
        if (s->convert != NULL) {
            s->convert(data, stride, here, NULL);
        } else {
            for (int64_t j = 0; j < here; j++) data[0][j] = (char)bytes[j];
        }
    }
}

THStatus THTensor_bernoulli(THTensor *self, THGenerator *generator, double p)
{
    TH_GIVEN("bernoulli", self);
    TH_FAIL_IF(!(p >= 0 && p <= 1), TH_ERR_VALUE, "[bernoulli] p, %g: bernoulli_ expects p to be in [0, 1]", p);
    THTensor *target = newTarget(self, "bernoulli");
    if (target == NULL) return THStatus_last();
    Stream s = {.n = target->numel, .dtype = (THDtype)target->dtype, .data = THTensor_dataBytes(target)};
    s.kernels = TH_PICK(THRandom_tables, THDtype_Float);
    s.convert = TH_PICK(THConversion_tables, THDtype_Byte)->to[s.dtype];
    s.range = (uint64_t)(p * 0x1p32 + 0.5);
    reserve(&s, generator, 4);
    runStream(&s, bernoulliRange);
    return endTarget(self, target);
}

/* below(bits, uniform numbers, probabilities), then bits to self: nothing is written before all probabilities are known to
 * be good. */
static THStatus drawBelow(THTensor *self, THTensor *bits, THTensor *uniform, const THTensor *p, THGenerator *generator)
{
    TH_TRY(THTensor_uniform(uniform, generator, 0, 1));
    int outside = 0;
    THTensor *const operands[] = {bits, uniform, (THTensor *)p};
    TH_TRY(THIter_map("bernoulli", TH_PICK(THRandom_tables, p->dtype)->below, &outside, TH_GRAIN, 3, operands));
    TH_FAIL_IF(outside, TH_ERR_VALUE, "[bernoulli] p: an element is not in [0, 1]");
    return THTensor_copy(self, bits);
}

THStatus THTensor_bernoulliTensor(THTensor *self, THGenerator *generator, const THTensor *p)
{
    TH_GIVEN("bernoulli", self, p);
    TH_FAIL_IF(!THDtype_isFloating((THDtype)p->dtype), TH_ERR_DTYPE, "[bernoulli] p, a tensor of dtype %s: must be floating",
               THDtype_name((THDtype)p->dtype));
    TH_TRY(thTensor_checkWritable(self, "bernoulli"));
    THTensor *bits = THTensor_newWithSize(THDtype_Byte, self->ndim, self->size);
    THTensor *uniform = THTensor_newWithSize((THDtype)p->dtype, self->ndim, self->size);
    const THStatus status = bits == NULL || uniform == NULL ? THStatus_last() : drawBelow(self, bits, uniform, p, generator);
    THTensor_free(bits);
    THTensor_free(uniform);
    return status;
}

/* --- dropout ------------------------------------------------------------------------------------------------------- */

/* 1 / (1 - p) as the dtype has it, for the kernel `thin`. */
typedef union Factor {
    float single;
    double wide;
} Factor;

static THStatus initFactor(Factor *factor, const THTensor *x, double p)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)x->dtype), TH_ERR_DTYPE, "[dropout] a tensor of dtype %s: must be floating",
               THDtype_name((THDtype)x->dtype));
    TH_FAIL_IF(!(p >= 0 && p < 1), TH_ERR_VALUE, "[dropout] p, %g: must be at least 0 and less than 1", p);
    if (x->dtype == THDtype_Double)
        factor->wide = 1 / (1 - p);
    else
        factor->single = 1 / (float)(1 - p);
    if (x->dtype == THDtype_Half) factor->single = thHalf_toFloat(thHalf_fromFloat(factor->single));
    return TH_OK;
}

typedef struct Thinning {
    Stream stream; /* of the bytes */
    const char *x;
    char *r;
    int64_t itemsize;
    const THRandom *kernels; /* of x's dtype */
    Factor factor;
} Thinning;

static void thinRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Thinning *t = context;
    const Stream *s = &t->stream;
    uint32_t words[TH_RANDOM_BLOCK];
    int64_t count;
    const int64_t first = elementsOf(s, begin, end, &count), stride[] = {t->itemsize, t->itemsize, 1};
    for (int64_t i = 0; i < count; i += TH_RANDOM_BLOCK) {
        const int64_t here = count - i < TH_RANDOM_BLOCK ? count - i : TH_RANDOM_BLOCK, at = first + i;
        char *const data[] = {t->r + at * t->itemsize, (char *)(uintptr_t)t->x + at * t->itemsize, s->data + at};
        s->kernels->words(words, here, s->seed, s->counter + (uint64_t)(begin + i / 4));
        for (int64_t j = 0; j < here; j++) data[2][j] = words[j] < s->range;
        t->kernels->thin(data, stride, here, &t->factor);
    }
}

/* Of row-major tensors. */
static void dropDense(Thinning *t, THTensor *r, THTensor *keep, const THTensor *x, THGenerator *generator, double p)
{
    t->r = THTensor_dataBytes(r);
    t->x = THTensor_dataBytes(x);
    t->itemsize = THDtype_itemsize((THDtype)x->dtype);
    t->kernels = TH_PICK(THRandom_tables, x->dtype);
    t->stream = (Stream){.n = x->numel, .dtype = THDtype_Byte, .data = THTensor_dataBytes(keep)};
    t->stream.kernels = TH_PICK(THRandom_tables, THDtype_Float);
    t->stream.range = (uint64_t)((1 - p) * 0x1p32 + 0.5);
    reserve(&t->stream, generator, 4);
    THThreads_for((x->numel + 3) / 4, TH_GRAIN / 8, thinRange, t);
}

THStatus THTensor_dropout(THTensor *r, THTensor *keep, const THTensor *x, THGenerator *generator, double p)
{
    TH_GIVEN("dropout", r, keep, x);
    Thinning t;
    TH_TRY(initFactor(&t.factor, x, p));
    TH_TRY(THOps_checkTwo("dropout", r, keep));
    TH_TRY(THOps_checkApart("dropout", keep, x, THDtype_Byte, x->ndim, x->size));
    TH_TRY(THOps_outputApart("dropout", r, x, (THDtype)x->dtype, x->ndim, x->size));
    TH_TRY(THOps_outputApart("dropout", keep, x, THDtype_Byte, x->ndim, x->size));
    THTensor *from = THTensor_newContiguous((THTensor *)(uintptr_t)x);
    THTensor *to = newTarget(r, "dropout"), *bytes = newTarget(keep, "dropout");
    THStatus status = THStatus_last();
    if (from != NULL && to != NULL && bytes != NULL) {
        dropDense(&t, to, bytes, from, generator, p);
        status = endTarget(r, to);
        const THStatus other = endTarget(keep, bytes);
        status = status == TH_OK ? other : status;
    } else {
        THTensor_free(to);
        THTensor_free(bytes);
    }
    THTensor_free(from);
    return status;
}

THStatus THTensor_dropoutGrad(THTensor *r, const THTensor *grad, const THTensor *keep, double p)
{
    TH_GIVEN("dropout", r, grad, keep);
    Factor factor;
    TH_TRY(initFactor(&factor, grad, p));
    TH_FAIL_IF(keep->dtype != THDtype_Byte, TH_ERR_DTYPE, "[dropout] keep, a tensor of dtype %s: must be Byte",
               THDtype_name((THDtype)keep->dtype));
    TH_FAIL_IF(!THOps_sameSize(grad, keep), TH_ERR_SHAPE, "[dropout] keep: must have the gradient's shape");
    TH_TRY(THOps_outputLike("dropout", r, grad, (THDtype)grad->dtype));
    THTensor *const operands[] = {r, (THTensor *)(uintptr_t)grad, (THTensor *)(uintptr_t)keep};
    return THIter_map("dropout", TH_PICK(THRandom_tables, grad->dtype)->thin, &factor, TH_GRAIN, 3, operands);
}

/* --- integers ------------------------------------------------------------------------------------------------------ */

/* 64 random bits scaled to [0, range): off from uniform by at most range / 2^64. */
static inline uint64_t scale(const uint32_t *words, uint64_t range)
{
    const uint64_t bits = (uint64_t)words[0] | (uint64_t)words[1] << 32;
    return (uint64_t)(((Wide)bits * range) >> 64);
}

static void randintRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Stream *s = context;
    const int64_t itemsize = THDtype_itemsize(s->dtype);
    uint32_t words[2 * TH_RANDOM_BLOCK];
    int64_t longs[TH_RANDOM_BLOCK], count;
    const int64_t first = elementsOf(s, begin, end, &count);
    for (int64_t i = 0; i < count; i += TH_RANDOM_BLOCK) {
        const int64_t here = count - i < TH_RANDOM_BLOCK ? count - i : TH_RANDOM_BLOCK;
        s->kernels->words(words, 2 * here, s->seed, s->counter + (uint64_t)(begin + i / 2));
        int64_t *to = s->convert == NULL ? (int64_t *)(void *)s->data + first + i : longs;
        for (int64_t j = 0; j < here; j++) to[j] = (int64_t)((uint64_t)s->low + scale(words + 2 * j, s->range));
        char *const data[] = {s->data + (first + i) * itemsize, (char *)longs};
        const int64_t stride[] = {itemsize, (int64_t)sizeof *longs};
        if (s->convert != NULL) s->convert(data, stride, here, NULL);
    }
}

/* Fails if `dtype` cannot hold `value` exactly. */
static THStatus checkHolds(const char *op, THDtype dtype, int64_t value)
{
    const int digits = dtype == THDtype_Half ? 11 : dtype == THDtype_Float ? 24 : 53;
    const int64_t limit = INT64_C(1) << digits;
    if (!THDtype_isFloating(dtype)) return THScalar_check(THScalar_fromLong(value), dtype, op, "a bound");
    TH_FAIL_IF(value > limit || value < -limit, TH_ERR_VALUE, "[%s] a bound, %lld: %s holds integers up to %lld only", op,
               (long long)value, THDtype_name(dtype), (long long)limit);
    return TH_OK;
}

THStatus THTensor_randint(THTensor *self, THGenerator *generator, int64_t low, int64_t high)
{
    TH_GIVEN("randint", self);
    TH_FAIL_IF(low >= high, TH_ERR_VALUE, "[randint] random_ expects 'from' to be less than 'to', but got from=%lld >= to=%lld",
               (long long)low, (long long)high);
    THTensor *target = newTarget(self, "randint");
    if (target == NULL) return THStatus_last();
    Stream s = {.n = target->numel,
                .dtype = (THDtype)target->dtype,
                .data = THTensor_dataBytes(target),
                .low = low,
                .range = (uint64_t)high - (uint64_t)low};
    THStatus status = checkHolds("randint", s.dtype, low);
    if (status == TH_OK) status = checkHolds("randint", s.dtype, high - 1);
    if (status != TH_OK) {
        THTensor_free(target);
        return status;
    }
    s.kernels = TH_PICK(THRandom_tables, THDtype_Float);
    s.convert = TH_PICK(THConversion_tables, THDtype_Long)->to[s.dtype];
    reserve(&s, generator, 2);
    runStream(&s, randintRange);
    return endTarget(self, target);
}

/* Fisher and Yates, from the end. */
static void shuffle(int64_t *numbers, const Stream *s)
{
    uint32_t words[2 * TH_RANDOM_BLOCK];
    for (int64_t i = 0; i < s->n; i++) numbers[i] = i;
    for (int64_t done = 0; done < s->n - 1; done++) {
        const int64_t at = done % TH_RANDOM_BLOCK;
        if (at == 0) s->kernels->words(words, 2 * TH_RANDOM_BLOCK, s->seed, s->counter + (uint64_t)(done / 2));
        const int64_t last = s->n - 1 - done, other = (int64_t)scale(words + 2 * at, (uint64_t)last + 1);
        const int64_t kept = numbers[last];
        numbers[last] = numbers[other];
        numbers[other] = kept;
    }
}

THStatus THTensor_randperm(THTensor *r, THGenerator *generator, int64_t n)
{
    TH_GIVEN("randperm", r);
    TH_FAIL_IF(n < 0, TH_ERR_VALUE, "[randperm] n, %lld: must be non-negative", (long long)n);
    const THDtype dtype = r->storage == NULL ? THDtype_Long : (THDtype)r->dtype;
    if (n > 0) TH_TRY(checkHolds("randperm", dtype, n - 1));
    TH_TRY(THTensor_output(r, "randperm", dtype, 1, &n));
    THTensor *numbers = THTensor_newWithSize(THDtype_Long, 1, &n);
    if (numbers == NULL) return THStatus_last();
    Stream s = {.n = n, .kernels = TH_PICK(THRandom_tables, THDtype_Float)};
    reserve(&s, generator, 2);
    shuffle((int64_t *)(void *)THTensor_dataBytes(numbers), &s);
    const THStatus status = THTensor_copy(r, numbers);
    THTensor_free(numbers);
    return status;
}
