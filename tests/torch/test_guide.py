"""The samples of the 0.4.0 migration guide, run as they stand but for what QUIRKS says."""

from __future__ import annotations

import copy
import doctest
import re
from collections.abc import Callable

import pytest

import torch
from torch.autograd import Variable

# Where the guide's text is not what an interpreter printed, and what stands here instead.
QUIRKS = (
    "quotes around what print() printed: 'torch.DoubleTensor' is shown without",
    "the error after an in-place change is cut off in mid-sentence: its beginning is compared",
    "`with` blocks lost their indentation",
    "lines that only assign, or only call requires_grad_(), do not show what they gave",
    "a result that the guide does not show (set_grad_enabled as a function) is not shown",
    "spaces: 'tensor([ 1.])' is printed 'tensor([1.])' as from 0.4.1 on; runs of spaces are compared as one",
    "arange(2, 6) gives floats in the guide, int64 as from 0.4.1 on: here arange(2., 6.)",
    "device 'cuda:1' and 'cuda' are the CPU here; a half tensor is printed with its point and its dtype",
    "modules have register_parameter and register_buffer, as in 0.4; the guide calls them add_parameter and add_buffer",
    "x, y and z hold no gradient although they are chained with ==: the guide's line is kept",
)

SAMPLES = {
    "type": """
>>> x = torch.DoubleTensor([1, 1, 1])
>>> print(type(x)) # was torch.DoubleTensor
<class 'torch.Tensor'>
>>> print(x.type()) # OK: 'torch.DoubleTensor'
torch.DoubleTensor
>>> print(isinstance(x, torch.DoubleTensor)) # OK: True
True
""",
    "history": """
>>> x = torch.ones(1) # create a tensor with requires_grad=False (default)
>>> x.requires_grad
False
>>> y = torch.ones(1) # another tensor with requires_grad=False
>>> z = x + y
>>> # both inputs have requires_grad=False. so does the output
>>> z.requires_grad
False
>>> # then autograd won't track this computation. let's verify!
>>> z.backward()
Traceback (most recent call last):
    ...
RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn
>>>
>>> # now create a tensor with requires_grad=True
>>> w = torch.ones(1, requires_grad=True)
>>> w.requires_grad
True
>>> # add to the previous result that has require_grad=False
>>> total = w + z
>>> # the total sum now requires grad!
>>> total.requires_grad
True
>>> # autograd can compute the gradients as well
>>> total.backward()
>>> w.grad
tensor([ 1.])
>>> # and no computation is wasted to compute gradients for x, y and z, which don't require grad
>>> z.grad == x.grad == y.grad == None
True
""",
    "flag": """
>>> existing_tensor = torch.ones(2)
>>> existing_tensor = existing_tensor.requires_grad_()
>>> existing_tensor.requires_grad
True
>>> my_tensor = torch.zeros(3, 4, requires_grad=True)
>>> my_tensor.requires_grad
True
""",
    "detach": """
>>> a = torch.tensor([1,2,3.], requires_grad = True)
>>> out = a.sigmoid()
>>> c = out.detach()
>>> c.zero_()
tensor([ 0., 0., 0.])
>>> (out == 0).all().item() # modified by c.zero_() !!
1
>>> out.sum().backward() # Requires the original value of out, but that was overwritten by c.zero_()
Traceback (most recent call last):
    ...
RuntimeError: one of the variables needed for gradient computation has been modified by an inplace operation...
""",
    "data": """
>>> a = torch.tensor([1,2,3.], requires_grad = True)
>>> out = a.sigmoid()
>>> c = out.data
>>> c.zero_()
tensor([ 0., 0., 0.])
>>> out.sum().backward()
>>> a.grad # The result is very, very wrong because `out` changed!
tensor([ 0., 0., 0.])
""",
    "scalars": """
>>> torch.tensor(3.1416) # create a scalar directly
tensor(3.1416)
>>> torch.tensor(3.1416).size() # scalar is 0-dimensional
torch.Size([])
>>> torch.tensor([3]).size() # compare to a vector of size 1
torch.Size([1])
>>>
>>> vector = torch.arange(2., 6.) # this is a vector
>>> vector
tensor([ 2., 3., 4., 5.])
>>> vector.size()
torch.Size([4])
>>> vector[3] # indexing into a vector gives a scalar
tensor(5.)
>>> vector[3].item() # .item() gives the value as a Python number
5.0
>>> mysum = torch.tensor([2, 3]).sum()
>>> mysum
tensor(5)
>>> mysum.size()
torch.Size([])
""",
    "volatile": """
>>> x = torch.zeros(1, requires_grad=True)
>>> with torch.no_grad():
...     y = x * 2
>>> y.requires_grad
False
>>>
>>> is_train = False
>>> with torch.set_grad_enabled(is_train):
...     y = x * 2
>>> y.requires_grad
False
>>> _ = torch.set_grad_enabled(True) # this can also be used as a function
>>> y = x * 2
>>> y.requires_grad
True
>>> _ = torch.set_grad_enabled(False)
>>> y = x * 2
>>> y.requires_grad
False
>>> _ = torch.set_grad_enabled(True)
""",
    "creating": """
>>> device = torch.device("cpu")
>>> x = torch.randn(3, 3, dtype=torch.float64, device=device)
>>> x.dtype, x.device
(torch.float64, device(type='cpu'))
>>> x.requires_grad # default is False
False
>>> x = torch.zeros(3, requires_grad=True)
>>> x.requires_grad
True
""",
    "tensor": """
>>> torch.tensor([[1], [2], [3]], dtype=torch.half, device=torch.device("cpu"))
tensor([[1.],
        [2.],
        [3.]], dtype=torch.float16)
>>> torch.tensor(1) # scalar
tensor(1)
>>> torch.tensor([1, 2.3]).dtype # type inferece
torch.float32
>>> torch.tensor([1, 2]).dtype # type inferece
torch.int64
""",
    "like": """
>>> x = torch.randn(3, dtype=torch.float64)
>>> torch.zeros_like(x)
tensor([ 0., 0., 0.], dtype=torch.float64)
>>> torch.zeros_like(x, dtype=torch.int)
tensor([ 0, 0, 0], dtype=torch.int32)
""",
    "new": """
>>> x = torch.randn(3, dtype=torch.float64)
>>> x.new_ones(2)
tensor([ 1., 1.], dtype=torch.float64)
>>> x.new_ones(4, dtype=torch.int)
tensor([ 1, 1, 1, 1], dtype=torch.int32)
""",
    "agnostic": """
>>> device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
>>> data = torch.ones(2)
>>> data.to(device) is data
True
>>> model = torch.nn.Linear(2, 1).to(device)
>>> next(model.parameters()).device
device(type='cpu')
""",
}


