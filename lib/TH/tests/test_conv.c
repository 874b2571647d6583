/* Convolutions against their definition: each form, mode, dtype and CPU level; errors; the typed names. */
#include "THTest.h"

#include "TH/THTensorConv.h"
#include "TH/THTyped.h"

static const THDtype dtypes[] = {THDtype_Byte, THDtype_Char,  THDtype_Short, THDtype_Int,
                                 THDtype_Long, THDtype_Float, THDtype_Double};

static int64_t grid_size(int64_t t, int64_t k, int64_t stride, THConvMode mode)
{
    if (mode == THConvMode_FULL) return (t - 1) * stride + k;
    return mode == THConvMode_VALID ? (t - k) / stride + 1 : t - (k - 1) * stride;
}

/* Where element q of the kernel and place g of the smaller side meet: indices of r and t. */
static void meet(THConvMode mode, int64_t g, int64_t q, int64_t stride, int64_t *r, int64_t *t)
{
    *r = mode == THConvMode_FULL ? g * stride + q : g;
    *t = mode == THConvMode_FULL ? g : (mode == THConvMode_VALID ? g * stride + q : g + q * stride);
}

/* want[] += plane tp of t times plane kp of k, 2-d. */
static void naive(double *want, const THTensor *t, int64_t tp, const THTensor *k, int64_t kp, const THConv *c, int64_t rows,
                  int64_t columns)
{
    const int64_t th = t->size[t->ndim - 2], tw = t->size[t->ndim - 1], kh = k->size[k->ndim - 2], kw = k->size[k->ndim - 1];
    const bool flip = (c->mode == THConvMode_FULL) != (c->is_convolution != 0), full = c->mode == THConvMode_FULL;
    for (int64_t y = 0; y < (full ? th : rows); y++)
        for (int64_t x = 0; x < (full ? tw : columns); x++)
            for (int64_t q = 0; q < kh * kw; q++) {
                int64_t ry, rx, ty, tx;
                meet(c->mode, y, q / kw, c->stride[0], &ry, &ty);
                meet(c->mode, x, q % kw, c->stride[1], &rx, &tx);
                const int64_t place = flip ? kh * kw - 1 - q : q;
                want[ry * columns + rx] += th_test_at(t, (tp * th + ty) * tw + tx) * th_test_at(k, kp * kh * kw + place);
            }
}

static THTensor *small_numbers(THDtype dtype, int ndim, const int64_t *size, int seed)
{
    THTensor *const t = THTensor_newWithSize(dtype, ndim, size);
    for (int64_t i = 0; i < t->numel; i++)
        THScalar_store(THScalar_fromLong((i * 7 + seed) % 4), dtype, THTensor_dataBytes(t) + i * (int64_t)THDtype_size(dtype));
    return t;
}

static void test_planes(THDtype dtype, THConv c)
{
    const int64_t ts[] = {2, 9, 8}, ks[] = {3, 2, 2, 3};
    const bool ger = c.form == THConvForm_GER;
    THTensor *const t = small_numbers(dtype, 3, ts, 1), *const r = THTensor_new();
    THTensor *const k = ger ? small_numbers(dtype, 3, (const int64_t[]){3, 2, 3}, 2) : small_numbers(dtype, 4, ks, 2);
    const int64_t rows = grid_size(9, 2, c.stride[0], c.mode), columns = grid_size(8, 3, c.stride[1], c.mode);
    const int64_t planes = ger ? 6 : 3, n = rows * columns;
    double *const want = calloc((size_t)(planes * n), sizeof(*want));
    for (int64_t o = 0; o < 3; o++)
        for (int64_t i = 0; i < 2; i++)
            naive(want + (ger ? o * 2 + i : o) * n, t, i, k, ger ? o : o * 2 + i, &c, rows, columns);
    CHECK_OK(THTensor_conv(r, THScalar_fromLong(0), THScalar_fromLong(1), t, k, c));
    CHECK_OK(THTensor_conv(r, THScalar_fromLong(2), THScalar_fromLong(3), t, k, c)); /* 2 r + 3 r */
    CHECK(r->numel == planes * n && r->ndim == (ger ? 4 : 3));
    int wrong = 0;
    for (int64_t i = 0; i < planes * n; i++) {
        double expected = 5 * want[i];
        if (dtype == THDtype_Byte) expected = (uint8_t)(int64_t)expected;
        if (dtype == THDtype_Char) expected = (int8_t)(uint8_t)(int64_t)expected;
        wrong += th_test_at(r, i) != expected;
    }
    if (!CHECK(wrong == 0))
        fprintf(stderr, "    %s form %d mode %d: %d wrong\n", THDtype_name(dtype), (int)c.form, (int)c.mode, wrong);
    free(want);
    THTensor_free(t);
    THTensor_free(k);
    THTensor_free(r);
}

