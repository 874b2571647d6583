// One behind the other, turned around, and parts of matrices.
#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"
#include "THC/device/THCPlace.cuh"
#include "ops/THCTarget.cuh"

namespace
{

// --- cat ---------------------------------------------------------------------------------------------------------------------

// Torch lets 1-d tensors without elements stand for nothing, whatever the others' shape.
bool isNothing(const THTensor *t)
{
    return t->ndim == 1 && t->size[0] == 0;
}

THStatus checkFits(const THTensor *t, const THTensor *model, int k, int dim)
{
    bool fits = t->ndim == model->ndim;
    for (int d = 0; fits && d < t->ndim; d++) fits = d == dim || t->size[d] == model->size[d];
    char have[128], want[128];
    TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[cat] tensor %d of size %s, expected the sizes of %s but for dimension %d", k,
               THTensor_describeSize(t->ndim, t->size, have, sizeof have),
               THTensor_describeSize(model->ndim, model->size, want, sizeof want), dim);
    return TH_OK;
}

// The common shape, with the sum along *dim.
THStatus catSize(THTensor *const *tensors, int count, int *dim, const THTensor **model, int64_t *size)
{
    int64_t total = 0;
    *model = tensors[0];
    for (int k = 0; k < count; k++) {
        TH_TRY(thc_same("cat", tensors[0], tensors[k]));
        TH_FAIL_IF(tensors[k]->ndim == 0, TH_ERR_SHAPE,
                   "[cat] tensor %d, zero-dimensional tensor (at position %d) cannot be concatenated", k, k);
        if (isNothing(*model)) *model = tensors[k];
    }
    TH_TRY(THTensor_wrapDim(*model, *dim, "cat", dim));
    for (int k = 0; k < count; k++) {
        if (isNothing(tensors[k])) continue;
        TH_TRY(checkFits(tensors[k], *model, k, *dim));
        total += tensors[k]->size[*dim];
    }
    for (int d = 0; d < (*model)->ndim; d++) size[d] = d == *dim ? (isNothing(*model) ? 0 : total) : (*model)->size[d];
    return TH_OK;
}

// Pieces whose elements lie one behind the other, here and there, are copied many at a time.
constexpr int PIECES = 96;
constexpr int64_t LARGE = INT64_C(4) << 20; // bytes of the average piece: beside its copy a start of its own is nothing

struct Pieces {
    const char *from[PIECES];
    int64_t begin[PIECES + 1]; // bytes of the output; piece k ends where k + 1 begins
};

template <class W> __device__ void copyWords(char *to, const char *from, int64_t bytes)
{
    const int64_t words = bytes / (int64_t)sizeof(W), step = (int64_t)gridDim.x * THC_MAP_THREADS;
    const int64_t first = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x;
    for (int64_t i = first; i < words; i += step) ((W *)to)[i] = ((const W *)from)[i];
    for (int64_t i = words * (int64_t)sizeof(W) + first; i < bytes; i += step) to[i] = from[i];
}

__global__ void __launch_bounds__(THC_MAP_THREADS) copyPieces(const Pieces pieces, char *r)
{
    const int k = (int)blockIdx.y;
    char *const to = r + pieces.begin[k];
    const char *const from = pieces.from[k];
    const int64_t bytes = pieces.begin[k + 1] - pieces.begin[k];
    const uintptr_t either = (uintptr_t)to | (uintptr_t)from;
    if (either % 16 == 0)
        copyWords<uint4>(to, from, bytes);
    else if (either % 4 == 0)
        copyWords<uint32_t>(to, from, bytes);
    else if (either % 2 == 0)
        copyWords<uint16_t>(to, from, bytes);
    else
        copyWords<uint8_t>(to, from, bytes);
}

// r's parts are the tensors' elements in their order.
bool arePieces(const THTensor *r, THTensor *const *tensors, int count, int dim)
{
    if (count < 2 || !THTensor_isContiguous(r) || r->numel * THDtype_itemsize((THDtype)r->dtype) / count > LARGE) return false;
    for (int d = 0; d < dim; d++)
        if (r->size[d] != 1) return false;
    for (int k = 0; k < count; k++)
        if (!THTensor_isContiguous(tensors[k])) return false;
    return true;
}

