/* Transforms of lines: blocks of lines side by side. */
#include "ops/THFftLines.h"

#include <string.h>

#include "TH/THThreads.h"
#include "core/THAllocator.h"
#include "ops/THFftLong.h"
#include "ops/THFftTransform.h"
#include "ops/THOps.h"

typedef struct Job {
    const THFftLines *lines;
    const THFft *kernels;
    THFftTransform transform;
    char *fold;    /* roots that lead from n / 2 complex numbers to n reals; NULL if n is odd, or the lines complex */
    char *memory;  /* of all threads */
    int64_t rows;  /* of a buffer */
    int64_t lanes; /* of a block */
    int64_t itemsize;
} Job;

/* --- a block of lines ----------------------------------------------------------------------------------------------------- */

static int64_t complex_place(const THFftLines *lines, int64_t line)
{
    return 2 * (line / lines->inside * lines->n * lines->inside + line % lines->inside);
}

static void load_complex(const Job *job, int64_t first, int64_t lanes, THFftBuffers *b)
{
    const THFftLines *const lines = job->lines;
    const int64_t size = job->itemsize, step = 2 * lines->inside, n = lines->n;
    if (lines->inside == 1) {
        job->kernels->loadLines(lines->from + complex_place(lines, first) * size, 2 * n, n, 1, lanes, b->re[0], b->im[0]);
        return;
    }
    for (int64_t l = 0; l < lanes; l++) {
        const char *const from = lines->from + complex_place(lines, first + l) * size;
        job->kernels->load(from, step, n, 1, (char *)b->re[0] + l * size, lanes);
        job->kernels->load(from + size, step, n, 1, (char *)b->im[0] + l * size, lanes);
    }
}

static void store_complex(const Job *job, int64_t first, int64_t lanes, const THFftBuffers *b)
{
    const THFftLines *const lines = job->lines;
    const int64_t size = job->itemsize, step = 2 * lines->inside, n = lines->n;
    if (lines->inside == 1) {
        job->kernels->storeLines(b->re[0], b->im[0], lanes, n, lines->scale, lines->to + complex_place(lines, first) * size,
                                 2 * n);
        return;
    }
    for (int64_t l = 0; l < lanes; l++) {
        char *const to = lines->to + complex_place(lines, first + l) * size;
        job->kernels->store((char *)b->re[0] + l * size, lanes, n, lines->scale, to, step);
        job->kernels->store((char *)b->im[0] + l * size, lanes, n, lines->scale, to + size, step);
    }
}

static void complex_block(const Job *job, int64_t first, int64_t lanes, THFftBuffers *b)
{
    const THFftLines *const lines = job->lines;
    const int64_t place = complex_place(lines, first) * job->itemsize, step = 2 * lines->inside;
    const bool beside = first % lines->inside + lanes <= lines->inside; /* the lines' elements are neighbours */
    if (beside)
        job->kernels->loadPairs(lines->from + place, step, lines->n, lanes, b->re[0], b->im[0]);
    else
        load_complex(job, first, lanes, b);
    thFftTransform_run(&job->transform, lanes, lines->inverse, b);
    if (beside)
        job->kernels->storePairs(b->re[0], b->im[0], lanes, lines->n, lines->scale, lines->to + place, step);
    else
        store_complex(job, first, lanes, b);
}

static void real_block(const Job *job, int64_t first, int64_t lanes, THFftBuffers *b)
{
    const THFftLines *const lines = job->lines;
    const int64_t size = job->itemsize, n = lines->n, half = n / 2, inner = (n - 1) / 2, row = lanes * size;
    if (job->fold) job->kernels->loadLines(lines->from + first * n * size, n, half, 1, lanes, b->re[0], b->im[0]);
    for (int64_t l = 0; l < lanes && !job->fold; l++)
        job->kernels->load(lines->from + (first + l) * n * size, 1, n, 1, (char *)b->re[0] + l * size, lanes);
    if (!job->fold) memset(b->im[0], 0, (size_t)(n * row));
    thFftTransform_run(&job->transform, lanes, false, b);
    if (job->fold) job->kernels->split(job->fold, half, lanes, b->re[0], b->im[0]);
    job->kernels->storeLines((char *)b->re[0] + row, (char *)b->im[0] + row, lanes, inner, lines->scale * lines->inner,
                             lines->to + 2 * (first * (half + 1) + 1) * size, 2 * (half + 1));
    for (int part = 0; part < 2; part++) {
        for (int64_t l = 0; l < lanes; l++) {
            const char *const lane = (char *)(part ? b->im[0] : b->re[0]) + l * size;
            char *const to = lines->to + (2 * (first + l) * (half + 1) + part) * size;
            job->kernels->store(lane, lanes, 1, lines->scale, to, 2);
            if (n % 2 == 0) job->kernels->store(lane + half * row, lanes, 1, lines->scale, to + 2 * half * size, 2);
        }
    }
}

