/* Messages of two ranks: order, sizes, anybody's, both ways at once, without being waited for. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "THDTest.h"

static void nap(long milliseconds)
{
    nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}, NULL);
}

static void finish(THDRequest *request)
{
    if (!CHECK(request != NULL)) {
        fprintf(stderr, "    %s\n", THStatus_message());
        return;
    }
    CHECK_OK(THDRequest_wait(request));
    CHECK(THDRequest_isDone(request));
    THDRequest_free(request);
}

static void check_filled(const THTensor *t, double first)
{
    bool right = true;
    for (int64_t i = 0; i < t->numel; i++) right = right && th_test_at(t, i) == first + (double)(i % 5);
    CHECK(right);
}

static void test_sizes_and_dtypes(THDTest *test)
{
    const int64_t counts[] = {0, 1, 5000, 300000};
    for (int dtype = 0; dtype < THDtype_Count; dtype++) {
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            THTensor *const t = thd_test_filled((THDtype)dtype, counts[c], test->rank == 0 ? 3 : 0, test->rank == 0 ? 1 : 0);
            finish(test->rank == 0 ? THDGroup_newSend(test->all, t, 1) : THDGroup_newReceive(test->all, t, 0));
            check_filled(t, 3);
            THTensor_free(t);
        }
    }
}

/* 64 MiB each way before anybody receives, among small ones; order is kept. */
static void test_both_ways(THDTest *test)
{
    const int64_t big = 16 << 20;
    THTensor *const out = thd_test_filled(THDtype_Float, big, 7 + test->rank, 1);
    THTensor *const in = thd_test_filled(THDtype_Float, big, 0, 0);
    THTensor *const small_out[2] = {thd_test_filled(THDtype_Float, 5, 100, 1), thd_test_filled(THDtype_Float, 5, 200, 1)};
    THTensor *const small_in[2] = {thd_test_filled(THDtype_Float, 5, 0, 0), thd_test_filled(THDtype_Float, 5, 0, 0)};
    THDRequest *const sends[3] = {THDGroup_newSend(test->all, small_out[0], 1 - test->rank),
                                  THDGroup_newSend(test->all, out, 1 - test->rank),
                                  THDGroup_newSend(test->all, small_out[1], 1 - test->rank)};
    CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER})); /* does not wait behind the large one */
    finish(THDGroup_newReceive(test->all, small_in[0], 1 - test->rank));
    finish(THDGroup_newReceive(test->all, in, 1 - test->rank));
    finish(THDGroup_newReceive(test->all, small_in[1], 1 - test->rank));
    check_filled(small_in[0], 100);
    check_filled(in, 8 - test->rank);
    check_filled(small_in[1], 200);
    for (int i = 0; i < 3; i++) finish(sends[i]);
    for (int i = 0; i < 2; i++) {
        THTensor_free(small_out[i]);
        THTensor_free(small_in[i]);
    }
    THTensor_free(out);
    THTensor_free(in);
}

/* Nobody waits, and yet the bytes arrive. */
static void test_progress(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Double, 500000, test->rank == 0 ? 3 : 0, test->rank == 0 ? 1 : 0);
    THDRequest *const request = test->rank == 0 ? THDGroup_newSend(test->all, t, 1) : THDGroup_newReceive(test->all, t, 0);
    for (int i = 0; i < 2000 && !THDRequest_isDone(request); i++) nap(5);
    CHECK(THDRequest_isDone(request));
    check_filled(t, 3);
    finish(request);
    THTensor_free(t);
}

static void test_from_anybody(THDTest *test)
{
    for (int large = 0; large < 2; large++) {
        const int64_t count = large ? 100000 : 3;
        if (test->rank > 0) {
            THTensor *const t = thd_test_filled(THDtype_Int, count, 10 * test->rank, 1);
            finish(THDGroup_newSend(test->all, t, 0));
            THTensor_free(t);
            CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER}));
            continue;
        }
        int heard = 0;
        for (int i = 1; i < test->size; i++) {
            THTensor *const t = thd_test_filled(THDtype_Int, count, 0, 0);
            THDRequest *const request = THDGroup_newReceive(test->all, t, THD_ANY_RANK);
            CHECK_OK(THDRequest_wait(request));
            const int from = THDRequest_rank(request);
            check_filled(t, 10 * from);
            heard |= 1 << from;
            THDRequest_free(request);
            THTensor_free(t);
        }
        CHECK(heard == (1 << test->size) - 2);
        CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER}));
    }
}

