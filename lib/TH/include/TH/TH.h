/* The whole public interface of TH. */
#ifndef TH_H
#define TH_H

#include "TH/THBlas.h"
#include "TH/THCpu.h"
#include "TH/THDenormal.h"
#include "TH/THDtype.h"
#include "TH/THExport.h"
#include "TH/THGenerator.h"
#include "TH/THLapack.h"
#include "TH/THMapAllocator.h"
#include "TH/THRefcount.h"
#include "TH/THScalar.h"
#include "TH/THStatus.h"
#include "TH/THStorage.h"
#include "TH/THTensor.h"
#include "TH/THTensorArrange.h"
#include "TH/THTensorBlas.h"
#include "TH/THTensorConv.h"
#include "TH/THTensorCount.h"
#include "TH/THTensorFft.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorIndex.h"
#include "TH/THTensorLapack.h"
#include "TH/THTensorOrder.h"
#include "TH/THTensorPointwise.h"
#include "TH/THTensorRandom.h"
#include "TH/THTensorReduce.h"
#include "TH/THTensorScan.h"
#include "TH/THThreads.h"
#include "TH/THVersion.h"

#endif
