// Convolutions whose windows are the elements themselves: the planes of a sample are a matrix, channels x elements, and the
// filters another.
#include <algorithm>

#include "ops/THCUNNConvolution.cuh"

namespace
{

const THScalar ONE = THScalar_fromLong(1), ZERO = THScalar_fromLong(0);

// Samples [first, first + count) and group g of planes, as count x (channels of a group) x elements.
THTensor *newPlanes(const CunnConvolution &conv, const THTensor *planes, int64_t first, int64_t count, int64_t g)
{
    const int64_t channels = planes->size[1], size[] = {conv.batch, channels, conv.plane.out()};
    const THCOwned flat(THTensor_newView(planes, 3, size));
    const THCOwned samples(flat ? THTensor_newNarrow(flat.get(), 0, first, count) : nullptr);
    return samples ? THTensor_newNarrow(samples.get(), 1, g * (channels / conv.groups), channels / conv.groups) : nullptr;
}

// Group g of the filters, (its output channels) x (its input channels), or turned.
THTensor *newFilters(const CunnConvolution &conv, const THTensor *weight, int64_t g, bool turned)
{
    const int64_t size[] = {conv.group_out, conv.group_in};
    const THCOwned own(THTensor_newNarrow(weight, 0, g * conv.group_out, conv.group_out));
    const THCOwned filters(own ? THTensor_newView(own.get(), 2, size) : nullptr);
    return filters ? THTensor_newTranspose(filters.get(), 0, turned ? 1 : 0) : nullptr;
}

// to = filters (turned: their transposes) * from, for each sample and group.
THStatus multiply(const CunnConvolution &conv, const THTensor *weight, bool turned, const THTensor *from, const THTensor *to)
{
    const int64_t rows = turned ? conv.group_in : conv.group_out, columns = turned ? conv.group_out : conv.group_in;
    const int64_t size[] = {conv.batch, rows, columns};
    for (int64_t g = 0; g < conv.groups; g++) {
        const THCOwned filters(newFilters(conv, weight, g, turned));
        if (!filters) return THStatus_last();
        const THCOwned each(THTensor_newExpand(filters.get(), 3, size));
        const THCOwned source(newPlanes(conv, from, 0, conv.batch, g)), target(newPlanes(conv, to, 0, conv.batch, g));
        if (!each || !source || !target) return THStatus_last();
        TH_TRY(THCTensor_baddbmm(target.get(), ZERO, nullptr, ONE, each.get(), source.get()));
    }
    return TH_OK;
}

// gw += scale * the sum of products of samples [first, first + count).
THStatus addProducts(const CunnConvolution &conv, const THTensor *x, const THTensor *gy, const THTensor *gw, double scale,
                     int64_t first, int64_t count, int64_t g)
{
    const THCOwned source(newPlanes(conv, x, first, count, g)), gradient(newPlanes(conv, gy, first, count, g));
    const THCOwned filters(newFilters(conv, gw, g, false)), products(THTensor_new()), sum(THTensor_new());
    if (!source || !gradient || !filters || !products || !sum) return THStatus_last();
    const THCOwned turned(THTensor_newTranspose(source.get(), 1, 2));
    if (!turned) return THStatus_last();
    TH_TRY(THCTensor_baddbmm(products.get(), ZERO, nullptr, ONE, gradient.get(), turned.get()));
    TH_TRY(THCTensor_sum(sum.get(), products.get(), 0, 0));
    return THCTensor_cadd(filters.get(), filters.get(), sum.get(), THScalar_fromDouble(scale));
}

bool isWhole(const CunnWindow &w)
{
    return w.kernel == 1 && w.stride == 1 && w.pad == 0 && w.input == w.output;
}

} // namespace

bool CunnConvolution::isPointwise() const
{
    return isWhole(plane.d) && isWhole(plane.h) && isWhole(plane.w);
}

THStatus cunn_pointwiseForward(const CunnConvolution &conv, const THTensor *x, const THTensor *weight, const THTensor *bias,
                               THTensor *y)
{
    TH_TRY(multiply(conv, weight, false, x, y));
    if (bias == nullptr) return TH_OK;
    const int64_t column[] = {1, y->size[1], 1, 1, 1};
    const THCOwned spread(THTensor_newView(bias, y->ndim, column));
    return spread ? THCTensor_cadd(y, y, spread.get(), ONE) : THStatus_last();
}

THStatus cunn_pointwiseGradInput(const CunnConvolution &conv, const THTensor *gy, const THTensor *weight, THTensor *gx)
{
    return multiply(conv, weight, true, gy, gx);
}

THStatus cunn_pointwiseGradWeight(const CunnConvolution &conv, const THTensor *x, const THTensor *gy, THTensor *gw,
                                  double scale)
{
    const int64_t each = conv.group_out * conv.group_in * THDtype_itemsize(conv.dtype);
    const int64_t chunk = std::max<int64_t>(1, CUNN_COLUMNS_BYTES / std::max<int64_t>(1, each));
    for (int64_t n = 0; n < conv.batch; n += chunk)
        for (int64_t g = 0; g < conv.groups; g++)
            TH_TRY(addProducts(conv, x, gy, gw, scale, n, std::min(chunk, conv.batch - n), g));
    return TH_OK;
}