THStatus catPieces(THTensor *r, THTensor *const *tensors, int count)
{
    const THCGuard guard(r);
    const int64_t itemsize = THDtype_itemsize((THDtype)r->dtype);
    int64_t at = 0;
    for (int k = 0; k < count;) {
        Pieces pieces;
        int64_t largest = 0;
        int n = 0;
        for (; k < count && n < PIECES; k++) {
            const int64_t bytes = tensors[k]->numel * itemsize;
            if (bytes == 0) continue;
            pieces.from[n] = (const char *)THTensor_dataBytes(tensors[k]);
            pieces.begin[n++] = at;
            at += bytes;
            if (bytes > largest) largest = bytes;
        }
        if (n == 0) break;
        pieces.begin[n] = at;
        const int64_t most = 256, needed = thc_blocks(largest, 16 * THC_MAP_THREADS);
        const dim3 blocks((unsigned)(needed < most ? needed : most), (unsigned)n);
        copyPieces<<<blocks, THC_MAP_THREADS, 0, thc_stream()>>>(pieces, (char *)THTensor_dataBytes(r));
        TH_TRY(thc_started("cat"));
    }
    return TH_OK;
}

// --- flip --------------------------------------------------------------------------------------------------------------------

// The dimensions as bits.
THStatus checkDims(const THTensor *a, int count, const int64_t *dims, uint64_t *turned)
{
    *turned = 0;
    for (int k = 0; k < count; k++) {
        int dim;
        TH_TRY(THTensor_wrapDim(a, dims[k] < -TH_MAX_DIMS || dims[k] > TH_MAX_DIMS ? TH_MAX_DIMS : (int)dims[k], "flip", &dim));
        TH_FAIL_IF(*turned >> dim & 1, TH_ERR_VALUE, "[flip] dims, dimension %d appears twice, expected different ones", dim);
        *turned |= UINT64_C(1) << dim;
    }
    return TH_OK;
}

// --- triangles ---------------------------------------------------------------------------------------------------------------

struct Triangle {
    int64_t rows, columns, k;
    int64_t r_row, r_column, a_row, a_column; // strides
    bool upper;
};

template <class U> __global__ void __launch_bounds__(THC_MAP_THREADS) cutTriangle(const Triangle t, U *r, const U *a)
{
    const int64_t n = t.rows * t.columns, step = (int64_t)gridDim.x * THC_MAP_THREADS;
    for (int64_t at = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x; at < n; at += step) {
        const int64_t i = at / t.columns, j = at - i * t.columns;
        const bool kept = t.upper ? j - i >= t.k : j - i <= t.k;
        r[i * t.r_row + j * t.r_column] = kept ? a[i * t.a_row + j * t.a_column] : (U)0;
    }
}

template <class U> THStatus startTriangle(const char *op, const Triangle &t, THTensor *r, const THTensor *a)
{
    const THCGuard guard(r);
    const int64_t most = INT64_C(1) << 20, needed = thc_blocks(r->numel, THC_MAP_THREADS);
    cutTriangle<U>
        <<<(unsigned)(needed < most ? needed : most), THC_MAP_THREADS, 0, thc_stream()>>>(t, thc_data<U>(r), thc_data<U>(a));
    return thc_started(op);
}

THStatus triangle(const char *op, THTensor *r, const THTensor *a, int64_t k, bool upper)
{
    if (a->dtype == THDtype_None) return thc_unsupported(op, THDtype_None);
    TH_FAIL_IF(a->ndim != 2, TH_ERR_SHAPE, "[%s] a tensor of %d dimensions, expected a matrix", op, a->ndim);
    if (r != a)
        TH_TRY(thc_outputApart(op, r, a, (THDtype)a->dtype, 2, a->size));
    else
        TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    for (int d = 0; d < 2; d++)
        TH_FAIL_IF(r->stride[d] == 0 && r->size[d] > 1, TH_ERR_SHAPE,
                   "[%s] output is expanded along dimension %d, its elements share memory; clone it first", op, d);
    if (r->numel == 0) return TH_OK;
    const int64_t most = a->size[0] + a->size[1]; // beyond it nothing changes, and differences would overflow
    const Triangle t = {a->size[0],   a->size[1],   k > most ? most : (k < -most ? -most : k),
                        r->stride[0], r->stride[1], a->stride[0],
                        a->stride[1], upper};
    THC_FOR_BITS(a->dtype, U, return startTriangle<U>(op, t, r, a);)
}

