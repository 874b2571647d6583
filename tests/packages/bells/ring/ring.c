#include <Python.h>

#include "Bell/Bell.h"

static PyObject *strokes(PyObject *self, PyObject *hour) {
    (void)self;
    long value = PyLong_AsLong(hour);
    return value == -1 && PyErr_Occurred() ? NULL : PyLong_FromLong(bell_strokes((int)value));
}

static PyMethodDef methods[] = {{"strokes", strokes, METH_O, "How often the bell rings at this hour."}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_ring", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__ring(void) {
    return PyModule_Create(&module);
}
