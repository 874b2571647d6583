"""What pyproject.toml cannot say: the extension module."""

from setuptools import setup

from torch.utils.cpp_extension import BuildExtension, CppExtension

setup(
    ext_modules=[CppExtension("swish._ops", ["swish/ops.cpp"], depends=["swish/kernels.h"])],
    cmdclass={"build_ext": BuildExtension},
)
