/* A plain network of two layers and both directions against loops in double, gradients against differences of these, with
 * parameters that lie together and apart; wrong arguments. Other cells are compared in tests/torch. */
#include "../../THC/tests/THCTest.h"
#include "THCUDNN/THCUDNN.h"

enum { INPUT = 3, HIDDEN = 2, LAYERS = 2, WAYS = 2, STEPS = 3, BATCH = 3, ROWS = 6, PARAMETERS = 4 * LAYERS * WAYS };
enum { GROUPS = LAYERS * WAYS, OUTPUTS = ROWS * WAYS * HIDDEN, STATES = GROUPS * BATCH * HIDDEN, MOST = 24 };
static const int64_t SIZES[STEPS] = {3, 2, 1}, OFFSETS[STEPS] = {0, 3, 5};
static THCUDNNRecurrent network(void)
{
    return (THCUDNNRecurrent){THCUDNN_CELL_TANH, HIDDEN, LAYERS, true, true};
}

/* All numbers that go in: input, initial states, parameters. */
typedef struct Numbers {
    double input[ROWS * INPUT], states[STATES], parameters[PARAMETERS][MOST];
} Numbers;

static int shape(int index, int64_t *size)
{
    const int kind = index % 4;
    size[0] = HIDDEN;
    size[1] = kind == 1 ? HIDDEN : index < 4 * WAYS ? INPUT : WAYS * HIDDEN;
    return kind < 2 ? 2 : 1;
}

static void fill(Numbers *n)
{
    int k = 0;
    for (int i = 0; i < ROWS * INPUT; i++) n->input[i] = sin(1.3 * ++k);
    for (int i = 0; i < STATES; i++) n->states[i] = 0.5 * sin(1.3 * ++k);
    for (int p = 0; p < PARAMETERS; p++)
        for (int i = 0; i < MOST; i++) n->parameters[p][i] = 0.7 * sin(1.3 * ++k);
}

/* One layer and direction: rows of `width` elements to columns [way HIDDEN, ...) of rows of WAYS HIDDEN; its states change. */
static void run_one(const Numbers *n, int group, const double *input, int width, double *output, double *states)
{
    const double *const *const p = (const double *const[]){n->parameters[4 * group], n->parameters[4 * group + 1],
                                                           n->parameters[4 * group + 2], n->parameters[4 * group + 3]};
    const int way = group % WAYS;
    for (int k = 0; k < STEPS; k++) {
        const int t = way == 0 ? k : STEPS - 1 - k;
        for (int64_t sample = 0; sample < SIZES[t]; sample++) {
            double *const h = states + sample * HIDDEN, next[HIDDEN];
            const double *const x = input + (OFFSETS[t] + sample) * width;
            for (int j = 0; j < HIDDEN; j++) {
                double sum = p[2][j] + p[3][j];
                for (int i = 0; i < width; i++) sum += p[0][j * width + i] * x[i];
                for (int i = 0; i < HIDDEN; i++) sum += p[1][j * HIDDEN + i] * h[i];
                next[j] = tanh(sum);
            }
            memcpy(h, next, sizeof next);
            memcpy(output + ((OFFSETS[t] + sample) * WAYS + way) * HIDDEN, next, sizeof next);
        }
    }
}

/* The output and the final states; the sum of all, each with a factor. */
static double reference(const Numbers *n, double *output, double *states)
{
    double rows[OUTPUTS];
    memcpy(states, n->states, sizeof n->states);
    for (int group = 0; group < GROUPS; group++) {
        if (group % WAYS == 0 && group > 0) memcpy(rows, output, sizeof rows);
        const bool first = group < WAYS;
        run_one(n, group, first ? n->input : rows, first ? INPUT : WAYS * HIDDEN, output, states + group * BATCH * HIDDEN);
    }
    double sum = 0;
    for (int i = 0; i < OUTPUTS; i++) sum += output[i] * (i % 5 - 2);
    for (int i = 0; i < STATES; i++) sum += states[i] * (i % 3 - 1);
    return sum;
}

static THTensor *there(int ndim, const int64_t *size, const double *values)
{
    THTensor *const host = THTensor_newWithSize(THDtype_Double, ndim, size);
    if (values != NULL) memcpy(THTensor_dataBytes(host), values, (size_t)host->numel * sizeof *values);
    for (int64_t i = 0; values == NULL && i < host->numel; i++)
        ((double *)(void *)THTensor_dataBytes(host))[i] = (double)(ndim == 3 ? i % 3 - 1 : i % 5 - 2); /* the sum's factors */
    THTensor *const device = thc_test_there(host);
    THTensor_free(host);
    return device;
}

