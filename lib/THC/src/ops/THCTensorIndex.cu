// Slices by index: indexSelect, indexAdd, indexCopy, indexFill.
#include <algorithm>

#include "THC/THCRows.h"
#include "THC/THCTensor.h"
#include "kernels/THCAtomic.cuh"
#include "ops/THCIndexArgument.cuh"
#include "ops/THCWide.cuh"

namespace
{

// p: element of the result, its index, what a holds there at place 0 of dim.
template <class U> struct Select {
    int64_t stride, size; // of a's dim; stride in bytes
    __device__ void operator()(char *const (&p)[3]) const
    {
        const int64_t k = thc_inside(*reinterpret_cast<const int64_t *>(p[1]), size);
        *reinterpret_cast<U *>(p[0]) = *reinterpret_cast<const U *>(p[2] + k * stride);
    }
};

constexpr int UNDER_WAY = 2;                         // units that a thread asks for together
constexpr int64_t NEAR = 24 << 20, LEAST_PART = 512; // bytes

// Rows without gaps: `packs` units of U each, of a as [outer, size, row] and r as [outer, places, row]. All rows' first `part`
// units are moved first, then their next ones: a part of all of a's rows fits into the device's cache, where rows that are
// named more than once are found again. `lanes` threads move a row's part; its index is read once.
struct RowMoves {
    int64_t outer, size, places, packs, part;
    int64_t groups, tasks; // groups: of as many rows as a block moves at once; a task is a part of the rows of a group
    int lanes, together;
};

// check.n > 0: the first `lookers` blocks look at the index before they move rows.
template <class U>
__global__ void __launch_bounds__(THC_MAP_THREADS)
    selectRows(const RowMoves m, const U *a, const int64_t *index, U *r, THCRange check, THCWatch watch, unsigned lookers)
{
    if (check.n > 0 && blockIdx.x < lookers) thc_look<THC_MAP_THREADS>(check, watch, blockIdx.x, lookers);
    const int lane = (int)threadIdx.x % m.lanes;
    for (int64_t task = blockIdx.x; task < m.tasks; task += gridDim.x) {
        const int64_t number = thc_quotient(task, m.groups);
        const int64_t row = (task - number * m.groups) * m.together + (int)threadIdx.x / m.lanes;
        if (row >= m.outer * m.places) continue;
        const int64_t begin = number * m.part, end = begin + m.part < m.packs ? begin + m.part : m.packs;
        const int64_t group = m.outer == 1 ? 0 : thc_quotient(row, m.places);
        const U *const from = a + (group * m.size + thc_inside(index[row - group * m.places], m.size)) * m.packs;
        U *const to = r + row * m.packs;
        int64_t k = begin + lane;
        for (; k + (UNDER_WAY - 1) * m.lanes < end; k += UNDER_WAY * m.lanes) {
            U item[UNDER_WAY];
#pragma unroll
            for (int u = 0; u < UNDER_WAY; u++) item[u] = from[k + u * m.lanes];
#pragma unroll
            for (int u = 0; u < UNDER_WAY; u++) to[k + u * m.lanes] = item[u];
        }
        for (; k < end; k += m.lanes) to[k] = from[k];
    }
}

template <class U>
THStatus startRows(const char *op, const THTensor *a, THTensor *r, const THCLines &l, int64_t row_bytes,
                   THCIndexArgument &places, bool known)
{
    const THTensor *const index = places.get();
    RowMoves m = {l.outer, l.n, index->numel, row_bytes / (int64_t)sizeof(U), 0, 0, 0, 1, 0};
    const auto is_far = [&](int64_t bytes) { return m.size * bytes > NEAR && bytes >= 2 * LEAST_PART; };
    m.part = m.packs;
    while (is_far(m.part * (int64_t)sizeof(U))) m.part = (m.part + 1) / 2;
    while (m.lanes < THC_MAP_THREADS && m.lanes * UNDER_WAY < m.part) m.lanes *= 2;
    m.together = THC_MAP_THREADS / m.lanes;
    m.groups = (m.outer * m.places + m.together - 1) / m.together;
    m.tasks = m.groups * ((m.packs + m.part - 1) / m.part);
    const int64_t blocks = std::min(m.tasks, INT64_C(1) << 20),
                  looks = (m.places + 4 * THC_MAP_THREADS - 1) / (4 * THC_MAP_THREADS);
    const int64_t lookers = std::min({blocks, looks, 4 * (int64_t)thc_multiprocessors()});
    THCRange check = places.range();
    THCWatch watch = {};
    if (known)
        check.n = 0;
    else
        TH_TRY(places.watch(op, &watch));
    selectRows<U><<<(unsigned)blocks, THC_MAP_THREADS, 0, thc_stream()>>>(m, thc_data<U>(a), thc_data<int64_t>(index),
                                                                          thc_data<U>(r), check, watch, (unsigned)lookers);
    return thc_started(op);
}

// True if whole rows could be moved, and then what came of it in *status. known: the index has been checked.
bool selectsRows(const char *op, const THTensor *a, int dim, THTensor *r, THCIndexArgument &places, bool known,
                 THStatus *status)
{
    const THCLines l(a, dim);
    const int64_t row_bytes = l.inner * THDtype_itemsize((THDtype)a->dtype);
    const uintptr_t joint = reinterpret_cast<uintptr_t>(THTensor_dataBytes(a)) |
                            reinterpret_cast<uintptr_t>(THTensor_dataBytes(r)) | (uintptr_t)row_bytes;
    if (a->numel == 0 || !THTensor_isContiguous(a) || !THTensor_isContiguous(r) || joint % 4 != 0) return false;
    const THCGuard guard(a);
    *status = joint % 16 == 0 ? startRows<uint4>(op, a, r, l, row_bytes, places, known)
                              : startRows<uint32_t>(op, a, r, l, row_bytes, places, known);
    return true;
}

// p: element of the source, its index, place 0 of self's dim.
template <class U> struct Put {
    int64_t stride, size;
    THCOwner owner; // of each slice of self
    const int64_t *index;
    __device__ void operator()(char *const (&p)[3]) const
    {
        const int64_t *const at = reinterpret_cast<const int64_t *>(p[1]);
        const int64_t k = thc_wrapped(*at, size);
        if (owner.owns(k, at - index)) *reinterpret_cast<U *>(p[2] + k * stride) = *reinterpret_cast<const U *>(p[0]);
    }
};

template <class T> struct Accumulate {
    int64_t stride, size;
    __device__ void operator()(char *const (&p)[3]) const
    {
        const int64_t k = thc_wrapped(*reinterpret_cast<const int64_t *>(p[1]), size);
        thc_atomicAdd(reinterpret_cast<T *>(p[2] + k * stride), *reinterpret_cast<const T *>(p[0]));
    }
};

// p: a shape, the index, place 0 of self's dim.
template <class U> struct Fill {
    int64_t stride, size;
    U value;
    __device__ void operator()(char *const (&p)[3]) const
    {
        const int64_t k = thc_wrapped(*reinterpret_cast<const int64_t *>(p[1]), size);
        *reinterpret_cast<U *>(p[2] + k * stride) = value;
    }
};

// A source of [outer, places, row] and a target of [outer, size, row], both without gaps: rows are packs of 16 bytes.
struct RowPacks {
    uint32_t packs; // of the source
    THCDivisor row, places;
    int64_t size;
};

// f(pack of the target, pack of the source, its place in dim, the number of the index that names it) for each of the source.
template <class Pack, class F>
__global__ void __launch_bounds__(THC_MAP_THREADS)
    changePacks(const RowPacks m, const int64_t *index, Pack *to, const Pack *from, F f, const unsigned long long *gate)
{
    const uint32_t i = blockIdx.x * THC_MAP_THREADS + threadIdx.x;
    if (i >= m.packs || *gate != THC_FINE) return;
    const uint32_t row = m.row.quotient(i), group = m.places.quotient(row), number = row - group * m.places.value;
    const int64_t k = thc_wrapped(index[number], m.size);
    f(to + (group * m.size + k) * m.row.value + (i - row * m.row.value), from[i], k, number);
}

struct PutPack {
    THCOwner owner;
    __device__ void operator()(uint4 *to, const uint4 &item, int64_t k, int64_t number) const
    {
        if (owner.owns(k, number)) *to = item;
    }
};

struct AddPack {
    __device__ void operator()(float4 *to, const float4 &item, int64_t, int64_t) const { thc_atomicAddPack(to, item); }
};

int64_t sizeOf(const THTensor *t, int dim)
{
    return t->ndim == 0 ? 1 : t->size[dim];
}

int64_t strideOf(const THTensor *t, int dim)
{
    return t->ndim == 0 ? 0 : t->stride[dim] * THDtype_itemsize((THDtype)t->dtype);
}

THStatus checkShape(const char *op, const THTensor *index)
{
    TH_FAIL_IF(index->ndim > 1, TH_ERR_SHAPE, "[%s] index has %d dimensions, expected 1", op, index->ndim);
    return TH_OK;
}

// a's size with n in place of dim.
void sizeWith(const THTensor *a, int dim, int64_t n, int64_t *size)
{
    for (int d = 0; d < a->ndim; d++) size[d] = d == dim ? n : a->size[d];
}

THStatus checkSource(const char *op, const THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    int64_t size[TH_MAX_DIMS];
    char have[128], want[128];
    TH_TRY(thc_same(op, self, source));
    TH_TRY(checkShape(op, index));
    sizeWith(self, dim, index->numel, size);
    bool fits = self->ndim == source->ndim && (self->ndim > 0 || index->numel == 1);
    for (int d = 0; fits && d < self->ndim; d++) fits = source->size[d] == size[d];
    TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[%s] source of size %s, expected %s", op,
               THTensor_describeSize(source->ndim, source->size, have, sizeof have),
               THTensor_describeSize(self->ndim, size, want, sizeof want));
    return TH_OK;
}

