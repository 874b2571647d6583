#include "TH/THArgument.h"
/* The activations that work element by element: one walk for all, a table of loops below it. */
#include "kernels/THNNActivationKernel.h"
#include "ops/THNNCall.h"

typedef struct Task {
    const THNNActivationKernel *kernel;
    THNNActivation kind;
    const char *x;
    const char *gy;
    char *out;
    int64_t itemsize;
    double a;
    double b;
} Task;

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t at = begin * t->itemsize;
    t->kernel->forward[t->kind](end - begin, t->x + at, t->out + at, t->a, t->b);
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t at = begin * t->itemsize;
    t->kernel->backward[t->kind](end - begin, t->x + at, t->gy + at, t->out + at, t->a, t->b);
}

static THStatus forward(const char *op, THNNActivation kind, const THTensor *input, THTensor *output, double a, double b)
{
    TH_TRY(THNN_checkFloating(op, "input", input));
    const THDtype dtype = (THDtype)input->dtype;
    THNNCall call = {.op = op};
    const THTensor *x = THNNCall_read(&call, input);
    THTensor *y = THNNCall_writeInPlace(&call, output, dtype, input->ndim, input->size);
    if (call.status == TH_OK && y->numel > 0) {
        Task task = {.kernel = TH_PICK(THNNActivationKernel_tables, dtype),
                     .kind = kind,
                     .x = THTensor_dataBytes(x),
                     .out = THTensor_dataBytes(y),
                     .itemsize = (int64_t)THDtype_size(dtype),
                     .a = a,
                     .b = b};
        THThreads_for(y->numel, TH_GRAIN, forwardRange, &task);
    }
    return THNNCall_close(&call);
}

/* `argument`: what the slope is computed from, input or output. */
static THStatus backward(const char *op, THNNActivation kind, const char *argument, const THTensor *from,
                         const THTensor *gradOutput, THTensor *gradInput, double a, double b)
{
    TH_TRY(THNN_checkFloating(op, argument, from));
    const THDtype dtype = (THDtype)from->dtype;
    TH_TRY(THNN_checkDtype(op, "gradOutput", gradOutput, dtype));
    TH_TRY(THNN_checkShape(op, "gradOutput", gradOutput, from->ndim, from->size));
    THNNCall call = {.op = op};
    const THTensor *x = THNNCall_read(&call, from);
    const THTensor *gy = THNNCall_read(&call, gradOutput);
    THTensor *gx = THNNCall_writeInPlace(&call, gradInput, dtype, from->ndim, from->size);
    if (call.status == TH_OK && gx->numel > 0) {
        Task task = {.kernel = TH_PICK(THNNActivationKernel_tables, dtype),
                     .kind = kind,
                     .x = THTensor_dataBytes(x),
                     .gy = THTensor_dataBytes(gy),
                     .out = THTensor_dataBytes(gx),
                     .itemsize = (int64_t)THDtype_size(dtype),
                     .a = a,
                     .b = b};
        THThreads_for(gx->numel, TH_GRAIN, backwardRange, &task);
    }
    return THNNCall_close(&call);
}

THStatus THNN_Abs_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Abs", input, output);
    return forward("Abs", THNNActivation_Abs, input, output, 0, 0);
}

THStatus THNN_Abs_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_GIVEN("Abs", input, gradOutput, gradInput);
    return backward("Abs", THNNActivation_Abs, "input", input, gradOutput, gradInput, 0, 0);
}

THStatus THNN_ELU_updateOutput(const THTensor *input, THTensor *output, double alpha, double scale)
{
    TH_GIVEN("ELU", input, output);
    return forward("ELU", THNNActivation_ELU, input, output, alpha * scale, scale);
}

THStatus THNN_ELU_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, double alpha,
                                  double scale)
{
    TH_GIVEN("ELU", gradOutput, gradInput, output);
    return backward("ELU", THNNActivation_ELU, "output", output, gradOutput, gradInput, alpha * scale, scale);
}

THStatus THNN_HardShrink_updateOutput(const THTensor *input, THTensor *output, double lambda)
{
    TH_GIVEN("HardShrink", input, output);
    return forward("HardShrink", THNNActivation_HardShrink, input, output, lambda, 0);
}

THStatus THNN_HardShrink_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, double lambda)
{
    TH_GIVEN("HardShrink", input, gradOutput, gradInput);
    return backward("HardShrink", THNNActivation_HardShrink, "input", input, gradOutput, gradInput, lambda, 0);
}