static void check_numbers(const char *what, const THTensor *device, int64_t count, const double *want, double tolerance)
{
    THTensor *const host = THTensor_newWithSize(THDtype_Double, device->ndim, device->size);
    if (CHECK(host->numel == count)) {
        memcpy(THTensor_dataBytes(host), want, (size_t)count * sizeof *want);
        thc_test_same(what, device, host, tolerance);
    }
    THTensor_free(host);
}

static void check_gradient(const char *what, Numbers *n, const THTensor *device, int64_t count, double *values)
{
    const double width = 1e-5;
    double want[MOST], output[OUTPUTS], states[STATES];
    for (int64_t i = 0; i < count; i++) {
        const double value = values[i];
        values[i] = value + width;
        const double above = reference(n, output, states);
        values[i] = value - width;
        want[i] = (above - reference(n, output, states)) / (2 * width);
        values[i] = value;
    }
    check_numbers(what, device, count, want, 1e-8);
}

static const int64_t OF_INPUT[] = {ROWS, INPUT}, OF_OUTPUT[] = {ROWS, WAYS * HIDDEN}, OF_STATES[] = {GROUPS, BATCH, HIDDEN};

static void test_passes(Numbers *n, THTensor *const *parameters)
{
    const THCUDNNRecurrent told = network();
    double rows[OUTPUTS], finals[STATES];
    reference(n, rows, finals);
    THTensor *const x = there(2, OF_INPUT, n->input), *const hx = there(3, OF_STATES, n->states), *t[9], *gradients[PARAMETERS];
    for (int k = 0; k < 7; k++) t[k] = THTensor_new();
    t[7] = there(2, OF_OUTPUT, NULL);
    t[8] = there(3, OF_STATES, NULL);
    for (int k = 0; k < PARAMETERS; k++) gradients[k] = THTensor_new();
    CHECK_OK(THCUDNN_recurrentForward(&told, x, STEPS, SIZES, hx, NULL, parameters, t[0], t[1], NULL, t[2], NULL));
    check_numbers("output without a gradient", t[0], OUTPUTS, rows, 1e-12);
    CHECK_OK(THCUDNN_recurrentForward(&told, x, STEPS, SIZES, hx, NULL, parameters, t[0], t[1], NULL, t[2], t[3]));
    check_numbers("output", t[0], OUTPUTS, rows, 1e-12);
    check_numbers("final states", t[1], STATES, finals, 1e-12);
    CHECK_OK(THCUDNN_recurrentBackward(&told, x, STEPS, SIZES, hx, NULL, t[2], t[0], t[7], t[8], NULL, t[3], t[4], t[5], NULL,
                                       gradients));
    check_gradient("gradient of the input", n, t[4], ROWS * INPUT, n->input);
    check_gradient("gradient of the states", n, t[5], STATES, n->states);
    for (int k = 0; k < PARAMETERS; k++) {
        int64_t size[2] = {1, 1};
        const int ndim = shape(k, size);
        CHECK(gradients[k]->storage == gradients[0]->storage && gradients[k]->ndim == ndim);
        check_gradient("gradient of a parameter", n, gradients[k], size[0] * (ndim > 1 ? size[1] : 1), n->parameters[k]);
    }
    for (int k = 0; k < 9; k++) THTensor_free(t[k]);
    for (int k = 0; k < PARAMETERS; k++) THTensor_free(gradients[k]);
    THTensor_free(x);
    THTensor_free(hx);
}

