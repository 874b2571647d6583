/* Decompositions, and equations in batches. */
#include <string.h>

#include "TH/THArgument.h"
#include "TH/THTensorArrange.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorLapack.h"
#include "TH/THThreads.h"
#include "ops/THLapackScratch.h"

#define DATA(t) THTensor_dataBytes(t)
#define LD(t) (&(int){thLapackScratch_leading(t)})
#define ROWS(t) (&(int){(int)(t)->size[0]})
#define COLUMNS(t) (&(int){(int)(t)->size[1]})

/* Calls `routine` twice: for the size of the workspace, and with it. The names work and worksize stand for what it is given. */
#define WITH_WORKSPACE(s, routine)                                                                                             \
    do {                                                                                                                       \
        double th_size_ = 0;                                                                                                   \
        void *work = &th_size_;                                                                                                \
        int worksize = -1;                                                                                                     \
        if ((s)->status != TH_OK) break;                                                                                       \
        routine;                                                                                                               \
        worksize = thLapackScratch_worksize((s), &th_size_);                                                                   \
        THTensor *const th_work_ = thLapackScratch_vector((s), (s)->dtype, worksize);                                          \
        if (th_work_ == NULL) break;                                                                                           \
        work = DATA(th_work_);                                                                                                 \
        routine;                                                                                                               \
    } while (0)

#define MOST_DIVIDED 30000 /* rows: 2 n^2 numbers */

static int64_t least(const THTensor *a)
{
    return a->ndim != 2 ? 0 : (a->size[0] < a->size[1] ? a->size[0] : a->size[1]);
}

/* The first `columns` columns of a column-major matrix, or its transpose: a view that is freed with the others. */
static THTensor *view(THLapackScratch *s, THTensor *t)
{
    if (t == NULL) thLapackScratch_fail(s, THStatus_last());
    if (t != NULL) s->tensors[s->count++] = t;
    return t;
}

THStatus THTensor_gesvd(THTensor *u, THTensor *s, THTensor *v, const THTensor *a, int some, int vectors)
{
    TH_GIVEN("svd", u, s, v, a);
    THLapackScratch c;
    int info = 0;
    const char *const job = !vectors ? "N" : (some ? "S" : "A");
    thLapackScratch_begin(&c, "svd", a, 2);
    thLapackScratch_result(&c, u, c.dtype);
    thLapackScratch_result(&c, s, c.dtype);
    thLapackScratch_result(&c, v, c.dtype);
    thLapackScratch_finite(&c, a);
    const int64_t k = least(a), m = a->ndim == 2 ? a->size[0] : 0, n = a->ndim == 2 ? a->size[1] : 0;
    THTensor *const ca = thLapackScratch_copy(&c, a), *const values = thLapackScratch_vector(&c, c.dtype, k);
    THTensor *const cu = thLapackScratch_matrix(&c, m, some && vectors ? k : m);
    THTensor *const cv = thLapackScratch_matrix(&c, some && vectors ? k : n, n);
    THTensor *const integers = thLapackScratch_vector(&c, THDtype_Int, 8 * k);
    if (c.status == TH_OK && !vectors) {
        thLapackScratch_fail(&c, THTensor_zero(cu));
        thLapackScratch_fail(&c, THTensor_zero(cv));
    } else if (c.status == TH_OK && k == 0) { /* nothing is asked of LAPACK: any basis will do */
        thLapackScratch_fail(&c, THTensor_eye(cu, cu->size[0], cu->size[1]));
        thLapackScratch_fail(&c, THTensor_eye(cv, cv->size[0], cv->size[1]));
    }
    if (k > 0)
        WITH_WORKSPACE(&c, c.library->gesdd(job, ROWS(ca), COLUMNS(ca), DATA(ca), LD(ca), DATA(values), DATA(cu), LD(cu),
                                            DATA(cv), LD(cv), work, &worksize, (int *)(void *)DATA(integers), &info, 1));
    thLapackScratch_info(&c, info, "%d superdiagonals failed to converge.");
    THTensor *const turned = c.status == TH_OK ? view(&c, THTensor_newTranspose(cv, 0, 1)) : NULL;
    THTensor *const found = c.status == TH_OK ? view(&c, THTensor_newNarrow(values, 0, 0, k)) : NULL;
    thLapackScratch_give(&c, u, cu);
    thLapackScratch_give(&c, s, found);
    thLapackScratch_give(&c, v, turned);
    return thLapackScratch_end(&c);
}

