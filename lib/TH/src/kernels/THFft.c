/* Fourier transforms: Stockham's passes of radix 2, 3, 4, 5, and of any other small prime. */
#include "kernels/THFft.h"

#include <math.h>
#include <string.h>

#include "TH/THKernelMath.h"

#define ROW TH_FFT_ROW

typedef struct Pass {
    int64_t m;    /* the length that is left after the pass */
    int64_t s;    /* length of the runs: lanes times the product of the earlier radices */
    int64_t step; /* between roots of the current length */
    const scalar_t *roots;
    const scalar_t *re, *im;
    scalar_t *to_re, *to_im;
} Pass;

#if TH_DTYPE_IS(Float)
#define FUSE TH_MATH_FMAF
#else
#define FUSE TH_MATH_FMA
#endif

/* roots[p * j] of the current length, times (re, im). */
#define TURN(j, value_re, value_im)                                                                                            \
    do {                                                                                                                       \
        const scalar_t x_ = (value_re), y_ = (value_im);                                                                       \
        to_re[(j) * s + q] = FUSE(-y_, w_im[j], x_ * w_re[j]);                                                                 \
        to_im[(j) * s + q] = FUSE(x_, w_im[j], y_ * w_re[j]);                                                                  \
    } while (0)

/* What each pass begins with: for every p, the roots and the places of the runs. */
#define PASS_BEGIN(R)                                                                                                          \
    const int64_t m = pass->m, s = pass->s, gap = m * s;                                                                       \
    for (int64_t p = 0; p < m; p++) {                                                                                          \
        scalar_t w_re[TH_FFT_RADIX], w_im[TH_FFT_RADIX];                                                                       \
        for (int64_t j = 0; j < (R); j++) {                                                                                    \
            w_re[j] = pass->roots[2 * (p * j * pass->step)];                                                                   \
            w_im[j] = pass->roots[2 * (p * j * pass->step) + 1];                                                               \
        }                                                                                                                      \
        const scalar_t *const re = pass->re + p * s, *const im = pass->im + p * s;                                             \
        scalar_t *const to_re = pass->to_re + p * (R) * s, *const to_im = pass->to_im + p * (R) * s;                           \
        TH_INDEPENDENT for (int64_t q = 0; q < s; q++)                                                                         \
        {
#define PASS_END                                                                                                               \
    }                                                                                                                          \
    }

static void TH_KERNEL(radix2)(const Pass *pass)
{
    PASS_BEGIN(2)
    const scalar_t a_re = re[q], a_im = im[q], b_re = re[gap + q], b_im = im[gap + q];
    to_re[q] = a_re + b_re;
    to_im[q] = a_im + b_im;
    TURN(1, a_re - b_re, a_im - b_im);
    PASS_END
}

static void TH_KERNEL(radix3)(const Pass *pass)
{
    const scalar_t sine = (scalar_t)0.86602540378443864676;
    PASS_BEGIN(3)
    const scalar_t a_re = re[q], a_im = im[q];
    const scalar_t sum_re = re[gap + q] + re[2 * gap + q], sum_im = im[gap + q] + im[2 * gap + q];
    const scalar_t d_re = sine * (re[gap + q] - re[2 * gap + q]), d_im = sine * (im[gap + q] - im[2 * gap + q]);
    const scalar_t c_re = a_re - (scalar_t)0.5 * sum_re, c_im = a_im - (scalar_t)0.5 * sum_im;
    to_re[q] = a_re + sum_re;
    to_im[q] = a_im + sum_im;
    TURN(1, c_re + d_im, c_im - d_re);
    TURN(2, c_re - d_im, c_im + d_re);
    PASS_END
}

