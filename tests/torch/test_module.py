"""`Module` and containers: attributes and tables, walking, state, hooks."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections import OrderedDict

import pytest

import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.second = nn.Linear(4, 2, bias=False)
        self.register_buffer("scale", torch.ones(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(F.relu(self.first(x))) * self.scale


# --- the tables and the attributes -----------------------------------------------------------------------------------


def test_attributes_and_tables_agree() -> None:
    layer = nn.Linear(2, 2)
    assert layer._parameters["weight"] is layer.weight
    replacement = nn.Parameter(torch.zeros(2, 2))
    layer._parameters["weight"] = replacement
    assert layer.weight is replacement
    layer.weight = nn.Parameter(torch.ones(2, 2))
    assert layer._parameters["weight"] is layer.weight
    del layer._parameters["weight"]
    assert not hasattr(layer, "weight")
    assert list(dict(layer.named_parameters())) == ["bias"]


def test_table_methods_reach_attributes() -> None:
    layer = nn.Linear(2, 2)
    weight = layer._parameters.pop("weight")
    assert not hasattr(layer, "weight") and layer._parameters.pop("weight", None) is None
    layer._parameters.update(weight=weight)
    assert layer.weight is weight
    assert layer._parameters.setdefault("weight", None) is weight
    assert layer._parameters.popitem()[0] == "weight" and not hasattr(layer, "weight")
    layer._parameters.clear()
    assert not hasattr(layer, "bias")


def test_kinds_change_places() -> None:
    net = nn.Module()
    net.part = torch.ones(1)
    net.part = nn.Parameter(torch.ones(1))
    assert list(net._parameters) == ["part"]
    del net.part
    net.part = nn.ReLU()
    assert list(net._modules) == ["part"] and not net._parameters
    assert isinstance(net.part, nn.ReLU)


def test_wrong_kinds_are_refused() -> None:
    net = Net()
    with pytest.raises(TypeError, match=r"cannot assign 'Tensor' as parameter 'weight' \(torch.nn.Parameter or None"):
        net.first.weight = torch.ones(4, 3)
    with pytest.raises(TypeError, match=r"cannot assign 'ReLU' as parameter 'weight' \(torch.nn.Parameter or None"):
        net.first.weight = nn.ReLU()  # type: ignore[assignment]
    assert isinstance(net.first.weight, nn.Parameter) and list(net.first._parameters) == ["weight", "bias"]
    with pytest.raises(TypeError, match="cannot assign 'int' as child module 'first'"):
        net.first = 1
    with pytest.raises(TypeError, match="cannot assign 'int' as buffer 'scale'"):
        net.scale = 1
    with pytest.raises(TypeError, match="is not a Module subclass"):
        net.add_module("third", torch.ones(1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Cannot assign non-leaf Tensor to parameter 'made'"):
        net.register_parameter("made", _non_leaf_parameter())


def _non_leaf_parameter() -> nn.Parameter:
    class Derived(nn.Parameter):
        grad_fn = "MulBackward"

    return Derived(torch.ones(1))


def test_instances_keep_their_fast_attributes() -> None:
    """The interpreter makes an instance's `__dict__` when somebody looks at it, and from then on attributes are slow."""

    class Fresh(nn.Linear):
        """Of its own: the interpreter keeps names for a class's instances, and other tests may have used up those of Linear."""

    layer = Fresh(2, 3)
    layer.extra = 1
    layer.bias = None
    layer.register_buffer("mean", torch.zeros(3))
    del layer.extra
    layer.eval().zero_grad()
    assert list(layer.state_dict()) == ["weight", "mean"] and len(list(layer.parameters())) == 1
    layer(torch.ones(1, 2))
    assert not any(isinstance(held, dict) and "training" in held for held in gc.get_referents(layer))


def test_none_members() -> None:
    layer = nn.Linear(2, 2, bias=False)
    assert layer.bias is None and "bias" in layer._parameters
    layer.bias = nn.Parameter(torch.ones(2))
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    layer.bias = None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]


def test_deletion() -> None:
    net = Net()
    del net.second
    assert not hasattr(net, "second") and list(net._modules) == ["first"]
    with pytest.raises(AttributeError):
        del net.second
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'missing'"):
        _ = net.missing