THStatus THTensor_syev(THTensor *values, THTensor *v, const THTensor *a, int vectors, int upper)
{
    TH_GIVEN("symeig", values, v, a);
    THLapackScratch s;
    int info = 0;
    thLapackScratch_begin(&s, "symeig", a, 2);
    thLapackScratch_square(&s, a);
    thLapackScratch_result(&s, values, s.dtype);
    thLapackScratch_result(&s, v, s.dtype);
    THTensor *const triangle = s.status == TH_OK ? view(&s, THTensor_new()) : NULL;
    if (s.status == TH_OK) thLapackScratch_fail(&s, upper ? THTensor_triu(triangle, a, 0) : THTensor_tril(triangle, a, 0));
    if (s.status == TH_OK) thLapackScratch_finite(&s, triangle); /* the other one is not looked at */
    THTensor *const c = thLapackScratch_copy(&s, a), *const w = thLapackScratch_vector(&s, s.dtype, least(a));
    /* Vectors by divide and conquer, which is faster, while the size of its workspace fits LAPACK's integers. */
    const int64_t n = least(a), integers = 3 + 5 * n;
    const int divide = vectors && n <= MOST_DIVIDED;
    THTensor *const places = divide ? thLapackScratch_vector(&s, THDtype_Int, integers) : NULL;
    const char *const job = vectors ? "V" : "N", *const part = upper ? "U" : "L";
    if (divide)
        WITH_WORKSPACE(&s, s.library->syevd(job, part, ROWS(c), DATA(c), LD(c), DATA(w), work, &worksize,
                                            (int *)(void *)DATA(places), &(int){(int)integers}, &info, 1, 1));
    else
        WITH_WORKSPACE(&s, s.library->syev(job, part, ROWS(c), DATA(c), LD(c), DATA(w), work, &worksize, &info, 1, 1));
    thLapackScratch_info(&s, info,
                         divide ? "no eigenvalue was found in the part that is numbered %d"
                                : "%d off-diagonal elements didn't converge to zero");
    THTensor *const found = s.status == TH_OK ? view(&s, THTensor_newNarrow(w, 0, 0, n)) : NULL;
    THTensor *const none = vectors ? NULL : thLapackScratch_matrix(&s, 0, 0);
    thLapackScratch_give(&s, values, found);
    thLapackScratch_give(&s, v, vectors ? c : none);
    return thLapackScratch_end(&s);
}

THStatus THTensor_geev(THTensor *values, THTensor *v, const THTensor *a, int vectors)
{
    TH_GIVEN("eig", values, v, a);
    THLapackScratch s;
    int info = 0;
    thLapackScratch_begin(&s, "eig", a, 2);
    thLapackScratch_square(&s, a);
    thLapackScratch_result(&s, values, s.dtype);
    thLapackScratch_result(&s, v, s.dtype);
    thLapackScratch_finite(&s, a);
    const int64_t n = least(a);
    THTensor *const c = thLapackScratch_copy(&s, a), *const w = thLapackScratch_matrix(&s, n, 2);
    THTensor *const right = thLapackScratch_matrix(&s, vectors ? n : 0, vectors ? n : 0);
    if (n > 0)
        WITH_WORKSPACE(&s, s.library->geev("N", vectors ? "V" : "N", ROWS(c), DATA(c), LD(c), DATA(w),
                                           DATA(w) + n * THDtype_itemsize(s.dtype), NULL, &(int){1}, DATA(right), LD(right),
                                           work, &worksize, &info, 1, 1));
    thLapackScratch_info(&s, info, "%d off-diagonal elements of an didn't converge to zero");
    thLapackScratch_give(&s, values, w);
    thLapackScratch_give(&s, v, right);
    return thLapackScratch_end(&s);
}

/* --- QR ----------------------------------------------------------------------------------------------------------------- */

/* The reflectors of a in a copy, their factors in *tau. */
static THTensor *reflectors(THLapackScratch *s, const THTensor *a, THTensor **tau)
{
    int info = 0;
    THTensor *const c = thLapackScratch_copy(s, a);
    *tau = thLapackScratch_vector(s, s->dtype, least(a));
    WITH_WORKSPACE(s, s->library->geqrf(ROWS(c), COLUMNS(c), DATA(c), LD(c), DATA(*tau), work, &worksize, &info));
    thLapackScratch_info(s, info, "unknown error %d");
    return c;
}

