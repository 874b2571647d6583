#include "iter/THIterCopy.h"

#include <string.h>

#include "TH/THThreads.h"
#include "core/THCore.h"
#include "iter/THIterPlan.h"
#include "iter/THMove.h"

/* --- contiguous ---------------------------------------------------------------------------------------------------- */

typedef struct Bytes {
    char *to;
    const char *from;
} Bytes;

static void copyBytes(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Bytes *bytes = context;
    memcpy(bytes->to + begin, bytes->from + begin, (size_t)(end - begin));
}

static void copyDense(THTensor *output, const THTensor *input)
{
    Bytes bytes = {THTensor_dataBytes(output), THTensor_dataBytes(input)};
    const int64_t itemsize = THDtype_itemsize((THDtype)output->dtype);
    const int64_t nbytes = output->numel * itemsize;
    if (nbytes == 0 || bytes.to == bytes.from) return;
    if (bytes.to < bytes.from + nbytes && bytes.from < bytes.to + nbytes)
        memmove(bytes.to, bytes.from, (size_t)nbytes);
    else
        THThreads_for(nbytes, TH_GRAIN * itemsize, copyBytes, &bytes);
}

/* --- transposed planes --------------------------------------------------------------------------------------------- */

/* Some tiles side by side: a page of the source is translated once for all of them. */
#define TH_STRIP (4 * TH_TILE)

/* The plan's dimension 0 is contiguous in the output, dimension `across` in the input: walked row by row, one of the two
 * would touch a cache line for each element. Tiles use every line that they touch. */
typedef struct Transposition {
    const THIterPlan *plan;
    THTile tile;
    int across;
    int64_t strips; /* of TH_STRIP rows of the output's plane */
    int64_t itemsize;
} Transposition;

/* The dimension in which the input is contiguous, if the plan is worth tiling; else 0. */
static int findAcross(const THIterPlan *plan, int64_t itemsize)
{
    if (plan->ndim < 2 || plan->stride[0][0] != itemsize || plan->stride[1][0] <= itemsize) return 0;
    if (plan->size[0] < TH_TILE / 2) return 0;
    for (int d = 1; d < plan->ndim; d++) {
        if (plan->stride[1][d] == itemsize && plan->size[d] >= TH_TILE / 2) return d;
    }
    return 0;
}

/* TH_TILE rows of the source: they lie too far apart for the hardware to foresee them. */
static void prefetchRows(const char *from, int64_t step, int64_t width)
{
    for (int64_t r = 0; r < TH_TILE; r++) {
        for (int64_t at = 0; at < width; at += 64) __builtin_prefetch(from + r * step + at);
    }
}

static void transposeStrip(const Transposition *t, int64_t strip)
{
    const THIterPlan *plan = t->plan;
    const int64_t first = strip % t->strips * TH_STRIP;
    char *to = plan->data[0] + first * plan->stride[0][t->across];
    const char *from = plan->data[1] + first * t->itemsize;
    int64_t rest = strip / t->strips;
    for (int d = 1; d < plan->ndim; d++) {
        if (d == t->across) continue;
        to += rest % plan->size[d] * plan->stride[0][d];
        from += rest % plan->size[d] * plan->stride[1][d];
        rest /= plan->size[d];
    }
    const int64_t left = plan->size[t->across] - first, width = left < TH_STRIP ? left : TH_STRIP;
    const int64_t to_step = plan->stride[0][t->across], from_step = plan->stride[1][0];
    for (int64_t j = 0; j < plan->size[0]; j += TH_TILE) {
        const int64_t rows = plan->size[0] - j < TH_TILE ? plan->size[0] - j : TH_TILE;
        if (j + 2 * TH_TILE <= plan->size[0]) prefetchRows(from + (j + TH_TILE) * from_step, from_step, width * t->itemsize);
        for (int64_t i = 0; i < width; i += TH_TILE) {
            const int64_t columns = width - i < TH_TILE ? width - i : TH_TILE;
            t->tile(to + i * to_step + j * t->itemsize, to_step, from + j * from_step + i * t->itemsize, from_step, rows,
                    columns);
        }
    }
}

static void transposeRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    for (int64_t strip = begin; strip < end; strip++) transposeStrip(context, strip);
}

static void transpose(const THIterPlan *plan, int across, int64_t itemsize)
{
    Transposition t = {.plan = plan, .tile = thMove_tile(itemsize), .across = across, .itemsize = itemsize};
    t.strips = (plan->size[across] - 1) / TH_STRIP + 1;
    int64_t planes = 1;
    for (int d = 1; d < plan->ndim; d++) planes *= d == across ? 1 : plan->size[d];
    const int64_t strip_size = plan->size[0] * TH_STRIP;
    THThreads_for(t.strips * planes, TH_GRAIN / strip_size + 1, transposeRange, &t);
}

/* --- all of it ----------------------------------------------------------------------------------------------------- */

/* By way of a copy of the input. */
static THStatus copyAside(const char *op, THTensor *output, const THTensor *input)
{
    THTensor *aside = THTensor_newWithSize((THDtype)input->dtype, input->ndim, input->size);
    if (aside == NULL) return THStatus_last();
    THStatus status = thIterCopy_run(op, aside, input);
    if (status == TH_OK) status = thIterCopy_run(op, output, aside);
    THTensor_free(aside);
    return status;
}

THStatus thIterCopy_run(const char *op, THTensor *output, const THTensor *input)
{
    if (output->storage != NULL && input->storage != NULL && THTensor_isContiguous(output) && THTensor_isContiguous(input) &&
        THTensor_isSameSizeAs(output, input)) {
        copyDense(output, input);
        return TH_OK;
    }
    THIterPlan plan;
    THTensor *const operands[] = {output, (THTensor *)input};
    TH_TRY(THIter_plan(&plan, op, 2, operands));
    if (output->numel == 0) return TH_OK;
    if (THIter_conflicts(output, input)) return copyAside(op, output, input);
    const int64_t itemsize = THDtype_itemsize((THDtype)output->dtype);
    const int across = findAcross(&plan, itemsize);
    if (across > 0) {
        transpose(&plan, across, itemsize);
    } else {
        thIterPlan_lengthenRuns(&plan);
        thIterPlan_run(&plan, thMove_loop(itemsize), NULL, TH_GRAIN);
    }
    return TH_OK;
}
