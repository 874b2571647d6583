/* Fourier transforms, against the sums that define them. */
#include "THTest.h"

static const double pi = 3.14159265358979323846;

static THTensor *sample(THDtype dtype, int ndim, const int64_t *size)
{
    THTensor *const t = THTensor_newWithSize(dtype, ndim, size);
    for (int64_t i = 0; i < t->numel; i++)
        THScalar_store(THScalar_fromDouble((double)(i * 37 % 23 - 11) / 16), dtype,
                       THTensor_dataBytes(t) + i * (int64_t)THDtype_size(dtype));
    return t;
}

/* The largest difference between r and the transform of the lines of a, both (lines, n, 2). */
static double error_of(const THTensor *r, const THTensor *a, int sign, double scale)
{
    const int64_t n = a->size[1];
    double worst = 0, c_of[130], s_of[130];
    for (int64_t k = 0; k < n; k++) {
        c_of[k] = cos(sign * 2 * pi * (double)k / (double)n);
        s_of[k] = sin(sign * 2 * pi * (double)k / (double)n);
    }
    for (int64_t line = 0; line < a->size[0]; line++) {
        for (int64_t k = 0; k < n; k++) {
            double re = 0, im = 0;
            for (int64_t j = 0; j < n; j++) {
                const double c = c_of[j * k % n], s = s_of[j * k % n];
                const double x = th_test_at(a, 2 * (line * n + j)), y = th_test_at(a, 2 * (line * n + j) + 1);
                re += x * c - y * s;
                im += x * s + y * c;
            }
            worst = fmax(worst, fabs(th_test_at(r, 2 * (line * n + k)) - scale * re));
            worst = fmax(worst, fabs(th_test_at(r, 2 * (line * n + k) + 1) - scale * im));
        }
    }
    return worst;
}

static void test_lengths(THDtype dtype, double tolerance)
{
    for (int64_t n = 1; n <= 130; n++) {
        const int64_t size[] = {n % 7 == 0 ? 19 : 2, n, 2}, reals[] = {3, n};
        THTensor *const a = sample(dtype, 3, size), *const r = THTensor_new(), *const back = THTensor_new();
        CHECK_OK(THTensor_fft(r, a, 1, -1, 0.5));
        CHECK(error_of(r, a, -1, 0.5) <= tolerance * (double)n);
        CHECK_OK(THTensor_fft(r, a, 1, 1, 1));
        CHECK(error_of(r, a, 1, 1) <= tolerance * (double)n);
        THTensor *const x = sample(dtype, 2, reals), *const half = THTensor_new();
        CHECK_OK(THTensor_fftReal(half, x, 1, 1, 1));
        CHECK(half->ndim == 3 && half->size[1] == n / 2 + 1 && half->size[2] == 2);
        CHECK_OK(THTensor_ifftReal(back, half, 1, n, 1 / (double)n, 1));
        double worst = 0;
        for (int64_t i = 0; i < x->numel; i++) worst = fmax(worst, fabs(th_test_at(back, i) - th_test_at(x, i)));
        CHECK(worst <= tolerance * 8);
        THTensor *const all[] = {a, r, back, x, half};
        for (int i = 0; i < 5; i++) THTensor_free(all[i]);
    }
}

static void test_edges(void)
{
    const int64_t none[] = {0, 4, 2}, gap[] = {2, 0, 2}, size[] = {3, 4, 2};
    THTensor *const empty = THTensor_newWithSize(THDtype_Float, 3, none), *const hole =
                                                                              THTensor_newWithSize(THDtype_Float, 3, gap);
    THTensor *const a = sample(THDtype_Float, 3, size), *const r = THTensor_new();
    THTensor *const ints = THTensor_newWithSize(THDtype_Int, 3, size), *const thin = THTensor_newNarrow(a, 2, 0, 1);
    CHECK_OK(THTensor_fft(r, empty, 1, -1, 1));
    CHECK(r->ndim == 3 && r->size[1] == 4 && r->numel == 0);
    CHECK_FAILS(THTensor_fft(r, hole, 1, -1, 1), TH_ERR_SHAPE, "[fft] self of size (2, 0, 2)");
    CHECK_FAILS(THTensor_fft(r, thin, 1, -1, 1), TH_ERR_SHAPE, "last dimension of size 2");
    CHECK_FAILS(THTensor_fft(r, ints, 1, -1, 1), TH_ERR_UNSUPPORTED, "[fft] not implemented for Int");
    CHECK_FAILS(THTensor_fft(r, a, 3, -1, 1), TH_ERR_SHAPE, "at least 4 dimensions");
    CHECK_FAILS(THTensor_fft(r, a, 0, -1, 1), TH_ERR_VALUE, "signal_ndim, 0");
    CHECK_FAILS(THTensor_fft(r, a, 1, 2, 1), TH_ERR_VALUE, "sign, 2");
    CHECK_FAILS(THTensor_fft(a, a, 1, -1, 1), TH_ERR_VALUE, "shares memory");
    CHECK_FAILS(THTensor_ifftReal(r, a, 1, 5, 1, 1), TH_ERR_SHAPE, "[irfft]");
    THTensor *const all[] = {empty, hole, a, r, ints, thin};
    for (int i = 0; i < 6; i++) THTensor_free(all[i]);
}

int main(void)
{
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        test_lengths(THDtype_Float, 4e-7);
        test_lengths(THDtype_Double, 1e-15);
    }
    test_edges();
    return th_test_end("fft");
}
