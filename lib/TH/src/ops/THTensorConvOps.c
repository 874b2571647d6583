/* Convolutions: which planes meet, and how large the result is. */
#include "TH/THArgument.h"
#include "TH/THTensorConv.h"

#include "TH/THTensorFill.h"
#include "TH/THTensorPointwise.h"
#include "TH/THThreads.h"
#include "core/THCore.h"
#include "kernels/THConvolve.h"
#include "ops/THOps.h"

/* One call. Planes: r has `outer` x `inner`, and each is a sum over `summed`. */
typedef struct Convolution {
    const THConvolve *table;
    THConvolveAxis axes[3];
    int flip;
    int64_t scale; /* the bytes of one element */
    char *r;
    const char *t, *k;
    int64_t r_plane, t_plane, k_plane; /* bytes */
    int64_t outer, inner, summed;
    int64_t t_outer, t_inner, t_summed; /* planes that a step moves t, k by */
    int64_t k_outer, k_inner, k_summed;
} Convolution;

/* Dimensions in front of those of a plane. */
static const struct {
    int r, t, k;
} leading[] = {[THConvForm_MUL] = {0, 0, 0},  [THConvForm_CMUL] = {1, 1, 1}, [THConvForm_GER] = {2, 1, 1},
               [THConvForm_GERM] = {2, 2, 2}, [THConvForm_MV] = {1, 1, 2},   [THConvForm_MM] = {2, 2, 2}};

/* One dimension of t and k. */
static THStatus check_sizes(int d, int64_t size, int64_t kernel, int64_t stride, THConvMode mode)
{
    TH_FAIL_IF(stride < 1, TH_ERR_VALUE, "[conv] stride, %lld: should be a positive integer", (long long)stride);
    TH_FAIL_IF(size < 1 || kernel < 1, TH_ERR_SHAPE, "[conv] dimension %d: t has %lld elements, k %lld; both need one", d,
               (long long)size, (long long)kernel);
    int64_t reach = kernel, full;
    const bool far = (mode == THConvMode_REVERSED &&
                      (__builtin_mul_overflow(kernel - 1, stride, &reach) || __builtin_add_overflow(reach, 1, &reach))) ||
                     (mode == THConvMode_FULL &&
                      (__builtin_mul_overflow(size - 1, stride, &full) || __builtin_add_overflow(full, kernel, &full)));
    TH_FAIL_IF(far, TH_ERR_SHAPE, "[conv] dimension %d, stride %lld: reaches farther than can be counted", d,
               (long long)stride);
    TH_FAIL_IF(mode != THConvMode_FULL && size < reach, TH_ERR_SHAPE,
               "[conv] dimension %d: Input image is smaller than kernel (%lld, %lld)", d, (long long)size, (long long)reach);
    return TH_OK;
}

static THStatus check(const THTensor *t, const THTensor *k, THScalar beta, THScalar alpha, const THConv *c)
{
    TH_TRY(THOps_sameDtype("conv", t, k));
    TH_FAIL_IF(c->ndim != 2 && c->ndim != 3, TH_ERR_VALUE, "[conv] ndim, %d: must be 2 or 3", c->ndim);
    TH_FAIL_IF(t->ndim != c->ndim + leading[c->form].t, TH_ERR_SHAPE, "[conv] t: %dD Tensor expected, got %dD",
               c->ndim + leading[c->form].t, t->ndim);
    TH_FAIL_IF(k->ndim != c->ndim + leading[c->form].k, TH_ERR_SHAPE, "[conv] k: %dD Tensor expected, got %dD",
               c->ndim + leading[c->form].k, k->ndim);
    for (int d = 0; d < c->ndim; d++)
        TH_TRY(check_sizes(d, t->size[t->ndim - c->ndim + d], k->size[k->ndim - c->ndim + d], c->stride[d], c->mode));
    TH_TRY(THScalar_check(beta, (THDtype)t->dtype, "conv", "beta"));
    return THScalar_check(alpha, (THDtype)t->dtype, "conv", "alpha");
}

