// Draws with given probabilities.
#include <cmath>
#include <vector>

#include "THC/THCTensor.h"
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"

namespace
{

constexpr int TILE = 2048; // probabilities that a block adds up from shared memory

// What is to know about a row of probabilities.
struct Row {
    int64_t bad;      // the first that is no probability; -1: none
    int64_t positive; // how many are above 0
    int64_t last;     // the last of these
    double sum;
};

// sums: running sums of each row, one by one as the host adds them up, so that the same number chooses the same place. A block
// for each row: all threads fetch, one adds.
__global__ void __launch_bounds__(THC_MAP_THREADS)
    addRows(const double *p, int64_t rows, int64_t categories, double *sums, Row *found)
{
    __shared__ double tile[TILE];
    for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
        Row r = {-1, 0, 0, 0};
        for (int64_t first = 0; first < categories; first += TILE) {
            const int count = (int)(categories - first < TILE ? categories - first : TILE);
            for (int i = threadIdx.x; i < count; i += THC_MAP_THREADS) tile[i] = p[row * categories + first + i];
            __syncthreads();
            for (int i = 0; threadIdx.x == 0 && i < count; i++) {
                const double x = tile[i];
                if (r.bad < 0 && !(x >= 0 && x < INFINITY)) r.bad = first + i;
                if (x > 0) r.positive++, r.last = first + i;
                tile[i] = r.sum += x;
            }
            __syncthreads();
            for (int i = threadIdx.x; i < count; i += THC_MAP_THREADS) sums[row * categories + first + i] = tile[i];
            __syncthreads();
        }
        if (threadIdx.x == 0) found[row] = r;
    }
}

// The first place whose running sum exceeds the bound, up to the last positive probability, so that rounding can choose no
// impossible number.
__global__ void __launch_bounds__(THC_MAP_THREADS) drawAgain(const double *sums, const Row *found, const double *uniform,
                                                             int64_t total, int64_t categories, int64_t count, int64_t *r)
{
    const int64_t step = (int64_t)gridDim.x * THC_MAP_THREADS;
    for (int64_t k = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x; k < total; k += step) {
        const int64_t row = k / count;
        const double *const own = sums + row * categories, bound = uniform[k] * found[row].sum;
        int64_t low = 0, high = found[row].last;
        while (low < high) {
            const int64_t middle = low + (high - low) / 2;
            if (own[middle] > bound)
                high = middle;
            else
                low = middle + 1;
        }
        r[k] = low;
    }
}

// Number i arrives after an exponential time of rate p[i]: the order of arrival is that of draws without replacement.
__global__ void __launch_bounds__(THC_MAP_THREADS) arrive(const double *p, const double *uniform, int64_t n, double *time)
{
    const int64_t step = (int64_t)gridDim.x * THC_MAP_THREADS;
    for (int64_t i = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x; i < n; i += step)
        time[i] = p[i] > 0 ? -log1p(-uniform[i]) / p[i] : INFINITY;
}

unsigned gridOf(int64_t n)
{
    const int64_t blocks = (n + THC_MAP_THREADS - 1) / THC_MAP_THREADS;
    return (unsigned)(blocks < 65536 ? blocks : 65536);
}

// One call: rows of probabilities, Double and dense.
struct Draw {
    const THTensor *p;
    THGenerator *generator;
    int64_t rows, categories, count;
    int device;

    const double *probabilities() const { return thc_data<double>(p); }

    THStatus check(const Row *found, int replacement) const
    {
        for (int64_t row = 0; row < rows; row++) {
            const Row r = found[row];
            if (r.bad >= 0) {
                double value = 0;
                THC_TRY("multinomial",
                        cudaMemcpy(&value, probabilities() + row * categories + r.bad, sizeof value, cudaMemcpyDeviceToHost));
                return THStatus_fail(
                    TH_ERR_VALUE,
                    "[multinomial] p's element %lld, %g: invalid multinomial distribution, expected finite probabilities >= 0",
                    (long long)r.bad, value);
            }
            TH_FAIL_IF(!(r.sum > 0) || std::isinf(r.sum), TH_ERR_VALUE,
                       "[multinomial] p's sum, %g: invalid multinomial distribution (sum of probabilities <= 0)", r.sum);
            TH_FAIL_IF(!replacement && r.positive < count, TH_ERR_VALUE,
                       "[multinomial] count, %lld: invalid multinomial distribution (with replacement=False, not enough "
                       "non-negative category to sample: %lld)",
                       (long long)count, (long long)r.positive);
        }
        return TH_OK;
    }

    // Numbers in [0, 1), as Double; NULL with the failure set.
    THTensor *newUniform(int64_t n) const
    {
        THCOwned uniform(THCTensor_newWithSize(device, THDtype_Double, 1, &n));
        if (!uniform || THCTensor_uniform(uniform.get(), generator, 0, 1) != TH_OK) return nullptr;
        return uniform.release();
    }