static void test_mistakes(THTensor **parameters, const Numbers *n)
{
    THCUDNNRecurrent told = network();
    const int64_t grows[STEPS] = {1, 2, 3};
    THTensor *const x = there(2, OF_INPUT, n->input), *const hx = there(3, OF_STATES, n->states), *const r = THTensor_new(),
                    *const h = THTensor_new(), *const w = THTensor_new(),
                    *const host = THTensor_newWithSize(THDtype_Double, 2, OF_INPUT);
#define RUN(input, sizes, state)                                                                                               \
    THCUDNN_recurrentForward(&told, input, STEPS, sizes, state, NULL, parameters, r, h, NULL, w, NULL)
    CHECK_FAILS(RUN(host, SIZES, hx), TH_ERR_STATE, "input is on the host");
    CHECK_FAILS(RUN(hx, SIZES, hx), TH_ERR_SHAPE, "input has 3 dimensions, expected 2");
    CHECK_FAILS(RUN(x, grows, hx), TH_ERR_VALUE, "sizes[1] is 2: steps must not grow");
    CHECK_FAILS(RUN(x, SIZES, x), TH_ERR_SHAPE, "hx has size (6, 3), expected (4, 3, 2)");
    CHECK_FAILS(THCUDNN_recurrentForward(&told, x, 2, SIZES, hx, NULL, parameters, r, h, NULL, w, NULL), TH_ERR_SHAPE,
                "input has 6 rows, sizes add up to 5");
    CHECK_FAILS(THCUDNN_recurrentForward(&told, x, STEPS, SIZES, hx, hx, parameters, r, h, NULL, w, NULL), TH_ERR_VALUE,
                "LSTM");
    told.cell = THCUDNN_CELL_GRU;
    CHECK_FAILS(RUN(x, SIZES, hx), TH_ERR_SHAPE, "parameters[0] has size (2, 3), expected (6, 3)");
    told.cell = (THCUDNNCell)4;
    CHECK_FAILS(RUN(x, SIZES, hx), TH_ERR_VALUE, "cell, 4");
    told = network();
    told.layers = 0;
    CHECK_FAILS(RUN(x, SIZES, hx), TH_ERR_VALUE, "layers, 0");
    told = network();
    THTensor *const last = parameters[PARAMETERS - 1];
    parameters[PARAMETERS - 1] = NULL;
    CHECK_FAILS(RUN(x, SIZES, hx), TH_ERR_VALUE, "parameters[15], NULL");
    parameters[PARAMETERS - 1] = last;
    THCUDNN_setOption(THCUDNN_DETERMINISTIC, true);
    CHECK(RUN(x, SIZES, hx) == TH_ERR_UNSUPPORTED);
    THCUDNN_setOption(THCUDNN_DETERMINISTIC, false);
    CHECK_OK(RUN(x, SIZES, hx));
    CHECK_FAILS(THCUDNN_recurrentBackward(&told, x, STEPS, SIZES, hx, NULL, w, r, r, NULL, NULL, x, h, h, NULL, NULL),
                TH_ERR_VALUE, "must be what a forward pass gave");
    THTensor *const all[] = {x, hx, r, h, w, host};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

static void test_network(void)
{
    const THCUDNNRecurrent told = network();
    static Numbers n;
    THTensor *apart[PARAMETERS], *gathered[PARAMETERS], *again[PARAMETERS];
    fill(&n);
    for (int k = 0; k < PARAMETERS; k++) {
        int64_t size[2];
        const int ndim = shape(k, size);
        apart[k] = there(ndim, size, n.parameters[k]);
        gathered[k] = THTensor_new();
        again[k] = THTensor_new();
    }
    test_passes(&n, apart);
    CHECK_OK(THCUDNN_recurrentGather(&told, apart, gathered));
    for (int k = 0; k < PARAMETERS; k++)
        CHECK(gathered[k]->storage == gathered[0]->storage && gathered[k]->storage != apart[k]->storage &&
              THTensor_isSameSizeAs(gathered[k], apart[k]));
    test_passes(&n, gathered);
    CHECK_OK(THCUDNN_recurrentGather(&told, gathered, again));
    for (int k = 0; k < PARAMETERS; k++) CHECK(THTensor_dataBytes(again[k]) == THTensor_dataBytes(gathered[k]));
    test_mistakes(apart, &n);
    for (int k = 0; k < PARAMETERS; k++) {
        THTensor_free(apart[k]);
        THTensor_free(gathered[k]);
        THTensor_free(again[k]);
    }
}

int main(void)
{
    if (!thc_test_hasDevice() || THCUDNN_open() != TH_OK) {
        const THCUDNNRecurrent told = network();
        THTensor *const host = THTensor_newWithSize(THDtype_Double, 2, OF_INPUT);
        CHECK_FAILS(THCUDNN_recurrentForward(&told, host, STEPS, SIZES, host, NULL, &host, host, host, NULL, host, NULL),
                    TH_ERR_STATE, "input is on the host, expected a device");
        THTensor_free(host);
        return th_test_end("test_recurrent, without a device or cuDNN");
    }
    test_network();
    return th_test_end("test_recurrent");
}