class Spaces(doctest.OutputChecker):
    """The guide's copies lost runs of spaces, and printed one where a sign might stand."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        def plain(text: str) -> str:
            return re.sub(r"\s+", " ", text).replace("[ ", "[").replace(", ", ",")

        return super().check_output(plain(want) + "\n", plain(got) + "\n", optionflags)


@pytest.mark.parametrize("name", SAMPLES)
def test_sample(name: str) -> None:
    test = doctest.DocTestParser().get_doctest(SAMPLES[name], {"torch": torch}, name, __file__, 0)
    assert test.examples
    output: list[str] = []
    runner = doctest.DocTestRunner(checker=Spaces(), optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL * 0)
    assert runner.run(test, out=output.append).failed == 0, "".join(output)
    assert torch.autograd.is_grad_enabled()


def test_the_checker_sees_differences() -> None:
    assert Spaces().check_output("tensor([ 1.,  2.])\n", "tensor([1., 2.])\n", 0)
    assert not Spaces().check_output("tensor([1.])\n", "tensor([2.])\n", 0)


def test_the_volatile_flag_warns() -> None:
    x = torch.ones(1)
    with pytest.warns(UserWarning, match=r"volatile was removed \(Variable\.volatile is always False\)"):
        assert x.volatile is False
    with pytest.warns(UserWarning, match='volatile was removed and now has no effect. Use "with torch.no_grad'):
        x.volatile = True
    assert (x.requires_grad_() * 2).requires_grad


@pytest.mark.parametrize("name", ["", "a.b"])
def test_names_that_may_lose_data(name: str) -> None:
    module = torch.nn.Module()
    for register, value in (
        (module.add_module, torch.nn.Linear(1, 1)),
        (module.register_parameter, torch.nn.Parameter(torch.ones(1))),
        (module.register_buffer, torch.ones(1)),
    ):
        with pytest.raises(KeyError, match="name can"):
            register(name, value)


# Creation functions of the guide's table: name -> arguments, and whether there are _like and new_ forms.
CREATION = {
    "empty": ((2, 3), True, True),
    "zeros": ((2, 3), True, True),
    "ones": ((2, 3), True, True),
    "full": (((2, 3), 7), True, True),
    "rand": ((2, 3), True, False),
    "randn": ((2, 3), True, False),
    "randint": ((5, (2, 3)), True, False),
    "randperm": ((6,), False, False),
    "tensor": (([[1, 2, 3], [4, 5, 6]],), False, True),
    "arange": ((6,), False, False),
    "linspace": ((0, 1, 6), False, False),
    "logspace": ((0, 1, 6), False, False),
    "eye": ((2, 3), False, False),
}


@pytest.mark.parametrize("name", CREATION)
def test_creation_functions_take_the_options(name: str) -> None:
    arguments, like, new = CREATION[name]
    x = torch.zeros(2, 3, dtype=torch.float64)
    forms = [(getattr(torch, name), arguments)]
    if like:
        forms.append(
            (getattr(torch, f"{name}_like"), (x, *[a for a in arguments if isinstance(a, int)][: name in ("full", "randint")]))
        )
    if new:
        forms.append((getattr(x, f"new_{name}"), arguments))
    for form, given in forms:
        options = {"device": "cpu", "requires_grad": True}
        made = form(*given, dtype=torch.float32, **options)
        assert (made.dtype, made.requires_grad, made.is_leaf, made.numel()) == (torch.float32, True, True, 6), form
        if name not in ("rand", "randn"):
            assert form(*given, dtype=torch.int64).dtype == torch.int64
        if form is not forms[0][0]:
            assert form(*given).dtype == torch.float64
        assert not form(*given, dtype=torch.float32).requires_grad
        if not torch.cuda.is_available():
            with pytest.raises(RuntimeError, match="no tensor can live on cuda"):
                form(*given, device="cuda")


def test_sizes_as_tuple_or_arguments() -> None:
    for name in ("empty", "zeros", "ones", "rand", "randn"):
        make = getattr(torch, name)
        assert make(2, 3).size() == make((2, 3)).size() == make([2, 3]).size() == make(torch.Size([2, 3])).size()


class Recurrent(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = torch.nn.RNNCell(3, 4)
        self.out = torch.nn.Linear(4, 1)

    def forward(self, input: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        return self.out(self.cell(input, hidden))


LOADER = [(torch.ones(2, 3) * n, torch.ones(2, 1)) for n in range(3)]
SHAPE = (2, 4)


def steps(model: torch.nn.Module, use: Callable[[torch.Tensor], torch.Tensor], take: Callable[[torch.Tensor], float]) -> float:
    """The loop of the guide's last section; `use` prepares a tensor, `take` reads the loss."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total = 0.0
    for input, target in LOADER:
        input, target = use(input), use(target)
        hidden = input.new_zeros(*SHAPE)
        assert (hidden.dtype, hidden.device, tuple(hidden.size())) == (input.dtype, input.device, SHAPE)
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(input, hidden), target)
        loss.backward()
        optimizer.step()
        total += take(loss)
    return total


