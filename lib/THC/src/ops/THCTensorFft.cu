// Fourier transforms, by cuFFT.
#include "THC/THCTensorFft.h"

#include "THC/device/THCDtype.cuh"
#include "THC/device/THCOps.cuh"
#include "blas/THCFftLibrary.cuh"
#include "ops/THCTarget.cuh"

namespace
{

// What the three operations share: their arguments, and the signal's first dimension.
struct Fft {
    const char *op;
    int signal_ndim, first;
    int64_t size[TH_MAX_DIMS]; // of r
    int ndim;

    THStatus check(const THTensor *a, int dims, bool complex)
    {
        char text[128];
        ndim = a->ndim;
        const int real_ndim = a->ndim - (complex ? 1 : 0);
        if (a->dtype != THDtype_Float && a->dtype != THDtype_Double) return thc_unsupported(op, (THDtype)a->dtype);
        TH_FAIL_IF(dims < 1 || dims > 3, TH_ERR_VALUE, "[%s] signal_ndim, %d, must be 1, 2 or 3", op, dims);
        THTensor_describeSize(a->ndim, a->size, text, sizeof text);
        TH_FAIL_IF(real_ndim < dims, TH_ERR_SHAPE, "[%s] self of size %s, expected at least %d dimensions%s", op, text,
                   dims + (complex ? 1 : 0), complex ? ", the last one of complex numbers" : "");
        TH_FAIL_IF(complex && a->size[real_ndim] != 2, TH_ERR_SHAPE,
                   "[%s] self of size %s, expected a last dimension of size 2: real and imaginary part", op, text);
        signal_ndim = dims;
        first = real_ndim - dims;
        for (int d = 0; d < a->ndim; d++) {
            TH_FAIL_IF(d >= first && a->size[d] == 0, TH_ERR_SHAPE, "[%s] self of size %s, expected signals with elements", op,
                       text);
            size[d] = a->size[d];
        }
        return TH_OK;
    }

    // Of the last `rank` dimensions before `end` of a shape, as a batch over those before them.
    THCFft plan(const THTensor *a, THCFftKind kind, const int64_t *shape, int end, int rank) const
    {
        THCFft fft = {(THDtype)a->dtype, kind, rank, {1, 1, 1}, 1};
        for (int d = 0; d < end; d++) (d < end - rank ? fft.batch : fft.n[d - (end - rank)]) *= shape[d];
        return fft;
    }
};

// cuFFT reads and writes whole complex numbers.
bool isAligned(const THTensor *t)
{
    return reinterpret_cast<uintptr_t>(THTensor_dataBytes(t)) % 16 == 0;
}

THStatus multiply(THTensor *t, double factor)
{
    return factor == 1 ? TH_OK : THCTensor_mul(t, t, THScalar_fromDouble(factor));
}

// Elements along `dim` of half a transform of n reals, whose mirror image is left out, times `inner`.
THStatus weigh(THTensor *half, int dim, int64_t n, double inner)
{
    if (inner == 1 || n < 3) return TH_OK;
    const THCOwned mirrored(THTensor_newNarrow(half, dim, 1, (n - 1) / 2));
    return mirrored ? multiply(mirrored.get(), inner) : THStatus_last();
}

// The imaginary parts of the elements that are their own mirror image: what they should be, whatever they are.
THStatus clearImaginary(THTensor *half, int dim, int64_t n)
{
    const THCOwned imaginary(THTensor_newSelect(half, half->ndim - 1, 1));
    if (!imaginary) return THStatus_last();
    for (int64_t k = 0; k <= n / 2; k += n / 2) {
        const THCOwned own(THTensor_newSelect(imaginary.get(), dim, k));
        if (!own) return THStatus_last();
        TH_TRY(THCTensor_zero(own.get()));
        if (n % 2 != 0 || n < 2) break;
    }
    return TH_OK;
}

// A dense copy of a, (batch..., n1, ..., half, 2), with the inverse transform along n1, ...: `half` is moved before these, so
// that they are the last ones.
THTensor *newTransformed(const Fft &self, const THTensor *a)
{
    const int end = self.first + self.signal_ndim, rank = self.signal_ndim - 1;
    if (rank == 0) return THCTensor_newClone(a);
    int order[TH_MAX_DIMS], back[TH_MAX_DIMS];
    for (int d = 0; d < a->ndim; d++) order[d] = d < self.first || d == end ? d : d == self.first ? end - 1 : d - 1;
    for (int d = 0; d < a->ndim; d++) back[order[d]] = d;
    const THCOwned moved(THTensor_newPermute(a, a->ndim, order));
    const THCOwned dense(moved ? THCTensor_newClone(moved.get()) : nullptr);
    if (!dense) return nullptr;
    const THCFft fft = self.plan(a, THCFftKind::COMPLEX, dense.get()->size, end, rank);
    if (thcFft_run(self.op, fft, 1, THTensor_dataBytes(dense.get()), THTensor_dataBytes(dense.get())) != TH_OK) return nullptr;
    const THCOwned turned(THTensor_newPermute(dense.get(), a->ndim, back));
    return turned ? THCTensor_newClone(turned.get()) : nullptr;
}

} // namespace

