#include "kernels/THNNCellKernel.h"

#include <stddef.h>

#include "kernels/THNNLogarithm.h"

#define GATES_MAX 512 /* elements of one gate that are worked on at a time */

TH_INLINE scalar_t tanhOf(scalar_t x)
{
    const scalar_t below = expm1Below((scalar_t)-2 * (x < 0 ? -x : x));
    const scalar_t size = -below / ((scalar_t)2 + below);
    return x < 0 ? -size : size;
}

/* sum[j] = the gates' elements [at, at + n). */
TH_INLINE void addGates(int64_t n, const void *first, const void *second, const void *third, int64_t at, scalar_t *sum)
{
    const scalar_t *a = (const scalar_t *)first + at;
    for (int64_t j = 0; j < n; j++) sum[j] = a[j];
    if (second != NULL) {
        const scalar_t *b = (const scalar_t *)second + at;
        for (int64_t j = 0; j < n; j++) sum[j] += b[j];
    }
    if (third != NULL) {
        const scalar_t *c = (const scalar_t *)third + at;
        for (int64_t j = 0; j < n; j++) sum[j] += c[j];
    }
}

TH_INLINE void allGates(int64_t n, const THNNGates *gates, int64_t at, scalar_t *sum)
{
    addGates(n, gates->input, gates->hidden, gates->bias1, at, sum);
    if (gates->bias2 != NULL) {
        const scalar_t *bias = (const scalar_t *)gates->bias2 + at;
        for (int64_t j = 0; j < n; j++) sum[j] += bias[j];
    }
}

static void TH_KERNEL(lstm)(int64_t n, const THNNGates *gates, const void *cx_, void *storage_, void *hy_, void *cy_)
{
    for (int64_t begin = 0; begin < n; begin += GATES_MAX) {
        const int64_t count = n - begin < GATES_MAX ? n - begin : GATES_MAX;
        const scalar_t *cx = (const scalar_t *)cx_ + begin;
        scalar_t *storage = (scalar_t *)storage_ + begin;
        scalar_t *hy = (scalar_t *)hy_ + begin;
        scalar_t *cy = (scalar_t *)cy_ + begin;
        scalar_t gate[4][GATES_MAX];
        for (int g = 0; g < 4; g++) allGates(count, gates, g * n + begin, gate[g]);
        TH_INDEPENDENT
        for (int64_t j = 0; j < count; j++) {
            const scalar_t i = sigmoidOf(gate[0][j]), f = sigmoidOf(gate[1][j]), o = sigmoidOf(gate[3][j]);
            const scalar_t g = tanhOf(gate[2][j]), cell = f * cx[j] + i * g;
            storage[j] = i;
            storage[n + j] = f;
            storage[2 * n + j] = g;
            storage[3 * n + j] = o;
            cy[j] = cell;
            hy[j] = o * tanhOf(cell);
        }
    }
}

/* given[j], or 0 where nothing is given. */
TH_INLINE void orZero(int64_t n, const void *given, int64_t at, scalar_t *value)
{
    const scalar_t *from = given == NULL ? NULL : (const scalar_t *)given + at;
    for (int64_t j = 0; j < n; j++) value[j] = from == NULL ? (scalar_t)0 : from[j];
}

static void TH_KERNEL(lstm_backward)(int64_t n, const void *storage_, const void *cx_, const void *cy_, const void *ghy_,
                                     const void *gcy_, void *ggates_, void *gcx_)
{
    for (int64_t begin = 0; begin < n; begin += GATES_MAX) {
        const int64_t count = n - begin < GATES_MAX ? n - begin : GATES_MAX;
        const scalar_t *storage = (const scalar_t *)storage_ + begin;
        const scalar_t *cx = (const scalar_t *)cx_ + begin;
        const scalar_t *cy = (const scalar_t *)cy_ + begin;
        scalar_t *ggates = (scalar_t *)ggates_ + begin;
        scalar_t *gcx = (scalar_t *)gcx_ + begin;
        scalar_t ghy[GATES_MAX], gcy[GATES_MAX];
        orZero(count, ghy_, begin, ghy);
        orZero(count, gcy_, begin, gcy);
        /* Outputs overlap no input: without the pragma, checks of six pointers keep this from being a loop of vectors. */
        TH_INDEPENDENT
        for (int64_t j = 0; j < count; j++) {
            const scalar_t i = storage[j], f = storage[n + j], g = storage[2 * n + j], o = storage[3 * n + j];
            const scalar_t squashed = tanhOf(cy[j]);
            const scalar_t gc = ghy[j] * o * ((scalar_t)1 - squashed * squashed) + gcy[j];
            ggates[j] = gc * g * i * ((scalar_t)1 - i);
            ggates[n + j] = gc * cx[j] * f * ((scalar_t)1 - f);
            ggates[2 * n + j] = gc * i * ((scalar_t)1 - g * g);
            ggates[3 * n + j] = ghy[j] * squashed * o * ((scalar_t)1 - o);
            gcx[j] = gc * f;
        }
    }
}

