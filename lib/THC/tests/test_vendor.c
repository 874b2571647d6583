/* Libraries that are opened at run time, by libraries that every machine has: found, missing, lacking a function, asked for by
 * many threads at once. */
#include "THCTest.h"

#include <pthread.h>

#define THREADS 8

static double (*cosine)(double);
static double (*none)(double);
static double (*sine)(double);

static const THCVendorFunction PRESENT[] = {{"cos", &cosine}};
static const THCVendorFunction MIXED[] = {{"cos", &cosine}, {"torch_has_no_such", &none}, {"sin", &sine}};

/* Of libm, or of `file`. */
static THCVendor vendor_of(const char *file, const THCVendorFunction *functions, size_t count, size_t required)
{
    cosine = none = sine = NULL;
    return (THCVendor){.need = "cosines need libm",
                       .files = {file},
                       .folder = "libm",
                       .install = "install a C library",
                       .functions = functions,
                       .count = count,
                       .required = required};
}

static void test_found(void)
{
    THCVendor libm = vendor_of("libm.so.6", PRESENT, 1, 1);
    CHECK_OK(thc_openVendor("cos", &libm));
    CHECK(cosine != NULL && cosine(0) == 1);
    cosine = NULL;
    CHECK_OK(thc_openVendor("cos", &libm)); /* looked for once */
    CHECK(cosine == NULL);
}

static void test_second_name(void)
{
    THCVendor libm = vendor_of("libtorch_has_no_such.so", PRESENT, 1, 1);
    libm.files[1] = "libm.so.6";
    CHECK_OK(thc_openVendor("cos", &libm));
    CHECK(cosine != NULL);
}

static void test_missing(void)
{
    THCVendor none_such = vendor_of("libtorch_has_no_such.so", PRESENT, 1, 1);
    for (int i = 0; i < 2; i++)
        CHECK_FAILS(thc_openVendor("cos", &none_such), TH_ERR_UNSUPPORTED,
                    "[cos] cosines need libm: libtorch_has_no_such.so was not found; install a C library");
    CHECK_FAILS(thc_openVendor("another", &none_such), TH_ERR_UNSUPPORTED, "[another] cosines need libm: libtorch");
}

static void test_missing_function(void)
{
    THCVendor old = vendor_of("libm.so.6", MIXED, 3, 2);
    for (int i = 0; i < 2; i++)
        CHECK_FAILS(thc_openVendor("cos", &old), TH_ERR_UNSUPPORTED,
                    "libm.so.6 has no function torch_has_no_such: it is too old, or another library; install a C library");
    THCVendor recent = vendor_of("libm.so.6", MIXED, 3, 1);
    CHECK_OK(thc_openVendor("cos", &recent));
    CHECK(cosine != NULL && none == NULL && sine == NULL); /* the rest: up to the first that is missing */
}

static THCVendor shared;

static void *ask(void *answer)
{
    *(THStatus *)answer = thc_openVendor("cos", &shared);
    if (cosine == NULL || cosine(0) != 1) *(THStatus *)answer = TH_ERR_STATE;
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[THREADS];
    THStatus answers[THREADS];
    shared = vendor_of("libm.so.6", PRESENT, 1, 1);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, ask, &answers[i]) == 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(answers[i] == TH_OK);
    }
}

static void test_own_libraries(void)
{
    int version[3] = {-1, -1, -1};
    CHECK_FAILS(THC_getLibraryVersion((THCLibrary)3, version), TH_ERR_VALUE, "[cuda] library: 3, expected 0 (cuBLAS)");
    CHECK_FAILS(THC_getLibraryVersion((THCLibrary)-1, version), TH_ERR_VALUE, "[cuda] library: -1");
    CHECK(version[0] == -1 && version[1] == -1 && version[2] == -1);
}

int main(void)
{
    test_found();
    test_second_name();
    test_missing();
    test_missing_function();
    test_threads();
    test_own_libraries();
    return th_test_end("test_vendor");
}
