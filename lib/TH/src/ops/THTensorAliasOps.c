/* The alias method: a column for each outcome, of which a part belongs to another outcome. */
#include <math.h>
#include <stdlib.h>

#include "TH/THArgument.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorIndex.h"
#include "TH/THTensorPointwise.h"
#include "TH/THTensorRandom.h"
#include "TH/THTensorReduce.h"
#include "ops/THOps.h"

static THStatus check_probabilities(const double *p, int64_t n, double *sum)
{
    *sum = 0;
    for (int64_t k = 0; k < n; k++) {
        TH_FAIL_IF(!(p[k] >= 0) || isinf(p[k]), TH_ERR_VALUE,
                   "[aliasSetup] p[%lld], %g: expected a number that is not negative", (long long)k, p[k]);
        *sum += p[k];
    }
    TH_FAIL_IF(!(*sum > 0) || isinf(*sum), TH_ERR_VALUE, "[aliasSetup] the sum of p, %g: expected one above 0", *sum);
    return TH_OK;
}

/* q: the probabilities times n / sum, of which 1 fills a column. `open` holds the columns that want more (from the front) and
 * those that have too much (from the back). */
static void fill_columns(double *q, int64_t *places, int64_t *open, int64_t n)
{
    int64_t small = 0, large = n;
    for (int64_t k = 0; k < n; k++) {
        places[k] = k;
        open[q[k] < 1 ? small++ : --large] = k;
    }
    while (small > 0 && large < n) {
        const int64_t less = open[--small], more = open[large];
        places[less] = more;
        q[more] -= 1 - q[less];
        if (q[more] < 1) {
            large++;
            open[small++] = more;
        }
    }
    while (large < n) q[open[large++]] = 1;
    while (small > 0) q[open[--small]] = 1; /* rounding alone left these short */
}

THStatus THTensor_aliasSetup(THTensor *q, THTensor *places, const THTensor *p)
{
    TH_GIVEN("aliasSetup", q, places, p);
    TH_FAIL_IF(p->dtype != THDtype_Float && p->dtype != THDtype_Double, TH_ERR_DTYPE,
               "[aliasSetup] p is %s, expected Float or Double", THDtype_name((THDtype)p->dtype));
    TH_FAIL_IF(p->ndim != 1 || p->numel == 0, TH_ERR_SHAPE,
               "[aliasSetup] p has %d dimensions and %lld elements, expected a vector", p->ndim, (long long)p->numel);
    TH_TRY(THOps_checkOutput("aliasSetup", q, (THDtype)p->dtype, 1, p->size));
    TH_TRY(THOps_checkOutput("aliasSetup", places, THDtype_Long, 1, p->size));
    TH_TRY(THOps_checkTwo("aliasSetup", q, places));
    const int64_t n = p->numel;
    double sum = 0;
    THTensor *const columns = THTensor_newConvert(p, THDtype_Double), *const found = THTensor_newWithSize(THDtype_Long, 1, &n);
    THTensor *const open = THTensor_newWithSize(THDtype_Long, 1, &n);
    THStatus status = columns == NULL || found == NULL || open == NULL ? THStatus_last() : TH_OK;
    double *const values = status == TH_OK ? (double *)(void *)THTensor_dataBytes(columns) : NULL;
    if (status == TH_OK) status = check_probabilities(values, n, &sum);
    if (status == TH_OK) {
        for (int64_t k = 0; k < n; k++) values[k] = values[k] / sum * (double)n;
        fill_columns(values, (int64_t *)(void *)THTensor_dataBytes(found), (int64_t *)(void *)THTensor_dataBytes(open), n);
        status = THTensor_output(q, "aliasSetup", (THDtype)p->dtype, 1, &n);
    }
    if (status == TH_OK) status = THTensor_copy(q, columns);
    if (status == TH_OK) status = THTensor_output(places, "aliasSetup", THDtype_Long, 1, &n);
    if (status == TH_OK) status = THTensor_copy(places, found);
    THTensor *const all[] = {columns, found, open};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
    return status;
}

static THStatus check_tables(const THTensor *self, const THTensor *q, const THTensor *places)
{
    TH_FAIL_IF(self->dtype != THDtype_Long, TH_ERR_DTYPE, "[aliasDraw] self is %s, expected Long",
               THDtype_name((THDtype)self->dtype));
    TH_FAIL_IF(q->dtype != THDtype_Float && q->dtype != THDtype_Double, TH_ERR_DTYPE,
               "[aliasDraw] q is %s, expected Float or Double", THDtype_name((THDtype)q->dtype));
    TH_FAIL_IF(places->dtype != THDtype_Long, TH_ERR_DTYPE, "[aliasDraw] places are %s, expected Long",
               THDtype_name((THDtype)places->dtype));
    TH_FAIL_IF(q->ndim != 1 || q->numel == 0 || !THOps_sameSize(q, places), TH_ERR_SHAPE,
               "[aliasDraw] q and places: expected two vectors of one size that is not 0");
    return TH_OK;
}

THStatus THTensor_aliasDraw(THTensor *self, THGenerator *generator, const THTensor *q, const THTensor *places)
{
    TH_GIVEN("aliasDraw", self, q, places);
    TH_TRY(check_tables(self, q, places));
    THTensor *const column = THTensor_newWithSize(THDtype_Long, self->ndim, self->size);
    THTensor *const height = THTensor_newWithSize((THDtype)q->dtype, self->ndim, self->size);
    THTensor *const limit = THTensor_new(), *const other = THTensor_new(), *const below = THTensor_new();
    THTensor *const all[] = {column, height, limit, other, below};
    THStatus status = TH_OK;
    for (int i = 0; i < 5; i++)
        if (all[i] == NULL) status = THStatus_last();
    if (status == TH_OK) status = THTensor_randint(column, generator, 0, q->numel);
    if (status == TH_OK) status = THTensor_uniform(height, generator, 0, 1);
    if (status == TH_OK) status = THTensor_take(limit, q, column);
    if (status == TH_OK) status = THTensor_take(other, places, column);
    if (status == TH_OK) status = THTensor_ltTensor(below, height, limit);
    if (status == TH_OK) status = THTensor_where(column, below, column, other);
    if (status == TH_OK) status = THTensor_copy(self, column);
    for (int i = 0; i < 5; i++) THTensor_free(all[i]);
    return status;
}
