"""What api_fuzz.py calls, and with what: public functions by name, and arguments that mostly fit."""

from __future__ import annotations

import functools
import inspect
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# Names that would do something to the machine, wait for somebody, or change what later calls mean.
LEFT_OUT = {
    "torch.Tensor.__class__", "torch.Tensor.__init_subclass__", "torch.Tensor.__subclasshook__", "torch.Tensor.__setattr__",
    "torch.Tensor.__delattr__", "torch.set_num_threads", "torch.Tensor.share_memory_", "torch.Tensor.__reduce_ex__",
}  # fmt: skip


def targets() -> list[tuple[str, Callable[..., Any]]]:
    """Public functions by name; methods take their tensor as first argument."""
    import torch

    spaces: list[tuple[str, Any]] = [
        ("torch", torch), ("torch.Tensor", torch.Tensor), ("torch.nn.functional", torch.nn.functional),
        ("torch.autograd", torch.autograd), ("torch.utils.dlpack", torch.utils.dlpack), ("torch.nn.init", torch.nn.init),
        ("torch.FloatStorage", torch.FloatStorage), ("torch.Size", torch.Size), ("torch.device", torch.device),
        ("torch.nn.utils", torch.nn.utils), ("torch.sparse", torch.sparse),
        ("torch.sparse.FloatTensor", torch.sparse.FloatTensor),
    ]  # fmt: skip
    found = []
    for space, holder in spaces:
        for name in sorted(dir(holder)):
            private = name.startswith("_") and not (name.startswith("__") and holder is torch.Tensor)
            value = None if private or f"{space}.{name}" in LEFT_OUT else getattr(holder, name, None)
            if callable(value) and not (isinstance(value, type) and issubclass(value, BaseException)):
                found.append((f"{space}.{name}", value))
    return found


Form = tuple[list[tuple[str, str]], list[tuple[str, str]]]


@functools.cache
def signatures(name: str, function: Callable[..., Any]) -> list[Form]:
    """(kind, name) of the parameters, by position and by keyword only, for each form that documentation or annotations tell."""
    found: list[Form] = []
    for line in (function.__doc__ or "").splitlines():
        if told := re.match(rf"{re.escape(name.rpartition('.')[2])}\((.*?)\)( ->.*|:.*)?$", line):
            words = [word.split("=")[0].strip() for word in told[1].split(",") if word.strip()]
            pairs = [(word.rpartition(" ")[0], word.rpartition(" ")[2].lstrip("*")) for word in words]
            bare = words.index("*") if "*" in words else len(words)
            found.append((pairs[:bare], pairs[bare + 1 :]))
    if not found and inspect.isfunction(function):
        parameters = inspect.signature(function).parameters.values()
        found = [([(str(p.annotation), p.name) for p in parameters if p.kind in (0, 1, 2)], [])]
    if not found and (told_text := getattr(function, "__text_signature__", None)):  # of operators
        words = [word.strip(" ()$") for word in told_text.split(",")]
        found = [([("", word) for word in words if word.isidentifier() and word != "self"], [])]
    return found