/* The first `columns` columns of the q that c's first `count` columns describe, in place. */
static void expand(THLapackScratch *s, THTensor *c, const THTensor *tau, int columns, int count)
{
    int info = 0;
    WITH_WORKSPACE(s, s->library->orgqr(ROWS(c), &columns, &count, DATA(c), LD(c), DATA(tau), work, &worksize, &info));
    thLapackScratch_info(s, info, "unknown error %d");
}

/* A new matrix from the upper triangle of c's first `rows` rows. */
static THTensor *upper_triangle(THLapackScratch *s, const THTensor *c, int64_t rows)
{
    if (s->status != TH_OK) return NULL;
    THTensor *const r = thLapackScratch_matrix(s, rows, c->size[1]);
    if (r == NULL) return NULL;
    const int64_t itemsize = THDtype_itemsize(s->dtype);
    for (int64_t j = 0; rows > 0 && j < c->size[1]; j++) {
        const int64_t count = j + 1 < rows ? j + 1 : rows;
        char *const to = DATA(r) + j * rows * itemsize;
        memset(to, 0, (size_t)(rows * itemsize));
        memcpy(to, DATA(c) + j * c->size[0] * itemsize, (size_t)(count * itemsize));
    }
    return r;
}

THStatus THTensor_qr(THTensor *q, THTensor *r, const THTensor *a)
{
    TH_GIVEN("qr", q, r, a);
    THLapackScratch s;
    THTensor *tau;
    thLapackScratch_begin(&s, "qr", a, 2);
    thLapackScratch_result(&s, q, s.dtype);
    thLapackScratch_result(&s, r, s.dtype);
    THTensor *const c = reflectors(&s, a, &tau), *const triangle = upper_triangle(&s, c, least(a));
    expand(&s, c, tau, (int)least(a), (int)least(a));
    THTensor *const columns = s.status == TH_OK ? view(&s, THTensor_newNarrow(c, 1, 0, least(a))) : NULL;
    thLapackScratch_give(&s, q, columns);
    thLapackScratch_give(&s, r, triangle);
    return thLapackScratch_end(&s);
}

THStatus THTensor_geqrf(THTensor *r, THTensor *tau, const THTensor *a)
{
    TH_GIVEN("geqrf", r, tau, a);
    THLapackScratch s;
    THTensor *factors;
    thLapackScratch_begin(&s, "geqrf", a, 2);
    thLapackScratch_result(&s, r, s.dtype);
    thLapackScratch_result(&s, tau, s.dtype);
    THTensor *const c = reflectors(&s, a, &factors);
    THTensor *const found = s.status == TH_OK ? view(&s, THTensor_newNarrow(factors, 0, 0, least(a))) : NULL;
    thLapackScratch_give(&s, r, c);
    thLapackScratch_give(&s, tau, found);
    return thLapackScratch_end(&s);
}

/* tau has at most one factor for each column of a. */
static void check_tau(THLapackScratch *s, const THTensor *tau, const THTensor *a)
{
    thLapackScratch_check(s, "tau", tau, 1);
    if (s->status == TH_OK && tau->size[0] > least(a))
        thLapackScratch_fail(s, THStatus_fail(TH_ERR_SHAPE, "[%s] tau has %lld elements, A of %lld x %lld only %lld reflectors",
                                              s->op, (long long)tau->size[0], (long long)a->size[0], (long long)a->size[1],
                                              (long long)least(a)));
}

THStatus THTensor_orgqr(THTensor *r, const THTensor *a, const THTensor *tau)
{
    TH_GIVEN("orgqr", r, a, tau);
    THLapackScratch s;
    thLapackScratch_begin(&s, "orgqr", a, 2);
    check_tau(&s, tau, a);
    thLapackScratch_result(&s, r, s.dtype);
    THTensor *const c = thLapackScratch_copy(&s, a), *const dense = thLapackScratch_copy(&s, tau);
    if (s.status == TH_OK) expand(&s, c, dense, (int)least(a), (int)tau->size[0]);
    THTensor *const columns = s.status == TH_OK ? view(&s, THTensor_newNarrow(c, 1, 0, least(a))) : NULL;
    thLapackScratch_give(&s, r, columns);
    return thLapackScratch_end(&s);
}