static THConvolveAxis axis_of(int64_t size, int64_t kernel, int64_t stride, THConvMode mode)
{
    THConvolveAxis a = {.kernel = kernel, .t_size = size, .r_step = 1, .t_step = 1};
    if (mode == THConvMode_FULL) {
        a.count = size;
        a.r_size = (size - 1) * stride + kernel;
        a.r_step = stride;
        a.r_shift = 1;
    } else {
        const int64_t reach = mode == THConvMode_VALID ? kernel : (kernel - 1) * stride + 1;
        a.count = a.r_size = mode == THConvMode_VALID ? (size - reach) / stride + 1 : size - reach + 1;
        a.t_step = mode == THConvMode_VALID ? stride : 1;
        a.t_shift = mode == THConvMode_VALID ? 1 : stride;
    }
    return a;
}

/* A dimension that two operands share. */
static THStatus same_planes(const char *what, int64_t a, int64_t b)
{
    TH_FAIL_IF(a != b, TH_ERR_SHAPE, "[conv] k: invalid number of %s: t has %lld, k %lld", what, (long long)a, (long long)b);
    return TH_OK;
}

/* The loops of c's form, and the leading sizes of r. */
static THStatus plan(Convolution *p, const THTensor *t, const THTensor *k, THConvForm form, int64_t size[2])
{
    p->outer = p->inner = p->summed = 1;
    switch (form) {
    case THConvForm_MUL:
        break;
    case THConvForm_CMUL:
        TH_TRY(same_planes("planes", t->size[0], k->size[0]));
        p->outer = size[0] = t->size[0];
        p->t_outer = p->k_outer = 1;
        break;
    case THConvForm_GER:
        p->outer = size[0] = k->size[0];
        p->inner = size[1] = t->size[0];
        p->k_outer = p->t_inner = 1;
        break;
    case THConvForm_GERM:
        TH_TRY(same_planes("batches", t->size[0], k->size[0]));
        p->outer = size[0] = k->size[1];
        p->inner = size[1] = t->size[1];
        p->summed = t->size[0];
        p->k_outer = p->t_inner = 1;
        p->t_summed = t->size[1];
        p->k_summed = k->size[1];
        break;
    case THConvForm_MV:
        TH_TRY(same_planes("input planes", t->size[0], k->size[1]));
        p->outer = size[0] = k->size[0];
        p->summed = k->size[1];
        p->k_outer = k->size[1];
        p->t_summed = p->k_summed = 1;
        break;
    case THConvForm_MM:
        TH_TRY(same_planes("input planes", t->size[1], k->size[1]));
        p->outer = size[0] = t->size[0];
        p->inner = size[1] = k->size[0];
        p->summed = p->t_outer = p->k_inner = k->size[1];
        p->t_summed = p->k_summed = 1;
        break;
    }
    return TH_OK;
}

static void run(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Convolution *const p = context;
    for (int64_t i = begin; i < end; i++) {
        const int64_t outer = i / p->inner, inner = i % p->inner;
        for (int64_t s = 0; s < p->summed; s++) {
            const int64_t t = outer * p->t_outer + inner * p->t_inner + s * p->t_summed;
            const int64_t k = outer * p->k_outer + inner * p->k_inner + s * p->k_summed;
            p->table->add(p->r + i * p->r_plane, p->t + t * p->t_plane, p->k + k * p->k_plane, &p->scale, p->axes, p->flip);
        }
    }
}

/* What the sums are added to, dense and of the right shape: a new tensor, as r may be an operand too. */
static THTensor *new_start(const THTensor *r, THScalar beta, THDtype dtype, int ndim, const int64_t *size)
{
    THTensor *const start = THTensor_newWithSize(dtype, ndim, size);
    if (start == NULL) return NULL;
    const bool forget =
        THScalar_toDouble(beta) == 0 || r->storage == NULL || r->dtype != dtype || !THTensor_isSameSizeAs(r, start);
    const THStatus status = forget ? THTensor_zero(start) : THTensor_mul(start, r, beta);
    if (status == TH_OK) return start;
    THTensor_free(start);
    return NULL;
}

