// Padding by reflection or replication, and interpolation. A first kernel writes down, axis by axis, which input positions make
// an output position and how much, and the other way round; with that, each element of a result is one thread's sum.
#include "ops/THCUNNPool.cuh"

namespace
{

constexpr int MOST_TAPS = 4;

// How an axis is resampled. `before`: of a padding.
struct Rule {
    THNNResampling mode;
    bool align_corners;
    int64_t before;
};

template <class A> struct Axis {
    Rule rule;
    int64_t in, out;
    int taps;   // input positions of an output
    int pieces; // runs of outputs that an input position is in
    A *weight;  // [out, taps]
    int *index; // [out, taps]
    int2 *runs; // [in, pieces]: first and behind last; for gradients

    __device__ A weightOf(int64_t o, int piece) const { return weight[o * taps + min(piece, taps - 1)]; }
};

__host__ __device__ int tapsOf(THNNResampling mode)
{
    return mode == THNNResampling_LINEAR ? 2 : mode == THNNResampling_CUBIC ? 4 : 1;
}

__device__ int64_t clampTo(int64_t value, int64_t size)
{
    return value < 0 ? 0 : value >= size ? size - 1 : value;
}

// Where output o lies among the inputs.
template <class A> __device__ double sourceOf(const Axis<A> &a, int64_t o)
{
    if (a.rule.align_corners) return a.out > 1 ? (double)o * (double)(a.in - 1) / (double)(a.out - 1) : 0;
    const double at = ((double)o + 0.5) * (double)a.in / (double)a.out - 0.5;
    return a.rule.mode == THNNResampling_LINEAR && at < 0 ? 0 : at;
}

// Cubic convolution (Keys, 1981) with a = -3/4: the weight at distance x.
__device__ double cubicWeight(double x)
{
    const double a = -0.75, d = fabs(x);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

// The input positions of output o, [taps], and their weights.
template <class A>
__device__ void position(const Axis<A> &a, int64_t o, int64_t (&index)[MOST_TAPS], double (&weight)[MOST_TAPS])
{
    const int64_t at = o - a.rule.before;
    weight[0] = 1;
    if (a.rule.mode == THNNResampling_REPLICATE) {
        index[0] = clampTo(at, a.in);
    } else if (a.rule.mode == THNNResampling_REFLECT) {
        index[0] = at < 0 ? -at : at >= a.in ? 2 * (a.in - 1) - at : at;
    } else if (a.rule.mode == THNNResampling_NEAREST) {
        index[0] = clampTo(thc_quotient(o * a.in, a.out), a.in);
    } else if (a.rule.mode == THNNResampling_LINEAR) {
        const double source = sourceOf(a, o);
        const int64_t low = clampTo((int64_t)source, a.in);
        index[0] = low, index[1] = clampTo(low + 1, a.in);
        weight[1] = source - (double)low, weight[0] = 1 - weight[1];
    } else {
        const double source = sourceOf(a, o), low = floor(source);
        for (int k = 0; k < MOST_TAPS; k++) {
            index[k] = clampTo((int64_t)low - 1 + k, a.in);
            weight[k] = cubicWeight(source - (low - 1 + k));
        }
    }
}

// The first output whose tap k is at input i or behind: positions do not fall from output to output, except in a mirror.
template <class A> __device__ int firstOutput(const Axis<A> &a, int64_t i, int k)
{
    int64_t low = 0, high = a.out, index[MOST_TAPS];
    double weight[MOST_TAPS];
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        position(a, middle, index, weight);
        if (index[k] >= i)
            high = middle;
        else
            low = middle + 1;
    }
    return (int)low;
}

// The outputs that see input i in a mirror: straight, before the first and behind the last element.
template <class A> __device__ int2 mirrored(const Axis<A> &a, int64_t i, int piece)
{
    const int64_t at = piece == 0 ? i : piece == 1 ? -i : 2 * (a.in - 1) - i, o = a.rule.before + at;
    const bool seen = o >= 0 && o < a.out && (piece == 0 || (piece == 1 ? at < 0 : at >= a.in));
    return seen ? make_int2((int)o, (int)o + 1) : make_int2(0, 0);
}

template <class A> struct Axes {
    Axis<A> d, h, w;
};

// Item i of all outputs' positions, then of all inputs' runs.
template <class A> struct WriteDown {
    Axes<A> axes;

    __device__ void output(const Axis<A> &a, int64_t o) const
    {
        int64_t index[MOST_TAPS];
        double weight[MOST_TAPS];
        position(a, o, index, weight);
        for (int k = 0; k < a.taps; k++) {
            a.index[o * a.taps + k] = (int)index[k];
            a.weight[o * a.taps + k] = (A)weight[k];
        }
    }

    __device__ void input(const Axis<A> &a, int64_t i) const
    {
        for (int k = 0; k < a.pieces; k++)
            a.runs[i * a.pieces + k] = a.rule.mode == THNNResampling_REFLECT
                                           ? mirrored(a, i, k)
                                           : make_int2(firstOutput(a, i, k), firstOutput(a, i + 1, k));
    }

    __device__ void operator()(int64_t i) const
    {
        const Axis<A> &d = axes.d, &h = axes.h, &w = axes.w;
        if (i < d.out) return output(d, i);
        if ((i -= d.out) < h.out) return output(h, i);
        if ((i -= h.out) < w.out) return output(w, i);
        if ((i -= w.out) < d.in) return input(d, i);
        if ((i -= d.in) < h.in) return input(h, i);
        input(w, i - h.in);
    }
};

// The pack number `at` of `to`.
template <int V, class T, class A> __device__ void writePack(T *to, int64_t at, const A (&value)[V])
{
    THCPack<T, V> pack;
#pragma unroll
    for (int v = 0; v < V; v++) pack.item[v] = THCElement<T>::down((THCCompute<T>)value[v]);
    reinterpret_cast<THCPack<T, V> *>(to)[at] = pack;
}

// V neighbouring elements of an output row for each thread.
template <int V, class T> struct Forward {
    Axes<CunnSum<T>> axes;
    const T *x;
    T *y;

    __device__ void operator()(int64_t at, const CunnSpot &o) const
    {
        using A = CunnSum<T>;
        const Axis<A> &d = axes.d, &h = axes.h, &w = axes.w;
        A sum[V] = {};
        for (int kd = 0; kd < d.taps; kd++) {
            for (int kh = 0; kh < h.taps; kh++) {
                const int64_t depth = (int64_t)o.d * d.taps + kd, height = (int64_t)o.h * h.taps + kh;
                const A weight = d.weight[depth] * h.weight[height];
                const T *const row = x + ((o.plane * d.in + d.index[depth]) * h.in + h.index[height]) * w.in;
                if (weight == 0) continue;
#pragma unroll
                for (int v = 0; v < V; v++) {
                    for (int kw = 0; kw < w.taps; kw++) {
                        const int64_t width = ((int64_t)o.w * V + v) * w.taps + kw;
                        sum[v] += weight * w.weight[width] * (A)THCElement<T>::up(row[w.index[width]]);
                    }
                }
            }
        }
        writePack(y, at, sum);
    }
};

// V neighbouring elements of an input row for each thread.
template <int V, class T> struct Backward {
    Axes<CunnSum<T>> axes;
    const T *gy;
    T *gx;

    // What the row of outputs gives to the input column i.
    __device__ CunnSum<T> along(const T *row, int64_t i) const
    {
        const Axis<CunnSum<T>> &w = axes.w;
        CunnSum<T> sum = 0;
        for (int k = 0; k < w.pieces; k++) {
            const int2 run = w.runs[i * w.pieces + k];
            for (int64_t o = run.x; o < run.y; o++) sum += w.weightOf(o, k) * (CunnSum<T>)THCElement<T>::up(row[o]);
        }
        return sum;
    }

    // The same of V columns, `weight` times.
    __device__ void add(const CunnSum<T> weight, const T *row, int64_t i, CunnSum<T> (&sum)[V]) const
    {
        if (weight == 0) return;
#pragma unroll
        for (int v = 0; v < V; v++) sum[v] += weight * along(row, i + v);
    }

    __device__ void operator()(int64_t at, const CunnSpot &i) const
    {
        using A = CunnSum<T>;
        const Axis<A> &d = axes.d, &h = axes.h;
        A sum[V] = {};
        for (int kd = 0; kd < d.pieces; kd++) {
            const int2 depths = d.runs[(int64_t)i.d * d.pieces + kd];
            for (int64_t od = depths.x; od < depths.y; od++) {
                for (int kh = 0; kh < h.pieces; kh++) {
                    const int2 heights = h.runs[(int64_t)i.h * h.pieces + kh];
                    for (int64_t oh = heights.x; oh < heights.y; oh++)
                        add(d.weightOf(od, kd) * h.weightOf(oh, kh), gy + ((i.plane * d.out + od) * h.out + oh) * axes.w.out,
                            (int64_t)i.w * V, sum);
                }
            }
        }
        writePack(gx, at, sum);
    }
};

// --- shapes and calls -----------------------------------------------------------------------------------------------------

struct Resampling {
    const char *op;
    CunnPool pool;
    Rule rules[THNN_SPATIAL_MAX]; // D, H, W
};

template <class A> void setAxis(Axis<A> *a, const Rule &rule, const CunnWindow &sizes)
{
    const int taps = tapsOf(rule.mode);
    *a = Axis<A>{rule,    sizes.input, sizes.output, taps, rule.mode == THNNResampling_REFLECT ? 3 : taps,
                 nullptr, nullptr,     nullptr};
}

// Puts the axis' tables at `room`, or counts their bytes (NULL); those with the strictest alignment come first.
template <class A> int64_t place(Axis<A> *a, char *room)
{
    const int64_t weights = a->out * a->taps * (int64_t)sizeof(A), runs = a->in * a->pieces * (int64_t)sizeof(int2);
    const int64_t indices = a->out * a->taps * (int64_t)sizeof(int), whole = (weights + 7) / 8 * 8 + runs;
    if (room != nullptr) {
        a->weight = reinterpret_cast<A *>(room);
        a->runs = reinterpret_cast<int2 *>(room + whole - runs);
        a->index = reinterpret_cast<int *>(room + whole);
    }
    return (whole + indices + 15) / 16 * 16;
}

template <bool FORWARD, int V, class T> THStatus start(const Resampling &r, const Axes<CunnSum<T>> &axes, const T *from, T *to)
{
    const CunnPlane &p = r.pool.p;
    if constexpr (FORWARD)
        return cunn_eachSpot(r.op, r.pool.planes, p.d.output, p.h.output, p.w.output / V, Forward<V, T>{axes, from, to});
    else
        return cunn_eachSpot(r.op, r.pool.planes, p.d.input, p.h.input, p.w.input / V, Backward<V, T>{axes, from, to});
}

// From `from` to `to`, both dense: of inputs to outputs, or of gradients back.
template <bool FORWARD, class T> THStatus run(const Resampling &r, int device, const T *from, T *to)
{
    using A = CunnSum<T>;
    const CunnPlane &p = r.pool.p;
    Axes<A> axes;
    setAxis(&axes.d, r.rules[0], p.d);
    setAxis(&axes.h, r.rules[1], p.h);
    setAxis(&axes.w, r.rules[2], p.w);
    const int64_t d = place(&axes.d, nullptr), h = place(&axes.h, nullptr), w = place(&axes.w, nullptr);
    const THCScratch room(device, d + h + w);
    if (room.data() == nullptr) return THStatus_last();
    place(&axes.d, room.data());
    place(&axes.h, room.data() + d);
    place(&axes.w, room.data() + d + h);
    const int64_t outputs = p.d.output + p.h.output + p.w.output, inputs = p.d.input + p.h.input + p.w.input;
    TH_TRY(cunn_each(r.op, outputs + (FORWARD ? 0 : inputs), WriteDown<A>{axes}));
    return cunn_isPacked<T>(FORWARD ? p.w.output : p.w.input, {to}) ? start<FORWARD, CUNN_PACK<T>>(r, axes, from, to)
                                                                    : start<FORWARD, 1>(r, axes, from, to);
}

THStatus forward(const Resampling &r, const THTensor *input, THTensor *output)
{
    const THCGuard guard(input);
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(r.op, output, (THDtype)input->dtype, input->ndim, r.pool.shape, {input}));
    const auto all = [&]() -> THStatus {
        THC_FOR_FLOATING(r.op, input->dtype, T, return (run<true, T>(r, THTensor_device(input), x.data<T>(), y.data<T>()));)
    };
    if (y.get()->numel > 0) TH_TRY(all());
    return y.close();
}

