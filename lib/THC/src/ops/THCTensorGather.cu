// Elements by index: gather, scatter, scatterFill, scatterAdd, take, put.
#include "THC/THCTensor.h"
#include "kernels/THCAtomic.cuh"
#include "ops/THCIndexedRows.cuh"
#include "ops/THCWide.cuh"

namespace
{

// p: element of the result, its index, what a holds there at place 0 of dim.
template <class U> struct Gather {
    int64_t stride, size; // of a's dim; stride in bytes
    __device__ void operator()(char *const (&p)[3]) const
    {
        const int64_t k = *reinterpret_cast<const int64_t *>(p[1]);
        const int64_t inside = (uint64_t)k < (uint64_t)size ? k : 0; // the indices are still being checked
        *reinterpret_cast<U *>(p[0]) = *reinterpret_cast<const U *>(p[2] + inside * stride);
    }
};

// p: index, place 0 of self's dim, element of the source.
template <class U> struct Scatter {
    int64_t stride;
    __device__ void operator()(char *const (&p)[3]) const
    {
        *reinterpret_cast<U *>(p[1] + *reinterpret_cast<const int64_t *>(p[0]) * stride) = *reinterpret_cast<const U *>(p[2]);
    }
};

// The same where indices may name an element twice, in two passes. An element's place is where it lies behind `to`.
template <class U, bool CLAIM> struct ScatterOwned {
    int64_t stride;
    THCOwner owner;
    const int64_t *index;
    const U *to;
    __device__ void operator()(char *const (&p)[3]) const
    {
        const int64_t *const at = reinterpret_cast<const int64_t *>(p[0]);
        U *const element = reinterpret_cast<U *>(p[1] + *at * stride);
        if (CLAIM)
            owner.claim(element - to, at - index);
        else if (owner.owns(element - to, at - index))
            *element = *reinterpret_cast<const U *>(p[2]);
    }
};

template <class U> struct ScatterFill {
    int64_t stride;
    U value;
    __device__ void operator()(char *const (&p)[2]) const
    {
        *reinterpret_cast<U *>(p[1] + *reinterpret_cast<const int64_t *>(p[0]) * stride) = value;
    }
};

template <class T> struct ScatterAdd {
    int64_t stride;
    __device__ void operator()(char *const (&p)[3]) const
    {
        thc_atomicAdd(reinterpret_cast<T *>(p[1] + *reinterpret_cast<const int64_t *>(p[0]) * stride),
                      *reinterpret_cast<const T *>(p[2]));
    }
};

int64_t sizeOf(const THTensor *t, int dim)
{
    return t->ndim == 0 ? 1 : t->size[dim];
}

int64_t strideOf(const THTensor *t, int dim)
{
    return t->ndim == 0 ? 0 : t->stride[dim] * THDtype_itemsize((THDtype)t->dtype);
}

// The index may be smaller than base, but for dim.
THStatus checkShapes(const char *op, const THTensor *base, int dim, const THTensor *index)
{
    bool fits = index->ndim == base->ndim;
    char have[128], want[128];
    for (int d = 0; fits && d < base->ndim; d++) fits = d == dim || index->size[d] <= base->size[d];
    TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[%s] index of size %s, expected at most %s but for dimension %d", op,
               THTensor_describeSize(index->ndim, index->size, have, sizeof have),
               THTensor_describeSize(base->ndim, base->size, want, sizeof want), dim);
    return TH_OK;
}

THStatus checkSource(const char *op, const THTensor *self, const THTensor *index, const THTensor *source)
{
    char have[128], want[128];
    TH_TRY(thc_same(op, self, source));
    bool fits = index->ndim == source->ndim;
    for (int d = 0; fits && d < index->ndim; d++) fits = index->size[d] <= source->size[d];
    TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[%s] source of size %s, expected at least the index's %s", op,
               THTensor_describeSize(source->ndim, source->size, have, sizeof have),
               THTensor_describeSize(index->ndim, index->size, want, sizeof want));
    return TH_OK;
}

// One call that changes elements of self; source NULL: they are filled.
struct Scattering {
    const char *op;
    THTensor *self;
    int dim;
    const THTensor *index, *source;
    THCIndexArgument places;

    THStatus begin()
    {
        TH_TRY(THTensor_wrapDim(self, dim, op, &dim));
        TH_TRY(checkShapes(op, self, dim, index));
        if (source != nullptr) TH_TRY(checkSource(op, self, index, source));
        TH_TRY(places.take(op, index, self, sizeOf(self, dim), false));
        return thc_checkWritable(op, self);
    }
    // `t` at place 0 of dim for each index.
    THCView at(const THTensor *t) const { return THCView::indexed(t, index->ndim, index->size, dim); }
    // The part of the source that the index covers.
    THCView part() const { return THCView::indexed(source, index->ndim, index->size, -1); }