/* The other forms are made of those above. */
static void test_forms(void)
{
    const THScalar zero = THScalar_fromLong(0), one = THScalar_fromLong(1);
    THTensor *const t = small_numbers(THDtype_Double, 4, (const int64_t[]){2, 3, 6, 5}, 1), *const r = THTensor_new();
    THTensor *const k = small_numbers(THDtype_Double, 4, (const int64_t[]){4, 3, 2, 2}, 2), *const s = THTensor_new();
    const THConv mm = {.form = THConvForm_MM, .ndim = 2, .stride = {1, 2}},
                 mv = {.form = THConvForm_MV, .ndim = 2, .stride = {1, 2}};
    CHECK_OK(THTensor_conv(r, zero, one, t, k, mm));
    for (int64_t b = 0; b < 2; b++) {
        THTensor *const tb = THTensor_newSelect(t, 0, b), *const rb = THTensor_newSelect(r, 0, b);
        int equal = 0;
        CHECK_OK(THTensor_conv(s, zero, one, tb, k, mv));
        CHECK_OK(THTensor_equal(&equal, s, rb));
        CHECK(equal);
        THTensor_free(tb);
        THTensor_free(rb);
    }
    /* A batch of outer products is their sum. */
    THTensor *const kb = small_numbers(THDtype_Double, 4, (const int64_t[]){2, 4, 2, 2}, 3), *const sum = THTensor_new();
    const THConv germ = {.form = THConvForm_GERM, .mode = THConvMode_REVERSED, .ndim = 2, .stride = {2, 1}};
    THConv ger = germ;
    ger.form = THConvForm_GER;
    CHECK_OK(THTensor_conv(r, zero, one, t, kb, germ));
    for (int64_t b = 0; b < 2; b++) {
        THTensor *const tb = THTensor_newSelect(t, 0, b), *const k1 = THTensor_newSelect(kb, 0, b);
        CHECK_OK(THTensor_conv(sum, THScalar_fromLong(b), one, tb, k1, ger));
        THTensor_free(tb);
        THTensor_free(k1);
    }
    int equal = 0;
    CHECK_OK(THTensor_equal(&equal, sum, r));
    CHECK(equal);
    /* Volumes of depth 1 are planes; CMUL is MUL plane by plane. */
    THTensor *const plane = THTensor_newSelect(t, 0, 0), *const kernel = THTensor_newSelect(kb, 0, 0);
    THTensor *const three = THTensor_newNarrow(kernel, 0, 0, 3), *const first = THTensor_newSelect(plane, 0, 1),
                    *const kf = THTensor_newSelect(kernel, 0, 1);
    const THConv cmul = {.form = THConvForm_CMUL, .mode = THConvMode_FULL, .is_convolution = 1, .ndim = 2, .stride = {1, 1}};
    THConv mul = cmul;
    mul.form = THConvForm_MUL;
    CHECK_OK(THTensor_conv(r, zero, one, plane, three, cmul));
    CHECK_OK(THTensor_conv(s, zero, one, first, kf, mul));
    THTensor *const middle = THTensor_newSelect(r, 0, 1);
    CHECK_OK(THTensor_equal(&equal, middle, s));
    CHECK(equal);
    CHECK_OK(THDoubleTensor_conv3Dmul(r, 0, 1, plane, three, 1, 1, 1, "V", "X"));
    CHECK(r->ndim == 3 && r->size[0] == 1 && r->size[1] == 5 && r->size[2] == 4);
    double total = 0;
    for (int64_t i = 0; i < 12; i++) total += th_test_at(plane, i / 4 * 30 + i % 4 / 2 * 5 + i % 2) * th_test_at(three, i);
    CHECK(th_test_at(r, 0) == total);
    THTensor *const all[] = {t, r, k, s, kb, sum, plane, kernel, three, first, kf, middle};
    for (int i = 0; i < 12; i++) THTensor_free(all[i]);
}

