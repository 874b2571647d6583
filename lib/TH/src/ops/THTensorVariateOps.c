/* Random numbers with parameters for each element, and how they move with them. */
#include "TH/THArgument.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorRandom.h"
#include "TH/THThreads.h"
#include "core/THCore.h"
#include "kernels/THPathwise.h"
#include "kernels/THVariate.h"
#include "ops/THOps.h"

/* A number costs as much as hundreds of additions. */
#define VARIATE_GRAIN (TH_GRAIN / 64)

/* One call: the numbers, the parameters (as Double, contiguous), and the share of the generator's stream. */
typedef struct Variates {
    THVariateFill fill;
    double *out;
    const double *a, *b;
    int64_t n;
    uint64_t seed, counter;
} Variates;

static double *numbers(const THTensor *t)
{
    return (double *)(void *)THTensor_dataBytes(t);
}

static void fillRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Variates *v = context;
    v->fill(v->out + begin, v->a + begin, v->b == NULL ? NULL : v->b + begin, end - begin, v->seed,
            v->counter + (uint64_t)begin, (uint64_t)v->n);
}

/* r becomes numbers of a's dtype; b may be NULL. */
static THStatus draw(const char *op, THTensor *r, THGenerator *generator, THVariateFill fill, const THTensor *a,
                     const THTensor *b)
{
    const THDtype dtype = (THDtype)a->dtype;
    if (generator == NULL) generator = THGenerator_default();
    THTensor *const first = THTensor_newConvert(a, THDtype_Double);
    THTensor *const second = b == NULL ? NULL : THTensor_newConvert(b, THDtype_Double);
    THTensor *const drawn = THTensor_newWithSize(THDtype_Double, a->ndim, a->size);
    THStatus status = first == NULL || drawn == NULL || (b != NULL && second == NULL) ? THStatus_last() : TH_OK;
    if (status == TH_OK) {
        Variates v = {fill, numbers(drawn), numbers(first), b == NULL ? NULL : numbers(second), drawn->numel, 0, 0};
        v.seed = THGenerator_initialSeed(generator);
        v.counter = THGenerator_reserve(generator, (uint64_t)v.n * TH_VARIATE_COUNTERS);
        THThreads_for(v.n, VARIATE_GRAIN, fillRange, &v);
        status = THTensor_output(r, op, dtype, a->ndim, a->size);
    }
    if (status == TH_OK) status = THTensor_copy(r, drawn);
    THTensor_free(first);
    THTensor_free(second);
    THTensor_free(drawn);
    return status;
}

static THStatus checkFloating(const char *op, const char *name, const THTensor *t)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)t->dtype), TH_ERR_DTYPE, "[%s] %s, a tensor of dtype %s: must be floating", op,
               name, THDtype_name((THDtype)t->dtype));
    return TH_OK;
}

THStatus THTensor_standardGamma(THTensor *r, THGenerator *generator, const THTensor *shape, int logarithm)
{
    TH_GIVEN("standardGamma", r, shape);
    TH_TRY(checkFloating("standardGamma", "shape", shape));
    const THVariate *const kernels = TH_PICK(THVariate_tables, THDtype_Double);
    return draw("standardGamma", r, generator, logarithm ? kernels->gammaLog : kernels->gamma, shape, NULL);
}

THStatus THTensor_poisson(THTensor *r, THGenerator *generator, const THTensor *rate)
{
    TH_GIVEN("poisson", r, rate);
    TH_TRY(checkFloating("poisson", "rate", rate));
    return draw("poisson", r, generator, TH_PICK(THVariate_tables, THDtype_Double)->poisson, rate, NULL);
}

THStatus THTensor_binomial(THTensor *r, THGenerator *generator, const THTensor *count, const THTensor *p)
{
    TH_GIVEN("binomial", r, count, p);
    TH_TRY(checkFloating("binomial", "count", count));
    TH_TRY(THOps_sameDtype("binomial", count, p));
    TH_FAIL_IF(!THOps_sameSize(count, p), TH_ERR_SHAPE, "[binomial] count and p: must have one shape");
    return draw("binomial", r, generator, TH_PICK(THVariate_tables, THDtype_Double)->binomial, count, p);
}

THStatus THTensor_standardGammaGrad(THTensor *r, const THTensor *shape, const THTensor *sample, int logarithm)
{
    TH_GIVEN("standardGammaGrad", r, shape, sample);
    TH_TRY(THOps_sameDtype("standardGammaGrad", shape, sample));
    TH_OPS_COMPUTE(THPathwise, table, "standardGammaGrad", (THDtype)shape->dtype);
    TH_TRY(THOps_outputOfTwo("standardGammaGrad", r, shape, sample, (THDtype)shape->dtype));
    THTensor *const tensors[] = {r, (THTensor *)shape, (THTensor *)sample};
    return THOps_map("standardGammaGrad", logarithm ? table->gammaLog : table->gamma, NULL, VARIATE_GRAIN, 3, tensors);
}

THStatus THTensor_betaGrad(THTensor *r, const THTensor *place, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("betaGrad", r, place, a, b);
    TH_TRY(THOps_sameDtype("betaGrad", place, a));
    TH_TRY(THOps_sameDtype("betaGrad", place, b));
    TH_OPS_COMPUTE(THPathwise, table, "betaGrad", (THDtype)place->dtype);
    TH_TRY(THOps_outputBroadcast3("betaGrad", r, place, a, b, (THDtype)place->dtype));
    THTensor *const tensors[] = {r, (THTensor *)place, (THTensor *)a, (THTensor *)b};
    return THOps_map("betaGrad", table->beta, NULL, VARIATE_GRAIN, 4, tensors);
}