static void TH_KERNEL(radix4)(const Pass *pass)
{
    PASS_BEGIN(4)
    const scalar_t a_re = re[q] + re[2 * gap + q], a_im = im[q] + im[2 * gap + q];
    const scalar_t b_re = re[q] - re[2 * gap + q], b_im = im[q] - im[2 * gap + q];
    const scalar_t c_re = re[gap + q] + re[3 * gap + q], c_im = im[gap + q] + im[3 * gap + q];
    const scalar_t d_re = re[gap + q] - re[3 * gap + q], d_im = im[gap + q] - im[3 * gap + q];
    to_re[q] = a_re + c_re;
    to_im[q] = a_im + c_im;
    TURN(1, b_re + d_im, b_im - d_re);
    TURN(2, a_re - c_re, a_im - c_im);
    TURN(3, b_re - d_im, b_im + d_re);
    PASS_END
}

static void TH_KERNEL(radix5)(const Pass *pass)
{
    const scalar_t c1 = (scalar_t)0.30901699437494742410, c2 = (scalar_t)-0.80901699437494742410;
    const scalar_t s1 = (scalar_t)0.95105651629515357212, s2 = (scalar_t)0.58778525229247312917;
    PASS_BEGIN(5)
    const scalar_t a_re = re[q], a_im = im[q];
    const scalar_t b_re = re[gap + q] + re[4 * gap + q], b_im = im[gap + q] + im[4 * gap + q];
    const scalar_t c_re = re[2 * gap + q] + re[3 * gap + q], c_im = im[2 * gap + q] + im[3 * gap + q];
    const scalar_t d_re = re[gap + q] - re[4 * gap + q], d_im = im[gap + q] - im[4 * gap + q];
    const scalar_t e_re = re[2 * gap + q] - re[3 * gap + q], e_im = im[2 * gap + q] - im[3 * gap + q];
    const scalar_t f_re = a_re + c1 * b_re + c2 * c_re, f_im = a_im + c1 * b_im + c2 * c_im;
    const scalar_t g_re = a_re + c2 * b_re + c1 * c_re, g_im = a_im + c2 * b_im + c1 * c_im;
    const scalar_t h_re = s1 * d_re + s2 * e_re, h_im = s1 * d_im + s2 * e_im;
    const scalar_t k_re = s2 * d_re - s1 * e_re, k_im = s2 * d_im - s1 * e_im;
    to_re[q] = a_re + b_re + c_re;
    to_im[q] = a_im + b_im + c_im;
    TURN(1, f_re + h_im, f_im - h_re);
    TURN(2, g_re + k_im, g_im - k_re);
    TURN(3, g_re - k_im, g_im + k_re);
    TURN(4, f_re - h_im, f_im + h_re);
    PASS_END
}

/* Any other radix, an odd prime: sums and differences of the elements that mirror each other. */
static void TH_KERNEL(radixOdd)(const Pass *pass, int radix)
{
    const int64_t turn = pass->m * pass->step; /* between the roots of 1 of degree `radix` */
    const int half = radix / 2;
    PASS_BEGIN(radix)
    scalar_t sum_re[TH_FFT_RADIX / 2], sum_im[TH_FFT_RADIX / 2], dif_re[TH_FFT_RADIX / 2], dif_im[TH_FFT_RADIX / 2];
    const scalar_t a_re = re[q], a_im = im[q];
    scalar_t all_re = a_re, all_im = a_im;
    for (int k = 1; k <= half; k++) {
        const int64_t i = k * gap + q, j = (radix - k) * gap + q;
        all_re += sum_re[k - 1] = re[i] + re[j];
        all_im += sum_im[k - 1] = im[i] + im[j];
        dif_re[k - 1] = re[i] - re[j];
        dif_im[k - 1] = im[i] - im[j];
    }
    to_re[q] = all_re;
    to_im[q] = all_im;
    for (int j = 1; j <= half; j++) {
        scalar_t c_re = a_re, c_im = a_im, s_re = 0, s_im = 0;
        for (int k = 1; k <= half; k++) {
            const scalar_t *const root = pass->roots + 2 * (j * k % radix * turn);
            c_re += root[0] * sum_re[k - 1];
            c_im += root[0] * sum_im[k - 1];
            s_re += root[1] * dif_re[k - 1];
            s_im += root[1] * dif_im[k - 1];
        }
        TURN(j, c_re - s_im, c_im + s_re);
        TURN(radix - j, c_re + s_im, c_im - s_re);
    }
    PASS_END
}

