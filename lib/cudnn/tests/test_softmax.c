/* The softmax, its logarithm and their gradients along every dimension against sums in double; wrong arguments. */
#include "../../THC/tests/THCTest.h"
#include "THCUDNN/THCUDNN.h"

enum { NDIM = 3 };
static const int64_t SIZE[NDIM] = {3, 17, 40};
static const THDtype DTYPES[] = {THDtype_Half, THDtype_Float, THDtype_Double};
static const double TOLERANCE[] = {2e-3, 2e-6, 1e-12};

/* Host tensors of the same numbers: as `dtype` has them, and of these in double. */
typedef struct Pair {
    THTensor *given, *exact;
} Pair;

static Pair made(THDtype dtype, double scale, double phase)
{
    THTensor *const values = THTensor_newWithSize(THDtype_Double, NDIM, SIZE);
    for (int64_t i = 0; i < values->numel; i++)
        ((double *)(void *)THTensor_dataBytes(values))[i] = scale * sin(1.7 * (double)(i * i % 1009) + phase);
    const Pair pair = {THTensor_newConvert(values, dtype), NULL};
    THTensor_free(values);
    return (Pair){pair.given, THTensor_newConvert(pair.given, THDtype_Double)};
}

static double *numbers(THTensor *exact)
{
    return (double *)(void *)THTensor_dataBytes(exact);
}

/* y, then gx of gy and that y, along a line of `n` elements. */
static void reference_line(int64_t n, int64_t stride, const double *x, const double *gy, bool logarithm, double *y, double *gx)
{
    double most = -INFINITY, sum = 0, product = 0;
    for (int64_t k = 0; k < n; k++) most = fmax(most, x[k * stride]);
    for (int64_t k = 0; k < n; k++) sum += exp(x[k * stride] - most);
    for (int64_t k = 0; k < n; k++) {
        const double p = exp(x[k * stride] - most) / sum;
        y[k * stride] = logarithm ? x[k * stride] - most - log(sum) : p;
        product += logarithm ? gy[k * stride] : gy[k * stride] * p;
    }
    for (int64_t k = 0; k < n; k++) {
        const double p = exp(x[k * stride] - most) / sum;
        gx[k * stride] = logarithm ? gy[k * stride] - p * product : p * (gy[k * stride] - product);
    }
}

static void reference(int dim, const double *x, const double *gy, bool logarithm, double *y, double *gx)
{
    int64_t stride = 1, numel = SIZE[0] * SIZE[1] * SIZE[2];
    for (int d = dim + 1; d < NDIM; d++) stride *= SIZE[d];
    for (int64_t i = 0; i < numel; i++)
        if (i / stride % SIZE[dim] == 0) reference_line(SIZE[dim], stride, x + i, gy + i, logarithm, y + i, gx + i);
}

static void test_numbers(THDtype dtype, double precise, int dim, bool logarithm, double scale)
{
    /* A logarithm is the activation less one number, whose last digits are those of numbers of its size. */
    const double tolerance = logarithm && dtype != THDtype_Half ? precise * (1 + 0.1 * scale) : precise;
    const Pair x = made(dtype, scale, 0.3), gy = made(dtype, 1, 1.1), y = made(dtype, 0, 0), gx = made(dtype, 0, 0);
    reference(dim, numbers(x.exact), numbers(gy.exact), logarithm, numbers(y.exact), numbers(gx.exact));
    THTensor *const input = thc_test_there(x.given), *const slopes = thc_test_there(gy.given), *const output = THTensor_new(),
                    *const gradient = THTensor_new(), *const turned = THTensor_newTranspose(input, 0, 2);
    CHECK_OK(THCUDNN_softmaxForward(input, output, dim, logarithm));
    CHECK_OK(THCUDNN_softmaxBackward(slopes, gradient, output, dim - NDIM, logarithm));
    THTensor *const got = THCTensor_newConvert(output, THDtype_Double), *const got_gradient =
                                                                            THCTensor_newConvert(gradient, THDtype_Double);
    thc_test_same("softmax", got, y.exact, tolerance);
    thc_test_same("gradient", got_gradient, gx.exact, 4 * tolerance);
    THTensor *const of_turned = THTensor_new();
    CHECK_OK(THCUDNN_softmaxForward(turned, of_turned, 2 - dim, logarithm));
    THTensor *const back = THTensor_newTranspose(of_turned, 0, 2), *const straight = THCTensor_newConvert(back, THDtype_Double);
    thc_test_same("softmax of a strided tensor", straight, y.exact, tolerance);
    CHECK_OK(THCUDNN_softmaxForward(input, input, dim, logarithm));
    THTensor *const in_place = THCTensor_newConvert(input, THDtype_Double);
    thc_test_same("softmax in the place of its input", in_place, y.exact, tolerance);
    THTensor *const all[] = {x.given, x.exact,  gy.given, gy.exact, y.given, y.exact,      gx.given,  gx.exact, input,   slopes,
                             output,  gradient, turned,   got,      back,    got_gradient, of_turned, straight, in_place};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

static void test_edges(void)
{
    const int64_t none[] = {2, 0};
    THTensor *const scalar = THCTensor_newWithSize(0, THDtype_Float, 0, none),
                    *const empty = THCTensor_newWithSize(0, THDtype_Float, 2, none), *const output = THTensor_new(),
                    *const ints = THCTensor_newWithSize(0, THDtype_Int, 0, none),
                    *const host = THTensor_newWithSize(THDtype_Float, 0, none),
                    *const other = THCTensor_newWithSize(0, THDtype_Float, 1, none);
    CHECK_OK(THCTensor_zero(scalar));
    CHECK_OK(THCUDNN_softmaxForward(scalar, output, 0, false));
    THScalar value;
    CHECK_OK(THCTensor_item(output, &value));
    CHECK(THScalar_toDouble(value) == 1);
    CHECK(THCUDNN_softmaxForward(empty, output, 0, false) == TH_ERR_UNSUPPORTED);
    CHECK_FAILS(THCUDNN_softmaxForward(scalar, output, 1, true), TH_ERR_INDEX, "[LogSoftMax]");
    CHECK_FAILS(THCUDNN_softmaxForward(ints, output, 0, false), TH_ERR_DTYPE, "[SoftMax] Int");
    CHECK_FAILS(THCUDNN_softmaxForward(host, output, 0, false), TH_ERR_STATE, "on the host");
    CHECK_FAILS(THCUDNN_softmaxBackward(other, output, scalar, 0, false), TH_ERR_SHAPE, "gradOutput has another size");
    THTensor *const all[] = {scalar, empty, output, ints, host, other};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

int main(void)
{
    if (!thc_test_hasDevice() || THCUDNN_open() != TH_OK) {
        THTensor *const host = THTensor_newWithSize(THDtype_Float, NDIM, SIZE);
        CHECK_FAILS(THCUDNN_softmaxForward(host, host, 0, false), TH_ERR_STATE, "a tensor is on the host, expected a device");
        THTensor_free(host);
        return th_test_end("test_softmax, without a device or cuDNN");
    }
    for (int t = 0; t < 3; t++)
        for (int dim = 0; dim < NDIM; dim++)
            for (int logarithm = 0; logarithm < 2; logarithm++) {
                test_numbers(DTYPES[t], TOLERANCE[t], dim, logarithm != 0, 1);
                test_numbers(DTYPES[t], TOLERANCE[t], dim, logarithm != 0, 300); /* exp would overflow */
            }
    test_edges();
    return th_test_end("test_softmax");
}
