#include "kernels/THNNGridKernel.h"

#include <math.h>

#if TH_DTYPE_IS(Float)
#define FLOOR floorf
#else
#define FLOOR floor
#endif

/* The two neighbours of a place along one axis. */
typedef struct Pair {
    int64_t index[2];
    scalar_t weight[2]; /* 0 outside */
    scalar_t slope[2];  /* of the weight along the grid's number */
} Pair;

TH_INLINE Pair pairAt(scalar_t number, int64_t size, int border)
{
    const scalar_t scale = (scalar_t)(size - 1) / (scalar_t)2;
    scalar_t at = (number + (scalar_t)1) * scale;
    scalar_t slope = scale;
    if (border && !(at > 0)) at = 0, slope = 0;
    if (border && at > (scalar_t)(size - 1)) at = (scalar_t)(size - 1), slope = 0;
    const scalar_t low = FLOOR(at);
    Pair pair = {{0, 0}, {0, 0}, {0, 0}};
    if (!(low >= (scalar_t)-1 && low <= (scalar_t)size)) return pair; /* far outside, or nan */
    for (int k = 0; k < 2; k++) {
        const int64_t index = (int64_t)low + k;
        if (index < 0 || index >= size) continue;
        pair.index[k] = index;
        pair.weight[k] = k == 0 ? low + 1 - at : at - low;
        pair.slope[k] = k == 0 ? -slope : slope;
    }
    return pair;
}

/* Depth, height, width: the grid's numbers stand the other way round. */
TH_INLINE void pairsAt(const THNNGrid *shape, const scalar_t *grid, Pair pairs[3])
{
    pairs[0] = (Pair){{0, 0}, {1, 0}, {0, 0}};
    for (int d = 0; d < shape->dims; d++) pairs[2 - d] = pairAt(grid[d], shape->size[2 - d], shape->border);
}

TH_INLINE int64_t placeOf(const THNNGrid *shape, const Pair pairs[3], int corner)
{
    const int64_t depth = pairs[0].index[corner >> 2];
    const int64_t height = pairs[1].index[corner >> 1 & 1];
    return (depth * shape->size[1] + height) * shape->size[2] + pairs[2].index[corner & 1];
}

TH_INLINE scalar_t weightOf(const Pair pairs[3], int corner)
{
    return pairs[0].weight[corner >> 2] * pairs[1].weight[corner >> 1 & 1] * pairs[2].weight[corner & 1];
}

static void TH_KERNEL(sample)(const THNNGrid *shape, const void *x_, const void *grid_, void *y_)
{
    const scalar_t *x = x_;
    const scalar_t *grid = grid_;
    scalar_t *y = y_;
    const int64_t volume = shape->size[0] * shape->size[1] * shape->size[2];
    const int corners = 1 << shape->dims;
    for (int64_t i = 0; i < shape->positions; i++, grid += shape->dims) {
        Pair pairs[3];
        pairsAt(shape, grid, pairs);
        for (int64_t c = 0; c < shape->channels; c++) y[c * shape->positions + i] = 0;
        for (int corner = 0; corner < corners; corner++) {
            const scalar_t weight = weightOf(pairs, corner);
            const int64_t place = placeOf(shape, pairs, corner);
            if (weight == 0) continue;
            for (int64_t c = 0; c < shape->channels; c++) y[c * shape->positions + i] += weight * x[c * volume + place];
        }
    }
}

/* How much the weight of a corner grows along axis a. */
TH_INLINE scalar_t slopeOf(const Pair pairs[3], int corner, int a)
{
    scalar_t slope = 1;
    for (int axis = 0; axis < 3; axis++) {
        const int k = corner >> (2 - axis) & 1;
        slope *= axis == a ? pairs[axis].slope[k] : pairs[axis].weight[k];
    }
    return slope;
}

static void TH_KERNEL(sample_backward)(const THNNGrid *shape, const void *x_, const void *grid_, const void *gy_, void *gx_,
                                       void *ggrid_)
{
    const scalar_t *x = x_;
    const scalar_t *grid = grid_;
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    scalar_t *ggrid = ggrid_;
    const int64_t volume = shape->size[0] * shape->size[1] * shape->size[2];
    const int corners = 1 << shape->dims;
    for (int64_t i = 0; i < shape->positions; i++, grid += shape->dims, ggrid += shape->dims) {
        Pair pairs[3];
        pairsAt(shape, grid, pairs);
        for (int d = 0; d < shape->dims; d++) ggrid[d] = 0;
        for (int corner = 0; corner < corners; corner++) {
            const scalar_t weight = weightOf(pairs, corner);
            const int64_t place = placeOf(shape, pairs, corner);
            scalar_t along = 0;
            for (int64_t c = 0; c < shape->channels; c++) {
                const scalar_t gradient = gy[c * shape->positions + i];
                if (weight != 0) gx[c * volume + place] += weight * gradient;
                along += gradient * x[c * volume + place];
            }
            for (int d = 0; d < shape->dims; d++) ggrid[d] += along * slopeOf(pairs, corner, 2 - d);
        }
    }
}

const THNNGridKernel TH_TABLE(THNNGridKernel) = {
    .sample = TH_KERNEL(sample),
    .sample_backward = TH_KERNEL(sample_backward),
};
