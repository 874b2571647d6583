/* Shapes of poolings. */
#include "ops/THNNPooling.h"

THStatus THNNPooling_initInput(THNNPooling *self, const char *op, const THTensor *input)
{
    TH_TRY(THNN_checkFloating(op, "input", input));
    TH_FAIL_IF(input->ndim != 3 && input->ndim != 4, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected 4 (N x C x H x W) or 3 (C x H x W)", op, input->ndim);
    const int64_t *spatial = input->size + input->ndim - 2;
    *self = (THNNPooling){.kernel = TH_PICK(THNNPoolingKernel_tables, input->dtype),
                          .planes = input->ndim == 4 ? input->size[0] * input->size[1] : input->size[0],
                          .in_plane = spatial[0] * spatial[1],
                          .itemsize = (int64_t)THDtype_size((THDtype)input->dtype)};
    TH_FAIL_IF(self->in_plane > INT32_MAX, TH_ERR_SHAPE, "[%s] input has planes of %lld elements, expected at most %d", op,
               (long long)self->in_plane, INT32_MAX);
    return TH_OK;
}

THStatus THNNPooling_initOutput(THNNPooling *self, const char *op, const THTensor *input, int ceil_mode)
{
    TH_TRY(THNNWindow_countPooling(&self->plane.h, op, 'H', ceil_mode));
    TH_TRY(THNNWindow_countPooling(&self->plane.w, op, 'W', ceil_mode));
    self->out_plane = self->plane.h.output * self->plane.w.output;
    for (int d = 0; d < input->ndim; d++) self->shape[d] = input->size[d];
    self->shape[input->ndim - 2] = self->plane.h.output;
    self->shape[input->ndim - 1] = self->plane.w.output;
    return TH_OK;
}

int64_t THNNPooling_grain(const THNNPooling *self)
{
    const int64_t work = self->out_plane * THNN_max(1, self->plane.h.kernel * self->plane.w.kernel);
    return THNN_max(1, TH_GRAIN / THNN_max(1, work));
}
