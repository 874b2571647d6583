/* Marks in the timeline of a profiler (NVTX): Nsight and its kin show them beside the work of the devices. Without a profiler
 * they do nothing. No device is needed. */
#ifndef THC_NVTX_H
#define THC_NVTX_H

#include "THC/THCGeneral.h"

TH_BEGIN_DECLS

/* TH_ERR_UNSUPPORTED in a build whose toolkit had no headers of NVTX; the functions below then answer as without a profiler. */
THC_API THStatus THC_nvtxAvailable(void);
THC_API void THC_nvtxMark(const char *message);
/* The depth of the range that begins, from 0 on; negative without a profiler. Ranges belong to their thread. */
THC_API int THC_nvtxRangePush(const char *message);
/* The depth of the range that ends; negative without a profiler, or without a range. */
THC_API int THC_nvtxRangePop(void);

TH_END_DECLS

#endif