// One call that changes slices of self; source NULL: they are filled.
struct Placement {
    const char *op;
    THTensor *self;
    int dim;
    const THTensor *index, *source;
    THCIndexArgument places;

    THStatus begin()
    {
        TH_TRY(THTensor_wrapDim(self, dim, op, &dim));
        if (source != nullptr)
            TH_TRY(checkSource(op, self, dim, index, source));
        else
            TH_TRY(checkShape(op, index));
        TH_TRY(places.take(op, index, self, sizeOf(self, dim), true));
        return thc_checkWritable(op, self);
    }

    // f of each element of the source (or of the shape that it would have), its index and its place in `to`.
    template <class F> THStatus each(F f, THTensor *to, const THTensor *from) const
    {
        int64_t size[TH_MAX_DIMS];
        sizeWith(self, dim, index->numel, size);
        const THCView shape = THCView::shape(to, to->ndim, size), along = THCView::along(places.get(), to->ndim, size, dim);
        const THCView target = THCView::indexed(to, to->ndim, size, dim);
        return thc_each(op, places.gated(f), from == nullptr ? shape.get() : from, along.get(), target.get());
    }
    // True if f of packs will do, and then what came of it in *status.
    template <class Pack, class F> bool eachPack(F f, THTensor *to, const THTensor *from, THStatus *status) const
    {
        const THCLines l(to, dim);
        const int64_t row = l.inner * THDtype_itemsize((THDtype)to->dtype) / (int64_t)sizeof(Pack),
                      packs = l.outer * index->numel * row;
        const uintptr_t joint = reinterpret_cast<uintptr_t>(THTensor_dataBytes(to)) |
                                reinterpret_cast<uintptr_t>(THTensor_dataBytes(from)) |
                                (uintptr_t)(l.inner * THDtype_itemsize((THDtype)to->dtype));
        if (joint % sizeof(Pack) != 0 || packs > INT32_MAX || !THTensor_isContiguous(to)) return false;
        const THCGuard guard(to);
        RowPacks m = {(uint32_t)packs, {}, {}, l.n};
        m.row.set((uint32_t)row);
        m.places.set((uint32_t)index->numel);
        changePacks<<<thc_blocks(packs, THC_MAP_THREADS), THC_MAP_THREADS, 0, thc_stream()>>>(
            m, thc_data<int64_t>(places.get()), reinterpret_cast<Pack *>(THTensor_dataBytes(to)),
            reinterpret_cast<const Pack *>(THTensor_dataBytes(from)), f, places.gate());
        *status = thc_started(op);
        return true;
    }

