/* Distances between the rows of a matrix: a module in C11 on torch/capi.h. */
#include <math.h>

#include <torch/capi.h>

/* out[i][j] = |x[i] - x[j]| for rows of `d` numbers. */
static void fill(int64_t n, int64_t d, const float *x, float *out)
{
    for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < n; ++j) {
            float sum = 0;
            for (int64_t k = 0; k < d; ++k) sum += (x[i * d + k] - x[j * d + k]) * (x[i * d + k] - x[j * d + k]);
            out[i * n + j] = sqrtf(sum);
        }
    }
}

static PyObject *distances(PyObject *module, PyObject *argument)
{
    (void)module;
    THTensor *x = TorchTensor_get(argument);
    if (x == NULL) return NULL;
    if (x->dtype != THDtype_Float || x->ndim != 2) {
        PyErr_Format(PyExc_ValueError, "distances() wants a float32 matrix, not %d dimensions of %s", x->ndim,
                     THDtype_pythonName((THDtype)x->dtype));
        return NULL;
    }
    const int64_t size[2] = {x->size[0], x->size[0]};
    THTensor *rows = THTensor_newContiguous(x);
    THTensor *result = THTensor_newWithSize(THDtype_Float, 2, size);
    if (rows == NULL || result == NULL) {
        THTensor_free(rows);
        THTensor_free(result);
        return Torch_raise();
    }
    if (result->numel > 0) {
        const float *from = rows->numel > 0 ? (const float *)THTensor_dataBytes(rows) : NULL;
        float *to = (float *)THTensor_dataBytes(result);
        Py_BEGIN_ALLOW_THREADS
        fill(size[0], x->size[1], from, to);
        Py_END_ALLOW_THREADS
    }
    THTensor_free(rows);
    return TorchTensor_wrap(result);
}

static PyMethodDef functions[] = {
    {"distances", distances, METH_O, "distances(x) -> Tensor: from each row of x (n x d) to each, n x n"},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "pairwise", "Distances between rows.", -1, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_pairwise(void)
{
    return Torch_api() == NULL ? NULL : PyModule_Create(&definition);
}
