// What the LAPACK ops share: checks, column-major matrices, workspaces, cuSOLVER's answers, and outputs that are written when
// everything went well.
#pragma once

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCDtype.cuh"
#include "THC/device/THCOps.cuh"
#include "blas/THCBlasLibrary.cuh"
#include "blas/THCSolverLibrary.cuh"

// A matrix of its own, column by column; or a vector.
class THCMatrix
{
  public:
    THCMatrix() : tensor_(nullptr) {}
    ~THCMatrix() { THTensor_free(tensor_); }
    THCMatrix(const THCMatrix &) = delete;
    THCMatrix &operator=(const THCMatrix &) = delete;

    // Contents undefined, on like's device and of its dtype.
    THStatus make(const THTensor *like, int64_t rows, int64_t columns);
    THStatus makeVector(const THTensor *like, THDtype dtype, int64_t size);
    // A copy of a matrix, or of a vector as one column.
    THStatus copy(const THTensor *a);
    // Takes a view, NULL with the failure set.
    THStatus take(THTensor *view);

    THTensor *get() const { return tensor_; }
    void *data() const { return THTensor_dataBytes(tensor_); }
    int *integers() const { return reinterpret_cast<int *>(THTensor_dataBytes(tensor_)); }
    int rows() const { return (int)tensor_->size[0]; }
    int columns() const { return (int)tensor_->size[1]; }
    // The distance between columns.
    int ld() const { return tensor_->size[0] > 1 ? (int)tensor_->size[0] : 1; }

  private:
    THTensor *tensor_;
};

// One call; its device is current while it lives. Functions return the failure.
class THCLapackCall
{
  public:
    THCLapackCall(const char *op, const THTensor *a);

    // Finds cuSOLVER for a's dtype (Float, Double); a has `ndim` dimensions, each within 32 bits.
    THStatus begin(int ndim);
    // A further input: a's dtype and device, and its number of dimensions if that is not negative.
    THStatus check(const char *name, const THTensor *t, int ndim) const;
    // b: as many rows as a, one or two dimensions.
    THStatus checkRight(const THTensor *b) const;
    // An output can take elements of `dtype`.
    THStatus checkResult(const THTensor *r, THDtype dtype) const;
    THStatus checkSquare() const;
    // The least and the greatest element of t, which has some; both are nan if one is. Waits.
    static THStatus bounds(const THTensor *t, double *least, double *greatest);
    // All elements of t are finite: on others the iterations end with wrong numbers. Waits.
    THStatus checkFinite(const THTensor *t) const;

    // cuSOLVER's status as ours.
    THStatus solved(int status) const { return thcSolver_check(op_, status); }
    // What it found: `found` (with one or two %d) for a positive number. Waits.
    THStatus found(const char *found);
    // The first zero on the diagonal of c's first n rows is what was found.
    THStatus findZero(const THCMatrix &c, int64_t n);
    // x, n rows, becomes op(c)^-1 x for the triangle in c's first n rows.
    THStatus solveTriangle(const THCMatrix &c, int64_t n, bool upper, bool transpose, bool unit, const THCMatrix &x);
    // c becomes its reflectors (geqrf), tau their factors.
    THStatus reflect(const THCMatrix &c, const THCMatrix &tau);
    // x becomes op(q) x, or x op(q), for the q that c's first k columns describe.
    THStatus applyReflectors(const THCMatrix &c, const THCMatrix &tau, int k, bool left, bool transpose, const THCMatrix &x);

    // Has the end move a result to an output.
    void give(THTensor *r, THTensor *result);
    // Moves results to their outputs if each can take its own: all are written or none.
    THStatus end();

    // Calls use(work, size) with a workspace of as many elements as size(&count) tells; both return cuSOLVER's statuses.
    template <class Size, class Use> THStatus withWorkspace(Size size, Use use)
    {
        int count = 0;
        TH_TRY(solved(size(&count)));
        const THCScratch work(device_, (int64_t)(count > 0 ? count : 1) * THDtype_itemsize(dtype_));
        if (work.data() == nullptr) return THStatus_last();
        TH_TRY(solved(use(static_cast<void *>(work.data()), count)));
        return thc_started(op_);
    }

    const char *op() const { return op_; }
    THDtype dtype() const { return dtype_; }
    int device() const { return device_; }
    const THCSolverLibrary &library() const { return *library_; }
    const THCSolverTyped &f() const { return dtype_ == THDtype_Double ? library_->full : library_->single; }
    THCSolverHandle handle() const { return handle_; }
    int *info() const { return reinterpret_cast<int *>(info_.data()); }

  private:
    static constexpr int OUTPUTS = 3;

    const char *op_;
    const THTensor *a_;
    int device_;
    THDtype dtype_;
    THCGuard guard_;
    THCScratch info_; // on the device
    const THCSolverLibrary *library_;
    THCSolverHandle handle_;
    int outputs_;
    THTensor *output_[OUTPUTS], *result_[OUTPUTS];
};

// The smaller number of rows and columns.
inline int64_t thc_least(const THTensor *a)
{
    return a->size[0] < a->size[1] ? a->size[0] : a->size[1];
}