@dataclass
class Maker:
    """Makes arguments, most of them sensible enough to get past the first check."""

    numbers: random.Random
    device: str = "cpu"  # where nearly all tensors of the call are
    wide: bool = False  # with larger tensors and rarer values, and all tensors in one place
    torch: Any = field(init=False)
    size: tuple[int, ...] = field(init=False)  # of most tensors of the call
    dtype: Any = field(init=False)

    def __post_init__(self) -> None:
        import torch

        self.torch = torch
        self.size, self.dtype = self.any_size(), self.any_dtype()

    def integer(self) -> int:
        far = (63, 64, 65, 1000, 2**31 - 1, 2**31, 2**40, 2**63 - 1, -(2**63), 2**63, 10**30)
        near = (0, 1, 2, 3, -1, -2, 4, 0, 1, 2)
        return self.numbers.choice(far if self.numbers.random() < 0.1 else near)

    def number(self) -> float:
        return self.numbers.choice((0, 1, -1, 2, 0.5, -2.5, 1e9, 300, float("nan"), float("inf"), 1e308, 2**63, -(2**70)))

    def any_size(self) -> tuple[int, ...]:
        small = (
            (),
            (0,),
            (1,),
            (3,),
            (2, 3),
            (3, 3),
            (3, 2),
            (2, 0, 3),
            (2, 3, 4),
            (1, 1),
            (2, 2, 3, 3),
            (1,) * 9,
            (70,),
            (40, 50),
        )
        large = ((70000,), (2, 4099), (1025, 3), (3, 1, 2), (0, 5), (5, 0), (3, 257, 5), (1, 1, 1100))
        return self.numbers.choice(large if self.wide and self.numbers.random() < 0.25 else small)

    def any_dtype(self) -> Any:
        names = ("float32", "float32", "float64", "float64", "float16", "int64", "int64", "uint8", "int8", "int16", "int32")
        return getattr(self.torch, self.numbers.choice(names))

    def tensor(self, name: str = "") -> Any:
        torch, chance = self.torch, self.numbers.random
        if ("index" in name or name in ("target", "indices")) and chance() < 0.9:
            places = [self.numbers.randrange(-1, 4) for _ in range(self.numbers.randrange(5))]
            return torch.tensor(places, dtype=torch.int64).to(self.place())
        dtype = self.dtype if chance() < 0.8 else self.any_dtype()
        if name in ("mask", "condition") and chance() < 0.9:
            dtype = torch.uint8
        size = self.size if chance() < 0.6 else self.any_size()
        x = torch.arange(int(torch.Size(size).numel())).add(self.numbers.choice((0, 1, -2))).view(size).to(dtype)
        if dtype.is_floating_point and chance() < 0.2:
            x.fill_(self.numbers.choice((float("nan"), float("inf"), -0.0, 1e30 if dtype != torch.float16 else 6e4)))
        if self.wide and x.numel() > 0:
            self.spread(x)
        return self.disguised(x.to(self.place()))

    def place(self) -> str:
        return self.device if self.wide or self.numbers.random() < 0.95 else "cpu"

    def spread(self, x: Any) -> None:
        """Other values than few small integers: fractions of either sign, then some at the ends of what the dtype holds."""
        floating, flat, bits = x.dtype.is_floating_point, x.view(-1), x.element_size() * 8
        if floating and self.numbers.random() < 0.6:
            flat.copy_((self.torch.arange(x.numel(), dtype=self.torch.float64) * 0.618).sin().mul_(2))
        tiny = {16: 6e-8, 32: 1e-45, 64: 5e-324}[bits] if floating else 0
        ends: tuple[Any, ...] = (float("nan"), float("inf"), -float("inf"), -0.0, 0.0, tiny, -tiny, 6e4)
        if not floating:
            unsigned = x.dtype == self.torch.uint8
            ends = (0, 255, 128) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, -1)
        for _ in range(self.numbers.choice((0, 0, 1, 3))):
            flat[self.numbers.randrange(x.numel())] = self.numbers.choice(ends)

    def sparse(self) -> Any:
        """With an index twice, of a matrix or of rows, sometimes with a history."""
        rows, size = self.numbers.choice((((3,), (3, 3)), ((3, 2), (3, 3, 2)), ((3,), (3, 4))))
        values = self.torch.arange(self.torch.Size(rows).numel()).float().view(rows)
        values.requires_grad = self.numbers.random() < 0.3
        return self.torch.sparse.FloatTensor(self.torch.tensor([[0, 2, 0], [1, 0, 1]]), values, self.torch.Size(size))

    def disguised(self, x: Any) -> Any:
        """The tensor, or another with its elements in an unusual place or with a history."""
        floating = x.is_floating_point()
        match self.numbers.randrange(14):
            case 0 if x.dim() > 1:
                return x.transpose(0, x.dim() - 1)
            case 1 if x.dim() > 0:
                return x[self.numbers.randrange(2) :: self.numbers.randrange(1, 3)]
            case 2:
                return x.expand(self.numbers.choice(((4, *x.size()), x.size())))
            case 3 | 4 if floating:
                return x.requires_grad_()
            case 5 if floating:
                return x.requires_grad_().clone()
            case 6:
                return x.data
            case 7 if self.numbers.random() < 0.3:
                return x.set_()
            case 8 if floating:
                return self.torch.nn.Parameter(x)
        return x

    def fitting(self, kind: str, name: str) -> Any:
        """An argument for a parameter, by its kind and name as they are told."""
        if name == "self" and not kind:
            return self.torch.FloatStorage([1, 2, 3])
        if "Tensors" in kind or "Tensor[]" in kind or name == "tensors":
            return [self.tensor() for _ in range(self.numbers.randrange(4))]
        if "Sparse" in kind:
            return self.sparse()
        if "Tensor" in kind or name in ("input", "tensor", "other"):
            return self.tensor(name)
        if "ints" in kind or "int[]" in kind or "tuple[int" in kind or name in ("size", "sizes", "dims"):
            return tuple(self.integer() for _ in range(self.numbers.randrange(5)))
        if "int" in kind or "dim" in name:
            return self.integer()
        if "Number" in kind or "float" in kind:
            return self.number()
        if "bool" in kind:
            return self.numbers.random() < 0.5
        if "dtype" in kind or name == "dtype":
            return self.any_dtype()
        if name in ("device", "layout", "generator"):
            options = {"device": self.place(), "layout": self.torch.strided, "generator": self.torch.default_generator}
            return options[name]
        return self.argument()

    def other(self) -> Any:
        import numpy as np

        torch = self.torch
        plain = (
            None,
            True,
            False,
            "",
            "cpu",
            "cuda:0",
            "a",
            "mean",
            b"ab",
            Ellipsis,
            1.5,
            float("nan"),
            float("inf"),
            1e308,
            1j,
        )
        strange = (object(), {}, {"a": 1}, set(), slice(None), slice(0, 5, 2), slice(2, 0, -1), iter([1]), range(3), int)
        # No classes of tensors: x.size() of the class, at a place that saw tensors before, kills CPython 3.11 to 3.13 itself.
        functions = (lambda *a: a[0] if a else 0, lambda *a: 1 / 0, torch.sparse_coo_tensor, torch.nn.Module)
        own = (torch.float32, torch.int64, torch.uint8, torch.device("cpu"), torch.strided, torch.sparse_coo)
        own += (torch.default_generator, torch.Size([2, 3]), torch.FloatStorage([1, 2, 3]), torch.LongStorage())
        own += (self.sparse(), torch.sparse.DoubleTensor(2, 3))
        arrays = (np.ones((2, 3), np.float32), np.arange(4)[::-1], np.array("a"), np.float32(2), np.int64(3))
        return self.numbers.choice(plain + strange + functions + own + arrays)

    def argument(self) -> Any:
        chance = self.numbers.random()
        if chance < 0.45:
            return self.tensor()
        if chance < 0.65:
            return self.integer()
        if chance < 0.75:
            return self.numbers.choice((tuple, list))(self.integer() for _ in range(self.numbers.randrange(5)))
        if chance < 0.8:
            return [self.tensor() for _ in range(self.numbers.randrange(4))]
        return self.other()

    def call(self, name: str, function: Callable[..., Any]) -> tuple[list[Any], dict[str, Any]]:
        """In most calls as many arguments as a form of the function has, or some fewer, nine in ten of them fitting."""
        chance, forms = self.numbers.random, signatures(name, function)
        keywords: dict[str, Any] = {}
        if not forms or chance() < 0.1:
            made = [self.argument() for _ in range(self.numbers.choice((0, 1, 1, 2, 2, 3, 4)))]
            keywords = {word: self.argument() for word in ("dim", "out", "dtype", "size", "a\0b") if chance() < 0.1}
        else:
            form, named = self.numbers.choice(forms)
            form = form if chance() < 0.7 else form[: self.numbers.randrange(len(form) + 1)]
            made = [self.fitting(kind, word) if chance() < 0.93 else self.argument() for kind, word in form]
            keywords = {word: self.fitting(kind, word) for kind, word in named if chance() < 0.25}
        if name.startswith("torch.Tensor.") and not inspect.isfunction(function) and chance() < 0.98:
            made.insert(0, self.tensor())
        if name.startswith("torch.sparse.FloatTensor.") and made and chance() < 0.98:
            made[0] = self.sparse()
        return made, keywords
