/* RReLU: a leaky ReLU whose slope is drawn anew for each negative element while training. */
#include "TH/THArgument.h"
#include "TH/THTensorRandom.h"
#include "kernels/THNNActivationKernel.h"
#include "ops/THNNCall.h"

#define OP "RReLU"

typedef struct Task {
    const THNNActivationKernel *kernel;
    int64_t itemsize;
    const char *x;
    char *noise;
    char *y;
} Task;

static void range(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t at = begin * t->itemsize;
    t->kernel->randomized(end - begin, t->x + at, t->noise + at, t->y + at);
}

static THStatus checkBounds(double lower, double upper)
{
    TH_FAIL_IF(!(lower <= upper), TH_ERR_VALUE, "[" OP "] lower is %g, expected at most upper, which is %g", lower, upper);
    return TH_OK;
}

static THStatus train(const THTensor *input, THTensor *output, THTensor *noise, double lower, double upper,
                      THGenerator *generator)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    const THDtype dtype = (THDtype)input->dtype;
    THNNCall call = {.op = OP};
    Task task = {.kernel = TH_PICK(THNNActivationKernel_tables, dtype), .itemsize = (int64_t)THDtype_size(dtype)};
    task.x = THNN_data(THNNCall_read(&call, input));
    THTensor *slopes = THNNCall_write(&call, noise, dtype, input->ndim, input->size);
    task.y = THNN_data(THNNCall_writeInPlace(&call, output, dtype, input->ndim, input->size));
    if (call.status == TH_OK) THNNCall_fail(&call, THTensor_uniform(slopes, generator, lower, upper));
    if (call.status == TH_OK) {
        task.noise = THNN_data(slopes);
        THThreads_for(slopes->numel, TH_GRAIN, range, &task);
    }
    return THNNCall_close(&call);
}

THStatus THNN_RReLU_updateOutput(const THTensor *input, THTensor *output, THTensor *noise, double lower, double upper,
                                 int training, THGenerator *generator)
{
    TH_GIVEN("RReLU", input, output);
    if (training) TH_GIVEN("RReLU", noise);
    TH_TRY(checkBounds(lower, upper));
    if (training) return train(input, output, noise, lower, upper, generator);
    TH_TRY(THNN_checkFloating(OP, "input", input));
    return THNN_LeakyReLU_updateOutput(input, output, (lower + upper) / 2);
}

THStatus THNN_RReLU_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                    const THTensor *noise, double lower, double upper, int training)
{
    TH_GIVEN("RReLU", input, gradOutput, gradInput);
    if (training) TH_GIVEN("RReLU", noise);
    TH_TRY(checkBounds(lower, upper));
    TH_TRY(THNN_checkFloating(OP, "input", input));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, input->size));
    if (!training) return THNN_LeakyReLU_updateGradInput(input, gradOutput, gradInput, (lower + upper) / 2);
    TH_TRY(THNN_checkShape(OP, "noise", noise, input->ndim, input->size));
    return THTensor_cmul(gradInput, gradOutput, noise);
}
