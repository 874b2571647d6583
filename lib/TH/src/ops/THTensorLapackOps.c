/* Systems of equations, determinants, and what concerns symmetric positive definite matrices. */
#include <math.h>
#include <string.h>

#include "TH/THArgument.h"
#include "TH/THTensorFill.h"
#include "TH/THTensorLapack.h"
#include "core/THCore.h"
#include "ops/THLapackScratch.h"

#define DATA(t) THTensor_dataBytes(t)
#define LD(t) (&(int){thLapackScratch_leading(t)})
#define ROWS(t) (&(int){(int)(t)->size[0]})
#define COLUMNS(t) (&(int){(int)(t)->size[1]})

static const char *triangle_of(int upper)
{
    return upper ? "U" : "L";
}

/* b: as many rows as a, one or two dimensions. */
static void check_right(THLapackScratch *s, const THTensor *b, const THTensor *a)
{
    thLapackScratch_check(s, "B", b, -1);
    if (s->status != TH_OK) return;
    if (b->ndim != 1 && b->ndim != 2)
        thLapackScratch_fail(s,
                             THStatus_fail(TH_ERR_SHAPE, "[%s] B should have 1 or 2 dimensions, but has %d", s->op, b->ndim));
    else if (b->size[0] != a->size[0])
        thLapackScratch_fail(s, THStatus_fail(TH_ERR_SHAPE,
                                              "[%s] Expected A and b to have same dim at 0, but A has %lld rows and B %lld",
                                              s->op, (long long)a->size[0], (long long)b->size[0]));
}

THStatus THTensor_gesv(THTensor *x, THTensor *lu, const THTensor *b, const THTensor *a)
{
    TH_GIVEN("gesv", x, lu, b, a);
    THLapackScratch s;
    int info = 0;
    thLapackScratch_begin(&s, "gesv", a, 2);
    thLapackScratch_square(&s, a);
    check_right(&s, b, a);
    thLapackScratch_result(&s, x, s.dtype);
    thLapackScratch_result(&s, lu, s.dtype);
    THTensor *const ca = thLapackScratch_copy(&s, a), *const cb = thLapackScratch_copy(&s, b);
    THTensor *const pivots = thLapackScratch_vector(&s, THDtype_Int, a->size[0]);
    if (s.status == TH_OK)
        s.library->gesv(ROWS(ca), COLUMNS(cb), DATA(ca), LD(ca), (int *)(void *)DATA(pivots), DATA(cb), LD(cb), &info);
    thLapackScratch_info(&s, info, "U(%d,%d) is zero, singular U.");
    thLapackScratch_give(&s, x, cb);
    thLapackScratch_give(&s, lu, ca);
    return thLapackScratch_end(&s);
}

THStatus THTensor_gels(THTensor *x, THTensor *qr, const THTensor *b, const THTensor *a)
{
    TH_GIVEN("gels", x, qr, b, a);
    THLapackScratch s;
    int info = 0, query = -1;
    double size;
    thLapackScratch_begin(&s, "gels", a, 2);
    check_right(&s, b, a);
    thLapackScratch_result(&s, x, s.dtype);
    thLapackScratch_result(&s, qr, s.dtype);
    THTensor *const ca = thLapackScratch_copy(&s, a);
    const int64_t rows = a->ndim == 2 && a->size[1] > a->size[0] ? a->size[1] : (a->ndim == 2 ? a->size[0] : 0);
    THTensor *const cx = thLapackScratch_matrix(&s, rows, b->ndim < 2 ? 1 : b->size[1]);
    THTensor *top = s.status == TH_OK ? THTensor_newNarrow(cx, 0, 0, a->size[0]) : NULL;
    THTensor *const cb = thLapackScratch_copy(&s, b);
    if (s.status == TH_OK) {
        thLapackScratch_fail(&s, THTensor_zero(cx));
        thLapackScratch_fail(&s, THTensor_copy(top, cb));
        s.library->gels("N", ROWS(ca), COLUMNS(ca), COLUMNS(cx), DATA(ca), LD(ca), DATA(cx), LD(cx), &size, &query, &info, 1);
        const int worksize = thLapackScratch_worksize(&s, &size);
        THTensor *const work = thLapackScratch_vector(&s, s.dtype, worksize);
        if (work != NULL)
            s.library->gels("N", ROWS(ca), COLUMNS(ca), COLUMNS(cx), DATA(ca), LD(ca), DATA(cx), LD(cx), DATA(work), &worksize,
                            &info, 1);
    }
    THTensor_free(top);
    thLapackScratch_info(&s, info, "The %d-th diagonal element of the triangular factor of A is zero");
    thLapackScratch_give(&s, x, cx);
    thLapackScratch_give(&s, qr, ca);
    return thLapackScratch_end(&s);
}