static void TH_KERNEL(run)(const THFftPlan *plan, int64_t lanes, THFftBuffers *buffers)
{
    Pass pass = {.m = plan->n, .s = lanes, .step = 1, .roots = plan->roots};
    for (int k = 0; k < plan->count; k++) {
        const int radix = plan->factors[k];
        THFftBuffers turned = {.re = {buffers->re[1], buffers->re[0]}, .im = {buffers->im[1], buffers->im[0]}};
        pass.m /= radix;
        pass.re = buffers->re[0], pass.im = buffers->im[0];
        pass.to_re = buffers->re[1], pass.to_im = buffers->im[1];
        if (radix == 4)
            TH_KERNEL(radix4)(&pass);
        else if (radix == 2)
            TH_KERNEL(radix2)(&pass);
        else if (radix == 3)
            TH_KERNEL(radix3)(&pass);
        else if (radix == 5)
            TH_KERNEL(radix5)(&pass);
        else
            TH_KERNEL(radixOdd)(&pass, radix);
        pass.s *= radix;
        pass.step *= radix;
        *buffers = turned;
    }
}

/* --- roots of 1 ----------------------------------------------------------------------------------------------------------- */

/* exp(-2 pi i k / n), 0 <= k < n: the angle is taken in the octant where sine and cosine are exact, so that roots which mirror
 * each other are equal to the last bit. */
static void TH_KERNEL(root)(int64_t k, int64_t n, double *re, double *im)
{
    const int64_t eighth = 8 * k / n;
    int64_t a = 8 * k - eighth * n; /* the rest, in units of pi / (4 n) */
    if (eighth & 1) a = n - a;
    const double angle = 0.78539816339744830962 * ((double)a / (double)n), c = cos(angle), s = sin(angle);
    const int64_t swapped = ((eighth + 1) >> 1) & 1;
    const double x = swapped ? s : c, y = swapped ? c : s;
    *re = eighth >= 2 && eighth < 6 ? -x : x;
    *im = eighth < 4 ? -y : y;
}

/* Products of the roots at multiples of ROW and of those before ROW, in double: a long table costs few sines. */
static void TH_KERNEL(roots)(int64_t n, int64_t count, void *roots)
{
    scalar_t *to = roots;
    double fine_re[ROW], fine_im[ROW];
    for (int64_t k = 0; k < ROW && k < count; k++) TH_KERNEL(root)(k, n, &fine_re[k], &fine_im[k]);
    for (int64_t first = 0; first < count; first += ROW) {
        double re, im;
        TH_KERNEL(root)(first, n, &re, &im);
        for (int64_t k = 0; k < ROW && k < count - first; k++, to += 2) {
            to[0] = (scalar_t)(re * fine_re[k] - im * fine_im[k]);
            to[1] = (scalar_t)(re * fine_im[k] + im * fine_re[k]);
        }
    }
}

/* exp(-2 pi i m / n), 0 <= m < n, of a table: the first ROW ones, then those of multiples of ROW. */
TH_INLINE void turn_of(const double *table, int64_t m, double *re, double *im)
{
    const double *const fine = table + 2 * (m % ROW), *const coarse = table + 2 * (ROW + m / ROW);
    *re = fine[0] * coarse[0] - fine[1] * coarse[1];
    *im = fine[0] * coarse[1] + fine[1] * coarse[0];
}

static void TH_KERNEL(turns)(int64_t n, int64_t rows, void *table_, void *steps)
{
    double *const table = table_;
    scalar_t *to = steps;
    for (int64_t k = 0; k < ROW; k++) TH_KERNEL(root)(k % n, n, &table[2 * k], &table[2 * k + 1]);
    for (int64_t k = 0; k * ROW < n; k++) TH_KERNEL(root)(k * ROW, n, &table[2 * (ROW + k)], &table[2 * (ROW + k) + 1]);
    for (int64_t k = 0; k < rows; k++, to += 2 * TH_FFT_LANES) {
        for (int64_t l = 0; l < TH_FFT_LANES; l++) {
            double re, im;
            turn_of(table, k * l % n, &re, &im);
            to[l] = (scalar_t)re;
            to[TH_FFT_LANES + l] = (scalar_t)im;
        }
    }
}

