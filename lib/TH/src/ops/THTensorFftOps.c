/* Fourier transforms of one, two and three dimensions: one dimension after the other. */
#include "TH/THArgument.h"
#include "TH/THTensorFft.h"

#include "TH/THTensorFill.h"
#include "ops/THFftLines.h"
#include "ops/THOps.h"

/* What the three operations share: their arguments, and the signal's first dimension. */
typedef struct Fft {
    const char *op;
    int signal_ndim, first;
    int64_t size[TH_MAX_DIMS]; /* of r */
    int ndim;
} Fft;

static THStatus check(Fft *self, const THTensor *a, int signal_ndim, bool complex)
{
    char text[128];
    const int ndim = a->ndim - (complex ? 1 : 0);
    TH_FAIL_IF(a->dtype != THDtype_Float && a->dtype != THDtype_Double, TH_ERR_UNSUPPORTED, "[%s] not implemented for %s",
               self->op, THDtype_name((THDtype)a->dtype));
    TH_FAIL_IF(signal_ndim < 1 || signal_ndim > 3, TH_ERR_VALUE, "[%s] signal_ndim, %d, must be 1, 2 or 3", self->op,
               signal_ndim);
    THTensor_describeSize(a->ndim, a->size, text, sizeof(text));
    TH_FAIL_IF(ndim < signal_ndim, TH_ERR_SHAPE, "[%s] self of size %s, expected at least %d dimensions%s", self->op, text,
               signal_ndim + (complex ? 1 : 0), complex ? ", the last one of complex numbers" : "");
    TH_FAIL_IF(complex && a->size[ndim] != 2, TH_ERR_SHAPE,
               "[%s] self of size %s, expected a last dimension of size 2: real and imaginary part", self->op, text);
    self->signal_ndim = signal_ndim;
    self->first = ndim - signal_ndim;
    self->ndim = a->ndim;
    for (int d = 0; d < a->ndim; d++) {
        TH_FAIL_IF(d >= self->first && a->size[d] == 0, TH_ERR_SHAPE, "[%s] self of size %s, expected signals with elements",
                   self->op, text);
        self->size[d] = a->size[d];
    }
    return TH_OK;
}

/* Complex transforms along dims [self->first, end) of `size`, from `from` to `to`; later ones in place. */
static THStatus along(const Fft *self, THFftLines lines, const int64_t *size, int end, double scale)
{
    for (int d = self->first; d < end; d++) {
        lines.n = size[d];
        lines.count = lines.inside = 1;
        for (int k = 0; k < self->first + self->signal_ndim; k++) {
            if (k != d) lines.count *= size[k];
            if (k > d) lines.inside *= size[k];
        }
        lines.scale = d == end - 1 ? scale : 1;
        TH_TRY(thFftLines_run(&lines));
        lines.from = lines.to;
    }
    return TH_OK;
}

/* The lines of the last dimension, between reals and their half. */
static THFftLines last_lines(const Fft *self, const THTensor *real, THFftKind kind, double scale, double inner)
{
    const int64_t n = real->size[real->ndim - 1];
    return (THFftLines){.op = self->op,
                        .dtype = (THDtype)real->dtype,
                        .kind = kind,
                        .n = n,
                        .count = real->numel / n,
                        .inside = 1,
                        .scale = scale,
                        .inner = inner};
}

/* r itself, or a buffer that `finish` copies into it. */
static THTensor *new_buffer(THTensor *r)
{
    return THTensor_isContiguous(r) ? THTensor_newWithTensor(r) : THTensor_newWithSize((THDtype)r->dtype, r->ndim, r->size);
}

static THStatus finish(THTensor *r, THTensor *buffer, THTensor *from, THStatus status)
{
    if (status == TH_OK && buffer->storage != r->storage) status = THTensor_copy(r, buffer);
    THTensor_free(buffer);
    THTensor_free(from);
    return status;
}

