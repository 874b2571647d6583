/* The version of the library and of its binary interface. */
#ifndef TH_VERSION_H
#define TH_VERSION_H

#include "TH/THExport.h"

#define TH_VERSION "0.4.0"
#define TH_ABI 1 /* raised by every incompatible change of a public header */

TH_BEGIN_DECLS

/* TH_ABI of the library that is loaded: a caller compares it with the header's. */
TH_API int TH_abi(void);
TH_API const char *TH_version(void);
/* The file this library was loaded from; "" if unknown. */
TH_API const char *TH_path(void);

TH_END_DECLS

#endif