static void TH_KERNEL(turn)(const void *table, const void *steps, int64_t first, int64_t rows, int64_t lanes, void *re,
                            void *im)
{
    const scalar_t *step = steps;
    scalar_t *x = re, *y = im;
    for (int64_t k = 0; k < rows; k++, step += 2 * TH_FFT_LANES, x += lanes, y += lanes) {
        double start_re, start_im;
        turn_of(table, k * first, &start_re, &start_im);
        const scalar_t a = (scalar_t)start_re, b = (scalar_t)start_im;
        _Pragma("GCC ivdep") for (int64_t l = 0; l < lanes; l++)
        {
            const scalar_t w_re = FUSE(-b, step[TH_FFT_LANES + l], a * step[l]);
            const scalar_t w_im = FUSE(b, step[l], a * step[TH_FFT_LANES + l]);
            const scalar_t turned = FUSE(-y[l], w_im, x[l] * w_re);
            y[l] = FUSE(x[l], w_im, y[l] * w_re);
            x[l] = turned;
        }
    }
}

static void TH_KERNEL(chirp)(int64_t n, void *chirp)
{
    scalar_t *const to = chirp;
    int64_t square = 0; /* k * k modulo 2n */
    for (int64_t k = 0; k < n; k++) {
        double re, im;
        TH_KERNEL(root)(square, 2 * n, &re, &im);
        to[2 * k] = (scalar_t)re;
        to[2 * k + 1] = (scalar_t)im;
        square = (square + 2 * k + 1) % (2 * n);
    }
}

/* --- around the passes ---------------------------------------------------------------------------------------------------- */

static void TH_KERNEL(multiply)(const void *factor, double scale, int64_t n, int64_t lanes, void *re, void *im)
{
    const scalar_t *const w = factor;
    for (int64_t k = 0; k < n; k++) {
        const scalar_t w_re = w[2 * k] * (scalar_t)scale, w_im = w[2 * k + 1] * (scalar_t)scale;
        scalar_t *const x = (scalar_t *)re + k * lanes, *const y = (scalar_t *)im + k * lanes;
        TH_INDEPENDENT for (int64_t l = 0; l < lanes; l++)
        {
            const scalar_t turned = x[l] * w_re - y[l] * w_im;
            y[l] = x[l] * w_im + y[l] * w_re;
            x[l] = turned;
        }
    }
}

static void TH_KERNEL(load)(const void *from, int64_t step, int64_t n, double scale, void *lane, int64_t lanes)
{
    const scalar_t *const a = from;
    scalar_t *const to = lane;
    const scalar_t factor = (scalar_t)scale;
    for (int64_t k = 0; k < n; k++) to[k * lanes] = a[k * step] * factor;
}

static void TH_KERNEL(store)(const void *lane, int64_t lanes, int64_t n, double scale, void *to, int64_t step)
{
    const scalar_t *const from = lane;
    const scalar_t factor = (scalar_t)scale;
    for (int64_t k = 0; k < n; k++) ((scalar_t *)to)[k * step] = from[k * lanes] * factor;
}

/* Four numbers, and four rows of them turned around. What returns them is always inlined: the compilers' warning that a call's
 * form would depend on the CPU level is about no call here. */
#pragma GCC diagnostic ignored "-Wpsabi"
typedef scalar_t Four __attribute__((vector_size(4 * sizeof(scalar_t))));

TH_INLINE Four fourAt(const scalar_t *from)
{
    Four x;
    memcpy(&x, from, sizeof(x));
    return x;
}