THStatus backward(const Resampling &r, const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_TRY(cunn_checkDtype(r.op, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(cunn_checkShape(r.op, "gradOutput", gradOutput, input->ndim, r.pool.shape));
    TH_TRY(thc_sameDevice(r.op, input, gradOutput));
    const THCGuard guard(input);
    const CunnDense gy(gradOutput);
    if (gy.failed()) return THStatus_last();
    CunnResult gx;
    TH_TRY(gx.open(r.op, gradInput, (THDtype)input->dtype, input->ndim, input->size, {gradOutput}));
    const auto all = [&]() -> THStatus {
        THC_FOR_FLOATING(r.op, input->dtype, T, return (run<false, T>(r, THTensor_device(input), gy.data<T>(), gx.data<T>()));)
    };
    if (input->numel > 0) TH_TRY(all());
    return gx.close();
}

THStatus initResampling(Resampling *r, const char *op, const THTensor *input, int dims)
{
    r->op = op;
    for (Rule &rule : r->rules) rule = Rule{THNNResampling_REPLICATE, false, 0}; // axes that there are not stay as they are
    return cunn_initPool(&r->pool, op, input, dims);
}

THStatus initPadding(Resampling *r, const THTensor *input, int dims, const int64_t *pad, THNNResampling mode)
{
    static const char op[] = "Padding";
    TH_TRY(initResampling(r, op, input, dims));
    int64_t size[THNN_SPATIAL_MAX];
    for (int d = 0; d < dims; d++) {
        const int64_t in = input->size[input->ndim - dims + d], before = pad[2 * d], after = pad[2 * d + 1];
        TH_FAIL_IF(mode == THNNResampling_REFLECT && (before >= in || after >= in), TH_ERR_SHAPE,
                   "[%s] Padding size should be less than the corresponding input dimension, but got: padding (%lld, %lld) at "
                   "dimension %d of size %lld",
                   op, (long long)before, (long long)after, input->ndim - dims + d, (long long)in);
        size[d] = in + before + after;
        TH_FAIL_IF(in < 1 || size[d] < 1 || size[d] > INT32_MAX, TH_ERR_SHAPE,
                   "[%s] input size %lld and padding (%lld, %lld) give %lld: expected 1 to %d", op, (long long)in,
                   (long long)before, (long long)after, (long long)size[d], INT32_MAX);
        r->rules[THNN_SPATIAL_MAX - dims + d] = Rule{mode, false, before};
    }
    return cunn_setOutput(&r->pool, op, input, dims, size);
}

THStatus initUpSampling(Resampling *r, const THTensor *input, int dims, const int64_t *size, THNNResampling mode,
                        int align_corners)
{
    static const char op[] = "UpSampling";
    TH_TRY(initResampling(r, op, input, dims));
    for (int d = 0; d < dims; d++) {
        TH_FAIL_IF(
            input->size[input->ndim - dims + d] < 1 || size[d] < 1 || size[d] > INT32_MAX, TH_ERR_SHAPE,
            "[%s] Input and output sizes should be greater than 0 and within 32 bits, but got input %lld and output %lld", op,
            (long long)input->size[input->ndim - dims + d], (long long)size[d]);
        r->rules[THNN_SPATIAL_MAX - dims + d] = Rule{mode, align_corners != 0, 0};
    }
    return cunn_setOutput(&r->pool, op, input, dims, size);
}

} // namespace

THStatus THCUNN_Padding_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *pad, THNNResampling mode)
{
    TH_GIVEN("Padding", input, output, pad);
    Resampling r;
    TH_TRY(initPadding(&r, input, dims, pad, mode));
    return forward(r, input, output);
}

THStatus THCUNN_Padding_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dims,
                                        const int64_t *pad, THNNResampling mode)
{
    TH_GIVEN("Padding", input, gradOutput, gradInput, pad);
    Resampling r;
    TH_TRY(initPadding(&r, input, dims, pad, mode));
    return backward(r, input, gradOutput, gradInput);
}

THStatus THCUNN_UpSampling_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *size,
                                        THNNResampling mode, int align_corners)
{
    TH_GIVEN("UpSampling", input, output, size);
    Resampling r;
    TH_TRY(initUpSampling(&r, input, dims, size, mode, align_corners));
    return forward(r, input, output);
}

THStatus THCUNN_UpSampling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dims,
                                           THNNResampling mode, int align_corners)
{
    TH_GIVEN("UpSampling", input, gradOutput, gradInput);
    TH_FAIL_IF(gradOutput->ndim != input->ndim || input->ndim < dims, TH_ERR_SHAPE,
               "[UpSampling] gradOutput has %d dimensions, expected %d", gradOutput->ndim, input->ndim);
    Resampling r;
    TH_TRY(initUpSampling(&r, input, dims, gradOutput->size + gradOutput->ndim - dims, mode, align_corners));
    return backward(r, input, gradOutput, gradInput);
}