THStatus THTensor_fft(THTensor *r, const THTensor *a, int signal_ndim, int sign, double scale)
{
    TH_GIVEN("fft", r, a);
    Fft self = {.op = "fft"};
    TH_FAIL_IF(sign != 1 && sign != -1, TH_ERR_VALUE, "[fft] sign, %d, must be 1 or -1", sign);
    TH_TRY(check(&self, a, signal_ndim, true));
    TH_TRY(THOps_outputApart(self.op, r, a, (THDtype)a->dtype, self.ndim, self.size));
    THTensor *const to = new_buffer(r), *const from = to == NULL ? NULL : THTensor_newContiguous((THTensor *)a);
    THStatus status = from == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK && r->numel > 0) {
        const THFftLines lines = {.op = self.op,
                                  .dtype = (THDtype)a->dtype,
                                  .kind = THFft_Complex,
                                  .inverse = sign > 0,
                                  .from = THTensor_dataBytes(from),
                                  .to = THTensor_dataBytes(to)};
        status = along(&self, lines, self.size, self.first + signal_ndim, scale);
    }
    return finish(r, to, from, status);
}

THStatus THTensor_fftReal(THTensor *r, const THTensor *a, int signal_ndim, double scale, double inner)
{
    TH_GIVEN("rfft", r, a);
    Fft self = {.op = "rfft"};
    TH_TRY(check(&self, a, signal_ndim, false));
    TH_FAIL_IF(a->ndim == TH_MAX_DIMS, TH_ERR_SHAPE, "[rfft] self has %d dimensions, expected one less", a->ndim);
    self.size[a->ndim - 1] = a->size[a->ndim - 1] / 2 + 1;
    self.size[self.ndim++] = 2;
    TH_TRY(THOps_outputApart(self.op, r, a, (THDtype)a->dtype, self.ndim, self.size));
    THTensor *const to = new_buffer(r), *const from = to == NULL ? NULL : THTensor_newContiguous((THTensor *)a);
    THStatus status = from == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK && r->numel > 0) {
        THFftLines lines = last_lines(&self, from, THFft_RealToHalf, scale, inner);
        lines.from = THTensor_dataBytes(from);
        lines.to = THTensor_dataBytes(to);
        status = thFftLines_run(&lines);
        lines.kind = THFft_Complex;
        lines.from = lines.to;
        if (status == TH_OK) status = along(&self, lines, self.size, self.first + signal_ndim - 1, 1);
    }
    return finish(r, to, from, status);
}

THStatus THTensor_ifftReal(THTensor *r, const THTensor *a, int signal_ndim, int64_t last, double scale, double inner)
{
    TH_GIVEN("irfft", r, a);
    Fft self = {.op = "irfft"};
    TH_TRY(check(&self, a, signal_ndim, true));
    const int end = self.first + signal_ndim;
    TH_FAIL_IF(last < 1 || a->size[end - 1] != last / 2 + 1, TH_ERR_SHAPE,
               "[irfft] a last signal dimension of size %lld, expected %lld / 2 + 1, of %lld reals",
               (long long)a->size[end - 1], (long long)last, (long long)last);
    self.size[end - 1] = last;
    self.ndim--;
    TH_TRY(THOps_outputApart(self.op, r, a, (THDtype)a->dtype, self.ndim, self.size));
    THTensor *const to = new_buffer(r);
    THTensor *from = to == NULL ? NULL : THTensor_newContiguous((THTensor *)a);
    THStatus status = from == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK && r->numel > 0) {
        THFftLines lines = last_lines(&self, to, THFft_HalfToReal, scale, inner);
        lines.from = THTensor_dataBytes(from);
        if (signal_ndim > 1) { /* the other dimensions first, in memory of their own */
            THTensor *const between = THTensor_newWithSize((THDtype)a->dtype, a->ndim, a->size);
            THFftLines others = lines;
            others.kind = THFft_Complex;
            others.inverse = true;
            others.to = between == NULL ? NULL : THTensor_dataBytes(between);
            status = between == NULL ? THStatus_last() : along(&self, others, a->size, end - 1, 1);
            THTensor_free(from);
            from = between;
            lines.from = others.to;
        }
        lines.to = THTensor_dataBytes(to);
        if (status == TH_OK) status = thFftLines_run(&lines);
    }
    return finish(r, to, from, status);
}