def test_modules_are_freed_without_the_collector() -> None:
    gc.disable()
    try:
        net = Net()
        seen = weakref.ref(net)
        del net
        assert seen() is None
    finally:
        gc.enable()


# --- walking ---------------------------------------------------------------------------------------------------------


def test_named_walks() -> None:
    net = nn.Sequential(OrderedDict(body=Net(), end=nn.ReLU()))
    assert [name for name, _ in net.named_parameters()] == ["body.first.weight", "body.first.bias", "body.second.weight"]
    assert [name for name, _ in net.named_modules()] == ["", "body", "body.first", "body.second", "end"]
    assert [name for name, _ in net.named_children()] == ["body", "end"]
    assert [name for name, _ in net.named_buffers()] == ["body.scale"]


def test_shared_members_appear_once() -> None:
    layer = nn.Linear(2, 2)
    net = nn.Sequential(layer, layer)
    assert len(list(net.parameters())) == 2
    assert len(list(net.modules())) == 2
    assert len(net.state_dict()) == 4


def test_apply_train_eval() -> None:
    net = nn.Sequential(Net(), nn.Dropout())
    seen: list[str] = []
    net.apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["Linear", "Linear", "Net", "Dropout", "Sequential"]
    assert not net.eval()[1].training and not net[0].first.training
    assert net.train()[1].training


def test_printing() -> None:
    expected = "\n".join(
        [
            "Net(",
            "  (first): Linear(in_features=3, out_features=4, bias=True)",
            "  (second): Linear(in_features=4, out_features=2, bias=False)",
            ")",
        ]
    )
    assert repr(Net()) == expected
    assert repr(nn.Conv2d(1, 2, 3, padding=1)) == "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))"
    assert repr(nn.ReLU()) == "ReLU()"


# --- state -----------------------------------------------------------------------------------------------------------


def test_state_dict_round_trip() -> None:
    source, target = Net(), Net()
    state = source.state_dict()
    assert list(state) == ["scale", "first.weight", "first.bias", "second.weight"]
    assert not any(value.requires_grad for value in state.values())
    before = target.first.weight
    target.load_state_dict(state)
    assert target.first.weight is before
    x = torch.randn(5, 3)
    assert torch.equal(source(x), target(x))


def test_state_dict_shares_data() -> None:
    net = Net()
    net.state_dict()["first.bias"].fill_(7)
    assert net.first.bias.tolist() == [7.0] * 4


def test_load_names_every_problem_and_changes_nothing() -> None:
    net = Net()
    state = net.state_dict()
    before = net.scale.tolist()
    state["scale"] = torch.zeros(2)
    del state["first.bias"]
    state["extra"] = torch.ones(1)
    state["second.weight"] = torch.ones(1)
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state)
    text = str(caught.value)
    assert 'Unexpected key(s) in state_dict: "extra".' in text
    assert 'Missing key(s) in state_dict: "first.bias".' in text
    assert "size mismatch for second.weight: copying a param of (1,) from checkpoint" in text
    assert net.scale.tolist() == before
    for wrong in ("model.pt", 3, [state]):
        with pytest.raises(TypeError, match=r"load_state_dict\(\): state_dict is of type \w+, expected a dict"):
            net.load_state_dict(wrong)


def test_load_not_strict() -> None:
    net = Net()
    net.load_state_dict({"first.bias": torch.zeros(4), "extra": torch.ones(1)}, strict=False)
    assert net.first.bias.tolist() == [0.0] * 4


@pytest.mark.parametrize("how", ["deepcopy", "pickle"])
def test_copies(how: str) -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    twin = copy.deepcopy(net) if how == "deepcopy" else pickle.loads(pickle.dumps(net))
    assert isinstance(twin[0].weight, nn.Parameter) and twin[0].weight is not net[0].weight
    twin[0].weight.data.fill_(3)
    assert twin[0]._parameters["weight"].tolist() == [[3.0, 3.0]] * 3
    assert net[0].weight.tolist() != twin[0].weight.tolist()
    x = torch.randn(2, 2)
    twin.load_state_dict(net.state_dict())
    assert torch.equal(net(x), twin(x))


