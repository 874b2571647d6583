/* Products of matrices and vectors on a device: of integers they are the host's to the bit, wherever sums wrap around. */
#include "THCTest.h"

static const THDtype INTEGERS[] = {THDtype_Byte, THDtype_Char, THDtype_Short, THDtype_Int, THDtype_Long};

/* All bits at random: most sums of products leave the dtype's range. */
static THTensor *random_bits(THDtype dtype, int ndim, const int64_t *size)
{
    static uint64_t state = 1;
    THTensor *const t = THTensor_newWithSize(dtype, ndim, size);
    CHECK(t != NULL);
    char *const bytes = THTensor_dataBytes(t);
    for (int64_t i = 0; i < t->numel * (int64_t)THDtype_size(dtype); i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bytes[i] = (char)(state >> 56);
    }
    return t;
}

static void check_equal(const char *what, const THTensor *device, const THTensor *want)
{
    THTensor *const here = THCTensor_newOnDevice(device, TH_DEVICE_HOST);
    int equal = 0;
    CHECK_OK(THTensor_equal(&equal, here, want));
    if (!CHECK(equal)) fprintf(stderr, "    %s of %s\n", what, THDtype_name((THDtype)want->dtype));
    THTensor_free(here);
}

enum { PLAIN, TURNED, EXPANDED, SPREAD, LAYOUTS };

/* rows x columns, in one of the forms that memory takes. */
static THTensor *matrix(THDtype dtype, int layout, int64_t rows, int64_t columns)
{
    const int64_t plain[] = {rows, columns}, turned[] = {columns, rows}, row[] = {1, columns}, wide[] = {rows, columns, 3};
    THTensor *const base = random_bits(dtype, layout == SPREAD ? 3 : 2,
                                       layout == PLAIN      ? plain
                                       : layout == TURNED   ? turned
                                       : layout == EXPANDED ? row
                                                            : wide);
    THTensor *const there = thc_test_there(base);
    THTensor *view = NULL;
    if (layout == PLAIN) view = THTensor_newWithTensor(there);
    if (layout == TURNED) view = THTensor_newTranspose(there, 0, 1);
    if (layout == EXPANDED) view = THTensor_newExpand(there, 2, plain);
    if (layout == SPREAD) view = THTensor_newSelect(there, 2, 1);
    CHECK(view != NULL);
    THTensor_free(base);
    THTensor_free(there);
    return view;
}

/* r = beta m + alpha a b, of matrices whose forms `layouts` tells. */
static void check_matrices(THDtype dtype, int layouts, int64_t m, int64_t k, int64_t n, int64_t alpha, int64_t beta)
{
    const int64_t size[] = {m, n};
    THTensor *const a = matrix(dtype, layouts % LAYOUTS, m, k), *const b = matrix(dtype, layouts / LAYOUTS % LAYOUTS, k, n);
    THTensor *const added = random_bits(dtype, 2, size), *const there = thc_test_there(added), *const want = THTensor_new();
    THTensor *const host_a = THCTensor_newOnDevice(a, TH_DEVICE_HOST), *const host_b = THCTensor_newOnDevice(b, TH_DEVICE_HOST);
    const THScalar by = THScalar_fromLong(alpha), kept = THScalar_fromLong(beta);
    CHECK_OK(THTensor_addmm(want, kept, added, by, host_a, host_b));
    THTensor *const fresh = THTensor_new(), *const placed = matrix(dtype, layouts % 2 ? TURNED : SPREAD, m, n);
    CHECK_OK(THCTensor_addmm(fresh, kept, there, by, a, b));
    check_equal("addmm", fresh, want);
    CHECK_OK(THCTensor_addmm(placed, kept, there, by, a, b));
    check_equal("addmm into a view", placed, want);
    CHECK_OK(THCTensor_addmm(there, kept, there, by, a, b));
    check_equal("addmm in place", there, want);
    THTensor *const all[] = {a, b, added, there, want, host_a, host_b, fresh, placed};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
}

static void test_matrices(THDtype dtype)
{
    /* No tile, one, several, big ones and small ones, sums in parts, vectors. */
    static const int64_t sizes[][3] = {{1, 1, 1},     {4, 7, 3},        {33, 65, 31},   {130, 257, 129},
                                       {300, 1, 200}, {129, 3000, 140}, {1, 900, 1},    {1, 700, 200},
                                       {200, 700, 1}, {700, 3, 1},      {1, 0, 4},      {5, 0, 1},
                                       {0, 3, 4},     {4, 3, 0},        {1, 100000, 2}, {20000, 40, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int layouts = 0; layouts < LAYOUTS * LAYOUTS; layouts++) {
            const int64_t *const s = sizes[i];
            if (s[0] * s[1] * s[2] > 1000000 && layouts % 3 != i % 3) continue;
            check_matrices(dtype, layouts, s[0], s[1], s[2], layouts % 3 == 0 ? 1 : 77, layouts % 3 == 2 ? 0 : 1 + layouts);
        }
    }
}