static void test_typed_and_errors(void)
{
    const float t[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, k[] = {1, 0, 0, -1};
    float r[16] = {0};
    CHECK_OK(THFloatTensor_validXCorr2Dptr(r, 1, t, 3, 3, k, 2, 2, 1, 1));
    CHECK(r[0] == -4 && r[3] == -4);
    CHECK_OK(THFloatTensor_validConv2Dptr(r, 1, t, 3, 3, k, 2, 2, 1, 1));
    CHECK(r[0] == 0 && r[3] == 0);
    CHECK_OK(THFloatTensor_fullConv2Dptr(r, 2, t, 3, 3, k, 2, 2, 1, 1));
    CHECK(r[0] == 2 && r[15] == -18 && r[5] == 2 * (5 - 1));
    CHECK_FAILS(THFloatTensor_validXCorr2Dptr(r, 1, t, 1, 3, k, 2, 2, 1, 1), TH_ERR_SHAPE,
                "Input image is smaller than kernel (1, 2)");
    THFloatTensor *const a = THFloatTensor_newWithSize2d(3, 3), *const b = THFloatTensor_newWithSize2d(2, 2),
                         *const out = THFloatTensor_new();
    CHECK_OK(THFloatTensor_fill(a, 1));
    CHECK_OK(THFloatTensor_fill(b, 1));
    CHECK_OK(THFloatTensor_conv2Dmul(out, 0, 1, a, b, 1, 1, "F", "C"));
    CHECK(THFloatTensor_size(out, 0) == 4 && THFloatTensor_get2d(out, 1, 1) == 4);
    CHECK_FAILS(THFloatTensor_conv2Dmul(out, 0, 1, a, b, 0, 1, "V", "X"), TH_ERR_VALUE, "[conv] stride, 0");
    CHECK_FAILS(THFloatTensor_conv2Dmul(out, 0, 1, a, b, 1, 1, "Q", "X"), TH_ERR_VALUE, "can be 'V' or 'F'");
    CHECK_FAILS(THFloatTensor_conv2Dger(out, 0, 1, a, b, 1, 1, "V", "X"), TH_ERR_SHAPE, "[conv] t: 3D Tensor expected, got 2D");
    CHECK(THFloatTensor_size(out, 0) == 4 && THFloatTensor_get2d(out, 1, 1) == 4);
    THFloatTensor_free(a);
    THFloatTensor_free(b);
    THFloatTensor_free(out);
}

int main(void)
{
    static const THConvForm forms[] = {THConvForm_GER, THConvForm_MV};
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        for (int d = 0; d < 7; d++)
            for (int f = 0; f < 2; f++)
                for (int mode = THConvMode_VALID; mode <= (int)THConvMode_REVERSED; mode++)
                    for (int64_t stride = 1; stride < 3; stride++) {
                        test_planes(dtypes[d], (THConv){forms[f], (THConvMode)mode, 0, 2, {stride, 1, 0}});
                        test_planes(dtypes[d], (THConv){forms[f], (THConvMode)mode, 1, 2, {1, stride, 0}});
                    }
    }
    test_forms();
    test_typed_and_errors();
    return th_test_end("conv");
}
