// Answers lie in memory of the host that the device writes to: the host looks there instead of waiting for the stream.
#include "THC/device/THCAnswer.cuh"

#include <cstddef>
#include <mutex>
#include <vector>

namespace
{

using Word = unsigned long long;

constexpr int THREADS = 256;
constexpr int CHUNK = 32;   // answers made together
constexpr Word PENDING = 0; // not told yet
// What the blocks of one check share. It is as before when the last of them is done.
struct Shared {
    Word first; // THC_NOWHERE
    unsigned done;
};

// In a cache line of its own.
struct alignas(64) Told {
    volatile Word word;
};

__global__ void __launch_bounds__(THREADS) findOutside(THCRange range, THCWatch watch)
{
    thc_look<THREADS>(range, watch, blockIdx.x, gridDim.x);
}

__global__ void tellFound(THCWatch watch)
{
    thc_tell(watch);
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
    for (Shared &one : empty) one = Shared{THC_NOWHERE, 0};
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

THCWatch watchOf(const THCAnswer *answer)
{
    return THCWatch{&answer->shared->first, &answer->shared->done, &answer->told->word, nullptr};
}

void pause()
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

} // namespace

THCAnswer *thc_openAnswer(const char *op, int device, THCWatch *watch)
{
    THCAnswer *const answer = takeAnswer(op, device);
    if (answer == nullptr) return nullptr;
    answer->stream = thc_stream();
    answer->told->word = PENDING;
    *watch = watchOf(answer);
    return answer;
}

THStatus thc_tellAnswer(const char *op, const THCAnswer *answer)
{
    tellFound<<<1, 1, 0, answer->stream>>>(watchOf(answer));
    return thc_started(op);
}

THCAnswer *thc_askOutside(const char *op, int device, const int64_t *index, int64_t n, int64_t low, int64_t high,
                          const int64_t *exempt, unsigned long long *gate)
{
    THCWatch watch;
    THCAnswer *const answer = thc_openAnswer(op, device, &watch);
    if (answer == nullptr) return nullptr;
    watch.gate = gate;
    const THCRange range = {index, n, low, high, exempt != nullptr, exempt == nullptr ? 0 : *exempt};
    const int64_t most = 8 * (int64_t)thc_multiprocessors(), needed = (n + 4 * THREADS - 1) / (4 * THREADS);
    findOutside<<<(unsigned)(needed < most ? needed : most), THREADS, 0, answer->stream>>>(range, watch);
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
    if (word != THC_FINE) *place = (int64_t)(word - 2);
    giveBack(answer);
    return TH_OK;
}