THStatus THTensor_conv(THTensor *r, THScalar beta, THScalar alpha, const THTensor *t, const THTensor *k, THConv conv)
{
    TH_GIVEN("conv", r, t, k);
    Convolution p = {.flip = (conv.mode == THConvMode_FULL) != (conv.is_convolution != 0)};
    int64_t size[5] = {0}, elements = 1;
    TH_OPS_TABLE(THConvolve, table, "conv", (THDtype)t->dtype);
    TH_TRY(check(t, k, beta, alpha, &conv));
    TH_FAIL_IF(r->storage != NULL && r->dtype != t->dtype, TH_ERR_DTYPE, "[conv] the output is %s, expected %s",
               THDtype_name((THDtype)r->dtype), THDtype_name((THDtype)t->dtype));
    TH_TRY(plan(&p, t, k, conv.form, size));
    const int front = leading[conv.form].r, ndim = front + conv.ndim;
    p.table = table;
    p.axes[0] = axis_of(1, 1, 1, THConvMode_VALID); /* of planes */
    for (int d = 0; d < conv.ndim; d++) {
        THConvolveAxis *const axis = &p.axes[3 - conv.ndim + d];
        *axis = axis_of(t->size[t->ndim - conv.ndim + d], k->size[k->ndim - conv.ndim + d], conv.stride[d], conv.mode);
        size[front + d] = axis->r_size;
    }
    for (int a = 0; a < 3; a++) elements *= p.axes[a].r_size;
    const int64_t itemsize = THDtype_itemsize((THDtype)t->dtype);
    p.r_plane = elements * itemsize;
    p.t_plane = p.axes[0].t_size * p.axes[1].t_size * p.axes[2].t_size * itemsize;
    p.k_plane = p.axes[0].kernel * p.axes[1].kernel * p.axes[2].kernel * itemsize;
    THScalar_store(alpha, (THDtype)t->dtype, &p.scale);
    THTensor *const start = new_start(r, beta, (THDtype)t->dtype, ndim, size);
    THTensor *const dt = THTensor_newContiguous((THTensor *)t), *const dk = THTensor_newContiguous((THTensor *)k);
    THStatus status = start == NULL || dt == NULL || dk == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) {
        p.r = THTensor_dataBytes(start);
        p.t = THTensor_dataBytes(dt);
        p.k = THTensor_dataBytes(dk);
        const int64_t work = elements * p.summed * (p.k_plane / itemsize);
        THThreads_for(p.outer * p.inner, 1 + TH_GRAIN / (work + 1), run, &p);
        if (r->storage == NULL) {
            status = THTensor_set(r, start);
        } else {
            status = THTensor_output(r, "conv", (THDtype)start->dtype, ndim, size);
            if (status == TH_OK) status = THTensor_copy(r, start);
        }
    }
    THTensor_free(start);
    THTensor_free(dt);
    THTensor_free(dk);
    return status;
}

THStatus THTensor_convPointer(THDtype dtype, void *r, THScalar alpha, const void *t, const int64_t t_size[3], const void *k,
                              const int64_t k_size[3], const int64_t stride[3], THConvMode mode, int is_convolution)
{
    TH_GIVEN("conv", r, t, t_size, k, k_size, stride);
    THConvolveAxis axes[3];
    int64_t scale = 0; /* room for any element */
    TH_OPS_TABLE(THConvolve, table, "conv", dtype);
    TH_TRY(THScalar_check(alpha, dtype, "conv", "alpha"));
    for (int d = 0; d < 3; d++) {
        TH_TRY(check_sizes(d, t_size[d], k_size[d], stride[d], mode));
        axes[d] = axis_of(t_size[d], k_size[d], stride[d], mode);
    }
    THScalar_store(alpha, dtype, &scale);
    table->add(r, t, k, &scale, axes, (mode == THConvMode_FULL) != (is_convolution != 0));
    return TH_OK;
}
