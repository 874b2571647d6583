/* A file as its two sources see it: state around a stream of the C library. */
#ifndef TH_FILE_STREAM_H
#define TH_FILE_STREAM_H

#include <stdbool.h>
#include <stdio.h>

#include "TH/THFile.h"

typedef enum THFileMove { THFileMove_NONE, THFileMove_READ, THFileMove_WRITE } THFileMove;

typedef struct THFileMemory {
    THStorage *storage;
    int64_t size, position;
} THFileMemory;

struct THFile {
    FILE *stream; /* NULL: closed */
    char *name;
    THFileMemory memory; /* of a file in memory, else without a storage */
    bool pipe, readable, writable, quiet, error, binary, spacing, swaps;
    int long_size;
    THFileMove last; /* a stream wants to be positioned between reading and writing */
};

/* Marks the error; a failure unless the file is quiet. */
THStatus thFile_fail(THFile *self, THStatus code, const char *op, const char *what);
/* Before elements are read or written: the file is open for it, and positioned. */
THStatus thFile_begin(THFile *self, const char *op, THFileMove move);

#endif