    // Into self itself, or, if an input lies in its memory, into a copy that is written back.
    template <class Walk> THStatus run(Walk walk)
    {
        const bool apart = (source == nullptr || !THTensor_mayOverlap(self, source)) && !THTensor_mayOverlap(self, index);
        return places.change(op, self, apart, walk);
    }
    // f of what lies at each index in the other tensors.
    template <class F, class... Tensors> THStatus each(const F &f, const Tensors *...others) const
    {
        return thc_each(op, places.gated(f), places.get(), others...);
    }
};

// No element is named twice.
THStatus scatterOnce(const Scattering &s, THTensor *to)
{
    const THCView target = s.at(to), from = s.part();
    THC_FOR_BITS(to->dtype, U, { return s.each(Scatter<U>{strideOf(to, s.dim)}, target.get(), from.get()); })
}

// The last of several indices of one element decides. Numbers ascend along dim, as the index is row-major.
THStatus scatterLast(const Scattering &s, THTensor *to)
{
    int64_t span = 1; // of the elements in memory
    for (int d = 0; d < to->ndim; d++) span += (to->size[d] - 1) * to->stride[d];
    const THCGuard guard(to);
    THCOwners owners(THTensor_device(to), span, s.index->numel);
    TH_TRY(owners.begin(s.op));
    const int64_t *const index = thc_data<int64_t>(s.places.get());
    const THCView target = s.at(to), from = s.part();
    const int64_t stride = strideOf(to, s.dim);
    THC_FOR_BITS(to->dtype, U, {
        const THCOwner owner = owners.get();
        TH_TRY((s.each(ScatterOwned<U, true>{stride, owner, index, thc_data<U>(to)}, target.get(), from.get())));
        return s.each(ScatterOwned<U, false>{stride, owner, index, thc_data<U>(to)}, target.get(), from.get());
    })
}

// --- take, put: elements by their number in row-major order ------------------------------------------------------------------

// p: element of the result, its index.
template <class U> struct Take {
    const U *from;
    int64_t size;
    __device__ void operator()(char *const (&p)[2]) const
    {
        *reinterpret_cast<U *>(p[0]) = from[thc_wrapped(*reinterpret_cast<const int64_t *>(p[1]), size)];
    }
};

// p: index, element of the source.
template <class U> struct PutOwned {
    U *to;
    THCOwner owner;
    const int64_t *index;
    int64_t size;
    __device__ void operator()(char *const (&p)[2]) const
    {
        const int64_t *const at = reinterpret_cast<const int64_t *>(p[0]);
        const int64_t k = thc_wrapped(*at, size);
        if (owner.owns(k, at - index)) to[k] = *reinterpret_cast<const U *>(p[1]);
    }
};

template <class T> struct PutAdd {
    T *to;
    int64_t size;
    __device__ void operator()(char *const (&p)[2]) const
    {
        const int64_t k = thc_wrapped(*reinterpret_cast<const int64_t *>(p[0]), size);
        thc_atomicAdd(to + k, *reinterpret_cast<const T *>(p[1]));
    }
};

// to: contiguous; source: contiguous, of the index's elements.
THStatus putLast(THTensor *to, const THCIndexArgument &places, const THTensor *source)
{
    const THCView numbers = THCView::shape(places.get(), 1, &source->numel);
    const THCGuard guard(to);
    THCOwners owners(THTensor_device(to), to->numel, source->numel);
    TH_TRY(places.claim("put", &owners));
    const int64_t *const index = thc_data<int64_t>(places.get());
    THC_FOR_BITS(to->dtype, U, {
        return thc_each("put", places.gated(PutOwned<U>{thc_data<U>(to), owners.get(), index, to->numel}), numbers.get(),
                        source);
    })
}

THStatus putAdd(THTensor *to, const THCIndexArgument &places, const THTensor *source)
{
    const THCView numbers = THCView::shape(places.get(), 1, &source->numel);
    THC_FOR_ALL("put", to->dtype, T,
                return thc_each("put", places.gated(PutAdd<T>{thc_data<T>(to), to->numel}), numbers.get(), source);)
}

} // namespace

THStatus THCTensor_gather(THTensor *r, const THTensor *a, int dim, const THTensor *index)
{
    TH_GIVEN("gather", r, a, index);
    THCIndexArgument places;
    if (a->dtype == THDtype_None) return thc_unsupported("gather", THDtype_None);
    TH_TRY(THTensor_wrapDim(a, dim, "gather", &dim));
    TH_TRY(checkShapes("gather", a, dim, index));
    TH_FAIL_IF(r == a || r == index, TH_ERR_VALUE, "[gather] the output is an input, expected another tensor");
    const bool known = r->storage != nullptr || a->numel == 0; // else r is nobody's yet, and is written while the check goes on
    const int64_t size = sizeOf(a, dim);
    TH_TRY(known ? places.of("gather", index, a, size, false) : places.take("gather", index, a, size, false));
    TH_TRY(thc_outputLike("gather", r, index, (THDtype)a->dtype));
    const THCTarget target(r, !THTensor_mayOverlap(r, a) && !THTensor_mayOverlap(r, places.get()));
    if (!target) return THStatus_last();
    const THCView from = THCView::indexed(a, index->ndim, index->size, dim);
    const auto gather = [&]() -> THStatus {
        THC_FOR_BITS(a->dtype, U,
                     { return thc_each("gather", Gather<U>{strideOf(a, dim), size}, target.get(), places.get(), from.get()); })
    };
    THStatus status = TH_OK;
    if (r->numel > 0 && !thc_gatherRows(target.get(), a, dim, places, known, &status)) {
        if (!known) TH_TRY(places.ask("gather"));
        status = gather();
    }
    TH_TRY(status);
    TH_TRY(places.settle("gather"));
    return target.finish();
}

