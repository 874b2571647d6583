/* Sums, products, means, norms and variances. */
#include "TH/THArgument.h"
#include "TH/THTensorReduce.h"

#include <math.h>
#include <stdlib.h>

#include "TH/THTensorPointwise.h"
#include "TH/THThreads.h"
#include "iter/THIterReduce.h"
#include "kernels/THReduce.h"
#include "ops/THOps.h"
#include "ops/THReduceOutput.h"

#define CHUNK 65536     /* elements that one kernel call reduces; fixed, so that no result depends on the threads */
#define FEW_PARTIALS 64 /* that are kept on the stack */

/* A fold on its way through the two walks below. */
typedef struct Fold {
    const char *op;
    const THFold *kernels;
    THRun combine; /* of the chunks' results: a kernel for the result dtype */
    THDtype result;
    const void *args;
} Fold;

/* The result dtype of sums and products: integers accumulate in int64. */
static THDtype accumulated(THDtype dtype)
{
    return THDtype_isFloating(dtype) ? dtype : THDtype_Long;
}

/* --- all elements -------------------------------------------------------------------------------------------------------- */

typedef struct Chunks {
    const THFlat *flat;
    THRun run;
    const void *args;
    char *partials;
    int64_t partial_size;
} Chunks;

static void reduce_chunks(int64_t begin, int64_t end, int thread, void *context)
{
    const Chunks *const c = context;
    (void)thread;
    for (int64_t k = begin; k < end; k++) {
        const int64_t first = k * CHUNK;
        const int64_t count = c->flat->n - first < CHUNK ? c->flat->n - first : CHUNK;
        c->run(c->flat->data + first * c->flat->stride, c->flat->stride, count, c->args, c->partials + k * c->partial_size);
    }
}

/* One result element from the whole run, at `out`. */
static THStatus fold_flat(const Fold *fold, const THFlat *flat, THRun run, char *out)
{
    const int64_t size = (int64_t)THDtype_size(fold->result), count = (flat->n + CHUNK - 1) / CHUNK;
    if (count <= 1) {
        run(flat->data, flat->stride, flat->n, fold->args, out);
        return TH_OK;
    }
    int64_t few[FEW_PARTIALS]; /* room for any dtype */
    char *const partials = count <= FEW_PARTIALS ? (char *)few : malloc((size_t)(count * size));
    TH_FAIL_IF(partials == NULL, TH_ERR_MEMORY, "[%s] %lld bytes, no memory", fold->op, (long long)(count * size));
    Chunks chunks = {.flat = flat, .run = run, .args = fold->args, .partials = partials, .partial_size = size};
    THThreads_for(count, 1, reduce_chunks, &chunks);
    fold->combine(partials, size, count, NULL, out);
    if (count > FEW_PARTIALS) free(partials);
    return TH_OK;
}

static THStatus fold_all(const Fold *fold, THTensor *r, const THTensor *a)
{
    THFlat flat;
    TH_TRY(THReduceOutput_all(fold->op, r, a, fold->result));
    TH_TRY(thFlat_of(&flat, a, false));
    const THStatus status = fold_flat(fold, &flat, fold->kernels->run, THTensor_dataBytes(r));
    THTensor_free(flat.owner);
    return status;
}

/* --- one dimension ------------------------------------------------------------------------------------------------------- */

static void fold_piece(const THIterReduce *plan, const char *a, char *const out[], int64_t columns, const void *args)
{
    const Fold *const fold = args;
    const int64_t a_step = plan->a_stride[plan->ndim - 1], out_step = plan->out_stride[0][plan->ndim - 1];
    if (plan->by_columns) {
        fold->kernels->columns(a, plan->stride, plan->n, a_step, columns, fold->args, out[0], out_step);
        return;
    }
    for (int64_t j = 0; j < columns; j++)
        fold->kernels->run(a + j * a_step, plan->stride, plan->n, fold->args, out[0] + j * out_step);
}

static THStatus fold_dim(const Fold *fold, THTensor *r, const THTensor *a, int dim, int keepdim)
{
    THIterReduce plan;
    TH_TRY(THReduceOutput_dim(fold->op, 1, &r, &fold->result, a, &dim, keepdim));
    if (r->numel == 0) return TH_OK;
    thIterReduce_plan(&plan, a, dim, 1, &r);
    /* A single output: only its chunks can be shared among threads. */
    if (plan.outputs == 1 && fold->combine != NULL) {
        const THFlat flat = {.data = plan.a, .n = plan.n, .stride = plan.stride};
        return fold_flat(fold, &flat, fold->kernels->run, plan.out[0]);
    }
    thIterReduce_run(&plan, fold_piece, fold);
    return TH_OK;
}

