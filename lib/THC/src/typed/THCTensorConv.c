/* THCudaTensor_conv2D*. */
#include "THC/THCTensorConv.h"

#include "TH/THArgument.h"

/* Sizes and strides of one convolution; `batched`: input has a dimension before its planes. */
typedef struct Conv {
    const char *op;
    int64_t stride[2]; /* of rows and columns */
    int64_t batch, planes, image[2], outputs, kernel[2], result[2];
} Conv;

static THStatus check(const char *op, const char *name, const THTensor *t, int ndim)
{
    TH_FAIL_IF(t->dtype != THDtype_Float, TH_ERR_DTYPE, "[%s] %s is %s, expected Float", op, name,
               THDtype_name((THDtype)t->dtype));
    TH_FAIL_IF(THTensor_device(t) == TH_DEVICE_HOST, TH_ERR_STATE, "[%s] %s lies on the host, expected a CUDA device", op,
               name);
    TH_FAIL_IF(t->ndim != ndim || t->numel == 0, TH_ERR_SHAPE,
               "[%s] %s has %d dimensions and %lld elements, expected %d, none 0", op, name, t->ndim, (long long)t->numel,
               ndim);
    return TH_OK;
}

static THStatus begin(Conv *c, const char *op, const THTensor *input, const THTensor *kernel, int ndim, int64_t srow,
                      int64_t scol)
{
    TH_TRY(check(op, "input", input, ndim));
    TH_FAIL_IF(srow < 1 || scol < 1, TH_ERR_VALUE, "[%s] strides, %lld and %lld: must be at least 1", op, (long long)srow,
               (long long)scol);
    c->op = op;
    c->stride[0] = srow;
    c->stride[1] = scol;
    c->batch = ndim == 4 ? input->size[0] : 1;
    c->planes = input->size[ndim - 3];
    for (int d = 0; d < 2; d++) {
        c->image[d] = input->size[ndim - 2 + d];
        c->kernel[d] = kernel->size[kernel->ndim - 2 + d];
    }
    return TH_OK;
}

/* output = beta output + alpha made, which has `size`; with another size before, what output held is forgotten. Frees made. */
static THStatus finish(THTensor *output, float beta, float alpha, THTensor *made, int ndim, const int64_t *size)
{
    if (made == NULL) return THStatus_last();
    THTensor *const shaped = THTensor_newView(made, ndim, size);
    THStatus status = shaped == NULL ? THStatus_last() : TH_OK;
    const bool adds = status == TH_OK && beta != 0 && output->storage != NULL && THTensor_isSameSizeAs(output, shaped);
    if (status == TH_OK && adds) status = THCTensor_mul(output, output, THScalar_fromDouble(beta));
    if (status == TH_OK && adds) status = THCTensor_cadd(output, output, shaped, THScalar_fromDouble(alpha));
    if (status == TH_OK && !adds) status = THCTensor_mul(output, shaped, THScalar_fromDouble(alpha));
    THTensor_free(shaped);
    THTensor_free(made);
    return status;
}

/* --- sums over planes ---------------------------------------------------------------------------------------------------- */

/* Zeros around and between the elements of t, so that each of its valid places is one of the full convolution. */
static THTensor *spread(Conv *c, const THTensor *t)
{
    int64_t size[TH_MAX_DIMS], stride[TH_MAX_DIMS], offset = 0;
    for (int d = 0; d < t->ndim; d++) size[d] = t->size[d];
    for (int d = 0; d < 2; d++) size[t->ndim - 2 + d] = (c->image[d] - 1) * c->stride[d] + 2 * c->kernel[d] - 1;
    THTensor *const wide = THCTensor_newWithSize(THTensor_device(t), THDtype_Float, t->ndim, size);
    if (wide == NULL) return NULL;
    for (int d = 0; d < t->ndim; d++) stride[d] = wide->stride[d];
    for (int d = 0; d < 2; d++) {
        offset += (c->kernel[d] - 1) * stride[t->ndim - 2 + d];
        stride[t->ndim - 2 + d] *= c->stride[d];
        c->image[d] = size[t->ndim - 2 + d];
        c->stride[d] = 1;
    }
    THTensor *const inner = THTensor_newAsStrided(wide, t->ndim, t->size, stride, wide->offset + offset);
    THStatus status = inner == NULL ? THStatus_last() : THCTensor_zero(wide);
    if (status == TH_OK) status = THCTensor_copy(inner, t);
    THTensor_free(inner);
    if (status == TH_OK) return wide;
    THTensor_free(wide);
    return NULL;
}