THStatus THTensor_ormqr(THTensor *r, const THTensor *a, const THTensor *tau, const THTensor *c, int left, int transpose)
{
    TH_GIVEN("ormqr", r, a, tau, c);
    THLapackScratch s;
    int info = 0;
    thLapackScratch_begin(&s, "ormqr", a, 2);
    check_tau(&s, tau, a);
    thLapackScratch_check(&s, "C", c, 2);
    thLapackScratch_result(&s, r, s.dtype);
    if (s.status == TH_OK && c->size[left ? 0 : 1] != a->size[0])
        thLapackScratch_fail(&s,
                             THStatus_fail(TH_ERR_SHAPE, "[ormqr] C's dimension %d, of size %lld, should have A's %lld rows",
                                           left ? 0 : 1, (long long)c->size[left ? 0 : 1], (long long)a->size[0]));
    THTensor *const ca = thLapackScratch_copy(&s, a), *const cc = thLapackScratch_copy(&s, c);
    THTensor *const dense = thLapackScratch_copy(&s, tau);
    WITH_WORKSPACE(&s, s.library->ormqr(left ? "L" : "R", transpose ? "T" : "N", ROWS(cc), COLUMNS(cc), ROWS(dense), DATA(ca),
                                        LD(ca), DATA(dense), DATA(cc), LD(cc), work, &worksize, &info, 1, 1));
    thLapackScratch_info(&s, info, "unknown error %d");
    thLapackScratch_give(&s, r, cc);
    return thLapackScratch_end(&s);
}

/* --- batches ------------------------------------------------------------------------------------------------------------- */

/* Matrices one after the other, each column-major, that ranges of a parallel region work on. */
typedef struct Batch {
    const THLapackLibrary *library;
    char *matrices, *right; /* of the first one */
    int *pivots, *info;
    int n, columns; /* of a matrix, of a right side */
    int64_t itemsize;
} Batch;

static void factor_range(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Batch *const b = context;
    const int64_t step = (int64_t)b->n * b->n * b->itemsize;
    for (int64_t i = begin; i < end; i++)
        b->library->getrf(&b->n, &b->n, b->matrices + i * step, &(int){b->n > 1 ? b->n : 1}, b->pivots + i * b->n, b->info + i);
}

static void solve_range(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Batch *const b = context;
    const int64_t step = (int64_t)b->n * b->n * b->itemsize, right_step = (int64_t)b->n * b->columns * b->itemsize;
    const int ld = b->n > 1 ? b->n : 1;
    int info;
    for (int64_t i = begin; i < end; i++)
        b->library->getrs("N", &b->n, &b->columns, b->matrices + i * step, &ld, b->pivots + i * b->n, b->right + i * right_step,
                          &ld, &info, 1);
}

/* Batches that are worth a thread of their own: some 10^5 multiplications. */
static int64_t grain(int64_t n)
{
    return 1 + 100000 / (n * n * n / 2 + 100);
}

/* A copy of b matrices, each column-major; the view of it with the original's shape. */
static THTensor *batch_copy(THLapackScratch *s, const THTensor *a)
{
    if (s->status != TH_OK) return NULL;
    const int64_t size[] = {a->size[0], a->size[2], a->size[1]};
    THTensor *const rowwise = view(s, THTensor_newWithSize(s->dtype, 3, size));
    THTensor *const t = rowwise == NULL ? NULL : view(s, THTensor_newTranspose(rowwise, 1, 2));
    if (t != NULL) thLapackScratch_fail(s, THTensor_copy(t, a));
    return s->status == TH_OK ? t : NULL;
}