THStatus THTensor_trtrs(THTensor *x, THTensor *triangle, const THTensor *b, const THTensor *a, int upper, int transpose,
                        int unit)
{
    TH_GIVEN("trtrs", x, triangle, b, a);
    THLapackScratch s;
    int info = 0;
    thLapackScratch_begin(&s, "trtrs", a, 2);
    thLapackScratch_square(&s, a);
    check_right(&s, b, a);
    thLapackScratch_result(&s, x, s.dtype);
    thLapackScratch_result(&s, triangle, s.dtype);
    THTensor *const ca = thLapackScratch_copy(&s, a), *const cb = thLapackScratch_copy(&s, b);
    if (s.status == TH_OK)
        s.library->trtrs(triangle_of(upper), transpose ? "T" : "N", unit ? "U" : "N", ROWS(ca), COLUMNS(cb), DATA(ca), LD(ca),
                         DATA(cb), LD(cb), &info, 1, 1, 1);
    thLapackScratch_info(&s, info, "A(%d,%d) is zero, singular A");
    thLapackScratch_give(&s, x, cb);
    thLapackScratch_give(&s, triangle, ca);
    return thLapackScratch_end(&s);
}

THStatus THTensor_inverse(THTensor *r, const THTensor *a)
{
    TH_GIVEN("inverse", r, a);
    THLapackScratch s;
    int info = 0, query = -1;
    double size = 0;
    thLapackScratch_begin(&s, "inverse", a, 2);
    thLapackScratch_square(&s, a);
    thLapackScratch_result(&s, r, s.dtype);
    THTensor *const c = thLapackScratch_copy(&s, a), *const pivots = thLapackScratch_vector(&s, THDtype_Int, a->size[0]);
    if (s.status == TH_OK) {
        int *const p = (int *)(void *)DATA(pivots);
        s.library->getrf(ROWS(c), COLUMNS(c), DATA(c), LD(c), p, &info);
        thLapackScratch_info(&s, info, "U(%d,%d) is 0, U is singular");
        s.library->getri(ROWS(c), DATA(c), LD(c), p, &size, &query, &info);
        const int worksize = thLapackScratch_worksize(&s, &size);
        THTensor *const work = thLapackScratch_vector(&s, s.dtype, worksize);
        if (work != NULL) s.library->getri(ROWS(c), DATA(c), LD(c), p, DATA(work), &worksize, &info);
    }
    thLapackScratch_info(&s, info, "U(%d,%d) is 0, U is singular");
    thLapackScratch_give(&s, r, c);
    return thLapackScratch_end(&s);
}

/* --- determinants ------------------------------------------------------------------------------------------------------- */

/* The diagonal of the LU of a, each row exchange as a change of sign: product = sign * exp(logarithm). */
typedef struct Determinant {
    double product, sign, logarithm;
} Determinant;

static void find_determinant(THLapackScratch *s, const char *op, const THTensor *a, Determinant *d)
{
    int info = 0;
    thLapackScratch_begin(s, op, a, 2);
    thLapackScratch_square(s, a);
    THTensor *const c = thLapackScratch_copy(s, a), *const pivots = thLapackScratch_vector(s, THDtype_Int, a->size[0]);
    if (s->status != TH_OK) return;
    const int *const p = (const int *)(const void *)DATA(pivots);
    s->library->getrf(ROWS(c), COLUMNS(c), DATA(c), LD(c), (int *)(void *)DATA(pivots), &info); /* a zero is an answer here */
    thLapackScratch_info(s, info < 0 ? info : 0, "");
    *d = (Determinant){1, 1, 0};
    for (int64_t i = 0; i < c->size[0]; i++) {
        char *const element = DATA(c) + i * (c->size[0] + 1) * THDtype_itemsize(s->dtype);
        const double value = THScalar_toDouble(THScalar_load(s->dtype, element)), turned = p[i] == i + 1 ? value : -value;
        d->product *= turned;
        d->sign *= (turned > 0) - (turned < 0);
        d->logarithm += log(fabs(turned));
    }
}

static void give_number(THLapackScratch *s, THTensor *r, double value)
{
    thLapackScratch_fail(s, s->status == TH_OK ? THTensor_output(r, s->op, s->dtype, 0, NULL) : TH_OK);
    if (s->status == TH_OK) THScalar_store(THScalar_fromDouble(value), s->dtype, DATA(r));
}

THStatus THTensor_slogdet(THTensor *sign, THTensor *logarithm, const THTensor *a)
{
    TH_GIVEN("slogdet", sign, logarithm, a);
    THLapackScratch s;
    Determinant d = {0, 0, 0};
    find_determinant(&s, "slogdet", a, &d);
    thLapackScratch_result(&s, sign, s.dtype);
    thLapackScratch_result(&s, logarithm, s.dtype);
    give_number(&s, sign, d.sign);
    give_number(&s, logarithm, d.logarithm);
    return thLapackScratch_end(&s);
}

THStatus THTensor_det(THTensor *r, const THTensor *a)
{
    TH_GIVEN("det", r, a);
    THLapackScratch s;
    Determinant d = {0, 0, 0};
    find_determinant(&s, "det", a, &d);
    give_number(&s, r, d.product);
    return thLapackScratch_end(&s);
}