TH_INLINE void turnFour(Four *x)
{
    const Four a = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5), b = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
    const Four c = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5), d = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
    x[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    x[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    x[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    x[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

/* All (k, l) in steps of (2, 4), so many bytes of four lines at a time: sixteen lines whose distance is a power of two would
 * drive each other, and what is fetched ahead of them, out of the cache. */
#define SQUARE_BYTES 1024
#define SQUARES_BEGIN                                                                                                          \
    for (int64_t first = 0; first < even; first += SQUARE_BYTES / (2 * (int64_t)sizeof(scalar_t))) {                           \
        const int64_t rest = even - first, count = SQUARE_BYTES / (2 * (int64_t)sizeof(scalar_t));                             \
        for (int64_t l = 0; l < whole; l += 4) {                                                                               \
            for (int64_t k = first; k < first + (rest < count ? rest : count); k += 2) {
#define SQUARES_END                                                                                                            \
    }                                                                                                                          \
    }                                                                                                                          \
    }

/* Two pairs of four lines are a square: turned around, its rows are real and imaginary parts of four lanes. */
static void TH_KERNEL(loadLines)(const void *from, int64_t line, int64_t n, double scale, int64_t lanes, void *re_, void *im_)
{
    const scalar_t *const a = from, factor = (scalar_t)scale;
    scalar_t *const re = re_, *const im = im_;
    const int64_t whole = lanes & ~INT64_C(3), even = n & ~INT64_C(1);
    SQUARES_BEGIN
    Four x[4];
    for (int i = 0; i < 4; i++) x[i] = fourAt(a + (l + i) * line + 2 * k) * factor;
    turnFour(x);
    memcpy(re + k * lanes + l, &x[0], sizeof(Four));
    memcpy(im + k * lanes + l, &x[1], sizeof(Four));
    memcpy(re + (k + 1) * lanes + l, &x[2], sizeof(Four));
    memcpy(im + (k + 1) * lanes + l, &x[3], sizeof(Four));
    SQUARES_END
    for (int64_t l = 0; l < lanes; l++) {
        for (int64_t k = l < whole ? even : 0; k < n; k++) {
            re[k * lanes + l] = a[l * line + 2 * k] * factor;
            im[k * lanes + l] = a[l * line + 2 * k + 1] * factor;
        }
    }
}

static void TH_KERNEL(storeLines)(const void *re_, const void *im_, int64_t lanes, int64_t n, double scale, void *to,
                                  int64_t line)
{
    const scalar_t *const re = re_, *const im = im_, factor = (scalar_t)scale;
    scalar_t *const r = to;
    const int64_t whole = lanes & ~INT64_C(3), even = n & ~INT64_C(1);
    SQUARES_BEGIN
    Four x[4] = {fourAt(re + k * lanes + l), fourAt(im + k * lanes + l), fourAt(re + (k + 1) * lanes + l),
                 fourAt(im + (k + 1) * lanes + l)};
    turnFour(x);
    for (int i = 0; i < 4; i++) {
        const Four y = x[i] * factor;
        memcpy(r + (l + i) * line + 2 * k, &y, sizeof(y));
    }
    SQUARES_END
    for (int64_t l = 0; l < lanes; l++) {
        for (int64_t k = l < whole ? even : 0; k < n; k++) {
            r[l * line + 2 * k] = re[k * lanes + l] * factor;
            r[l * line + 2 * k + 1] = im[k * lanes + l] * factor;
        }
    }
}

static void TH_KERNEL(loadPairs)(const void *from, int64_t step, int64_t n, int64_t lanes, void *re, void *im)
{
    for (int64_t k = 0; k < n; k++) {
        const scalar_t *const a = (const scalar_t *)from + k * step;
        scalar_t *restrict x = (scalar_t *)re + k * lanes, *restrict y = (scalar_t *)im + k * lanes;
        for (int64_t l = 0; l < lanes; l++) {
            x[l] = a[2 * l];
            y[l] = a[2 * l + 1];
        }
    }
}

static void TH_KERNEL(storePairs)(const void *re, const void *im, int64_t lanes, int64_t n, double scale, void *to,
                                  int64_t step)
{
    const scalar_t factor = (scalar_t)scale;
    for (int64_t k = 0; k < n; k++) {
        const scalar_t *const x = (const scalar_t *)re + k * lanes, *const y = (const scalar_t *)im + k * lanes;
        scalar_t *restrict r = (scalar_t *)to + k * step;
        for (int64_t l = 0; l < lanes; l++) {
            r[2 * l] = x[l] * factor;
            r[2 * l + 1] = y[l] * factor;
        }
    }
}

static void TH_KERNEL(split)(const void *roots, int64_t h, int64_t lanes, void *re, void *im)
{
    const scalar_t *const w = roots;
    scalar_t *const x = re, *const y = im;
    for (int64_t l = 0; l < lanes; l++) {
        const scalar_t even = x[l], odd = y[l];
        x[l] = even + odd;
        x[h * lanes + l] = even - odd;
        y[l] = y[h * lanes + l] = 0;
    }
    for (int64_t k = 1; 2 * k <= h; k++) {
        scalar_t *const a = x + k * lanes, *const b = y + k * lanes, *const c = x + (h - k) * lanes,
                        *const d = y + (h - k) * lanes;
        const scalar_t w_re = w[2 * k], w_im = w[2 * k + 1];
        for (int64_t l = 0; l < lanes; l++) {
            const scalar_t e_re = (scalar_t)0.5 * (a[l] + c[l]), e_im = (scalar_t)0.5 * (b[l] - d[l]);
            const scalar_t o_re = (scalar_t)0.5 * (b[l] + d[l]), o_im = (scalar_t)0.5 * (c[l] - a[l]);
            const scalar_t t_re = o_re * w_re - o_im * w_im, t_im = o_re * w_im + o_im * w_re;
            a[l] = e_re + t_re, b[l] = e_im + t_im;
            if (2 * k < h) c[l] = e_re - t_re, d[l] = t_im - e_im;
        }
    }
}

static void TH_KERNEL(join)(const void *roots, int64_t h, int64_t lanes, void *re, void *im)
{
    const scalar_t *const w = roots;
    scalar_t *const x = re, *const y = im;
    for (int64_t l = 0; l < lanes; l++) { /* the imaginary parts of both ends do not count */
        const scalar_t first = x[l], last = x[h * lanes + l];
        x[l] = first + last;
        y[l] = first - last;
    }
    for (int64_t k = 1; 2 * k <= h; k++) {
        scalar_t *const a = x + k * lanes, *const b = y + k * lanes, *const c = x + (h - k) * lanes,
                        *const d = y + (h - k) * lanes;
        const scalar_t w_re = w[2 * k], w_im = w[2 * k + 1];
        for (int64_t l = 0; l < lanes; l++) {
            const scalar_t e_re = a[l] + c[l], e_im = b[l] - d[l], f_re = a[l] - c[l], f_im = b[l] + d[l];
            const scalar_t o_re = f_re * w_re + f_im * w_im, o_im = f_im * w_re - f_re * w_im;
            a[l] = e_re - o_im, b[l] = e_im + o_re;
            if (2 * k < h) c[l] = e_re + o_im, d[l] = o_re - e_im;
        }
    }
}

const THFft TH_TABLE(THFft) = {
    .roots = TH_KERNEL(roots),
    .chirp = TH_KERNEL(chirp),
    .turns = TH_KERNEL(turns),
    .turn = TH_KERNEL(turn),
    .run = TH_KERNEL(run),
    .multiply = TH_KERNEL(multiply),
    .load = TH_KERNEL(load),
    .store = TH_KERNEL(store),
    .loadLines = TH_KERNEL(loadLines),
    .storeLines = TH_KERNEL(storeLines),
    .loadPairs = TH_KERNEL(loadPairs),
    .storePairs = TH_KERNEL(storePairs),
    .split = TH_KERNEL(split),
    .join = TH_KERNEL(join),
};
