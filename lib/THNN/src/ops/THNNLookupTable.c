#include "TH/THArgument.h"
/* LookupTable: gradients of the rows of a table that were looked up, and rows kept within a norm. */
#include <stdlib.h>
#include <string.h>

#include "kernels/THNNRowKernel.h"
#include "ops/THNNCall.h"

#define OP "LookupTable"

typedef struct Task {
    const THNNRowKernel *kernel;
    int64_t row_bytes;
    int64_t width;
    int64_t count; /* of indices */
    const int64_t *indices;
    const int64_t *uses; /* of each row, or NULL */
    const char *gy;
    char *gw;
    int64_t padding;
    double scale;
} Task;

static THStatus checkIndices(int64_t n, const int64_t *indices, int64_t rows)
{
    for (int64_t i = 0; i < n; i++)
        TH_FAIL_IF(indices[i] < 0 || indices[i] >= rows, TH_ERR_INDEX, "[" OP "] input holds %lld, expected rows in [0, %lld)",
                   (long long)indices[i], (long long)rows);
    return TH_OK;
}

/* A range of the table's rows: each adds up its uses in order, whatever the threads do. */
static void addRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = 0; i < t->count; i++) {
        const int64_t row = t->indices[i];
        if (row < begin || row >= end || row == t->padding) continue;
        const double scale = t->uses == NULL ? t->scale : t->scale / (double)t->uses[row];
        t->kernel->add(t->width, scale, t->gy + i * t->row_bytes, t->gw + row * t->row_bytes);
    }
}

static int64_t *newUses(int64_t rows, int64_t count, const int64_t *indices)
{
    int64_t *uses = calloc((size_t)THNN_max(rows, 1), sizeof(int64_t));
    for (int64_t i = 0; uses != NULL && i < count; i++) uses[indices[i]]++;
    return uses;
}

THStatus THNN_LookupTable_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                            int scale_by_frequency, int64_t padding, double scale)
{
    TH_GIVEN("LookupTable", input, gradOutput, gradWeight);
    TH_TRY(THNN_checkFloating(OP, "gradWeight", gradWeight));
    const THDtype dtype = (THDtype)gradWeight->dtype;
    TH_TRY(THNN_checkDtype(OP, "input", input, THDtype_Long));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, dtype));
    TH_FAIL_IF(gradWeight->ndim != 2, TH_ERR_SHAPE, "[" OP "] gradWeight has %d dimensions, expected 2 (rows x width)",
               gradWeight->ndim);
    TH_FAIL_IF(gradOutput->numel != input->numel * gradWeight->size[1], TH_ERR_SHAPE,
               "[" OP "] gradOutput has %lld elements, expected %lld for each of %lld indices", (long long)gradOutput->numel,
               (long long)gradWeight->size[1], (long long)input->numel);
    Task task = {.kernel = TH_PICK(THNNRowKernel_tables, dtype),
                 .width = gradWeight->size[1],
                 .count = input->numel,
                 .padding = padding,
                 .scale = scale};
    task.row_bytes = task.width * (int64_t)THDtype_size(dtype);
    const int64_t rows = gradWeight->size[0];
    int64_t *uses = NULL;
    THNNCall call = {.op = OP};
    task.indices = THNN_data(THNNCall_read(&call, input));
    task.gy = THNN_data(THNNCall_read(&call, gradOutput));
    if (call.status == TH_OK) THNNCall_fail(&call, checkIndices(task.count, task.indices, rows));
    task.gw = THNN_data(THNNCall_update(&call, gradWeight));
    if (call.status == TH_OK && scale_by_frequency) {
        uses = newUses(rows, task.count, task.indices);
        if (uses == NULL) THNNCall_fail(&call, THStatus_fail(TH_ERR_MEMORY, "[" OP "] out of memory: uses of rows"));
    }
    task.uses = uses;
    if (call.status == TH_OK) {
        /* Each range reads all indices: few ranges, and only where the sums are worth it. */
        const int64_t work = task.count * THNN_max(1, task.width);
        THThreads_for(rows, work < TH_GRAIN ? THNN_max(rows, 1) : THNN_max(1, rows / THThreads_get() + 1), addRange, &task);
    }
    free(uses);
    return THNNCall_close(&call);
}

THStatus THNN_LookupTable_renorm(const THTensor *input, THTensor *weight, double max_norm, double norm_type)
{
    TH_GIVEN("LookupTable", input, weight);
    TH_TRY(THNN_checkFloating(OP, "weight", weight));
    TH_TRY(THNN_checkDtype(OP, "input", input, THDtype_Long));
    TH_FAIL_IF(weight->ndim != 2, TH_ERR_SHAPE, "[" OP "] weight has %d dimensions, expected 2 (rows x width)", weight->ndim);
    TH_FAIL_IF(!(norm_type > 0), TH_ERR_VALUE, "[" OP "] norm_type is %g: non-positive-norm not supported", norm_type);
    THNNCall call = {.op = OP};
    const THTensor *places = THNNCall_read(&call, input);
    if (call.status == TH_OK) THNNCall_fail(&call, checkIndices(input->numel, THNN_data(places), weight->size[0]));
    THTensor *table = THNNCall_update(&call, weight);
    if (call.status == TH_OK) {
        const THNNRowKernel *kernel = TH_PICK(THNNRowKernel_tables, weight->dtype);
        const int64_t *indices = THNN_data(places);
        const int64_t width = weight->size[1];
        for (int64_t i = 0; i < input->numel; i++) {
            char *row = (char *)THNN_data(table) + indices[i] * width * (int64_t)THDtype_size((THDtype)weight->dtype);
            const double norm = kernel->norm(width, norm_type, row);
            if (norm > max_norm) kernel->scale(width, max_norm / (norm + 1e-7), row);
        }
    }
    return THNNCall_close(&call);
}
