/* Draws with given probabilities. */
#include <math.h>
#include <stdlib.h>

#include "TH/THArgument.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorRandom.h"
#include "core/THCore.h"

/* One call: rows of probabilities as doubles, the numbers in [0, 1) that choose, and the answers. */
typedef struct Multinomial {
    const double *p;
    int64_t rows, categories, count;
    const double *uniform;
    int64_t *result;
} Multinomial;

static THStatus check_row(const double *p, int64_t n, int64_t count, int replacement)
{
    int64_t positive = 0;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        TH_FAIL_IF(!(p[i] >= 0) || isinf(p[i]), TH_ERR_VALUE,
                   "[multinomial] p's element %lld, %g: invalid multinomial distribution, expected finite probabilities >= 0",
                   (long long)i, p[i]);
        positive += p[i] > 0;
        sum += p[i];
    }
    TH_FAIL_IF(!(sum > 0) || isinf(sum), TH_ERR_VALUE,
               "[multinomial] p's sum, %g: invalid multinomial distribution (sum of probabilities <= 0)", sum);
    TH_FAIL_IF(!replacement && positive < count, TH_ERR_VALUE,
               "[multinomial] count, %lld: invalid multinomial distribution (with replacement=False, not enough non-negative "
               "category to sample: %lld)",
               (long long)count, (long long)positive);
    return TH_OK;
}

/* The first place whose running sum exceeds `bound`. */
static int64_t find(const double *sums, int64_t n, double bound)
{
    int64_t low = 0, high = n - 1;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (sums[middle] > bound)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* By the running sums, up to the last positive probability, so that rounding can choose no impossible number. */
static void draw_again(const Multinomial *m, int64_t row, double *sums)
{
    const double *const p = m->p + row * m->categories;
    int64_t last = 0;
    double sum = 0;
    for (int64_t i = 0; i < m->categories; i++) {
        sums[i] = sum += p[i];
        if (p[i] > 0) last = i;
    }
    for (int64_t k = 0; k < m->count; k++)
        m->result[row * m->count + k] = find(sums, last + 1, m->uniform[row * m->count + k] * sum);
}

typedef struct Arrival {
    double time;
    int64_t number;
} Arrival;

static int earlier(const void *a, const void *b)
{
    const Arrival *const x = a, *const y = b;
    return x->time != y->time ? (x->time > y->time) - (x->time < y->time) : (x->number > y->number) - (x->number < y->number);
}

/* Number i arrives after an exponential time of rate p[i]: the order of arrival is that of draws without replacement. */
static void draw_once(const Multinomial *m, int64_t row, Arrival *arrivals)
{
    const double *const p = m->p + row * m->categories, *const u = m->uniform + row * m->categories;
    int64_t possible = 0;
    for (int64_t i = 0; i < m->categories; i++) {
        if (p[i] > 0) arrivals[possible++] = (Arrival){-log1p(-u[i]) / p[i], i};
    }
    qsort(arrivals, (size_t)possible, sizeof *arrivals, earlier);
    for (int64_t k = 0; k < m->count; k++) m->result[row * m->count + k] = arrivals[k].number;
}

/* Draws into `drawn`, Long and contiguous. */
static THStatus draw(Multinomial *m, THGenerator *generator, int replacement, THTensor *drawn)
{
    const int64_t size = m->rows * (replacement ? m->count : m->categories);
    for (int64_t row = 0; row < m->rows; row++)
        TH_TRY(check_row(m->p + row * m->categories, m->categories, m->count, replacement));
    THTensor *const uniform = THTensor_newWithSize(THDtype_Double, 1, &size);
    void *const room = malloc((size_t)m->categories * sizeof(Arrival));
    THStatus status = uniform == NULL ? THStatus_last() : TH_OK;
    if (room == NULL)
        status = THStatus_fail(TH_ERR_MEMORY, "[multinomial] no memory for %lld numbers", (long long)m->categories);
    if (status == TH_OK) status = THTensor_uniform(uniform, generator, 0, 1);
    if (status == TH_OK) {
        m->uniform = (const double *)(const void *)THTensor_dataBytes(uniform);
        m->result = (int64_t *)(void *)THTensor_dataBytes(drawn);
        for (int64_t row = 0; row < m->rows; row++) {
            if (replacement)
                draw_again(m, row, room);
            else
                draw_once(m, row, room);
        }
    }
    free(room);
    THTensor_free(uniform);
    return status;
}

THStatus THTensor_multinomial(THTensor *r, THGenerator *generator, const THTensor *p, int64_t count, int replacement)
{
    TH_GIVEN("multinomial", r, p);
    TH_FAIL_IF(!THDtype_isFloating((THDtype)p->dtype), TH_ERR_DTYPE, "[multinomial] p is %s: must be floating",
               THDtype_name((THDtype)p->dtype));
    TH_FAIL_IF(p->ndim != 1 && p->ndim != 2, TH_ERR_SHAPE, "[multinomial] p has %d dimensions: prob_dist must be 1 or 2 dim",
               p->ndim);
    const int64_t categories = p->size[p->ndim - 1], rows = p->ndim == 2 ? p->size[0] : 1;
    TH_FAIL_IF(categories < 1, TH_ERR_SHAPE, "[multinomial] p has no probabilities: there is nothing to draw");
    TH_FAIL_IF(count < 1, TH_ERR_VALUE, "[multinomial] count, %lld: cannot sample n_sample <= 0 samples", (long long)count);
    TH_FAIL_IF(!replacement && count > categories, TH_ERR_VALUE,
               "[multinomial] count, %lld: cannot sample n_sample > prob_dist.size(-1) samples without replacement (%lld)",
               (long long)count, (long long)categories);
    TH_FAIL_IF(r->storage != NULL && r->dtype != THDtype_Long, TH_ERR_DTYPE, "[multinomial] the output is %s, expected Long",
               THDtype_name((THDtype)r->dtype));
    const int64_t size[] = {rows, count}, *const shape = p->ndim == 2 ? size : size + 1;
    THTensor *const exact = THTensor_newConvert(p, THDtype_Double);
    THTensor *const drawn = exact == NULL ? NULL : THTensor_newWithSize(THDtype_Long, p->ndim, shape);
    THStatus status = drawn == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) {
        Multinomial m = {(const double *)(const void *)THTensor_dataBytes(exact), rows, categories, count, NULL, NULL};
        status = draw(&m, generator, replacement, drawn);
    }
    if (status == TH_OK) status = THTensor_output(r, "multinomial", THDtype_Long, p->ndim, shape);
    if (status == TH_OK) status = THTensor_copy(r, drawn);
    THTensor_free(exact);
    THTensor_free(drawn);
    return status;
}
