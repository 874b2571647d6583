/* Numbers below the normal range of their dtype, which slow many CPUs down. */
#ifndef TH_DENORMAL_H
#define TH_DENORMAL_H

#include <stdbool.h>

#include "TH/THExport.h"

TH_BEGIN_DECLS

/* Whether the calling thread's arithmetic takes and gives zero for denormal numbers. False if this CPU cannot be told so. */
TH_API bool THDenormal_setFlush(bool on);

TH_END_DECLS

#endif