def test_conversion_keeps_parameter_objects() -> None:
    net = Net()
    weight = net.first.weight
    assert net.double() is net and net.first.weight is weight
    assert weight.dtype == torch.float64 and net.scale.dtype == torch.float64
    net.to(torch.float32)
    assert weight.dtype == torch.float32 and isinstance(weight, nn.Parameter)
    assert net.to("cpu") is net and net.to(torch.device("cpu"), torch.float64).scale.dtype == torch.float64
    with pytest.raises(TypeError, match="only accepts floating point dtypes"):
        net.to(torch.int64)


def test_integer_buffers_keep_their_dtype() -> None:
    net = nn.Module()
    net.register_buffer("count", torch.tensor([1, 2]))
    assert net.double().count.dtype == torch.int64
    assert net.to(torch.float64).count.dtype == torch.int64


def test_zero_grad() -> None:
    net = Net()
    net(torch.ones(1, 3)).sum().backward()
    assert net.second.weight.grad is not None
    net.zero_grad()
    assert net.second.weight.grad.tolist() == [[0.0] * 4] * 2


# --- hooks -----------------------------------------------------------------------------------------------------------


def test_forward_hooks() -> None:
    net, seen = nn.Linear(2, 2), []
    before = net.register_forward_pre_hook(lambda module, input: seen.append(("before", input[0].size(0))))
    after = net.register_forward_hook(lambda module, input, output: seen.append(("after", output.size(0))))
    net(torch.ones(3, 2))
    before.remove()
    before.remove()
    net(torch.ones(4, 2))
    after.remove()
    net(torch.ones(5, 2))
    assert seen == [("before", 3), ("after", 3), ("after", 4)]


def test_forward_hook_must_return_none() -> None:
    net = nn.ReLU()
    net.register_forward_hook(lambda module, input, output: output)  # type: ignore[arg-type,return-value]
    with pytest.raises(RuntimeError, match="forward hooks should never return any values"):
        net(torch.ones(1))


def test_handle_as_context() -> None:
    net, seen = nn.ReLU(), []
    with net.register_forward_hook(lambda module, input, output: seen.append(1)):
        net(torch.ones(1))
    net(torch.ones(1))
    assert seen == [1]


def test_module_without_forward() -> None:
    with pytest.raises(NotImplementedError, match=r"Module: forward\(\) is not defined"):
        nn.Module()(1)


# --- containers ------------------------------------------------------------------------------------------------------


def test_sequential() -> None:
    a, b = nn.Linear(2, 3), nn.Linear(3, 1)
    net = nn.Sequential(a, nn.ReLU(), b)
    x = torch.randn(4, 2)
    assert torch.equal(net(x), b(F.relu(a(x))))
    assert len(net) == 3 and net[0] is a and net[-1] is b and next(iter(net)) is a
    assert isinstance(net[:2], nn.Sequential) and len(net[:2]) == 2
    net[1] = nn.Tanh()
    assert isinstance(net[1], nn.Tanh)
    del net[1]
    assert len(net) == 2
    with pytest.raises(IndexError, match="index 5 is out of range: there are 2 modules"):
        net[5]


def test_module_list() -> None:
    modules = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])
    modules.append(nn.ReLU())
    modules += [nn.Tanh()]
    assert [type(m).__name__ for m in modules] == ["Linear", "Linear", "ReLU", "Tanh"]
    assert len(list(modules.parameters())) == 4
    del modules[0]
    assert len(modules) == 3 and isinstance(modules[-1], nn.Tanh) and list(modules._modules) == ["0", "1", "2"]
    assert isinstance(modules[1:], nn.ModuleList)


def test_arguments_arrive_as_given() -> None:
    class Echo(nn.Module):
        def forward(self, *args: object, **kwargs: object) -> object:
            return args, kwargs

    echo = Echo()
    for _ in range(2):
        assert echo() == ((), {})
        assert echo(None) == ((None,), {})
        assert echo(input=1) == ((), {"input": 1})
        assert echo(1, 2, first=3) == ((1, 2), {"first": 3})
        echo.register_forward_pre_hook(lambda module, input: None)  # the same with hooks