static void TH_KERNEL(gru)(int64_t n, const THNNGates *gates, const void *hx_, void *storage_, void *hy_)
{
    for (int64_t begin = 0; begin < n; begin += GATES_MAX) {
        const int64_t count = n - begin < GATES_MAX ? n - begin : GATES_MAX;
        const scalar_t *hx = (const scalar_t *)hx_ + begin;
        scalar_t *storage = (scalar_t *)storage_ + begin;
        scalar_t *hy = (scalar_t *)hy_ + begin;
        scalar_t gate[2][GATES_MAX], fresh[GATES_MAX], kept[GATES_MAX];
        for (int g = 0; g < 2; g++) {
            allGates(count, gates, g * n + begin, gate[g]);
            for (int64_t j = 0; j < count; j++) gate[g][j] = sigmoidOf(gate[g][j]);
        }
        addGates(count, gates->input, gates->bias1, NULL, 2 * n + begin, fresh);
        addGates(count, gates->hidden, gates->bias2, NULL, 2 * n + begin, kept);
        TH_INDEPENDENT
        for (int64_t j = 0; j < count; j++) {
            const scalar_t new_gate = tanhOf(fresh[j] + gate[0][j] * kept[j]);
            const scalar_t before = hx[j];
            storage[j] = gate[0][j];
            storage[n + j] = gate[1][j];
            storage[2 * n + j] = new_gate;
            storage[3 * n + j] = before;
            storage[4 * n + j] = kept[j];
            hy[j] = new_gate + gate[1][j] * (before - new_gate);
        }
    }
}

static void TH_KERNEL(gru_backward)(int64_t n, const void *storage_, const void *ghy_, void *ginput_, void *ghidden_,
                                    void *ghx_)
{
    const scalar_t *storage = storage_;
    const scalar_t *ghy = ghy_;
    scalar_t *ginput = ginput_;
    scalar_t *ghidden = ghidden_;
    scalar_t *ghx = ghx_;
    TH_INDEPENDENT
    for (int64_t j = 0; j < n; j++) {
        const scalar_t r = storage[j], z = storage[n + j], fresh = storage[2 * n + j], before = storage[3 * n + j];
        const scalar_t kept = storage[4 * n + j], gradient = ghy[j];
        const scalar_t gnew = gradient * ((scalar_t)1 - z) * ((scalar_t)1 - fresh * fresh);
        const scalar_t greset = gnew * kept * r * ((scalar_t)1 - r);
        const scalar_t gupdate = gradient * (before - fresh) * z * ((scalar_t)1 - z);
        ginput[j] = ghidden[j] = greset;
        ginput[n + j] = ghidden[n + j] = gupdate;
        ginput[2 * n + j] = gnew;
        ghidden[2 * n + j] = gnew * r;
        ghx[j] = gradient * z;
    }
}

/* nan stays, as with torch.relu. */
TH_INLINE scalar_t reluOf(scalar_t x)
{
    return x < 0 ? (scalar_t)0 : x;
}

#define PLAIN_CELL(name, function)                                                                                             \
    static void TH_KERNEL(name)(int64_t n, const THNNGates *gates, void *hy_)                                                  \
    {                                                                                                                          \
        scalar_t *hy = hy_;                                                                                                    \
        for (int64_t begin = 0; begin < n; begin += GATES_MAX) {                                                               \
            const int64_t count = n - begin < GATES_MAX ? n - begin : GATES_MAX;                                               \
            scalar_t sum[GATES_MAX];                                                                                           \
            allGates(count, gates, begin, sum);                                                                                \
            for (int64_t j = 0; j < count; j++) hy[begin + j] = function(sum[j]);                                              \
        }                                                                                                                      \
    }

PLAIN_CELL(cell_tanh, tanhOf)
PLAIN_CELL(cell_relu, reluOf)

static void TH_KERNEL(cell_tanh_backward)(int64_t n, const void *hy_, const void *ghy_, void *ggates_)
{
    const scalar_t *hy = hy_;
    const scalar_t *ghy = ghy_;
    scalar_t *ggates = ggates_;
    TH_INDEPENDENT
    for (int64_t j = 0; j < n; j++) ggates[j] = ghy[j] * ((scalar_t)1 - hy[j] * hy[j]);
}

static void TH_KERNEL(cell_relu_backward)(int64_t n, const void *hy_, const void *ghy_, void *ggates_)
{
    const scalar_t *hy = hy_;
    const scalar_t *ghy = ghy_;
    scalar_t *ggates = ggates_;
    TH_INDEPENDENT
    for (int64_t j = 0; j < n; j++) ggates[j] = hy[j] <= 0 ? (scalar_t)0 : ghy[j];
}

const THNNCellKernel TH_TABLE(THNNCellKernel) = {
    .lstm = TH_KERNEL(lstm),
    .lstm_backward = TH_KERNEL(lstm_backward),
    .gru = TH_KERNEL(gru),
    .gru_backward = TH_KERNEL(gru_backward),
    .tanh = TH_KERNEL(cell_tanh),
    .relu = TH_KERNEL(cell_relu),
    .tanh_backward = TH_KERNEL(cell_tanh_backward),
    .relu_backward = TH_KERNEL(cell_relu_backward),
};