    THStatus again(THTensor *drawn, const double *sums, const Row *found) const
    {
        const int64_t total = rows * count;
        const THCOwned uniform(newUniform(total));
        if (!uniform) return THStatus_last();
        drawAgain<<<gridOf(total), THC_MAP_THREADS, 0, thc_stream()>>>(sums, found, thc_data<double>(uniform.get()), total,
                                                                       categories, count, thc_data<int64_t>(drawn));
        return thc_started("multinomial");
    }

    THStatus once(THTensor *drawn) const
    {
        const int64_t total = rows * categories, size[] = {rows, categories};
        const THCOwned uniform(newUniform(total)), time(THCTensor_newWithSize(device, THDtype_Double, 2, size)),
            sorted(THTensor_new()), order(THTensor_new());
        if (!uniform || !time || !sorted || !order) return THStatus_last();
        arrive<<<gridOf(total), THC_MAP_THREADS, 0, thc_stream()>>>(probabilities(), thc_data<double>(uniform.get()), total,
                                                                    thc_data<double>(time.get()));
        TH_TRY(thc_started("multinomial"));
        TH_TRY(THCTensor_sort(sorted.get(), order.get(), time.get(), 1, 0));
        const THCOwned first(THTensor_newNarrow(order.get(), 1, 0, count));
        return first ? THCTensor_copy(drawn, first.get()) : THStatus_last();
    }

    // drawn: rows x count, Long and dense.
    THStatus into(THTensor *drawn, int replacement) const
    {
        const THCGuard guard(device);
        const int64_t numbers = 8 * rows * categories, bytes = rows * (int64_t)sizeof(Row);
        const THCScratch sums(device, numbers), rows_found(device, bytes);
        if (rows == 0) return TH_OK;
        if (sums.data() == nullptr || rows_found.data() == nullptr) return THStatus_last();
        double *const running = reinterpret_cast<double *>(sums.data());
        Row *const found = reinterpret_cast<Row *>(rows_found.data());
        addRows<<<(unsigned)(rows < 65536 ? rows : 65536), THC_MAP_THREADS, 0, thc_stream()>>>(probabilities(), rows,
                                                                                               categories, running, found);
        TH_TRY(thc_started("multinomial"));
        std::vector<Row> here((size_t)rows);
        THC_TRY("multinomial", cudaMemcpyAsync(here.data(), found, (size_t)bytes, cudaMemcpyDeviceToHost, thc_stream()));
        THC_TRY("multinomial", cudaStreamSynchronize(thc_stream()));
        TH_TRY(check(here.data(), replacement));
        return replacement ? again(drawn, running, found) : once(drawn);
    }
};

} // namespace

THStatus THCTensor_multinomial(THTensor *r, THGenerator *generator, const THTensor *p, int64_t count, int replacement)
{
    TH_GIVEN("multinomial", r, p);
    TH_FAIL_IF(!THDtype_isFloating((THDtype)p->dtype), TH_ERR_DTYPE, "[multinomial] p is %s: must be floating",
               THDtype_name((THDtype)p->dtype));
    TH_FAIL_IF(p->ndim != 1 && p->ndim != 2, TH_ERR_SHAPE, "[multinomial] p has %d dimensions: prob_dist must be 1 or 2 dim",
               p->ndim);
    const int64_t categories = p->size[p->ndim - 1], rows = p->ndim == 2 ? p->size[0] : 1;
    TH_FAIL_IF(categories < 1, TH_ERR_SHAPE, "[multinomial] p has no probabilities: there is nothing to draw");
    TH_FAIL_IF(count < 1, TH_ERR_VALUE, "[multinomial] count, %lld: cannot sample n_sample <= 0 samples", (long long)count);
    TH_FAIL_IF(!replacement && count > categories, TH_ERR_VALUE,
               "[multinomial] count, %lld: cannot sample n_sample > prob_dist.size(-1) samples without replacement (%lld)",
               (long long)count, (long long)categories);
    TH_FAIL_IF(r->storage != nullptr && r->dtype != THDtype_Long, TH_ERR_DTYPE, "[multinomial] the output is %s, expected Long",
               THDtype_name((THDtype)r->dtype));
    const int64_t size[] = {rows, count};
    const int device = THTensor_device(p);
    const THCOwned exact(THCTensor_newConvert(p, THDtype_Double)), drawn(THCTensor_newWithSize(device, THDtype_Long, 2, size));
    if (!exact || !drawn) return THStatus_last();
    TH_TRY((Draw{exact.get(), generator, rows, categories, count, device}.into(drawn.get(), replacement)));
    const THCOwned shaped(p->ndim == 2 ? THTensor_newWithTensor(drawn.get()) : THTensor_newSelect(drawn.get(), 0, 0));
    if (!shaped) return THStatus_last();
    TH_TRY(thc_outputLike("multinomial", r, shaped.get(), THDtype_Long));
    return THCTensor_copy(r, shaped.get());
}