/* dim < -TH_MAX_DIMS: all elements. */
#define ALL_DIMS (-TH_MAX_DIMS - 1)

static THStatus fold_any(const Fold *fold, THTensor *r, const THTensor *a, int dim, int keepdim)
{
    return dim == ALL_DIMS ? fold_all(fold, r, a) : fold_dim(fold, r, a, dim, keepdim);
}

/* A user's dim must not be taken for ALL_DIMS. */
static int user_dim(int dim)
{
    return dim == ALL_DIMS ? dim - 1 : dim;
}

/* One call of a public function. `dim`: ALL_DIMS, or what the user says. */
typedef struct Call {
    const char *op;
    THStatus (*run)(const struct Call *c, THTensor *r, const THTensor *a);
    int dim, keepdim, biased;
    double p;
} Call;

static THStatus run_call(const void *call, THTensor *r, const THTensor *a)
{
    const Call *const c = call;
    return c->run(c, r, a);
}

static THStatus reduce(Call c, THTensor *r, const THTensor *a)
{
    return a->dtype == THDtype_Half ? THHalfLoop_reduce(c.op, run_call, &c, r, a) : c.run(&c, r, a);
}

/* --- sum, prod, mean ------------------------------------------------------------------------------------------------------ */

static THStatus sum(const Call *c, THTensor *r, const THTensor *a)
{
    TH_OPS_TABLE(THReduce, table, c->op, (THDtype)a->dtype);
    const THDtype result = accumulated((THDtype)a->dtype);
    const THReduce *const final = TH_PICK(THReduce_tables, result);
    const Fold fold = {.op = c->op, .kernels = &table->sum, .combine = final->sum.run, .result = result};
    return fold_any(&fold, r, a, c->dim, c->keepdim);
}

static THStatus prod(const Call *c, THTensor *r, const THTensor *a)
{
    TH_OPS_TABLE(THReduce, table, c->op, (THDtype)a->dtype);
    const THDtype result = accumulated((THDtype)a->dtype);
    const THReduce *const final = TH_PICK(THReduce_tables, result);
    const Fold fold = {.op = c->op, .kernels = &table->prod, .combine = final->prod.run, .result = result};
    return fold_any(&fold, r, a, c->dim, c->keepdim);
}

static THStatus check_floating(const char *op, const THTensor *a)
{
    TH_FAIL_IF(a->dtype != THDtype_None && !THDtype_isFloating((THDtype)a->dtype), TH_ERR_DTYPE,
               "[%s] can only calculate the %s of floating types, got %s; convert the tensor first", op, op,
               THDtype_name((THDtype)a->dtype));
    return TH_OK;
}

/* The number of elements that one output is made of. After a successful fold, so dim is right. */
static double count_of(const THTensor *a, int dim)
{
    if (dim == ALL_DIMS) return (double)a->numel;
    return a->ndim == 0 ? 1.0 : (double)a->size[dim < 0 ? dim + a->ndim : dim];
}

static THStatus mean(const Call *c, THTensor *r, const THTensor *a)
{
    TH_TRY(check_floating(c->op, a));
    TH_TRY(sum(c, r, a));
    return THTensor_div(r, r, THScalar_fromDouble(count_of(a, c->dim)));
}