// --- cross -------------------------------------------------------------------------------------------------------------------

// r's part number i is a[i + 1] * b[i + 2] - a[i + 2] * b[i + 1], counted modulo 3.
THStatus crossPart(THTensor *r, const THTensor *a, const THTensor *b, int dim, int i)
{
    const int next = (i + 1) % 3, last = (i + 2) % 3;
    const THCOwned part(THTensor_newSelect(r, dim, i)), a_next(THTensor_newSelect(a, dim, next)),
        a_last(THTensor_newSelect(a, dim, last));
    const THCOwned b_next(THTensor_newSelect(b, dim, next)), b_last(THTensor_newSelect(b, dim, last)), taken(THTensor_new());
    if (!part || !a_next || !a_last || !b_next || !b_last || !taken) return THStatus_last();
    TH_TRY(THCTensor_cmul(part.get(), a_next.get(), b_last.get()));
    TH_TRY(THCTensor_cmul(taken.get(), a_last.get(), b_next.get()));
    return THCTensor_csub(part.get(), part.get(), taken.get(), THScalar_fromLong(1));
}

} // namespace

THStatus THCTensor_cat(THTensor *r, THTensor *const *tensors, int count, int dim)
{
    TH_GIVEN("cat", r);
    if (count > 0) TH_GIVEN("cat", tensors);
    for (int k = 0; k < count; k++) TH_FAIL_IF(tensors[k] == nullptr, TH_ERR_VALUE, "[cat] tensor %d, NULL: must be given", k);
    const THTensor *model;
    int64_t size[TH_MAX_DIMS], start = 0;
    TH_FAIL_IF(count < 1, TH_ERR_VALUE, "[cat] %d tensors, expected a non-empty list of tensors", count);
    if (tensors[0]->dtype == THDtype_None) return thc_unsupported("cat", THDtype_None);
    TH_TRY(catSize(tensors, count, &dim, &model, size));
    for (int k = 0; k < count; k++)
        TH_FAIL_IF(r == tensors[k] || (r->storage != nullptr && THTensor_mayOverlap(r, tensors[k])), TH_ERR_VALUE,
                   "[cat] output shares memory with tensor %d, expected memory of its own", k);
    for (int k = 0; k < count; k++) TH_TRY(thc_onDevice("cat", tensors[k]));
    TH_TRY(THTensor_outputOn(r, "cat", THTensor_device(model), (THDtype)model->dtype, model->ndim, size));
    if (arePieces(r, tensors, count, dim)) return catPieces(r, tensors, count);
    for (int k = 0; k < count; k++) {
        if (tensors[k]->numel == 0) continue;
        const THCOwned part(THTensor_newNarrow(r, dim, start, tensors[k]->size[dim]));
        if (!part) return THStatus_last();
        TH_TRY(THCTensor_copy(part.get(), tensors[k]));
        start += tensors[k]->size[dim];
    }
    return TH_OK;
}

THStatus THCTensor_flip(THTensor *r, const THTensor *a, int count, const int64_t *dims)
{
    TH_GIVEN("flip", r, a);
    if (count > 0) TH_GIVEN("flip", dims);
    uint64_t turned;
    int64_t strides[TH_MAX_DIMS];
    if (a->dtype == THDtype_None) return thc_unsupported("flip", THDtype_None);
    TH_TRY(checkDims(a, count, dims, &turned));
    TH_TRY(thc_outputApart("flip", r, a, (THDtype)a->dtype, a->ndim, a->size));
    if (r->numel == 0) return TH_OK;
    THTensor backwards = *a; // only for the walk: tensors have no negative strides
    backwards.stride = strides;
    for (int d = 0; d < a->ndim; d++) {
        const bool turn = turned >> d & 1;
        strides[d] = turn ? -a->stride[d] : a->stride[d];
        if (turn) backwards.offset += (a->size[d] - 1) * a->stride[d];
    }
    const THTensor *const from = &backwards;
    THC_FOR_BITS(a->dtype, U, { return thc_map<U, U>("flip", THCIdentity<U>{}, r, from); })
}

