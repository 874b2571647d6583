// One call of a reduction: of all elements or of one dimension.
#pragma once

#include "kernels/THCReduce.cuh"
#include "ops/THCTarget.cuh"

struct THCReduction {
    const char *op;
    const THTensor *a;
    bool all;
    int dim, keepdim;

    // Makes the output ready: without elements of `dim`, or a scalar. TH_ERR_VALUE if it shares memory with a.
    THStatus output(THTensor *r, THDtype dtype)
    {
        int64_t size[TH_MAX_DIMS];
        int ndim = 0;
        if (!all) {
            TH_TRY(THTensor_wrapDim(a, dim, op, &dim));
            for (int d = 0; d < a->ndim; d++)
                if (d != dim || keepdim) size[ndim++] = d == dim ? 1 : a->size[d];
        }
        return thc_outputApart(op, r, a, dtype, ndim, size);
    }

    THCLines lines() const { return all ? THCLines(a) : THCLines(a, dim); }

    // After the output is ready.
    template <class R> THStatus run(const R &reducer) const
    {
        const THCOwned dense(THCTensor_newContiguous(const_cast<THTensor *>(a)));
        if (!dense) return THStatus_last();
        const THCLines l = lines();
        return thc_reduce(op, reducer, THTensor_device(a), thc_data<typename R::In>(dense.get()), l.outer, l.n, l.inner);
    }
};
