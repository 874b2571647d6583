/* LANES elements try together (TH/THVariateMath.h); who was accepted keeps the number. */
#include "kernels/THVariate.h"

#include "TH/THVariateMath.h"
#include "kernels/THPhilox.h"

#define LANES TH_PHILOX_LANES

TH_INLINE double open53(const THPhilox *words, int word, int lane)
{
    return (bits53(words->w[word][lane], words->w[word + 1][lane]) + 1.0) * 0x1p-53;
}

TH_INLINE void gammaBlock(double *out, const double *a, int count, uint64_t seed, uint64_t counter, uint64_t step, bool inLog)
{
    THPhilox first, second, third;
    bool done[LANES] = {false}, small = false;
    int left = 0;
    for (int l = 0; l < count; l++) {
        done[l] = !(a[l] > 0.0 && a[l] < INFINITY);
        if (done[l]) out[l] = a[l] >= 0.0 ? (inLog ? (a[l] > 0.0 ? INFINITY : -INFINITY) : a[l]) : NAN;
        left += !done[l];
        small |= a[l] < 1.0;
    }
    for (int k = 0; k + TH_VARIATE_ROUND <= TH_VARIATE_COUNTERS && left > 0;
         k += TH_VARIATE_ROUND, counter += TH_VARIATE_ROUND * step) {
        double z[2][LANES], u[2][LANES];
        thPhilox_run(&first, seed, counter);
        thPhilox_run(&second, seed, counter + step);
        if (small) thPhilox_run(&third, seed, counter + 2 * step);
        for (int l = 0; l < LANES; l++) {
            double cosine, sine;
            circle(open53(&first, 2, l) - 0x1p-53, &cosine, &sine);
            const double radius = __builtin_sqrt(-2.0 * logarithm(open53(&first, 0, l)));
            z[0][l] = radius * cosine;
            z[1][l] = radius * sine;
            u[0][l] = open53(&second, 0, l);
            u[1][l] = open53(&second, 2, l);
        }
        for (int l = 0; l < count; l++) {
            /* Shapes below 1: a number of the shape above times a uniform one to the power of 1 / shape. */
            const double d = (a[l] < 1.0 ? a[l] + 1.0 : a[l]) - 1.0 / 3;
            double more;
            if (done[l] || !(gammaTry(z[0][l], u[0][l], d, &more) || gammaTry(z[1][l], u[1][l], d, &more))) continue;
            const double shift = a[l] < 1.0 ? logarithm(open53(&third, 0, l)) / a[l] : 0.0;
            if (inLog)
                out[l] = logarithm(d) + logarithm(1.0 + more) + shift;
            else
                out[l] = d * (1.0 + more) * (a[l] < 1.0 ? exponential(shift) : 1.0);
            done[l] = true;
            left--;
        }
    }
}

TH_INLINE void gammaFill(double *out, const double *a, int64_t n, uint64_t seed, uint64_t counter, uint64_t step, bool inLog)
{
    for (int64_t begin = 0; begin < n; begin += LANES) {
        const int count = n - begin < LANES ? (int)(n - begin) : LANES;
        gammaBlock(out + begin, a + begin, count, seed, counter + (uint64_t)begin, step, inLog);
    }
}

typedef bool (*Attempt)(const Try *t, double a, double b, double *number);

TH_INLINE void fill(double *out, const double *a, const double *b, int64_t n, uint64_t seed, uint64_t counter, uint64_t step,
                    Attempt attempt)
{
    THPhilox words;
    for (int64_t begin = 0; begin < n; begin += LANES) {
        const int count = n - begin < LANES ? (int)(n - begin) : LANES;
        bool done[LANES] = {false};
        int left = count;
        for (uint64_t at = counter + (uint64_t)begin, k = 0; k < TH_VARIATE_COUNTERS && left > 0; k++, at += step) {
            thPhilox_run(&words, seed, at);
            for (int l = 0; l < count; l++) {
                if (done[l]) continue;
                const Try t = {open53(&words, 0, l), open53(&words, 2, l)};
                done[l] = attempt(&t, a[begin + l], b == NULL ? 0.0 : b[begin + l], out + begin + l);
                left -= done[l];
            }
        }
    }
}

/* By the sums of probabilities, as poissonNumber does it, but all lanes at once and without a branch for each. */
TH_INLINE void poissonSums(double *out, const double *mean, int count, const THPhilox *words)
{
    double rate[LANES], u[LANES], p[LANES], sum[LANES], number[LANES] = {0.0};
    int64_t left = LANES;
    for (int l = 0; l < LANES; l++) rate[l] = l < count ? mean[l] : 1.0;
    for (int l = 0; l < LANES; l++) {
        u[l] = open53(words, 0, l);
        p[l] = sum[l] = exponential(-rate[l]);
    }
    for (int k = 1; k <= POISSON_MOST && left > 0; k++) {
        left = 0;
        for (int l = 0; l < LANES; l++) {
            const bool above = u[l] > sum[l];
            p[l] *= rate[l] / k;
            sum[l] += above ? p[l] : 0.0;
            number[l] += above ? 1.0 : 0.0;
            left += above;
        }
    }
    for (int l = 0; l < count; l++) out[l] = number[l];
}

TH_INLINE void poissonFill(double *out, const double *mean, int64_t n, uint64_t seed, uint64_t counter, uint64_t step)
{
    THPhilox words;
    for (int64_t begin = 0; begin < n; begin += LANES, counter += LANES) {
        const int count = n - begin < LANES ? (int)(n - begin) : LANES;
        bool small = true;
        for (int l = 0; l < count; l++) small &= mean[begin + l] > 0.0 && mean[begin + l] < LARGE_MEAN;
        if (small) {
            thPhilox_run(&words, seed, counter);
            poissonSums(out + begin, mean + begin, count, &words);
        } else {
            fill(out + begin, mean + begin, NULL, count, seed, counter, step, poissonNumber);
        }
    }
}

#define VARIATE(name, call)                                                                                                    \
    static void TH_KERNEL(name)(double *out, const double *a, const double *b, int64_t n, uint64_t seed, uint64_t counter,     \
                                uint64_t step)                                                                                 \
    {                                                                                                                          \
        (void)b;                                                                                                               \
        call;                                                                                                                  \
    }

VARIATE(gammaVariate, gammaFill(out, a, n, seed, counter, step, false))
VARIATE(gammaLogVariate, gammaFill(out, a, n, seed, counter, step, true))
VARIATE(poissonVariate, poissonFill(out, a, n, seed, counter, step))
VARIATE(binomialVariate, fill(out, a, b, n, seed, counter, step, binomialNumber))

const THVariate TH_TABLE(THVariate) = {
    .gamma = TH_KERNEL(gammaVariate),
    .gammaLog = TH_KERNEL(gammaLogVariate),
    .poisson = TH_KERNEL(poissonVariate),
    .binomial = TH_KERNEL(binomialVariate),
};
