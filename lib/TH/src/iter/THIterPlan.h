/* What TH itself does with a plan (TH/THIter.h). */
#ifndef TH_ITER_PLAN_H
#define TH_ITER_PLAN_H

#include "TH/THIter.h"

/* Lets a short innermost dimension change places with the longest one, if that is much longer. */
void thIterPlan_lengthenRuns(THIterPlan *plan);

/* Runs `loop` over the plan, split over threads. */
void thIterPlan_run(const THIterPlan *plan, THLoop loop, const void *args, int64_t grain);

#endif
