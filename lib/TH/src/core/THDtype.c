#include "TH/THDtype.h"

typedef struct DtypeFacts {
    size_t size;
    const char *name;
    const char *python_name;
} DtypeFacts;

/* One row more than dtypes: THDtype_None. */
static const DtypeFacts th_dtypes[THDtype_Count + 1] = {
#define X(Name, ctype, acc, python) [THDtype_##Name] = {sizeof(ctype), #Name, python},
    TH_FORALL_DTYPES(X)
#undef X
        [THDtype_None] = {0, "None", "none"},
};

static const DtypeFacts *factsOf(THDtype dtype)
{
    return &th_dtypes[(unsigned)dtype < (unsigned)THDtype_Count ? dtype : THDtype_None];
}

size_t THDtype_size(THDtype dtype)
{
    return factsOf(dtype)->size;
}

const char *THDtype_name(THDtype dtype)
{
    return factsOf(dtype)->name;
}

const char *THDtype_pythonName(THDtype dtype)
{
    return factsOf(dtype)->python_name;
}

bool THDtype_isFloating(THDtype dtype)
{
    return dtype == THDtype_Half || dtype == THDtype_Float || dtype == THDtype_Double;
}