static void test_vectors(THDtype dtype)
{
    static const int64_t lengths[] = {0, 1, 5, 1000, 300001};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const int64_t n = lengths[i], size[] = {3, n};
        THTensor *const a = random_bits(dtype, 2, size), *const there = thc_test_there(a), *const want = THTensor_new(),
                        *const got = THTensor_new();
        THTensor *const x = THTensor_newSelect(a, 0, 0), *const y = THTensor_newSelect(a, 0, 2);
        THTensor *const dx = THTensor_newSelect(there, 0, 0), *const dy = THTensor_newSelect(there, 0, 2);
        CHECK_OK(THTensor_dot(want, x, y));
        CHECK_OK(THCTensor_dot(got, dx, dy));
        check_equal("dot", got, want);
        const THScalar one = THScalar_fromLong(1), none = THScalar_fromLong(0), five = THScalar_fromLong(5);
        CHECK_OK(THTensor_addmv(want, none, NULL, five, a, x));
        CHECK_OK(THCTensor_addmv(got, none, NULL, five, there, dx));
        check_equal("addmv", got, want);
        CHECK_OK(THTensor_addmv(want, five, want, one, a, y));
        CHECK_OK(THCTensor_addmv(got, five, got, one, there, dy));
        check_equal("addmv in place", got, want);
        if (n < 10000) {
            CHECK_OK(THTensor_addr(want, none, NULL, five, x, y));
            CHECK_OK(THCTensor_addr(got, none, NULL, five, dx, dy));
            check_equal("addr", got, want);
        }
        THTensor *const all[] = {a, there, want, got, x, y, dx, dy};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
    }
}

static void test_batches(THDtype dtype)
{
    static const int64_t sizes[][4] = {{1, 4, 5, 6},     {7, 33, 20, 9}, {3, 130, 300, 129},
                                       {70000, 2, 3, 2}, {5, 40, 60, 1}, {0, 2, 3, 4}};
    const THScalar two = THScalar_fromLong(2), three = THScalar_fromLong(3);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int64_t *const s = sizes[i], left[] = {s[0], s[1], s[2]}, right[] = {s[0], s[3], s[2]}, sum[] = {s[1], s[3]},
                             each[] = {s[0], s[1], s[3]};
        THTensor *const a = random_bits(dtype, 3, left), *const b = random_bits(dtype, 3, right),
                        *const m = random_bits(dtype, 2, sum), *const all_m = random_bits(dtype, 3, each);
        THTensor *const da = thc_test_there(a), *const db = thc_test_there(b), *const dm = thc_test_there(m),
                        *const dall_m = thc_test_there(all_m);
        THTensor *const turned = THTensor_newTranspose(b, 1, 2), *const dturned = THTensor_newTranspose(db, 1, 2);
        THTensor *const want = THTensor_new(), *const got = THTensor_new();
        CHECK_OK(THTensor_baddbmm(want, two, all_m, three, a, turned));
        CHECK_OK(THCTensor_baddbmm(got, two, dall_m, three, da, dturned));
        check_equal("baddbmm", got, want);
        CHECK_OK(THTensor_addbmm(want, two, m, three, a, turned));
        CHECK_OK(THCTensor_addbmm(got, two, dm, three, da, dturned));
        check_equal("addbmm", got, want);
        THTensor *const all[] = {a, b, m, all_m, da, db, dm, dall_m, turned, dturned, want, got};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
    }
}

static void test_refusals(void)
{
    const int64_t size[] = {2, 3};
    const THScalar one = THScalar_fromLong(1), none = THScalar_fromLong(0);
    THTensor *const a = random_bits(THDtype_Int, 2, size), *const there = thc_test_there(a),
                    *const turned = THTensor_newTranspose(there, 0, 1);
    THTensor *const other = THCTensor_newConvert(turned, THDtype_Long), *const r = THTensor_new();
    CHECK_FAILS(THCTensor_addmm(r, none, NULL, one, there, there), TH_ERR_SHAPE, "size mismatch");
    CHECK_FAILS(THCTensor_addmm(r, none, NULL, one, there, other), TH_ERR_DTYPE, NULL);
    CHECK_FAILS(THCTensor_addmm(r, none, NULL, THScalar_fromDouble(0.5), there, turned), TH_ERR_DTYPE, "alpha, 0.5");
    CHECK_FAILS(THCTensor_addmm(r, one, NULL, one, there, turned), TH_ERR_VALUE, "the added tensor is missing");
    THTensor *const all[] = {a, there, turned, other, r};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

/* Integers of the host are refused as floats are. */
static void test_without_device(void)
{
    const int64_t size[] = {2, 2};
    THTensor *const a = random_bits(THDtype_Int, 2, size), *const r = THTensor_new();
    CHECK_FAILS(THCTensor_addmm(r, THScalar_fromLong(0), NULL, THScalar_fromLong(1), a, a), TH_ERR_STATE, "lies on the host");
    CHECK_FAILS(THCTensor_dot(r, a, a), TH_ERR_STATE, "lies on the host");
    THTensor_free(a);
    THTensor_free(r);
}

int main(void)
{
    test_without_device();
    if (!thc_test_hasDevice()) return th_test_end("test_products, without a device");
    for (size_t i = 0; i < sizeof INTEGERS / sizeof *INTEGERS; i++) {
        test_matrices(INTEGERS[i]);
        test_vectors(INTEGERS[i]);
        test_batches(INTEGERS[i]);
    }
    test_refusals();
    return th_test_end("test_products");
}
