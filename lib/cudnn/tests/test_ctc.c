/* ctcLoss against sums over all ways to read the labels, gradients against differences of these; wrong arguments. */
#include "../../THC/tests/THCTest.h"
#include "THCUDNN/THCUDNN.h"

enum { STEPS = 9, SAMPLES = 5, CLASSES = 6, LABELS_MOST = 4 };

static const int LABELS[] = {1, 2, 2, 5, 3, 1, 3, 4, 4, 4, 1};
static const int COUNTS[SAMPLES] = {3, 1, 2, 4, 1}, LENGTHS[SAMPLES] = {9, 1, 5, 7, 6};

static double add_logs(double a, double b)
{
    const double most = a > b ? a : b;
    return isinf(most) ? most : most + log(exp(a - most) + exp(b - most));
}

/* The logarithm of the probability of class `c` at a step. */
static double log_probability(const double *activations, int c)
{
    double sum = -INFINITY;
    for (int k = 0; k < CLASSES; k++) sum = add_logs(sum, activations[k]);
    return activations[c] - sum;
}

/* The cost of a sample, step by step: places are blank, label, blank, label, ..., blank. */
static double reference(const double *input, int sample, const int *labels)
{
    const int places = 2 * COUNTS[sample] + 1;
    double now[2 * LABELS_MOST + 1], before[2 * LABELS_MOST + 1];
    for (int s = 0; s < places; s++) before[s] = s == 0 ? 0 : -INFINITY;
    for (int t = 0; t < LENGTHS[sample]; t++) {
        for (int s = 0; s < places; s++) {
            const int class = s % 2 == 0 ? 0 : labels[s / 2];
            double sum = before[s];
            if (s > 0 && (t > 0 || s == 1)) sum = add_logs(sum, before[s - 1]);
            if (t > 0 && s > 1 && class != 0 && class != labels[s / 2 - 1]) sum = add_logs(sum, before[s - 2]);
            now[s] = sum + log_probability(input + (t * SAMPLES + sample) * CLASSES, class);
        }
        memcpy(before, now, sizeof now);
    }
    return -add_logs(before[places - 1], before[places - 2]);
}

static THTensor *ints(int64_t count, const int *values)
{
    THTensor *const t = THTensor_newWithSize(THDtype_Int, 1, &count);
    memcpy(THTensor_dataBytes(t), values, (size_t)count * sizeof *values);
    return t;
}

static THTensor *floats(int ndim, const int64_t *size, const double *values)
{
    THTensor *const t = THTensor_newWithSize(THDtype_Float, ndim, size);
    for (int64_t i = 0; i < t->numel; i++) ((float *)(void *)THTensor_dataBytes(t))[i] = (float)values[i];
    return t;
}

/* Of the sum of costs, for each activation; by differences. */
static void reference_gradient(double *input, double *costs, double *gradient)
{
    const double width = 1e-4;
    for (int sample = 0, first = 0; sample < SAMPLES; first += COUNTS[sample++]) {
        costs[sample] = reference(input, sample, LABELS + first);
        for (int i = 0; i < STEPS * CLASSES; i++) {
            const int place = (i / CLASSES * SAMPLES + sample) * CLASSES + i % CLASSES;
            const double value = input[place];
            input[place] = value + width;
            const double above = reference(input, sample, LABELS + first);
            input[place] = value - width;
            gradient[place] = (above - reference(input, sample, LABELS + first)) / (2 * width);
            input[place] = value;
        }
    }
}