static void test_to_oneself(THDTest *test)
{
    THTensor *const out = thd_test_filled(THDtype_Float, 50000, 4, 1);
    THTensor *const in = thd_test_filled(THDtype_Float, 50000, 0, 0);
    finish(THDGroup_newSend(test->all, out, test->rank));
    finish(THDGroup_newReceive(test->all, in, test->rank));
    check_filled(in, 4);
    THDRequest *const early = THDGroup_newReceive(test->all, in, test->rank);
    CHECK_OK(THTensor_fill(in, THScalar_fromLong(0)));
    finish(THDGroup_newSend(test->all, out, test->rank));
    finish(early);
    check_filled(in, 4);
    THTensor_free(out);
    THTensor_free(in);
}

static void test_strides(THDTest *test)
{
    const int64_t size[2] = {200, 300};
    THTensor *const t = th_test_ramp(THDtype_Float, 2, size);
    THTensor *const turned = THTensor_newTranspose(t, 0, 1);
    const int64_t size_turned[2] = {300, 200};
    THTensor *const expected = th_test_ramp(THDtype_Float, 2, size_turned);
    if (test->rank == 0)
        finish(THDGroup_newSend(test->all, expected, 1));
    else
        finish(THDGroup_newReceive(test->all, turned, 0));
    bool right = true;
    for (int64_t i = 0; i < turned->numel && test->rank == 1; i++) right = right && th_test_at(turned, i) == (double)i;
    CHECK(right);
    THTensor_free(t);
    THTensor_free(turned);
    THTensor_free(expected);
}

/* Another dtype, another length: the receiver is told, and the connection goes on. Small and large. */
static void test_mismatch(THDTest *test)
{
    for (int large = 0; large < 2; large++) {
        const int64_t count = large ? 200000 : 4;
        THTensor *const t = thd_test_filled(THDtype_Float, count, 1, 1);
        THTensor *const longer = thd_test_filled(THDtype_Float, count + 1, 1, 1);
        THTensor *const whole = thd_test_filled(THDtype_Int, count, 1, 1);
        if (test->rank == 0) {
            for (int i = 0; i < 3; i++) finish(THDGroup_newSend(test->all, t, 1));
        } else {
            THDRequest *request = THDGroup_newReceive(test->all, longer, 0);
            CHECK_FAILS(THDRequest_wait(request), TH_ERR_SHAPE,
                        large ? "sent 200000 elements of float32" : "sent 4 elements of float32");
            THDRequest_free(request);
            nap(large ? 0 : 20);
            request = THDGroup_newReceive(test->all, whole, 0);
            CHECK_FAILS(THDRequest_wait(request), TH_ERR_DTYPE, "of int32");
            THDRequest_free(request);
            finish(THDGroup_newReceive(test->all, t, 0));
        }
        THTensor_free(t);
        THTensor_free(longer);
        THTensor_free(whole);
    }
}

static void test_timeout(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Float, 200000, 1, 1);
    if (test->rank == 1) {
        THDRequest *const request = THDGroup_newReceive(test->all, t, 0);
        CHECK_FAILS(THDRequest_wait(request), TH_ERR_STATE, "[recv] timed out: rank 0 (process");
        CHECK_FAILS(THDRequest_wait(request), TH_ERR_STATE, "[recv] timed out: rank 0 (process");
        THDRequest_free(request);
        THDRequest *const other = THDGroup_newSend(test->all, t, 0);
        CHECK_FAILS(THDRequest_wait(other), TH_ERR_STATE, "[send] timed out: rank 0 (process");
        THDRequest_free(other);
    } else {
        nap(1200);
    }
    THTensor_free(t);
}

static void test_wrong_ranks(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Float, 2, 1, 1);
    CHECK_NULL(THDGroup_newSend(test->all, t, 2), TH_ERR_VALUE, "[send] rank 2, must be a member of the group");
    CHECK_NULL(THDGroup_newReceive(test->all, t, -2), TH_ERR_VALUE, "[recv] rank -2, must be a member of the group");
    THTensor *const none = THTensor_new();
    CHECK_NULL(THDGroup_newSend(test->all, none, 1), TH_ERR_VALUE, "[send] tensor has no elements and no dtype");
    THTensor_free(none);
    THTensor_free(t);
}

int main(void)
{
    thd_test_run(2, 60, test_sizes_and_dtypes);
    thd_test_run(2, 60, test_both_ways);
    thd_test_run(2, 60, test_progress);
    thd_test_run(4, 60, test_from_anybody);
    thd_test_run(1, 60, test_to_oneself);
    thd_test_run(2, 60, test_to_oneself);
    thd_test_run(2, 60, test_strides);
    thd_test_run(2, 60, test_mismatch);
    thd_test_run(2, 0.3, test_timeout);
    thd_test_run(2, 60, test_wrong_ranks);
    return th_test_end("test_message");
}
