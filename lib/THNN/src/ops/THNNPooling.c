/* Shapes of poolings. */
#include "ops/THNNPooling.h"

static const char *const SHAPES[] = {"C x W", "C x H x W", "C x D x H x W"};

THStatus THNNPooling_initInput(THNNPooling *self, const char *op, const THTensor *input, int dims)
{
    TH_TRY(THNN_checkFloating(op, "input", input));
    TH_FAIL_IF(input->ndim != dims + 1 && input->ndim != dims + 2, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected %d (N x %s) or %d (%s)", op, input->ndim, dims + 2, SHAPES[dims - 1],
               dims + 1, SHAPES[dims - 1]);
    *self = (THNNPooling){.plane = {THNN_WINDOW_WHOLE, THNN_WINDOW_WHOLE, THNN_WINDOW_WHOLE},
                          .kernel = TH_PICK(THNNPoolingKernel_tables, input->dtype),
                          .dims = dims,
                          .planes = 1,
                          .in_plane = 1,
                          .itemsize = (int64_t)THDtype_size((THDtype)input->dtype)};
    for (int d = 0; d < input->ndim; d++) {
        self->shape[d] = input->size[d];
        if (d < input->ndim - dims)
            self->planes *= input->size[d];
        else
            self->in_plane *= input->size[d];
    }
    TH_FAIL_IF(self->in_plane > INT32_MAX, TH_ERR_SHAPE, "[%s] input has planes of %lld elements, expected at most %d", op,
               (long long)self->in_plane, INT32_MAX);
    return TH_OK;
}

THStatus THNNPooling_initWindows(THNNPooling *self, const char *op, const THTensor *input, const int64_t *kernel,
                                 const THNNGeometry *geometry, int ceil_mode)
{
    THNNWindow *windows[THNN_SPATIAL_MAX] = {&self->plane.d, &self->plane.h, &self->plane.w};
    self->out_plane = 1;
    for (int d = 0; d < self->dims; d++) {
        const int axis = THNN_SPATIAL_MAX - self->dims + d;
        const int at = input->ndim - self->dims + d;
        TH_TRY(THNNWindow_init(windows[axis], op, "DHW"[axis], input->size[at], kernel[d], geometry->stride[d],
                               geometry->pad[d], geometry->dilation[d]));
    }
    for (int d = 0; d < self->dims; d++) {
        const int axis = THNN_SPATIAL_MAX - self->dims + d;
        TH_TRY(THNNWindow_countPooling(windows[axis], op, "DHW"[axis], ceil_mode));
        self->shape[input->ndim - self->dims + d] = windows[axis]->output;
        self->out_plane *= windows[axis]->output;
    }
    return TH_OK;
}

int64_t THNNPooling_grain(const THNNPooling *self)
{
    const int64_t taps = self->plane.d.kernel * self->plane.h.kernel * self->plane.w.kernel;
    return THNN_max(1, TH_GRAIN / THNN_max(1, self->out_plane * taps));
}

THStatus THNNPooling_checkIndexed(THNNPooling *self, const char *op, const THTensor *input, const THTensor *gradOutput,
                                  const THTensor *indices)
{
    TH_TRY(THNN_checkDtype(op, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(THNN_checkDtype(op, "indices", indices, THDtype_Long));
    TH_FAIL_IF(gradOutput->ndim != input->ndim, TH_ERR_SHAPE, "[%s] gradOutput has %d dimensions, expected %d", op,
               gradOutput->ndim, input->ndim);
    self->out_plane = 1;
    for (int d = 0; d < input->ndim; d++) {
        self->shape[d] = d < input->ndim - self->dims ? input->size[d] : gradOutput->size[d];
        if (d >= input->ndim - self->dims) self->out_plane *= self->shape[d];
    }
    TH_TRY(THNN_checkShape(op, "gradOutput", gradOutput, input->ndim, self->shape));
    return THNN_checkShape(op, "indices", indices, input->ndim, self->shape);
}

THStatus THNNPooling_checkIndices(const char *op, int64_t n, const int64_t *indices, int64_t bound)
{
    for (int64_t i = 0; i < n; i++) {
        TH_FAIL_IF(indices[i] < 0 || indices[i] >= bound, TH_ERR_INDEX,
                   "[%s] indices hold %lld, expected positions in [0, %lld)", op, (long long)indices[i], (long long)bound);
    }
    return TH_OK;
}