/* For each of the batch a matrix: a row for each element of a kernel of all planes, a column for each place of the result. */
static THTensor *columns(const Conv *c, const THTensor *t)
{
    const int64_t *const s = t->stride + t->ndim - 3;
    const int64_t size[] = {c->batch, c->planes, c->kernel[0], c->kernel[1], c->result[0], c->result[1]};
    const int64_t stride[] = {t->ndim == 4 ? t->stride[0] : 0, s[0], s[1], s[2], s[1] * c->stride[0], s[2] * c->stride[1]};
    const int64_t matrix[] = {c->batch, c->planes * c->kernel[0] * c->kernel[1], c->result[0] * c->result[1]};
    THTensor *const view = THTensor_newAsStrided(t, 6, size, stride, t->offset);
    THTensor *const dense = view == NULL ? NULL : THCTensor_newContiguous(view);
    THTensor *const result = dense == NULL ? NULL : THTensor_newView(dense, 3, matrix);
    THTensor_free(view);
    THTensor_free(dense);
    return result;
}

/* The kernels as a matrix for each of the batch (the same memory), turned around for a convolution. */
static THTensor *rows(const Conv *c, const THTensor *kernel, bool turned)
{
    const int64_t each = c->planes * c->kernel[0] * c->kernel[1], size[] = {c->batch, c->outputs, each},
                  stride[] = {0, each, 1};
    THTensor *const other = turned ? THTensor_new() : NULL;
    const int64_t dims[] = {2, 3};
    THTensor *dense = NULL;
    if (!turned)
        dense = THCTensor_newContiguous((THTensor *)(uintptr_t)kernel);
    else if (other != NULL && THCTensor_flip(other, kernel, 2, dims) == TH_OK)
        dense = THCTensor_newContiguous(other);
    THTensor *const result = dense == NULL ? NULL : THTensor_newAsStrided(dense, 3, size, stride, dense->offset);
    THTensor_free(other);
    THTensor_free(dense);
    return result;
}

static THTensor *product(const Conv *c, const THTensor *a, const THTensor *b)
{
    const int64_t size[] = {c->batch, a->size[1], b->size[2]};
    THTensor *const r = THCTensor_newWithSize(THTensor_device(a), THDtype_Float, 3, size);
    const THScalar none = THScalar_fromDouble(0), one = THScalar_fromDouble(1);
    if (r == NULL || THCTensor_baddbmm(r, none, r, one, a, b) == TH_OK) return r;
    THTensor_free(r);
    return NULL;
}

static THStatus overPlanes(const char *op, THTensor *output, float beta, const THTensor *input, const THTensor *kernel,
                           int ndim, int64_t srow, int64_t scol, const char *type)
{
    Conv c;
    TH_GIVEN(op, output, input, kernel, type);
    TH_TRY(check(op, "kernel", kernel, 4));
    TH_TRY(begin(&c, op, input, kernel, ndim, srow, scol));
    const bool full = type[0] == 'f';
    TH_FAIL_IF((type[0] != 'v' && !full) || (type[1] != 'x' && type[1] != 'c'), TH_ERR_VALUE,
               "[%s] type, \"%.2s\": expected 'v' or 'f', then 'x' or 'c'", op, type);
    TH_FAIL_IF(kernel->size[1] != c.planes, TH_ERR_SHAPE, "[%s] kernel is for %lld planes, input has %lld", op,
               (long long)kernel->size[1], (long long)c.planes);
    TH_FAIL_IF(!full && (c.image[0] < c.kernel[0] || c.image[1] < c.kernel[1]), TH_ERR_SHAPE,
               "[%s] kernel is larger than the input", op);
    c.outputs = kernel->size[0];
    THTensor *const wide = full ? spread(&c, input) : THTensor_newWithTensor(input);
    if (wide == NULL) return THStatus_last();
    for (int d = 0; d < 2; d++) c.result[d] = (c.image[d] - c.kernel[d]) / c.stride[d] + 1;
    THTensor *const b = columns(&c, wide), *const a = b == NULL ? NULL : rows(&c, kernel, type[1] == 'c');
    THTensor *const made = a == NULL ? NULL : product(&c, a, b);
    THTensor *const all[] = {wide, a, b};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
    const int64_t size[] = {c.batch, c.outputs, c.result[0], c.result[1]};
    return finish(output, beta, 1, made, ndim, size + (ndim == 3));
}

