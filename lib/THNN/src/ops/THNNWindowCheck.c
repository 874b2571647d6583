/* Sizes of outputs, and the bounds within which no product of window arguments overflows. */
#include "ops/THNNWindowCheck.h"

static THStatus checkAtLeast(const char *op, const char *name, char axis, int64_t value, int64_t least)
{
    TH_FAIL_IF(value < least || value > INT32_MAX, TH_ERR_VALUE, "[%s] %s%c is %lld, expected %lld to %d", op, name, axis,
               (long long)value, (long long)least, INT32_MAX);
    return TH_OK;
}

THStatus THNNWindow_init(THNNWindow *self, const char *op, char axis, int64_t input, int64_t kernel, int64_t stride,
                         int64_t pad, int64_t dilation)
{
    TH_TRY(checkAtLeast(op, "k", axis, kernel, 1));
    TH_TRY(checkAtLeast(op, "d", axis, stride, 1));
    TH_TRY(checkAtLeast(op, "pad", axis, pad, 0));
    TH_TRY(checkAtLeast(op, "dilation", axis, dilation, 1));
    *self = (THNNWindow){.input = input, .kernel = kernel, .stride = stride, .pad = pad, .dilation = dilation};
    return TH_OK;
}

static int64_t extentOf(const THNNWindow *self)
{
    return (self->kernel - 1) * self->dilation + 1;
}

static THStatus failTooSmall(const THNNWindow *self, const char *op, char axis)
{
    TH_FAIL_IF(self->input < 1, TH_ERR_SHAPE, "[%s] input has %c %lld, expected 1 or more before padding", op, axis,
               (long long)self->input);
    return THStatus_fail(
        TH_ERR_SHAPE, "[%s] input has %c %lld, with padding %lld: smaller than the window of %lld; output would be too small",
        op, axis, (long long)self->input, (long long)(self->input + 2 * self->pad), (long long)extentOf(self));
}

THStatus THNNWindow_count(THNNWindow *self, const char *op, char axis)
{
    const int64_t room = self->input + 2 * self->pad - extentOf(self);
    if (self->input < 1 || room < 0) return failTooSmall(self, op, axis);
    self->output = room / self->stride + 1;
    return TH_OK;
}

static bool seesElement(const THNNWindow *self, int64_t o)
{
    const int64_t start = o * self->stride - self->pad;
    const int64_t skipped = start < 0 ? (-start + self->dilation - 1) / self->dilation : 0;
    return skipped < self->kernel && start + skipped * self->dilation < self->input;
}

THStatus THNNWindow_countPooling(THNNWindow *self, const char *op, char axis, int ceil_mode)
{
    TH_FAIL_IF(self->pad * 2 > self->kernel, TH_ERR_VALUE, "[%s] pad%c is %lld, expected at most half of k%c, which is %lld",
               op, axis, (long long)self->pad, axis, (long long)self->kernel);
    const int64_t room = self->input + 2 * self->pad - extentOf(self);
    const int64_t rounded = ceil_mode ? room + self->stride - 1 : room;
    if (self->input < 1 || rounded < 0) return failTooSmall(self, op, axis);
    self->output = rounded / self->stride + 1;
    if (ceil_mode && (self->output - 1) * self->stride >= self->input + self->pad) self->output--;
    /* Dilated taps can straddle a small input. */
    for (int64_t o = 0; o < self->output; o++) {
        TH_FAIL_IF(!seesElement(self, o), TH_ERR_SHAPE,
                   "[%s] window %lld along %c sees padding alone: input %lld, kernel %lld, pad %lld, dilation %lld", op,
                   (long long)o, axis, (long long)self->input, (long long)self->kernel, (long long)self->pad,
                   (long long)self->dilation);
    }
    return TH_OK;
}
