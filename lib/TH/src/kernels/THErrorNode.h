/* What the tables of erf and erfc hold (THErrorNodesDouble.h, THErrorNodesSingle.h). */
#ifndef TH_ERROR_NODE_H
#define TH_ERROR_NODE_H

#include "TH/THKernel.h"

/* The function and its derivative, that of erf less 1. */
typedef struct ErrorNode {
    scalar_t value, slope;
} ErrorNode;

#define ERROR_NODES 512 /* more than there are, so that the low bits of any number are an index */

#endif
