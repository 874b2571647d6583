#include "TH/THArgument.h"
/* Threshold: y = x <= threshold ? value : x. */
#include "kernels/THNNThresholdKernel.h"
#include "ops/THNNCall.h"

typedef struct Task {
    const THNNThresholdKernel *kernel;
    const char *x;
    const char *gy;
    char *out;
    int64_t itemsize;
    double threshold;
    double value;
} Task;

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t at = begin * t->itemsize;
    t->kernel->forward(end - begin, t->x + at, t->out + at, t->threshold, t->value);
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t at = begin * t->itemsize;
    t->kernel->backward(end - begin, t->x + at, t->gy + at, t->out + at, t->threshold);
}

THStatus THNN_Threshold_updateOutput(const THTensor *input, THTensor *output, double threshold, double value)
{
    TH_GIVEN("Threshold", input, output);
    TH_TRY(THNN_checkFloating("Threshold", "input", input));
    const THDtype dtype = (THDtype)input->dtype;
    THNNCall call = {.op = "Threshold"};
    const THTensor *x = THNNCall_read(&call, input);
    THTensor *y = THNNCall_writeInPlace(&call, output, dtype, input->ndim, input->size);
    if (call.status == TH_OK && y->numel > 0) {
        Task task = {.kernel = TH_PICK(THNNThresholdKernel_tables, dtype),
                     .x = THTensor_dataBytes(x),
                     .out = THTensor_dataBytes(y),
                     .itemsize = (int64_t)THDtype_size(dtype),
                     .threshold = threshold,
                     .value = value};
        THThreads_for(y->numel, TH_GRAIN, forwardRange, &task);
    }
    return THNNCall_close(&call);
}

THStatus THNN_Threshold_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                        double threshold)
{
    TH_GIVEN("Threshold", input, gradOutput, gradInput);
    TH_TRY(THNN_checkFloating("Threshold", "input", input));
    const THDtype dtype = (THDtype)input->dtype;
    TH_TRY(THNN_checkDtype("Threshold", "gradOutput", gradOutput, dtype));
    TH_TRY(THNN_checkShape("Threshold", "gradOutput", gradOutput, input->ndim, input->size));
    THNNCall call = {.op = "Threshold"};
    const THTensor *x = THNNCall_read(&call, input);
    const THTensor *gy = THNNCall_read(&call, gradOutput);
    THTensor *gx = THNNCall_writeInPlace(&call, gradInput, dtype, input->ndim, input->size);
    if (call.status == TH_OK && gx->numel > 0) {
        Task task = {.kernel = TH_PICK(THNNThresholdKernel_tables, dtype),
                     .x = THTensor_dataBytes(x),
                     .gy = THTensor_dataBytes(gy),
                     .out = THTensor_dataBytes(gx),
                     .itemsize = (int64_t)THDtype_size(dtype),
                     .threshold = threshold};
        THThreads_for(gx->numel, TH_GRAIN, backwardRange, &task);
    }
    return THNNCall_close(&call);
}
