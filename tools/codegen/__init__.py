"""Declarations of ops -> C++ ops, gradients, Python bindings and type stubs."""
