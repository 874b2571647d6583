#include "kernels/THNNBoxKernel.h"

#define LANES ((int)(64 / sizeof(scalar_t)))
#define LINE 1024 /* elements of the widest input whose rows are summed up as a whole */

/* One box, as positions in the volume. */
typedef struct Box {
    int64_t begin[3];
    int64_t end[3];
} Box;

TH_INLINE Box boxAt(const THNNBoxes *boxes, int64_t d, int64_t h, int64_t w)
{
    return (Box){{boxes->begin[0][d], boxes->begin[1][h], boxes->begin[2][w]},
                 {boxes->end[0][d], boxes->end[1][h], boxes->end[2][w]}};
}

TH_INLINE int64_t sizeOf(const Box *box)
{
    return (box->end[0] - box->begin[0]) * (box->end[1] - box->begin[1]) * (box->end[2] - box->begin[2]);
}

TH_INLINE int64_t rowAt(const THNNBoxes *boxes, int64_t d, int64_t h)
{
    return (d * boxes->input[1] + h) * boxes->input[2];
}

TH_INLINE int64_t maximumOfBox(const THNNBoxes *boxes, const Box *box, const scalar_t *x)
{
    int64_t best = rowAt(boxes, box->begin[0], box->begin[1]) + box->begin[2];
    for (int64_t d = box->begin[0]; d < box->end[0]; d++) {
        for (int64_t h = box->begin[1]; h < box->end[1]; h++) {
            const int64_t row = rowAt(boxes, d, h);
            for (int64_t w = box->begin[2]; w < box->end[2]; w++) {
                if (!(x[row + w] <= x[best]) && x[best] == x[best]) best = row + w;
            }
        }
    }
    return best;
}

static void TH_KERNEL(maximum)(const THNNBoxes *boxes, const void *x_, void *y_, int64_t *indices)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    for (int64_t d = 0; d < boxes->output[0]; d++) {
        for (int64_t h = 0; h < boxes->output[1]; h++) {
            for (int64_t w = 0; w < boxes->output[2]; w++) {
                const Box box = boxAt(boxes, d, h, w);
                *indices = maximumOfBox(boxes, &box, x);
                *y++ = x[*indices++];
            }
        }
    }
}

TH_INLINE scalar_t sumOfBox(const THNNBoxes *boxes, const Box *box, const scalar_t *x)
{
    scalar_t lane[LANES] = {0};
    const int64_t n = box->end[2] - box->begin[2];
    for (int64_t d = box->begin[0]; d < box->end[0]; d++) {
        for (int64_t h = box->begin[1]; h < box->end[1]; h++) {
            const scalar_t *row = x + rowAt(boxes, d, h) + box->begin[2];
            int64_t i = 0;
            for (; i + LANES <= n; i += LANES) {
                for (int j = 0; j < LANES; j++) lane[j] += row[i + j];
            }
            for (int j = 0; i < n; i++, j++) lane[j] += row[i];
        }
    }
    for (int width = LANES / 2; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) lane[j] += lane[j + width];
    }
    return lane[0];
}

/* The sum of n numbers; four vectors at a time, so that additions need not wait for one another. */
TH_INLINE scalar_t sumOfRun(int64_t n, const scalar_t *x)
{
    scalar_t lane[4 * LANES] = {0}, rest = 0;
    int64_t i = 0;
    if (n >= 4 * LANES) {
        for (; i + 4 * LANES <= n; i += 4 * LANES) {
            for (int j = 0; j < 4 * LANES; j++) lane[j] += x[i + j];
        }
        for (int width = 2 * LANES; width > 0; width /= 2) {
            for (int j = 0; j < width; j++) lane[j] += lane[j + width];
        }
    }
    for (; i < n; i++) rest += x[i];
    return lane[0] + rest;
}

/* The sum of a box whose rows are as wide as the input, so that those of one depth lie together. */
TH_INLINE scalar_t sumOfSlices(const THNNBoxes *boxes, const Box *box, const scalar_t *x)
{
    scalar_t sum = 0;
    for (int64_t d = box->begin[0]; d < box->end[0]; d++)
        sum += sumOfRun((box->end[1] - box->begin[1]) * boxes->input[2], x + rowAt(boxes, d, box->begin[1]));
    return sum;
}

