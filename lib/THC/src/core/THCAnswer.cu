// Answers lie in memory of the host that the device writes to: the host looks there instead of waiting for the stream.
#include "THC/device/THCAnswer.cuh"

#include <cstddef>
#include <mutex>
#include <vector>

namespace
{

using Word = unsigned long long;

constexpr int THREADS = 256;
constexpr int CHUNK = 32;             // answers made together
constexpr Word PENDING = 0, FINE = 1; // else 2 + the place
constexpr Word NONE = ~(Word)0;

// What the blocks of one check share. It is as before when the last of them is done.
struct Shared {
    Word first; // NONE
    unsigned done;
};

// In a cache line of its own.
struct alignas(64) Told {
    volatile Word word;
};

__global__ void __launch_bounds__(THREADS) findOutside(int64_t n, const int64_t *index, int64_t low, int64_t high, bool exempts,
                                                       int64_t exempt, Shared *shared, Told *told)
{
    const int64_t step = (int64_t)gridDim.x * THREADS;
    for (int64_t k = (int64_t)blockIdx.x * THREADS + threadIdx.x; k < n; k += step) {
        const int64_t entry = index[k];
        if ((entry >= low && entry < high) || (exempts && entry == exempt)) continue;
        atomicMin(&shared->first, (Word)k);
        break; // the others of this thread come later
    }
    __threadfence();
    __syncthreads();
    if (threadIdx.x != 0 || atomicAdd(&shared->done, 1u) != gridDim.x - 1) return;
    const Word first = atomicExch(&shared->first, NONE);
    shared->done = 0;
    told->word = first == NONE ? FINE : first + 2;
    __threadfence_system();
}

} // namespace

struct THCAnswer {
    int device;
    cudaStream_t stream;
    Shared *shared;
    Told *told;
};

namespace
{

// Never destroyed, like the devices' memory.
struct Idle {
    std::mutex mutex;
    std::vector<THCAnswer *> answers;
};
Idle *const idle = new Idle[THC_MAX_DEVICES];

// Makes CHUNK answers; the lock is held.
THStatus makeAnswers(const char *op, int device)
{
    Shared *shared = nullptr, empty[CHUNK];
    Told *told = nullptr;
    for (Shared &one : empty) one = Shared{NONE, 0};
    THC_TRY(op,
            cudaHostAlloc(reinterpret_cast<void **>(&told), CHUNK * sizeof *told, cudaHostAllocPortable | cudaHostAllocMapped));
    THC_TRY(op, cudaMalloc(reinterpret_cast<void **>(&shared), CHUNK * sizeof *shared));
    THC_TRY(op, cudaMemcpy(shared, empty, sizeof empty, cudaMemcpyHostToDevice));
    for (int i = 0; i < CHUNK; i++) idle[device].answers.push_back(new THCAnswer{device, nullptr, shared + i, told + i});
    return TH_OK;
}

THCAnswer *takeAnswer(const char *op, int device)
{
    Idle &all = idle[device];
    const std::lock_guard<std::mutex> lock(all.mutex);
    if (all.answers.empty() && makeAnswers(op, device) != TH_OK) return nullptr;
    THCAnswer *const answer = all.answers.back();
    all.answers.pop_back();
    return answer;
}

void giveBack(THCAnswer *answer)
{
    Idle &all = idle[answer->device];
    const std::lock_guard<std::mutex> lock(all.mutex);
    all.answers.push_back(answer);
}

void pause()
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

} // namespace

THCAnswer *thc_askOutside(const char *op, int device, const int64_t *index, int64_t n, int64_t low, int64_t high,
                          const int64_t *exempt)
{
    THCAnswer *const answer = takeAnswer(op, device);
    if (answer == nullptr) return nullptr;
    answer->stream = thc_stream();
    answer->told->word = PENDING;
    const int64_t most = 8 * (int64_t)thc_multiprocessors(), needed = (n + THREADS - 1) / THREADS;
    findOutside<<<(unsigned)(needed < most ? needed : most), THREADS, 0, answer->stream>>>(
        n, index, low, high, exempt != nullptr, exempt == nullptr ? 0 : *exempt, answer->shared, answer->told);
    if (thc_started(op) == TH_OK) return answer;
    giveBack(answer);
    return nullptr;
}

THStatus thc_awaitAnswer(const char *op, THCAnswer *answer, int64_t *place)
{
    constexpr int ROUNDS = 4096; // looks between questions whether the device is well
    *place = -1;
    for (int64_t round = 1; answer->told->word == PENDING; round++) {
        pause();
        if (round % ROUNDS != 0) continue;
        const cudaError_t error = cudaStreamQuery(answer->stream);
        if (error == cudaErrorNotReady) {
            cudaGetLastError();
            continue;
        }
        if (error != cudaSuccess) return thc_fail(op, error); // the answer may still be written to, and is not used again
        TH_FAIL_IF(answer->told->word == PENDING, TH_ERR_STATE, "[%s] CUDA: a check has ended without an answer", op);
    }
    const Word word = answer->told->word;
    if (word != FINE) *place = (int64_t)(word - 2);
    giveBack(answer);
    return TH_OK;
}
