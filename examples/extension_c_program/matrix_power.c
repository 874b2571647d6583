/* A C program on libTH alone, without Python: powers of a matrix that turns the plane by 30 degrees.
 *
 *   matrix_power [EXPONENT]      prints that power; without an argument the 13th: a full turn and a step */
#include <stdio.h>
#include <stdlib.h>

#include <TH/TH.h>
#include <TH/THTyped.h>

static int failed(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, THStatus_message());
    return EXIT_FAILURE;
}

/* power = base^exponent by repeated squaring. Both are overwritten. */
static THStatus raise_to(THTensor *power, THTensor *base, unsigned exponent)
{
    TH_TRY(THFloatTensor_eye(power, 2, 2));
    THTensor *product = THTensor_new();
    if (product == NULL) return THStatus_last();
    THStatus status = TH_OK;
    for (; exponent > 0 && status == TH_OK; exponent >>= 1) {
        if (exponent & 1) {
            status = THFloatTensor_addmm(product, 0, power, 1, power, base);
            if (status == TH_OK) status = THFloatTensor_copy(power, product);
        }
        if (status == TH_OK) status = THFloatTensor_addmm(product, 0, base, 1, base, base);
        if (status == TH_OK) status = THFloatTensor_copy(base, product);
    }
    THTensor_free(product);
    return status;
}

int main(int argc, char **argv)
{
    const unsigned exponent = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 13;
    const int64_t size[2] = {2, 2};
    THTensor *base = THTensor_newWithSize(THDtype_Float, 2, size);
    THTensor *power = THTensor_newWithSize(THDtype_Float, 2, size);
    if (base == NULL || power == NULL) return failed("memory");

    float *turn = THFloatTensor_data(base);
    turn[0] = turn[3] = 0.8660254F; /* cos 30 degrees */
    turn[1] = -0.5F;
    turn[2] = 0.5F;
    if (raise_to(power, base, exponent) != TH_OK) return failed("power");

    const float *p = THFloatTensor_data(power);
    printf("libTH %s, power %u:\n", TH_version(), exponent);
    printf("[%6.3f %6.3f]\n[%6.3f %6.3f]\n", p[0], p[1], p[2], p[3]);
    THTensor_free(power);
    THTensor_free(base);
    return EXIT_SUCCESS;
}