    // Into self itself, or, if an input lies in its memory, into a copy that is written back.
    template <class Walk> THStatus run(Walk walk)
    {
        const bool apart = (source == nullptr || !THTensor_mayOverlap(self, source)) && !THTensor_mayOverlap(self, index);
        const THCOwned from(source == nullptr ? nullptr : THCTensor_newContiguous(const_cast<THTensor *>(source)));
        if (source != nullptr && !from) return THStatus_last();
        return places.change(op, self, apart, [&](THTensor *to) { return walk(to, from.get()); });
    }
};

} // namespace

namespace
{

// wrap: negative indices count from the end.
THStatus selectSlices(const char *op, THTensor *r, const THTensor *a, int dim, const THTensor *index, bool wrap)
{
    int64_t size[TH_MAX_DIMS];
    THCIndexArgument places;
    if (a->dtype == THDtype_None) return thc_unsupported(op, THDtype_None);
    TH_TRY(THTensor_wrapDim(a, dim, op, &dim));
    TH_TRY(checkShape(op, index));
    TH_FAIL_IF(r == a || r == index, TH_ERR_VALUE, "[%s] the output is an input, expected another tensor", op);
    TH_FAIL_IF(a->ndim == 0 && index->numel != 1, TH_ERR_SHAPE, "[%s] %lld indices into a scalar, expected 1", op,
               (long long)index->numel);
    const bool known = r->storage != nullptr || a->numel == 0; // else r is nobody's yet, and is written while the check goes on
    TH_TRY(known ? places.of(op, index, a, sizeOf(a, dim), wrap) : places.take(op, index, a, sizeOf(a, dim), wrap));
    sizeWith(a, dim, index->numel, size);
    TH_TRY(THTensor_outputOn(r, op, THTensor_device(a), (THDtype)a->dtype, a->ndim, size));
    const THCTarget target(r, !THTensor_mayOverlap(r, a) && !THTensor_mayOverlap(r, places.get()));
    if (!target) return THStatus_last();
    const THCView along = THCView::along(places.get(), a->ndim, size, dim), from = THCView::indexed(a, a->ndim, size, dim);
    const auto select = [&]() -> THStatus {
        THC_FOR_BITS(a->dtype, U, {
            return thc_each(op, Select<U>{strideOf(a, dim), sizeOf(a, dim)}, target.get(), along.get(), from.get());
        })
    };
    THStatus status = TH_OK;
    if (r->numel > 0 && !selectsRows(op, a, dim, target.get(), places, known, &status)) {
        if (!known) TH_TRY(places.ask(op));
        status = select();
    }
    TH_TRY(status);
    TH_TRY(places.settle(op));
    return target.finish();
}

} // namespace