THStatus THCudaTensor_conv2Dmv(THTensor *output, float beta, const THTensor *input, const THTensor *kernel, int64_t srow,
                               int64_t scol, const char *type)
{
    return overPlanes("conv2Dmv", output, beta, input, kernel, 3, srow, scol, type);
}

THStatus THCudaTensor_conv2Dmm(THTensor *output, float beta, const THTensor *input, const THTensor *kernel, int64_t srow,
                               int64_t scol, const char *type)
{
    return overPlanes("conv2Dmm", output, beta, input, kernel, 4, srow, scol, type);
}

/* --- gradients of kernels ------------------------------------------------------------------------------------------------ */

/* For each of the batch a matrix: a row for each element of a kernel, a column for each element of the result of a plane. */
static THTensor *reversed(const Conv *c, const THTensor *t)
{
    const int64_t *const s = t->stride + t->ndim - 3;
    const int64_t size[] = {c->batch, c->kernel[0], c->kernel[1], c->planes, c->result[0], c->result[1]};
    const int64_t stride[] = {t->ndim == 4 ? t->stride[0] : 0, s[1] * c->stride[0], s[2] * c->stride[1], s[0], s[1], s[2]};
    const int64_t matrix[] = {c->batch, c->kernel[0] * c->kernel[1], c->planes * c->result[0] * c->result[1]};
    THTensor *const view = THTensor_newAsStrided(t, 6, size, stride, t->offset);
    THTensor *const dense = view == NULL ? NULL : THCTensor_newContiguous(view);
    THTensor *const result = dense == NULL ? NULL : THTensor_newView(dense, 3, matrix);
    THTensor_free(view);
    THTensor_free(dense);
    return result;
}

static THStatus ofKernels(const char *op, THTensor *output, float beta, float alpha, const THTensor *input,
                          const THTensor *kernel, int ndim, int64_t srow, int64_t scol)
{
    Conv c;
    TH_GIVEN(op, output, input, kernel);
    TH_TRY(check(op, "kernel", kernel, ndim));
    TH_TRY(begin(&c, op, input, kernel, ndim, srow, scol));
    c.outputs = kernel->size[ndim - 3];
    TH_FAIL_IF(ndim == 4 && kernel->size[0] != c.batch, TH_ERR_SHAPE, "[%s] kernel is a batch of %lld, input of %lld", op,
               (long long)kernel->size[0], (long long)c.batch);
    for (int d = 0; d < 2; d++) {
        c.result[d] = c.image[d] - (c.kernel[d] - 1) * c.stride[d];
        TH_FAIL_IF(c.result[d] < 1, TH_ERR_SHAPE, "[%s] kernel, with its strides, is larger than the input", op);
    }
    const int64_t of_kernel[] = {c.batch, c.outputs, c.kernel[0] * c.kernel[1]};
    const int64_t size[] = {c.outputs, c.planes, c.result[0], c.result[1]};
    THTensor *const dense = THCTensor_newContiguous((THTensor *)(uintptr_t)kernel);
    THTensor *const a = dense == NULL ? NULL : THTensor_newView(dense, 3, of_kernel);
    THTensor *const b = a == NULL ? NULL : reversed(&c, input);
    THTensor *made =
        b == NULL ? NULL : THCTensor_newWithSize(THTensor_device(input), THDtype_Float, 2, (int64_t[]){c.outputs, b->size[2]});
    if (made != NULL && THCTensor_addbmm(made, THScalar_fromDouble(0), made, THScalar_fromDouble(1), a, b) != TH_OK) {
        THTensor_free(made);
        made = NULL;
    }
    THTensor *const all[] = {dense, a, b};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
    return finish(output, beta, alpha, made, 4, size);
}

THStatus THCudaTensor_conv2DRevger(THTensor *output, float beta, float alpha, const THTensor *input, const THTensor *kernel,
                                   int64_t srow, int64_t scol)
{
    return ofKernels("conv2DRevger", output, beta, alpha, input, kernel, 3, srow, scol);
}

THStatus THCudaTensor_conv2DRevgerm(THTensor *output, float beta, float alpha, const THTensor *input, const THTensor *kernel,
                                    int64_t srow, int64_t scol)
{
    return ofKernels("conv2DRevgerm", output, beta, alpha, input, kernel, 4, srow, scol);
}
