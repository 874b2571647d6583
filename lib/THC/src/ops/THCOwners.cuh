// Where several indices may name one place: the last of them in row-major order owns it, as on the host.
#pragma once

#include "THC/device/THCAllocator.cuh"

// Seen by kernels. A place's owner is kept as one more than its number, 0 where nobody has claimed it: at the place's own slot,
// or, where places are many more than claims, in a hash table of words, which hold one more than the place and, in the last
// `bits`, the number of its owner: so one atomic operation claims.
struct THCOwner {
    using Word = unsigned long long;
    Word *slot;
    Word mask; // of the table's words, a power of two less one; 0: no table
    int bits;

    __device__ void claim(int64_t place, int64_t number) const
    {
        if (mask == 0) {
            atomicMax(slot + place, (Word)number + 1);
            return;
        }
        const Word claimed = word(place, number);
        for (Word h = begin(place);; h = (h + 1) & mask) {
            Word held = slot[h];
            if (held == 0) held = atomicCAS(slot + h, 0ull, claimed);
            if (held == 0) return;
            if (held >> bits != claimed >> bits) continue;
            if (held < claimed) atomicMax(slot + h, claimed);
            return;
        }
    }
    // In a kernel after that of the claims.
    __device__ bool owns(int64_t place, int64_t number) const
    {
        if (mask == 0) return slot[place] == (Word)number + 1;
        const Word claimed = word(place, number);
        Word h = begin(place);
        while (slot[h] >> bits != claimed >> bits) h = (h + 1) & mask;
        return slot[h] == claimed;
    }

  private:
    __device__ Word word(int64_t place, int64_t number) const { return ((Word)place + 1) << bits | (Word)number; }
    __device__ Word begin(int64_t place) const
    {
        const Word mixed = ((Word)place ^ (Word)place >> 32) * 0x9e3779b97f4a7c15ull;
        return (mixed ^ mixed >> 32) & mask;
    }
};

// Memory for all of this, on the calling thread's stream.
class THCOwners
{
  public:
    // At most `claims` of `places`.
    THCOwners(int device, int64_t places, int64_t claims)
        : bits_(bitsFor(claims)), isTable_(INT64_C(4) << bits_ < places && bits_ + bitsFor(places + 1) <= 64),
          words_(isTable_ ? INT64_C(2) << bits_ : places), room_(device, words_ * (int64_t)sizeof(THCOwner::Word))
    {
    }
    // Nobody owns anything. The device is current.
    THStatus begin(const char *op)
    {
        if (room_.data() == nullptr) return THStatus_last();
        THC_TRY(op, cudaMemsetAsync(room_.data(), 0, (size_t)words_ * sizeof(THCOwner::Word), thc_stream()));
        return TH_OK;
    }
    THCOwner get() const
    {
        return THCOwner{reinterpret_cast<THCOwner::Word *>(room_.data()), isTable_ ? (THCOwner::Word)words_ - 1 : 0, bits_};
    }

  private:
    static int bitsFor(int64_t n) // that numbers below n have
    {
        int bits = 0;
        while (bits < 63 && n > INT64_C(1) << bits) bits++;
        return bits;
    }

    int bits_;
    bool isTable_; // of at least twice as many words as claims, so that one finds its word after few steps
    int64_t words_;
    THCScratch room_;
};