THStatus THCTensor_tril(THTensor *r, const THTensor *a, int64_t k)
{
    TH_GIVEN("tril", r, a);
    return triangle("tril", r, a, k, false);
}
THStatus THCTensor_triu(THTensor *r, const THTensor *a, int64_t k)
{
    TH_GIVEN("triu", r, a);
    return triangle("triu", r, a, k, true);
}

THStatus THCTensor_diag(THTensor *r, const THTensor *a, int64_t k)
{
    TH_GIVEN("diag", r, a);
    if (a->dtype == THDtype_None) return thc_unsupported("diag", THDtype_None);
    TH_FAIL_IF(a->ndim != 1 && a->ndim != 2, TH_ERR_SHAPE, "[diag] a tensor of %d dimensions, expected a matrix or a vector",
               a->ndim);
    const int64_t most = INT64_C(1) << 31;
    TH_FAIL_IF(k < -most || k > most, TH_ERR_VALUE, "[diag] diagonal %lld, expected a number between -2^31 and 2^31",
               (long long)k);
    if (a->ndim == 2) {
        const THCOwned diagonal(THTensor_newDiagonal(a, k, 0, 1));
        if (!diagonal) return THStatus_last();
        TH_TRY(thc_outputApart("diag", r, a, (THDtype)a->dtype, 1, diagonal.get()->size));
        return diagonal.get()->numel == 0 ? TH_OK : THCTensor_copy(r, diagonal.get());
    }
    const int64_t n = a->size[0] + (k < 0 ? -k : k), size[] = {n, n};
    TH_TRY(thc_outputApart("diag", r, a, (THDtype)a->dtype, 2, size));
    TH_TRY(THCTensor_zero(r));
    if (a->numel == 0) return TH_OK;
    const THCOwned diagonal(THTensor_newDiagonal(r, k, 0, 1));
    return diagonal ? THCTensor_copy(diagonal.get(), a) : THStatus_last();
}

THStatus THCTensor_trace(THTensor *r, const THTensor *a)
{
    TH_GIVEN("trace", r, a);
    if (a->dtype == THDtype_None) return thc_unsupported("trace", THDtype_None);
    TH_FAIL_IF(a->ndim != 2, TH_ERR_SHAPE, "[trace] a tensor of %d dimensions, expected a matrix", a->ndim);
    const THCOwned diagonal(THTensor_newDiagonal(a, 0, 0, 1));
    return diagonal ? THCTensor_sumall(r, diagonal.get()) : THStatus_last();
}

THStatus THCTensor_cross(THTensor *r, const THTensor *a, const THTensor *b, int dim)
{
    TH_GIVEN("cross", r, a, b);
    char have[128], want[128];
    if (a->dtype == THDtype_None || a->dtype == THDtype_Half) return thc_unsupported("cross", (THDtype)a->dtype);
    TH_TRY(thc_same("cross", a, b));
    TH_TRY(THTensor_wrapDim(a, dim, "cross", &dim));
    TH_FAIL_IF(!THTensor_isSameSizeAs(a, b), TH_ERR_SHAPE, "[cross] inconsistent tensors: sizes %s and %s, expected one",
               THTensor_describeSize(a->ndim, a->size, have, sizeof have),
               THTensor_describeSize(b->ndim, b->size, want, sizeof want));
    TH_FAIL_IF(a->ndim == 0 || a->size[dim] != 3, TH_ERR_SHAPE, "[cross] dimension %d of size %lld, expected 3", dim,
               (long long)(a->ndim == 0 ? 1 : a->size[dim]));
    TH_TRY(thc_outputApart("cross", r, a, (THDtype)a->dtype, a->ndim, a->size));
    TH_TRY(thc_outputApart("cross", r, b, (THDtype)a->dtype, a->ndim, a->size));
    for (int i = 0; i < 3; i++) TH_TRY(crossPart(r, a, b, dim, i));
    return TH_OK;
}