THStatus THCTensor_fft(THTensor *r, const THTensor *a, int signal_ndim, int sign, double scale)
{
    TH_GIVEN("fft", r, a);
    Fft self = {"fft", 0, 0, {}, 0};
    TH_FAIL_IF(sign != 1 && sign != -1, TH_ERR_VALUE, "[fft] sign, %d, must be 1 or -1", sign);
    TH_TRY(self.check(a, signal_ndim, true));
    TH_TRY(thc_outputApart(self.op, r, a, (THDtype)a->dtype, self.ndim, self.size));
    if (r->numel == 0) return TH_OK;
    const THCTarget target(r, isAligned(r));
    const THCOwned from(isAligned(a) ? THCTensor_newContiguous(const_cast<THTensor *>(a)) : THCTensor_newClone(a));
    if (!target || !from) return THStatus_last();
    const THCGuard guard(a);
    const THCFft fft = self.plan(a, THCFftKind::COMPLEX, a->size, self.first + signal_ndim, signal_ndim);
    TH_TRY(thcFft_run(self.op, fft, sign, THTensor_dataBytes(from.get()), THTensor_dataBytes(target.get())));
    TH_TRY(multiply(target.get(), scale));
    return target.finish();
}

THStatus THCTensor_fftReal(THTensor *r, const THTensor *a, int signal_ndim, double scale, double inner)
{
    TH_GIVEN("rfft", r, a);
    Fft self = {"rfft", 0, 0, {}, 0};
    TH_TRY(self.check(a, signal_ndim, false));
    TH_FAIL_IF(a->ndim == TH_MAX_DIMS, TH_ERR_SHAPE, "[rfft] self has %d dimensions, expected one less", a->ndim);
    const int64_t n = a->size[a->ndim - 1];
    self.size[a->ndim - 1] = n / 2 + 1;
    self.size[self.ndim++] = 2;
    TH_TRY(thc_outputApart(self.op, r, a, (THDtype)a->dtype, self.ndim, self.size));
    if (r->numel == 0) return TH_OK;
    const THCTarget target(r, isAligned(r));
    const THCOwned from(THCTensor_newClone(a)); // cuFFT may use it as room
    if (!target || !from) return THStatus_last();
    const THCGuard guard(a);
    const THCFft fft = self.plan(a, THCFftKind::REAL_TO_HALF, a->size, a->ndim, signal_ndim);
    TH_TRY(thcFft_run(self.op, fft, -1, THTensor_dataBytes(from.get()), THTensor_dataBytes(target.get())));
    TH_TRY(multiply(target.get(), scale));
    TH_TRY(weigh(target.get(), a->ndim - 1, n, inner));
    return target.finish();
}

THStatus THCTensor_ifftReal(THTensor *r, const THTensor *a, int signal_ndim, int64_t last, double scale, double inner)
{
    TH_GIVEN("irfft", r, a);
    Fft self = {"irfft", 0, 0, {}, 0};
    TH_TRY(self.check(a, signal_ndim, true));
    const int end = self.first + signal_ndim;
    TH_FAIL_IF(last < 1 || a->size[end - 1] != last / 2 + 1, TH_ERR_SHAPE,
               "[irfft] a last signal dimension of size %lld, expected %lld / 2 + 1, of %lld reals",
               (long long)a->size[end - 1], (long long)last, (long long)last);
    self.size[end - 1] = last;
    self.ndim--;
    TH_TRY(thc_outputApart(self.op, r, a, (THDtype)a->dtype, self.ndim, self.size));
    if (r->numel == 0) return TH_OK;
    const THCGuard guard(a);
    const THCTarget target(r, isAligned(r));
    const THCOwned from(newTransformed(self, a));
    if (!target || !from) return THStatus_last();
    TH_TRY(clearImaginary(from.get(), end - 1, last));
    TH_TRY(weigh(from.get(), end - 1, last, inner));
    const THCFft fft = self.plan(a, THCFftKind::HALF_TO_REAL, self.size, self.ndim, 1);
    TH_TRY(thcFft_run(self.op, fft, 1, THTensor_dataBytes(from.get()), THTensor_dataBytes(target.get())));
    TH_TRY(multiply(target.get(), scale));
    return target.finish();
}