static void half_block(const Job *job, int64_t first, int64_t lanes, THFftBuffers *b)
{
    const THFftLines *const lines = job->lines;
    const int64_t size = job->itemsize, n = lines->n, half = n / 2, inner = (n - 1) / 2, row = lanes * size;
    job->kernels->loadLines(lines->from + 2 * (first * (half + 1) + 1) * size, 2 * (half + 1), inner, lines->inner, lanes,
                            (char *)b->re[0] + row, (char *)b->im[0] + row);
    for (int part = 0; part < 2; part++) {
        for (int64_t l = 0; l < lanes; l++) {
            char *const lane = (char *)(part ? b->im[0] : b->re[0]) + l * size;
            const char *const from = lines->from + (2 * (first + l) * (half + 1) + part) * size;
            job->kernels->load(from, 2, 1, 1, lane, lanes);
            if (job->fold) /* n is even */
                job->kernels->load(from + 2 * half * size, 2, 1, 1, lane + half * row, lanes);
            else /* the mirror image of the rest */
                job->kernels->load(from + 2 * half * size, -2, half, part ? -lines->inner : lines->inner,
                                   lane + (half + 1) * row, lanes);
        }
    }
    if (job->fold)
        job->kernels->join(job->fold, half, lanes, b->re[0], b->im[0]);
    else
        memset(b->im[0], 0, (size_t)row); /* the sum of reals is real, whatever a says */
    thFftTransform_run(&job->transform, lanes, true, b);
    if (job->fold) job->kernels->storeLines(b->re[0], b->im[0], lanes, half, lines->scale, lines->to + first * n * size, n);
    for (int64_t l = 0; l < lanes && !job->fold; l++)
        job->kernels->store((char *)b->re[0] + l * size, lanes, n, lines->scale, lines->to + (first + l) * n * size, 1);
}

static void blocks(int64_t begin, int64_t end, int thread, void *context)
{
    static void (*const kinds[])(const Job *, int64_t, int64_t, THFftBuffers *) = {complex_block, real_block, half_block};
    const Job *const job = context;
    const int64_t bytes = job->rows * job->lanes * job->itemsize;
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * job->lanes, rest = job->lines->count - first;
        THFftBuffers buffers = thFftTransform_buffers(job->memory + thread * 4 * bytes, bytes);
        kinds[job->lines->kind](job, first, rest < job->lanes ? rest : job->lanes, &buffers);
    }
}

static THStatus run_job(Job *job)
{
    const THFftLines *const lines = job->lines;
    const bool folded = lines->kind != THFft_Complex && lines->n % 2 == 0;
    const int64_t n = folded ? lines->n / 2 : lines->n;
    bool ready = thFftTransform_prepare(&job->transform, job->kernels, job->itemsize, n);
    job->rows = job->transform.plan.n + 1; /* one more for what `split` adds */
    job->lanes = thFftTransform_lanes(&job->transform);
    if (job->lanes > lines->count) job->lanes = lines->count;
    if (ready && folded) {
        job->fold = thAllocator_new(2 * (n + 1) * job->itemsize);
        ready = job->fold != NULL;
        if (ready) job->kernels->roots(lines->n, n + 1, job->fold);
    }
    const int64_t count = (lines->count + job->lanes - 1) / job->lanes;
    const int64_t work = job->rows * job->lanes * 16, grain = work > TH_GRAIN ? 1 : TH_GRAIN / work;
    const int64_t threads = count > grain ? THThreads_get() : 1;
    const int64_t bytes = threads * 4 * job->rows * job->lanes * job->itemsize;
    job->memory = ready ? thAllocator_new(bytes) : NULL;
    if (job->memory != NULL) THThreads_for(count, grain, blocks, job);
    thAllocator_free(job->fold, 2 * (n + 1) * job->itemsize);
    thAllocator_free(job->memory, bytes);
    TH_FAIL_IF(job->memory == NULL, TH_ERR_MEMORY, "[%s] buffers of %lld bytes and tables: no memory", lines->op,
               (long long)bytes);
    return TH_OK;
}

THStatus thFftLines_run(const THFftLines *lines)
{
    TH_OPS_TABLE(THFft, kernels, lines->op, lines->dtype);
    if (thFftLong_wants(lines)) return thFftLong_run(lines, kernels);
    Job job = {.lines = lines, .kernels = kernels, .itemsize = (int64_t)THDtype_size(lines->dtype)};
    const THStatus status = lines->count == 0 ? TH_OK : run_job(&job);
    thFftTransform_free(&job.transform);
    return status;
}
