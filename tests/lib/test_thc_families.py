"""Every function of Torch's THC is declared and exported for its dtypes, or stands in the inventory with the reason why not."""

from __future__ import annotations

from functools import cache

import pytest
from prototypes import DTYPES, LIBRARIES, exported
from test_cuda_typed import declared
from thc_inventory import ABSENT, FAMILIES, PROCESS, cuda, to_the_host

pytestmark = pytest.mark.skipif("THC" not in LIBRARIES, reason="libTHC was not built: no nvcc")


@cache
def there() -> set[str]:
    """What libTHC exports and a header declares."""
    return set(exported("THC")) & set(declared("THC/THCTyped.h", r"TH\w+"))


@pytest.mark.parametrize("family", FAMILIES)
def test_declared_and_exported(family: str) -> None:
    kind, dtypes, count, names = FAMILIES[family]
    assert len(set(names.split())) == len(names.split()) == count
    wanted = [cuda(dtype, kind, name) for name in names.split() for dtype in dtypes]
    assert [name for name in wanted if name not in there()] == []


def test_copies_to_the_host() -> None:
    wanted = to_the_host()
    assert len(wanted) == len(set(wanted)) == 8 * 2 * 9 + 8
    assert [name for name in wanted if name not in there()] == []


@pytest.mark.parametrize("group", PROCESS)
def test_what_belongs_to_no_dtype(group: str) -> None:
    assert [name for name in PROCESS[group].split() if name not in there()] == []


def test_the_count_is_that_of_the_headers() -> None:
    """342 generic declarations: those above, 10 of the host for each dtype (8 of tensors and 2 more, 8 of storages and one),
    those that are absent, and not what Torch has of one dtype (2)."""
    of_all = sum(count for _, _, count, _ in FAMILIES.values())
    to_host = (8 + 2) + (8 + 1)
    absent = sum(name.startswith("THCuda*") for names in ABSENT for name in names.split(", "))
    more = 2 + 3  # logicalall and logicalany are Byte's, bernoulli's three forms came after the count
    assert of_all + to_host + absent - more == 342


@pytest.mark.parametrize("group", ABSENT)
def test_what_is_absent_is_absent(group: str) -> None:
    """Whoever adds it takes it from the list."""
    for name in group.split(", "):
        names = [name.replace("*", "" if dtype == "Float" else dtype) for dtype in DTYPES] if "*" in name else [name]
        assert not [one for one in names if one in exported("THC")]