def test_the_code_of_before_runs_and_gives_the_same() -> None:
    model, use_cuda = Recurrent(), torch.cuda.is_available()
    device = torch.device("cuda" if use_cuda else "cpu")
    other = copy.deepcopy(model).to(device)
    total = steps(other, lambda x: x.to(device), lambda loss: loss.item())
    if use_cuda:
        model = model.cuda()
    with pytest.warns(UserWarning, match="invalid index of a 0-dim tensor"):
        assert float(steps(model, Variable, lambda loss: loss.data[0])) == pytest.approx(total)  # adds up in float32
    for input, _ in LOADER:
        with torch.no_grad():
            assert not other(input, Variable(torch.zeros(*SHAPE))).requires_grad
        with pytest.warns(UserWarning, match="volatile was removed"):
            input = Variable(input, volatile=True)
        assert model(input, Variable(torch.zeros(*SHAPE))).requires_grad  # the flag has no effect


DTYPES = {
    "Float": ("float32", "float"), "Double": ("float64", "double"), "Half": ("float16", "half"), "Byte": ("uint8",),
    "Char": ("int8",), "Short": ("int16", "short"), "Int": ("int32", "int"), "Long": ("int64", "long"),
}  # fmt: skip


@pytest.mark.parametrize("name", DTYPES)
def test_dtypes_and_their_tensor_types(name: str) -> None:
    kind = getattr(torch, f"{name}Tensor")
    x = kind([1, 2])
    for dtype in DTYPES[name]:
        assert x.dtype is getattr(torch, dtype) and isinstance(x.dtype, torch.dtype)
    assert x.type() == f"torch.{name}Tensor" and isinstance(x, kind) and type(x) is torch.Tensor
    assert not any(isinstance(x, getattr(torch, f"{other}Tensor")) for other in DTYPES if other != name)
    assert x.layout is torch.strided and x.device == torch.device("cpu") and not x.requires_grad
    assert kind(3).size() == (3,) and torch.tensor(3).size() == ()  # a number is a size to the one, a value to the other
    elsewhere = getattr(torch.cuda, f"{name}Tensor")
    assert not isinstance(x, elsewhere) and repr(elsewhere) == f"<class 'torch.cuda.{name}Tensor'>"
    for use in (lambda: elsewhere([1]), lambda: x.type(elsewhere), lambda: x.type(f"torch.cuda.{name}Tensor")):
        with pytest.raises((RuntimeError, TypeError, ValueError)):
            use()
    with pytest.raises((RuntimeError, TypeError)):  # there is no device, or the dtype is none to be the default
        torch.set_default_tensor_type(elsewhere)
    sparse = getattr(torch.sparse, f"{name}Tensor", None)
    assert name == "Half" or sparse(2).layout is torch.sparse_coo


def test_devices() -> None:
    for text, kind, index in (("cpu", "cpu", None), ("cuda", "cuda", None), ("cuda:1", "cuda", 1), ("cpu:0", "cpu", 0)):
        device = torch.device(text)
        assert (device.type, device.index, str(device)) == (kind, index, text)
    assert torch.device("cuda", 1) == torch.device("cuda:1") and torch.device(1) == torch.device("cuda:1")
    with pytest.raises(RuntimeError, match="get_device is not implemented"):
        torch.ones(1).get_device()
    with pytest.raises(TypeError, match="np.ndarray"):
        torch.from_numpy([1, 2])


def test_loss_accumulates() -> None:
    total, w = 0.0, torch.ones(2, requires_grad=True)
    for _ in range(3):
        loss = (w * w).sum()
        loss.backward()
        total += loss.item()
    assert total == 6.0 and w.grad.tolist() == [6.0, 6.0]
    assert len(QUIRKS) == 10
