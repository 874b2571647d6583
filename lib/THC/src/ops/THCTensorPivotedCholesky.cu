// Cholesky's decomposition with pivots, which cuSOLVER has not: LAPACK's unblocked algorithm (pstf2), by one block.
#include <climits>
#include <cmath>

#include "THC/THCTensor.h"
#include "ops/THCLapackCall.cuh"

namespace
{

constexpr int THREADS = 1024;

// The place and the value of the greatest element; the first of equal ones; nan is never greater.
template <class T> struct Greatest {
    T value;
    int place;
    __device__ void take(T other, int where)
    {
        if (other > value || (other == value && where < place)) {
            value = other;
            place = where;
        }
    }
};

// Over the block; known to all threads.
template <class T> __device__ Greatest<T> greatestOfAll(Greatest<T> mine)
{
    __shared__ T values[THREADS];
    __shared__ int places[THREADS];
    const int me = (int)threadIdx.x;
    values[me] = mine.value;
    places[me] = mine.place;
    __syncthreads();
    for (int half = THREADS / 2; half > 0; half /= 2) {
        if (me < half) {
            mine.take(values[me + half], places[me + half]);
            values[me] = mine.value;
            places[me] = mine.place;
        }
        __syncthreads();
    }
    const Greatest<T> found = {values[0], places[0]};
    __syncthreads(); // the next call writes
    return found;
}

// The lower triangle, column by column.
template <class T> struct Matrix {
    T *data;
    int64_t ld;
    int n;
    __device__ T &at(int i, int k) const { return data[i + k * ld]; }
};

template <class T> __device__ void exchange(T &a, T &b)
{
    const T kept = a;
    a = b;
    b = kept;
}

// Rows and columns j and p > j of the symmetric matrix change places.
template <class T> __device__ void exchangeLines(const Matrix<T> &m, int j, int p)
{
    for (int k = (int)threadIdx.x; k < m.n; k += THREADS) {
        if (k < j) exchange(m.at(j, k), m.at(p, k));
        if (k > j && k < p) exchange(m.at(k, j), m.at(p, k));
        if (k > p) exchange(m.at(k, j), m.at(k, p));
    }
    if (threadIdx.x == 0) m.at(p, p) = m.at(j, j); // that of j is written next
}

// squares: n elements, of each row the sum of the squares that were taken off its diagonal. epsilon: half the distance from 1
// to the next number. A tolerance below 0 means n epsilon times the greatest element of the diagonal.
template <class T>
__global__ void __launch_bounds__(THREADS) pivotedCholesky(const Matrix<T> m, T *squares, int *pivots, T tolerance, T epsilon)
{
    for (int i = (int)threadIdx.x; i < m.n; i += THREADS) {
        squares[i] = 0;
        pivots[i] = i + 1;
    }
    for (int j = 0; j < m.n; j++) {
        Greatest<T> mine = {-INFINITY, INT_MAX};
        __syncthreads(); // column j - 1 is written
        for (int i = j + (int)threadIdx.x; i < m.n; i += THREADS) {
            if (j > 0) squares[i] += m.at(i, j - 1) * m.at(i, j - 1);
            mine.take(m.at(i, i) - squares[i], i);
        }
        const Greatest<T> found = greatestOfAll(mine);
        const int p = found.place < m.n ? found.place : j; // all nan
        const T pivot = m.at(p, p) - squares[p], first = m.at(0, 0);
        if (j == 0) {
            if (!(pivot > 0) || first != first) return; // rank 0
            if (tolerance < 0) tolerance = (T)m.n * epsilon * pivot;
        } else if (!(pivot > tolerance)) {
            __syncthreads(); // all have read it
            if (threadIdx.x == 0) m.at(j, j) = pivot;
            return;
        }
        __syncthreads();
        if (p != j) exchangeLines(m, j, p);
        const T root = sqrt(pivot);
        if (threadIdx.x == 0) {
            m.at(j, j) = root;
            exchange(squares[j], squares[p]);
            exchange(pivots[j], pivots[p]);
        }
        __syncthreads();
        for (int i = j + 1 + (int)threadIdx.x; i < m.n; i += THREADS) {
            T sum = m.at(i, j);
            for (int k = 0; k < j; k++) sum -= m.at(i, k) * m.at(j, k);
            m.at(i, j) = sum / root;
        }
    }
}

template <class T>
THStatus decompose(const char *op, const THCMatrix &c, const THCMatrix &squares, const THCMatrix &pivots, double tolerance,
                   T epsilon)
{
    const Matrix<T> m = {thc_data<T>(c.get()), c.ld(), c.rows()};
    pivotedCholesky<T>
        <<<1, THREADS, 0, thc_stream()>>>(m, thc_data<T>(squares.get()), pivots.integers(), (T)tolerance, epsilon);
    return thc_started(op);
}

} // namespace

// Of an upper triangle the transposed matrix is decomposed. A lower rank than n is an answer.
THStatus THCTensor_pstrf(THTensor *r, THTensor *pivots, const THTensor *a, int upper, double tolerance)
{
    TH_GIVEN("pstrf", r, pivots, a);
    THCLapackCall s("pstrf", a);
    THCMatrix c, p, squares, result;
    TH_TRY(s.begin(2));
    TH_TRY(s.checkSquare());
    TH_TRY(s.checkResult(r, s.dtype()));
    TH_TRY(s.checkResult(pivots, THDtype_Int));
    const THCOwned turned(THTensor_newTranspose(a, 0, 1));
    if (!turned) return THStatus_last();
    TH_TRY(c.copy(upper ? turned.get() : a));
    TH_TRY(p.makeVector(a, THDtype_Int, a->size[0]));
    TH_TRY(squares.makeVector(a, s.dtype(), a->size[0]));
    if (c.rows() > 0)
        TH_TRY(s.dtype() == THDtype_Double ? decompose<double>("pstrf", c, squares, p, tolerance, 0x1p-53)
                                           : decompose<float>("pstrf", c, squares, p, tolerance, 0x1p-24f));
    TH_TRY(THCTensor_tril(c.get(), c.get(), 0));
    TH_TRY(result.take(upper ? THTensor_newTranspose(c.get(), 0, 1) : THTensor_newWithTensor(c.get())));
    s.give(r, result.get());
    s.give(pivots, p.get());
    return s.end();
}