THStatus THCTensor_scatter(THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    TH_GIVEN("scatter", self, index, source);
    if (self->dtype == THDtype_None) return thc_unsupported("scatter", THDtype_None);
    Scattering s = {"scatter", self, dim, index, source, {}};
    TH_TRY(s.begin());
    return s.run([&](THTensor *to) { return sizeOf(index, s.dim) == 1 ? scatterOnce(s, to) : scatterLast(s, to); });
}

THStatus THCTensor_scatterFill(THTensor *self, int dim, const THTensor *index, THScalar value)
{
    TH_GIVEN("scatterFill", self, index);
    int64_t element = 0; // room for any
    if (self->dtype == THDtype_None) return thc_unsupported("scatterFill", THDtype_None);
    TH_TRY(THScalar_check(value, (THDtype)self->dtype, "scatterFill", "value"));
    THScalar_store(value, (THDtype)self->dtype, &element);
    Scattering s = {"scatterFill", self, dim, index, nullptr, {}};
    TH_TRY(s.begin());
    return s.run([&](THTensor *to) -> THStatus {
        const THCView target = s.at(to);
        THC_FOR_BITS(self->dtype, U, {
            const ScatterFill<U> f = {strideOf(to, s.dim), thc_bits<U>(element)};
            return s.each(f, target.get());
        })
    });
}

// Additions to one element come in any order.
THStatus THCTensor_scatterAdd(THTensor *self, int dim, const THTensor *index, const THTensor *source)
{
    TH_GIVEN("scatterAdd", self, index, source);
    if (self->dtype == THDtype_None) return thc_unsupported("scatterAdd", THDtype_None);
    Scattering s = {"scatterAdd", self, dim, index, source, {}};
    TH_TRY(s.begin());
    if (self->dtype == THDtype_Half) {
        return thc_addWide(self, source,
                           [&](THTensor *to, const THTensor *from) { return THCTensor_scatterAdd(to, dim, index, from); });
    }
    return s.run([&](THTensor *to) -> THStatus {
        const THCView target = s.at(to), from = s.part();
        THStatus status = TH_OK;
        if (thc_scatterAddRows(to, s.dim, s.places, source, &status)) return status;
        THC_FOR_ALL(s.op, self->dtype, T, return s.each(ScatterAdd<T>{strideOf(to, s.dim)}, target.get(), from.get());)
    });
}

THStatus THCTensor_take(THTensor *r, const THTensor *a, const THTensor *index)
{
    TH_GIVEN("take", r, a, index);
    THCIndexArgument places;
    if (a->dtype == THDtype_None) return thc_unsupported("take", THDtype_None);
    TH_TRY(places.of("take", index, a, a->numel, true));
    TH_TRY(thc_outputApart("take", r, a, (THDtype)a->dtype, index->ndim, index->size));
    TH_TRY(thc_outputApart("take", r, places.get(), (THDtype)a->dtype, index->ndim, index->size));
    const THCOwned dense(THCTensor_newContiguous(const_cast<THTensor *>(a)));
    if (!dense) return THStatus_last();
    THC_FOR_BITS(a->dtype, U, { return thc_each("take", Take<U>{thc_data<U>(dense.get()), a->numel}, r, places.get()); })
}

// Without accumulate the last of several indices of one element decides; with it additions come in any order.
THStatus THCTensor_put(THTensor *self, const THTensor *index, const THTensor *source, int accumulate)
{
    TH_GIVEN("put", self, index, source);
    THCIndexArgument places;
    TH_TRY(thc_same("put", self, source));
    if (self->dtype == THDtype_None) return thc_unsupported("put", THDtype_None);
    TH_FAIL_IF(source->numel != index->numel, TH_ERR_SHAPE, "[put] source of %lld elements, expected the index's %lld",
               (long long)source->numel, (long long)index->numel);
    TH_TRY(places.take("put", index, self, self->numel, true));
    TH_TRY(thc_checkWritable("put", self));
    if (accumulate && self->dtype == THDtype_Half) {
        return thc_addWide(self, source, [&](THTensor *to, const THTensor *from) { return THCTensor_put(to, index, from, 1); });
    }
    const bool apart = !THTensor_mayOverlap(self, source) && !THTensor_mayOverlap(self, places.get());
    const THCOwned dense(THCTensor_newContiguous(const_cast<THTensor *>(source)));
    if (!dense) return THStatus_last();
    const THCView from = THCView::shape(dense.get(), 1, &index->numel);
    return places.change("put", self, apart && THTensor_isContiguous(self),
                         [&](THTensor *to) { return (accumulate ? putAdd : putLast)(to, places, from.get()); });
}