/* line = the sum of the rows that the boxes of output row (d, h) see: whole rows add up faster than pieces of them. */
TH_INLINE void sumRows(const THNNBoxes *boxes, int64_t d, int64_t h, const scalar_t *x, scalar_t *line)
{
    const int64_t n = boxes->input[2];
    for (int64_t w = 0; w < n; w++) line[w] = 0;
    for (int64_t i = boxes->begin[0][d]; i < boxes->end[0][d]; i++) {
        for (int64_t j = boxes->begin[1][h]; j < boxes->end[1][h]; j++) {
            const scalar_t *row = x + rowAt(boxes, i, j);
            for (int64_t w = 0; w < n; w++) line[w] += row[w];
        }
    }
}

static void TH_KERNEL(average)(const THNNBoxes *boxes, const void *x_, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    scalar_t line[LINE];
    const int whole = boxes->output[2] == 1 && boxes->begin[2][0] == 0 && boxes->end[2][0] == boxes->input[2];
    const int rows = !whole && boxes->input[2] <= LINE;
    for (int64_t d = 0; d < boxes->output[0]; d++) {
        for (int64_t h = 0; h < boxes->output[1]; h++) {
            if (rows) sumRows(boxes, d, h, x, line);
            for (int64_t w = 0; w < boxes->output[2]; w++) {
                const Box box = boxAt(boxes, d, h, w);
                const scalar_t sum = whole  ? sumOfSlices(boxes, &box, x)
                                     : rows ? sumOfRun(box.end[2] - box.begin[2], line + box.begin[2])
                                            : sumOfBox(boxes, &box, x);
                *y++ = sum / (scalar_t)sizeOf(&box);
            }
        }
    }
}

TH_INLINE void spreadOverBox(const THNNBoxes *boxes, const Box *box, scalar_t share, scalar_t *gx)
{
    for (int64_t d = box->begin[0]; d < box->end[0]; d++) {
        for (int64_t h = box->begin[1]; h < box->end[1]; h++) {
            scalar_t *row = gx + rowAt(boxes, d, h);
            for (int64_t w = box->begin[2]; w < box->end[2]; w++) row[w] += share;
        }
    }
}

/* Adds `line` to all rows that the boxes of output row (d, h) see. */
TH_INLINE void spreadRow(const THNNBoxes *boxes, int64_t d, int64_t h, const scalar_t *line, scalar_t *gx)
{
    for (int64_t i = boxes->begin[0][d]; i < boxes->end[0][d]; i++) {
        for (int64_t j = boxes->begin[1][h]; j < boxes->end[1][h]; j++) {
            scalar_t *row = gx + rowAt(boxes, i, j);
            for (int64_t w = 0; w < boxes->input[2]; w++) row[w] += line[w];
        }
    }
}

static void TH_KERNEL(average_backward)(const THNNBoxes *boxes, const void *gy_, void *gx_)
{
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    scalar_t line[LINE];
    for (int64_t d = 0; d < boxes->output[0]; d++) {
        for (int64_t h = 0; h < boxes->output[1]; h++) {
            const int64_t width = boxes->input[2] <= LINE ? boxes->input[2] : 0;
            for (int64_t w = 0; w < width; w++) line[w] = 0;
            for (int64_t w = 0; w < boxes->output[2]; w++) {
                const Box box = boxAt(boxes, d, h, w);
                const scalar_t share = *gy++ / (scalar_t)sizeOf(&box);
                if (width == 0) spreadOverBox(boxes, &box, share, gx);
                for (int64_t i = box.begin[2]; width != 0 && i < box.end[2]; i++) line[i] += share;
            }
            if (width != 0) spreadRow(boxes, d, h, line, gx);
        }
    }
}

static void TH_KERNEL(scatter)(int64_t n, const void *x_, const int64_t *indices, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    for (int64_t i = 0; i < n; i++) y[indices[i]] = x[i];
}

static void TH_KERNEL(gather)(int64_t n, const void *x_, const int64_t *indices, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    for (int64_t i = 0; i < n; i++) y[i] = x[indices[i]];
}

const THNNBoxKernel TH_TABLE(THNNBoxKernel) = {
    .maximum = TH_KERNEL(maximum),
    .average = TH_KERNEL(average),
    .average_backward = TH_KERNEL(average_backward),
    .scatter = TH_KERNEL(scatter),
    .gather = TH_KERNEL(gather),
};