static void test_against_the_reference(double scale)
{
    static double values[STEPS * SAMPLES * CLASSES], slopes[STEPS * SAMPLES * CLASSES], sums[SAMPLES];
    for (int i = 0; i < STEPS * SAMPLES * CLASSES; i++) values[i] = (float)(scale * sin(1.3 * i * i + 0.7));
    reference_gradient(values, sums, slopes);
    const int64_t size[] = {STEPS, SAMPLES, CLASSES}, turned_size[] = {STEPS, SAMPLES, 2 * CLASSES};
    THTensor *const host = floats(3, size, values), *const want_costs = floats(1, size + 1, sums),
                    *const want = floats(3, size, slopes), *const input = thc_test_there(host);
    THTensor *const labels = ints(sizeof LABELS / sizeof *LABELS, LABELS), *const counts = ints(SAMPLES, COUNTS),
                    *const lengths = ints(SAMPLES, LENGTHS), *const costs = THTensor_new(), *const gradient = THTensor_new();
    CHECK_OK(THCUDNN_ctcLoss(input, labels, counts, lengths, costs, gradient));
    thc_test_same("costs", costs, want_costs, 1e-5);
    thc_test_same("gradient", gradient, want, 1e-5);
    CHECK_OK(THCTensor_zero(costs));
    CHECK_OK(THCUDNN_ctcLoss(input, labels, counts, lengths, costs, NULL));
    thc_test_same("costs alone", costs, want_costs, 1e-5);
    THTensor *const wide = THCTensor_newWithSize(0, THDtype_Float, 3, turned_size);
    THTensor *const strided = THTensor_newNarrow(wide, 2, CLASSES, CLASSES);
    CHECK_OK(THCTensor_copy(strided, input));
    CHECK_OK(THCUDNN_ctcLoss(strided, labels, counts, lengths, costs, strided));
    thc_test_same("costs of strided activations", costs, want_costs, 1e-5);
    thc_test_same("gradient in the place of its activations", strided, want, 1e-5);
    THTensor *const all[] = {host, want_costs, want, input, labels, counts, lengths, costs, gradient, wide, strided};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

/* One sample of three steps and three classes. */
static THStatus one(THTensor *input, int count, const int *labels, int told, int length)
{
    THTensor *const l = ints(count, labels), *const c = ints(1, &told), *const n = ints(1, &length), *const r = THTensor_new();
    const THStatus status = THCUDNN_ctcLoss(input, l, c, n, r, NULL);
    THTensor *const all[] = {l, c, n, r};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
    return status;
}

static void test_mistakes(void)
{
    const int64_t size[] = {3, 1, 3};
    const int labels[] = {1, 1, 2}, outside[] = {3, 0};
    THTensor *const input = THCTensor_newWithSize(0, THDtype_Float, 3, size),
                    *const wide = THCTensor_newWithSize(0, THDtype_Double, 3, size),
                    *const host = THTensor_newWithSize(THDtype_Float, 3, size), *const flat = THTensor_newSelect(input, 1, 0);
    CHECK_OK(THCTensor_zero(input));
    CHECK_OK(one(input, 2, labels, 2, 3));
    CHECK_FAILS(one(input, 2, labels, 2, 2), TH_ERR_VALUE, "inputLengths[0] is 2: its labels take 3 steps");
    CHECK_FAILS(one(input, 2, labels, 2, 4), TH_ERR_VALUE, "inputLengths[0] is 4: must be from 1 to 3");
    CHECK_FAILS(one(input, 2, labels, 2, 0), TH_ERR_VALUE, "inputLengths[0] is 0");
    CHECK_FAILS(one(input, 2, labels, 3, 3), TH_ERR_VALUE, "of 2 labels 2 are left for it");
    CHECK_FAILS(one(input, 2, labels, 1, 3), TH_ERR_VALUE, "labelLengths add up to 1");
    CHECK_FAILS(one(input, 2, labels, -1, 3), TH_ERR_VALUE, "labelLengths[0] is -1: must be from 1 to 255");
    CHECK_FAILS(one(input, 0, labels, 0, 3), TH_ERR_UNSUPPORTED, "labelLengths[0] is 0: cuDNN has no way");
    CHECK_FAILS(one(input, 1, outside, 1, 3), TH_ERR_VALUE, "labels[0] is 3: must be from 1 to 2");
    CHECK_FAILS(one(input, 1, outside + 1, 1, 3), TH_ERR_VALUE, "labels[0] is 0");
    CHECK_FAILS(one(host, 1, labels, 1, 3), TH_ERR_STATE, "input is on the host");
    CHECK_FAILS(one(flat, 1, labels, 1, 3), TH_ERR_SHAPE, "input has 2 dimensions");
    CHECK_FAILS(one(wide, 1, labels, 1, 3), TH_ERR_DTYPE, "expected");
    CHECK_FAILS(THCUDNN_ctcLoss(input, input, input, input, wide, NULL), TH_ERR_STATE, "labels is on device 0");
    THTensor *const all[] = {input, wide, host, flat};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

static void test_no_samples(void)
{
    const int64_t size[] = {4, 0, 3};
    THTensor *const input = THCTensor_newWithSize(0, THDtype_Float, 3, size), *const none = ints(0, LABELS);
    THTensor *const costs = THTensor_new(), *const gradient = THTensor_new();
    CHECK_OK(THCUDNN_ctcLoss(input, none, none, none, costs, gradient));
    CHECK(costs->ndim == 1 && costs->numel == 0 && gradient->ndim == 3 && gradient->size[0] == 4 && gradient->numel == 0);
    THTensor *const all[] = {input, none, costs, gradient};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

int main(void)
{
    if (!thc_test_hasDevice()) {
        const int64_t size[] = {3, 1, 3};
        THTensor *const host = THTensor_newWithSize(THDtype_Float, 3, size);
        CHECK_FAILS(one(host, 1, LABELS, 1, 3), TH_ERR_STATE, "input is on the host, expected a device");
        THTensor_free(host);
        return th_test_end("test_ctc, without a device");
    }
    if (THCUDNN_open() != TH_OK) {
        CHECK_FAILS(THCUDNN_open(), TH_ERR_UNSUPPORTED, "nvidia-cudnn-cu13");
        return th_test_end("test_ctc, without cuDNN");
    }
    test_against_the_reference(1);
    test_against_the_reference(20);
    test_mistakes();
    test_no_samples();
    return th_test_end("test_ctc");
}