THStatus THCTensor_indexSelect(THTensor *r, const THTensor *a, int dim, const THTensor *index)
{
    TH_GIVEN("indexSelect", r, a, index);
    return selectSlices("indexSelect", r, a, dim, index, true);
}

THStatus THCTensor_rows(THTensor *r, const THTensor *table, const THTensor *index, const char *op)
{
    TH_GIVEN("rows", r, table, index, op);
    return selectSlices(op, r, table, 0, index, false);
}

// The last of several indices of one slice stays, as on the host.
THStatus THCTensor_indexCopy(THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    TH_GIVEN("indexCopy", self, index, source);
    if (self->dtype == THDtype_None) return thc_unsupported("indexCopy", THDtype_None);
    Placement p = {"indexCopy", self, dim, index, source, {}};
    TH_TRY(p.begin());
    return p.run([&](THTensor *to, const THTensor *from) -> THStatus {
        const int64_t size = sizeOf(self, p.dim);
        THCOwners owners(THTensor_device(self), size, index->numel);
        TH_TRY(p.places.claim(p.op, &owners));
        THStatus status = TH_OK;
        if (p.eachPack<uint4>(PutPack{owners.get()}, to, from, &status)) return status;
        THC_FOR_BITS(self->dtype, U, {
            return p.each(Put<U>{strideOf(to, p.dim), size, owners.get(), thc_data<int64_t>(p.places.get())}, to, from);
        })
    });
}

// Additions to one element come in any order.
THStatus THCTensor_indexAdd(THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    TH_GIVEN("indexAdd", self, index, source);
    if (self->dtype == THDtype_None) return thc_unsupported("indexAdd", THDtype_None);
    Placement p = {"indexAdd", self, dim, index, source, {}};
    TH_TRY(p.begin());
    if (self->dtype == THDtype_Half) {
        return thc_addWide(self, source,
                           [&](THTensor *to, const THTensor *from) { return THCTensor_indexAdd(to, dim, index, from); });
    }
    return p.run([&](THTensor *to, const THTensor *from) -> THStatus {
        THStatus status = TH_OK;
        if (to->dtype == THDtype_Float && p.eachPack<float4>(AddPack{}, to, from, &status)) return status;
        THC_FOR_ALL(p.op, self->dtype, T, return p.each(Accumulate<T>{strideOf(to, p.dim), sizeOf(to, p.dim)}, to, from);)
    });
}

THStatus THCTensor_indexFill(THTensor *self, int dim, const THTensor *index, THScalar value)
{
    TH_GIVEN("indexFill", self, index);
    int64_t element = 0; // room for any
    if (self->dtype == THDtype_None) return thc_unsupported("indexFill", THDtype_None);
    TH_TRY(THScalar_check(value, (THDtype)self->dtype, "indexFill", "value"));
    THScalar_store(value, (THDtype)self->dtype, &element);
    Placement p = {"indexFill", self, dim, index, nullptr, {}};
    TH_TRY(p.begin());
    return p.run([&](THTensor *to, const THTensor *) -> THStatus {
        THC_FOR_BITS(self->dtype, U,
                     { return p.each(Fill<U>{strideOf(to, p.dim), sizeOf(to, p.dim), thc_bits<U>(element)}, to, nullptr); })
    });
}
