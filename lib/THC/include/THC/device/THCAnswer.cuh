// Checks of values whose outcome the host hears of as soon as the device knows it: what is started after a check does not have
// to end first, so that the device has work while the host goes on.
#pragma once

#include "THC/device/THCCore.cuh"

TH_BEGIN_DECLS

typedef struct THCAnswer THCAnswer;

// Starts to look, on the calling thread's stream of `device`, which is current, for the first of n > 0 entries of `index` that
// is neither in [low, high) nor *exempt (or NULL). NULL with the failure set.
TH_API THCAnswer *thc_askOutside(const char *op, int device, const int64_t *index, int64_t n, int64_t low, int64_t high,
                                 const int64_t *exempt);
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
                     const int64_t *exempt)
    {
        answer_ = thc_askOutside(op, device, index, n, low, high, exempt);
        return answer_ == nullptr ? THStatus_last() : TH_OK;
    }
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