/* --- symmetric positive definite matrices --------------------------------------------------------------------------------- */

/* Zeros in the triangle that LAPACK did not write, or the mirror image of the one that it did. */
static void end_triangle(THLapackScratch *s, THTensor *c, int upper, int mirror)
{
    if (s->status != TH_OK) return;
    const int64_t n = c->size[0], itemsize = THDtype_itemsize(s->dtype);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < i; j++) {
            char *const low = DATA(c) + (i + j * n) * itemsize, *const high = DATA(c) + (j + i * n) * itemsize;
            if (mirror)
                memcpy(upper ? low : high, upper ? high : low, (size_t)itemsize);
            else
                memset(upper ? low : high, 0, (size_t)itemsize);
        }
    }
}

THStatus THTensor_potrf(THTensor *r, const THTensor *a, int upper)
{
    TH_GIVEN("potrf", r, a);
    THLapackScratch s;
    int info = 0;
    thLapackScratch_begin(&s, "potrf", a, 2);
    thLapackScratch_square(&s, a);
    thLapackScratch_result(&s, r, s.dtype);
    THTensor *const c = thLapackScratch_copy(&s, a);
    if (c != NULL) s.library->potrf(triangle_of(upper), ROWS(c), DATA(c), LD(c), &info, 1);
    thLapackScratch_info(&s, info, "the leading minor of order %d is not positive definite");
    end_triangle(&s, c, upper, 0);
    thLapackScratch_give(&s, r, c);
    return thLapackScratch_end(&s);
}

THStatus THTensor_potrs(THTensor *x, const THTensor *b, const THTensor *c, int upper)
{
    TH_GIVEN("potrs", x, b, c);
    THLapackScratch s;
    int info = 0;
    thLapackScratch_begin(&s, "potrs", c, 2);
    thLapackScratch_square(&s, c);
    check_right(&s, b, c);
    thLapackScratch_result(&s, x, s.dtype);
    THTensor *const cc = thLapackScratch_copy(&s, c), *const cb = thLapackScratch_copy(&s, b);
    if (s.status == TH_OK)
        s.library->potrs(triangle_of(upper), ROWS(cc), COLUMNS(cb), DATA(cc), LD(cc), DATA(cb), LD(cb), &info, 1);
    thLapackScratch_info(&s, info, "A(%d,%d) is zero, singular A");
    thLapackScratch_give(&s, x, cb);
    return thLapackScratch_end(&s);
}

THStatus THTensor_potri(THTensor *r, const THTensor *c, int upper)
{
    TH_GIVEN("potri", r, c);
    THLapackScratch s;
    int info = 0;
    thLapackScratch_begin(&s, "potri", c, 2);
    thLapackScratch_square(&s, c);
    thLapackScratch_result(&s, r, s.dtype);
    THTensor *const cc = thLapackScratch_copy(&s, c);
    if (cc != NULL) s.library->potri(triangle_of(upper), ROWS(cc), DATA(cc), LD(cc), &info, 1);
    thLapackScratch_info(&s, info, "A(%d,%d) is 0, A cannot be factorized");
    end_triangle(&s, cc, upper, 1);
    thLapackScratch_give(&s, r, cc);
    return thLapackScratch_end(&s);
}

THStatus THTensor_pstrf(THTensor *r, THTensor *pivots, const THTensor *a, int upper, double tolerance)
{
    TH_GIVEN("pstrf", r, pivots, a);
    THLapackScratch s;
    int info = 0, rank = 0;
    const float small = (float)tolerance;
    thLapackScratch_begin(&s, "pstrf", a, 2);
    thLapackScratch_square(&s, a);
    thLapackScratch_result(&s, r, s.dtype);
    thLapackScratch_result(&s, pivots, THDtype_Int);
    THTensor *const c = thLapackScratch_copy(&s, a), *const p = thLapackScratch_vector(&s, THDtype_Int, a->size[0]);
    THTensor *const work = thLapackScratch_vector(&s, s.dtype, a->ndim == 2 ? 2 * a->size[0] : 1);
    if (s.status == TH_OK)
        s.library->pstrf(triangle_of(upper), ROWS(c), DATA(c), LD(c), (int *)(void *)DATA(p), &rank,
                         s.dtype == THDtype_Double ? (const void *)&tolerance : (const void *)&small, DATA(work), &info, 1);
    thLapackScratch_info(&s, info < 0 ? info : 0, ""); /* a lower rank is an answer */
    end_triangle(&s, c, upper, 0);
    thLapackScratch_give(&s, r, c);
    THTensor *const order =
        s.status == TH_OK ? THTensor_newNarrow(p, 0, 0, a->size[0]) : NULL; /* p has room for one at least */
    if (order == NULL) thLapackScratch_fail(&s, THStatus_last());
    thLapackScratch_give(&s, pivots, order);
    const THStatus status = thLapackScratch_end(&s);
    THTensor_free(order);
    return status;
}