THStatus THTensor_btrifact(THTensor *lu, THTensor *pivots, THTensor *info, const THTensor *a)
{
    TH_GIVEN("btrifact", lu, pivots, a);
    THLapackScratch s;
    thLapackScratch_begin(&s, "btrifact", a, 3);
    if (s.status == TH_OK) thLapackScratch_square(&s, a);
    thLapackScratch_result(&s, lu, s.dtype);
    thLapackScratch_result(&s, pivots, THDtype_Int);
    if (info != NULL) thLapackScratch_result(&s, info, THDtype_Int);
    THTensor *const c = batch_copy(&s, a);
    const int64_t count = s.status == TH_OK ? a->size[0] : 0, n = s.status == TH_OK ? a->size[1] : 0, size[] = {count, n};
    THTensor *const p = s.status == TH_OK ? view(&s, THTensor_newWithSize(THDtype_Int, 2, size)) : NULL;
    THTensor *const found = s.status == TH_OK ? view(&s, THTensor_newWithSize(THDtype_Int, 1, size)) : NULL;
    if (s.status == TH_OK) {
        Batch b = {.library = s.library,
                   .matrices = DATA(c),
                   .pivots = (int *)(void *)DATA(p),
                   .info = (int *)(void *)DATA(found),
                   .n = (int)n,
                   .itemsize = THDtype_itemsize(s.dtype)};
        THThreads_for(count, grain(n), factor_range, &b);
        for (int64_t i = 0; info == NULL && i < count; i++)
            thLapackScratch_info(&s, b.info[i], "U(%d,%d) is zero, singular U.");
    }
    thLapackScratch_give(&s, lu, c);
    thLapackScratch_give(&s, pivots, p);
    if (info != NULL) thLapackScratch_give(&s, info, found);
    return thLapackScratch_end(&s);
}

static void check_solve(THLapackScratch *s, const THTensor *b, const THTensor *lu, const THTensor *pivots)
{
    if (s->status == TH_OK) thLapackScratch_square(s, lu);
    thLapackScratch_check(s, "b", b, -1);
    if (s->status != TH_OK) return;
    THStatus status = TH_OK;
    if ((b->ndim != 2 && b->ndim != 3) || b->size[0] != lu->size[0] || b->size[1] != lu->size[1])
        status = THStatus_fail(TH_ERR_SHAPE, "[btrisolve] b should be %lld x %lld, or that x k", (long long)lu->size[0],
                               (long long)lu->size[1]);
    else if (pivots->dtype != THDtype_Int)
        status = THStatus_fail(TH_ERR_DTYPE, "[btrisolve] pivots are %s, expected Int", THDtype_name((THDtype)pivots->dtype));
    else if (pivots->ndim != 2 || pivots->size[0] != lu->size[0] || pivots->size[1] != lu->size[1])
        status = THStatus_fail(TH_ERR_SHAPE, "[btrisolve] pivots should be %lld x %lld", (long long)lu->size[0],
                               (long long)lu->size[1]);
    thLapackScratch_fail(s, status);
}

/* Places of rows are used as addresses: each has to be one. */
static void check_pivots(THLapackScratch *s, const THTensor *pivots)
{
    if (s->status != TH_OK) return;
    const int *const p = (const int *)(const void *)DATA(pivots);
    for (int64_t i = 0; i < pivots->numel; i++) {
        if (p[i] >= 1 && p[i] <= pivots->size[1]) continue;
        thLapackScratch_fail(s, THStatus_fail(TH_ERR_VALUE, "[btrisolve] pivots' element %lld is %d: must be 1 to %lld",
                                              (long long)i, p[i], (long long)pivots->size[1]));
        return;
    }
}

THStatus THTensor_btrisolve(THTensor *x, const THTensor *b, const THTensor *lu, const THTensor *pivots)
{
    TH_GIVEN("btrisolve", x, b, lu, pivots);
    THLapackScratch s;
    thLapackScratch_begin(&s, "btrisolve", lu, 3);
    check_solve(&s, b, lu, pivots);
    thLapackScratch_result(&s, x, s.dtype);
    THTensor *const c = batch_copy(&s, lu);
    THTensor *const wide =
        s.status != TH_OK ? NULL : view(&s, b->ndim == 2 ? THTensor_newUnsqueeze(b, -1) : THTensor_newWithTensor(b));
    THTensor *const right = s.status == TH_OK ? batch_copy(&s, wide) : NULL;
    THTensor *const p = s.status == TH_OK ? view(&s, THTensor_newContiguous((THTensor *)pivots)) : NULL;
    check_pivots(&s, p);
    if (s.status == TH_OK) {
        Batch batch = {.library = s.library,
                       .matrices = DATA(c),
                       .right = DATA(right),
                       .pivots = (int *)(void *)DATA(p),
                       .n = (int)lu->size[1],
                       .columns = (int)wide->size[2],
                       .itemsize = THDtype_itemsize(s.dtype)};
        THThreads_for(lu->size[0], grain(lu->size[1]), solve_range, &batch);
    }
    THTensor *const result = s.status != TH_OK || b->ndim == 3 ? right : view(&s, THTensor_newSqueeze(right, -1));
    thLapackScratch_give(&s, x, result);
    return thLapackScratch_end(&s);
}
