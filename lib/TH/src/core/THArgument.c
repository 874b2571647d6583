#include "TH/THArgument.h"

#include <string.h>

THStatus THArgument_missing(const char *op, const char *names, int count, const void *const pointers[])
{
    for (int i = 0; i + 1 < count && pointers[i] != NULL; i++) names = strchr(names, ',') + 2;
    return THStatus_fail(TH_ERR_VALUE, "[%s] %.*s, NULL: must be given", op, (int)strcspn(names, ","), names);
}
