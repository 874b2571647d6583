/* What a kernel file sees: one dtype and one CPU level for each compilation.
 *
 * The build compiles a kernel file many times with -DTH_DTYPE=Float -DTH_CPU=AVX2 and the like. A kernel file
 *   - names its functions TH_KERNEL(add): th_add_Float_AVX2 in backtraces and profiles;
 *   - exports one table and nothing else: const THPointwise TH_TABLE(THPointwise) = { .add = TH_KERNEL(add), ... };
 *   - includes this header and its own table header, never THTensor.h.
 * An entry that is missing for a dtype is NULL; the op layer turns it into an error. */
#ifndef TH_KERNEL_H
#define TH_KERNEL_H

#include <stdint.h>

#include "TH/THCpu.h"
#include "TH/THDtype.h"

/* An editor that opens the file without the build's definitions sees one true instance. */
#ifndef TH_DTYPE
#define TH_DTYPE Float
#endif
#ifndef TH_CPU
#define TH_CPU BASE
#endif

#define TH_CONCAT_(a, b, c, d, e) a##b##c##d##e
#define TH_CONCAT(a, b, c, d, e) TH_CONCAT_(a, b, c, d, e)
#define TH_KERNEL(name) TH_CONCAT(th_##name, _, TH_DTYPE, _, TH_CPU)
#define TH_TABLE(Table) TH_CONCAT(Table, _, TH_DTYPE, _, TH_CPU)

/* Usable in #if: TH_DTYPE_IS(Half), TH_CPU_IS(AVX2). */
#define TH_PASTE_(a, b) a##b
#define TH_PASTE(a, b) TH_PASTE_(a, b)
#define TH_ORDINAL_Byte 1
#define TH_ORDINAL_Char 2
#define TH_ORDINAL_Short 3
#define TH_ORDINAL_Int 4
#define TH_ORDINAL_Long 5
#define TH_ORDINAL_Half 6
#define TH_ORDINAL_Float 7
#define TH_ORDINAL_Double 8
#define TH_ORDINAL_BASE 101
#define TH_ORDINAL_AVX2 102
#define TH_ORDINAL_AVX512 103
#define TH_DTYPE_IS(Name) (TH_PASTE(TH_ORDINAL_, TH_DTYPE) == TH_PASTE(TH_ORDINAL_, Name))
#define TH_CPU_IS(Level) (TH_PASTE(TH_ORDINAL_, TH_CPU) == TH_PASTE(TH_ORDINAL_, Level))
#define TH_DTYPE_IS_FLOATING (TH_PASTE(TH_ORDINAL_, TH_DTYPE) >= TH_ORDINAL_Half)

#if TH_DTYPE_IS(Byte)
typedef uint8_t scalar_t;
typedef int64_t acc_t;
#elif TH_DTYPE_IS(Char)
typedef int8_t scalar_t;
typedef int64_t acc_t;
#elif TH_DTYPE_IS(Short)
typedef int16_t scalar_t;
typedef int64_t acc_t;
#elif TH_DTYPE_IS(Int)
typedef int32_t scalar_t;
typedef int64_t acc_t;
#elif TH_DTYPE_IS(Long)
typedef int64_t scalar_t;
typedef int64_t acc_t;
#elif TH_DTYPE_IS(Half)
typedef uint16_t scalar_t; /* the 16 bits; convert before computing */
typedef float acc_t;
#elif TH_DTYPE_IS(Float)
typedef float scalar_t;
typedef float acc_t;
#elif TH_DTYPE_IS(Double)
typedef double scalar_t;
typedef double acc_t;
#else
#error "TH_DTYPE is none of the names in TH_FORALL_DTYPES"
#endif

#ifdef __CUDACC__
#define TH_INLINE static __device__ __forceinline__
#else
#define TH_INLINE static inline __attribute__((always_inline))
#endif

/* Before a loop: no iteration depends on another one. Of an output that is either the very same view as an input or does not
 * touch it, the vectoriser has to be told so, or takes the scalar loop for operations in place. */
#ifdef __clang__
#define TH_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define TH_INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Picks the entry of the best compiled level that is in use: tables[dtype][cpu], holes NULL. `tables` is what
 * torch_add_kernels (cmake/TorchKernels.cmake) generates for a table type: <Table>_tables. If only higher levels were compiled
 * (CPU_LEVELS=native), the lowest of them that this machine runs. NULL if there is none. */
#define TH_PICK(tables, dtype)                                                                                                 \
    __extension__({                                                                                                            \
        int th_cpu_ = (int)THCpu_level();                                                                                      \
        while (th_cpu_ > 0 && (tables)[(dtype)][th_cpu_] == NULL) th_cpu_--;                                                   \
        if (__builtin_expect((tables)[(dtype)][th_cpu_] == NULL, 0)) {                                                         \
            while (th_cpu_ < (int)THCpu_best() && (tables)[(dtype)][th_cpu_] == NULL) th_cpu_++;                               \
        }                                                                                                                      \
        (tables)[(dtype)][th_cpu_];                                                                                            \
    })

#endif