/* The two public forms of a reduction without further arguments. */
#define REDUCTION(name)                                                                                                        \
    THStatus THTensor_##name##all(THTensor *r, const THTensor *a)                                                              \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a);                                                                                                 \
        return reduce((Call){.op = #name, .run = name, .dim = ALL_DIMS}, r, a);                                                \
    }                                                                                                                          \
    THStatus THTensor_##name(THTensor *r, const THTensor *a, int dim, int keepdim)                                             \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a);                                                                                                 \
        return reduce((Call){.op = #name, .run = name, .dim = user_dim(dim), .keepdim = keepdim}, r, a);                       \
    }

REDUCTION(sum)
REDUCTION(prod)
REDUCTION(mean)

/* --- norm ---------------------------------------------------------------------------------------------------------------- */

static THStatus norm(const Call *c, THTensor *r, const THTensor *a)
{
    const double p = c->p;
    TH_TRY(check_floating("norm", a));
    TH_OPS_TABLE(THReduce, table, "norm", (THDtype)a->dtype);
    TH_FAIL_IF(isnan(p) || p == -INFINITY, TH_ERR_VALUE, "[norm] p %g, expected a finite number or inf", p);
    int64_t power = 0; /* room for any element */
    THScalar_store(THScalar_fromDouble(p), (THDtype)a->dtype, &power);
    Fold fold = {.op = "norm", .combine = table->sum.run, .result = (THDtype)a->dtype, .args = &power};
    if (p == 0) {
        fold.kernels = &table->countNonzero;
    } else if (p == 1) {
        fold.kernels = &table->sumAbs;
    } else if (p == 2) {
        fold.kernels = &table->sumSquares;
    } else if (p == INFINITY) {
        fold.kernels = &table->maxAbs;
        fold.combine = table->maxAbs.run;
    } else {
        fold.kernels = &table->sumPower;
    }
    TH_TRY(fold_any(&fold, r, a, c->dim, c->keepdim));
    if (p == 0 || p == 1 || p == INFINITY) return TH_OK;
    return p == 2 ? THTensor_sqrt(r, r) : THTensor_pow(r, r, THScalar_fromDouble(1 / p));
}

THStatus THTensor_normall(THTensor *r, const THTensor *a, double p)
{
    TH_GIVEN("norm", r, a);
    return reduce((Call){.op = "norm", .run = norm, .dim = ALL_DIMS, .p = p}, r, a);
}

THStatus THTensor_norm(THTensor *r, const THTensor *a, double p, int dim, int keepdim)
{
    TH_GIVEN("norm", r, a);
    return reduce((Call){.op = "norm", .run = norm, .dim = user_dim(dim), .keepdim = keepdim, .p = p}, r, a);
}

/* --- variance ------------------------------------------------------------------------------------------------------------- */

/* From the sum of squared distances. A single element, unbiased: 0 / 0 is nan. */
static THStatus divide_spread(THTensor *r, double count, int biased)
{
    const double divisor = biased ? count : count - 1;
    return THTensor_div(r, r, THScalar_fromDouble(divisor < 0 ? 0 : divisor));
}

static THStatus variance_all(const Call *c, THTensor *r, const THTensor *a)
{
    THFlat flat;
    int64_t center = 0; /* room for any element */
    TH_TRY(check_floating("var", a));
    TH_OPS_TABLE(THReduce, table, "var", (THDtype)a->dtype);
    TH_TRY(THTensor_meanall(r, a));
    memcpy(&center, THTensor_dataBytes(r), THDtype_size((THDtype)r->dtype));
    TH_TRY(thFlat_of(&flat, a, false));
    const Fold fold = {.op = "var", .combine = table->sum.run, .result = (THDtype)a->dtype, .args = &center};
    const THStatus status = fold_flat(&fold, &flat, table->squaredDistance, THTensor_dataBytes(r));
    THTensor_free(flat.owner);
    TH_TRY(status);
    return divide_spread(r, (double)a->numel, c->biased);
}

static THStatus variance(const Call *c, THTensor *r, const THTensor *a)
{
    TH_TRY(check_floating("var", a));
    TH_OPS_TABLE(THReduce, table, "var", (THDtype)a->dtype);
    /* Chunks would each have a mean of their own: no combine. */
    const Fold fold = {.op = "var", .kernels = &table->spread, .combine = NULL, .result = (THDtype)a->dtype};
    TH_TRY(fold_dim(&fold, r, a, c->dim, c->keepdim));
    return divide_spread(r, count_of(a, c->dim), c->biased);
}

THStatus THTensor_varall(THTensor *r, const THTensor *a, int biased)
{
    TH_GIVEN("var", r, a);
    return reduce((Call){.op = "var", .run = variance_all, .biased = biased}, r, a);
}

THStatus THTensor_var(THTensor *r, const THTensor *a, int dim, int biased, int keepdim)
{
    TH_GIVEN("var", r, a);
    return reduce((Call){.op = "var", .run = variance, .dim = dim, .biased = biased, .keepdim = keepdim}, r, a);
}
