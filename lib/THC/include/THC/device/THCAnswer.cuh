// Checks of values whose outcome the host hears of as soon as the device knows it: what is started after a check does not have
// to end first, so that the device has work while the host goes on.
#pragma once

#include <cstdint>

#include "THC/device/THCCore.cuh"

TH_BEGIN_DECLS

typedef struct THCAnswer THCAnswer;

// Where kernels note what they find, and the host looks for it.
struct THCWatch {
    unsigned long long *first;         // the first place with a fault, THC_NOWHERE
    unsigned *done;                    // blocks that have looked at their share
    volatile unsigned long long *told; // memory of the host
    unsigned long long *gate;          // memory of the device that is told as well, for kernels started later; or NULL
};

// Starts to look, on the calling thread's stream of `device`, which is current, for the first of n > 0 entries of `index` that
// is neither in [low, high) nor *exempt (or NULL). gate: as in THCWatch. NULL with the failure set.
TH_API THCAnswer *thc_askOutside(const char *op, int device, const int64_t *index, int64_t n, int64_t low, int64_t high,
                                 const int64_t *exempt, unsigned long long *gate);
// An answer for a kernel on the calling thread's stream that looks itself, beside its own work: its blocks look (thc_look), or
// each thread notes faults where it comes upon them (thc_note), and `thc_tellAnswer`, called after it, tells of them.
TH_API THCAnswer *thc_openAnswer(const char *op, int device, THCWatch *watch);
TH_API THStatus thc_tellAnswer(const char *op, const THCAnswer *answer);
// Waits for the outcome and ends the answer. *place: of that entry; -1 if there is none.
TH_API THStatus thc_awaitAnswer(const char *op, THCAnswer *answer, int64_t *place);

TH_END_DECLS

// An answer that is awaited at the end of its scope if nobody has asked for it before.
class THCAsked
{
  public:
    THCAsked() : answer_(nullptr) {}
    ~THCAsked()
    {
        int64_t place;
        if (answer_ != nullptr) thc_awaitAnswer("check", answer_, &place);
    }
    THCAsked(const THCAsked &) = delete;
    THCAsked &operator=(const THCAsked &) = delete;
    THStatus outside(const char *op, int device, const int64_t *index, int64_t n, int64_t low, int64_t high,
                     const int64_t *exempt, unsigned long long *gate = nullptr)
    {
        answer_ = thc_askOutside(op, device, index, n, low, high, exempt, gate);
        return answer_ == nullptr ? THStatus_last() : TH_OK;
    }
    THStatus open(const char *op, int device, THCWatch *watch)
    {
        answer_ = thc_openAnswer(op, device, watch);
        return answer_ == nullptr ? THStatus_last() : TH_OK;
    }
    THStatus tell(const char *op) { return thc_tellAnswer(op, answer_); }
    // *place: -1 also if nothing was asked, or it was answered before.
    THStatus await(const char *op, int64_t *place)
    {
        THCAnswer *const answer = answer_;
        answer_ = nullptr;
        *place = -1;
        return answer == nullptr ? TH_OK : thc_awaitAnswer(op, answer, place);
    }

  private:
    THCAnswer *answer_;
};

constexpr unsigned long long THC_NOWHERE = ~0ull;
constexpr unsigned long long THC_FINE = 1; // what is told if nothing was found; else 2 + the place

__device__ inline void thc_note(const THCWatch &watch, int64_t place)
{
    const unsigned long long noted = *reinterpret_cast<volatile unsigned long long *>(watch.first);
    if ((unsigned long long)place < noted) atomicMin(watch.first, (unsigned long long)place);
}

// By one thread, when everything is noted. The shared words are as before afterwards.
__device__ inline void thc_tell(const THCWatch &watch)
{
    const unsigned long long first = atomicExch(watch.first, THC_NOWHERE);
    const unsigned long long outcome = first == THC_NOWHERE ? THC_FINE : first + 2;
    *watch.done = 0;
    if (watch.gate != nullptr) *watch.gate = outcome;
    *watch.told = outcome;
    __threadfence_system();
}

// Entries that have to be in [low, high), or `exempt`.
struct THCRange {
    const int64_t *index;
    int64_t n, low, high;
    bool exempts;
    int64_t exempt;

    __device__ bool holds(int64_t entry) const { return (entry >= low && entry < high) || (exempts && entry == exempt); }
};

// Blocks 0 to blocks - 1 of THREADS threads look at all entries together; the last of them to be done tells.
template <int THREADS> __device__ void thc_look(const THCRange &range, const THCWatch &watch, unsigned block, unsigned blocks)
{
    const bool aligned = reinterpret_cast<uintptr_t>(range.index) % sizeof(longlong2) == 0;
    const int64_t step = 4 * (int64_t)blocks * THREADS;
    for (int64_t k = 4 * ((int64_t)block * THREADS + threadIdx.x); k < range.n; k += step) {
        const int count = range.n - k < 4 ? (int)(range.n - k) : 4;
        int64_t entry[4];
        if (aligned && count == 4) {
            const longlong2 *const pairs = reinterpret_cast<const longlong2 *>(range.index + k);
            const longlong2 low = pairs[0], high = pairs[1];
            entry[0] = low.x, entry[1] = low.y, entry[2] = high.x, entry[3] = high.y;
        } else {
#pragma unroll
            for (int v = 0; v < 4; v++) entry[v] = v < count ? range.index[k + v] : 0;
        }
        int fault = 4;
#pragma unroll
        for (int v = 3; v >= 0; v--)
            if (v < count && !range.holds(entry[v])) fault = v;
        if (fault == 4) continue;
        thc_note(watch, k + fault);
        break; // the others of this thread come later
    }
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0 && atomicAdd(watch.done, 1u) == blocks - 1) thc_tell(watch);
}