THStatus THNN_HardTanh_updateOutput(const THTensor *input, THTensor *output, double min_val, double max_val)
{
    TH_GIVEN("HardTanh", input, output);
    TH_FAIL_IF(!(min_val <= max_val), TH_ERR_VALUE, "[HardTanh] min_val is %g, expected at most max_val, which is %g", min_val,
               max_val);
    return forward("HardTanh", THNNActivation_HardTanh, input, output, min_val, max_val);
}

THStatus THNN_HardTanh_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, double min_val,
                                       double max_val)
{
    TH_GIVEN("HardTanh", input, gradOutput, gradInput);
    return backward("HardTanh", THNNActivation_HardTanh, "input", input, gradOutput, gradInput, min_val, max_val);
}

THStatus THNN_LeakyReLU_updateOutput(const THTensor *input, THTensor *output, double negval)
{
    TH_GIVEN("LeakyReLU", input, output);
    return forward("LeakyReLU", THNNActivation_LeakyReLU, input, output, negval, 0);
}

THStatus THNN_LeakyReLU_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, double negval)
{
    TH_GIVEN("LeakyReLU", input, gradOutput, gradInput);
    return backward("LeakyReLU", THNNActivation_LeakyReLU, "input", input, gradOutput, gradInput, negval, 0);
}

THStatus THNN_LogSigmoid_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("LogSigmoid", input, output);
    return forward("LogSigmoid", THNNActivation_LogSigmoid, input, output, 0, 0);
}

THStatus THNN_LogSigmoid_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_GIVEN("LogSigmoid", input, gradOutput, gradInput);
    return backward("LogSigmoid", THNNActivation_LogSigmoid, "input", input, gradOutput, gradInput, 0, 0);
}

THStatus THNN_Sigmoid_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Sigmoid", input, output);
    TH_TRY(THNN_checkFloating("Sigmoid", "input", input));
    return THTensor_sigmoid(output, input);
}

THStatus THNN_Sigmoid_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output)
{
    TH_GIVEN("Sigmoid", gradOutput, gradInput, output);
    return backward("Sigmoid", THNNActivation_Sigmoid, "output", output, gradOutput, gradInput, 0, 0);
}

THStatus THNN_SoftPlus_updateOutput(const THTensor *input, THTensor *output, double beta, double threshold)
{
    TH_GIVEN("SoftPlus", input, output);
    return forward("SoftPlus", THNNActivation_SoftPlus, input, output, beta, threshold);
}

THStatus THNN_SoftPlus_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, double beta,
                                       double threshold)
{
    TH_GIVEN("SoftPlus", input, gradOutput, gradInput);
    return backward("SoftPlus", THNNActivation_SoftPlus, "input", input, gradOutput, gradInput, beta, threshold);
}

THStatus THNN_SoftShrink_updateOutput(const THTensor *input, THTensor *output, double lambda)
{
    TH_GIVEN("SoftShrink", input, output);
    return forward("SoftShrink", THNNActivation_SoftShrink, input, output, lambda, 0);
}

THStatus THNN_SoftShrink_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, double lambda)
{
    TH_GIVEN("SoftShrink", input, gradOutput, gradInput);
    return backward("SoftShrink", THNNActivation_SoftShrink, "input", input, gradOutput, gradInput, lambda, 0);
}

THStatus THNN_Sqrt_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Sqrt", input, output);
    return forward("Sqrt", THNNActivation_Sqrt, input, output, 0, 0);
}

THStatus THNN_Sqrt_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output)
{
    TH_GIVEN("Sqrt", gradOutput, gradInput, output);
    return backward("Sqrt", THNNActivation_Sqrt, "output", output, gradOutput, gradInput, 0, 0);
}

THStatus THNN_Square_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Square", input, output);
    return forward("Square", THNNActivation_Square, input, output, 0, 0);
}

THStatus THNN_Square_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_GIVEN("Square", input, gradOutput, gradInput);
    return backward("Square", THNNActivation_Square, "input", input, gradOutput, gradInput, 0, 0);
}

THStatus THNN_Tanh_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Tanh", input, output);
    TH_TRY(THNN_checkFloating("Tanh", "input", input));
    return THTensor_tanh(output, input);
}

THStatus THNN_Tanh_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output)
{
    TH_GIVEN("Tanh", gradOutput, gradInput, output);
    return backward("Tanh", THNNActivation_Tanh, "output", output, gradOutput, gradInput, 0, 0);
}
