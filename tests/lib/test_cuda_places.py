"""Tensors of the host, given to any function of libTHC, libTHCUNN and libTHCUDNN, are refused before a device is asked for
anything. No device is needed: a function that went on would say that there is none, or that CUDA failed.
"""

from __future__ import annotations

import re

import pytest
from prototypes import LIBRARIES, TH, Prototype, prototypes
from test_null_arguments import Givens, faults, function_of

DEVICES = tuple(name for name in ("THC", "THCUNN", "THCUDNN") if name in LIBRARIES)
OK, ERR_STATE = 0, 6

_COPIES = "copy|copyAsync|newOnDevice|newClone|newContiguous|newConvert|newReshape"
_SHAPES = """
    storage storageOffset nDimension size stride newSizeOf newStrideOf data setFlag clearFlag newWithTensor newSelect newNarrow
    newTranspose newUnfold newView newExpand newFoldBatchDim expand expandNd resizeAs set narrow select transpose unfold squeeze
    squeeze1d unsqueeze1d isContiguous isSameSizeAs isSetTo isSize nElement retain free desc sizeDesc getDevice numel freeCopyTo
"""
# Functions that take tensors of any place: patterns of whole names.
ANYWHERE = (
    rf"THCTensor_({_COPIES})",
    rf"THCuda\w*Tensor_({'|'.join(_SHAPES.split())}|(resize|setStorage)(Nd|\dd)?)",
    r"THCRandom_[gs]etRNGState",  # of the host alone
)


def takes_tensors(prototype: Prototype) -> bool:
    return any(argument.kind.startswith("THTensor*") for argument in prototype.arguments)


def goes_on(prototype: Prototype, null: int) -> str:
    """What is wrong with how a function takes tensors of the host; "" if nothing."""
    givens = Givens(prototype)  # keeps what the values point to
    values = givens.values(prototype, null)
    TH.THStatus_clear()
    result = function_of(prototype)(*values)
    status = result if prototype.result == "THStatus" else TH.THStatus_last()
    said = TH.THStatus_message().decode() if TH.THStatus_last() != OK else ""
    refused = status not in (OK, ERR_STATE) or (status == ERR_STATE and re.search("host|cpu|no dtype", said))
    return (
        "" if refused and not re.search(r"\[cuda\]|CUDA:|cuBLAS|cuSOLVER|cuFFT|cuDNN", said) else f"status {status}, {said!r}"
    )


@pytest.mark.skipif(not DEVICES, reason="no library for devices was built: no nvcc")
def test_tensors_of_the_host_are_refused() -> None:
    wanted = [one for one in prototypes(("TH", "THNN", *DEVICES)) if one.library in DEVICES and takes_tensors(one)]
    calls = [(one, -1) for one in wanted if not any(re.fullmatch(names, one.name) for names in ANYWHERE)]
    assert len(calls) > 2500
    found = faults(calls, goes_on)
    assert not found, f"{len(found)} of {len(calls)}:\n" + "\n".join(found)
