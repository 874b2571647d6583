"""Declarations: what is read from them, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from codegen.model import Argument, DeclarationError, Type, groups, parse

ROOT = Path(__file__).resolve().parents[3]
GOOD = """
# A comment, so that the line numbers differ from the table numbers.
[[op]]
schema = "scale.Twice(Tensor self, int[] size=2, *, Scalar alpha=1) -> Tensor"
call = "THTensor_scale(out, self, alpha)"
variants = ["method", "inplace"]
grad.self = "grad * alpha"
"""


def declare(folder: Path, text: str) -> Path:
    """A folder with one declaration file."""
    (folder / "some.toml").write_text(text)
    return folder


def test_schema(tmp_path: Path) -> None:
    (op,) = parse(declare(tmp_path, GOOD))
    assert (op.name, op.overload, op.identifier, op.place) == ("scale", "Twice", "scale_Twice", "some.toml:3")
    assert op.arguments == (
        Argument("self", Type("Tensor")),
        Argument("size", Type("int", is_list=True), True, (2,)),
        Argument("alpha", Type("Scalar"), True, 1, keyword_only=True),
    )
    assert [(r.name, str(r.type)) for r in op.results] == [("out", "Tensor")]
    assert op.gradients == (("self", "grad * alpha"),)
    assert groups((op,)) == {"some": (op,)}


def test_several_results(tmp_path: Path) -> None:
    text = '[[op]]\nschema = "max(Tensor self, int dim) -> (Tensor values, Tensor indices)"\nnative = true\n'
    (op,) = parse(declare(tmp_path, text))
    assert [r.name for r in op.results] == ["values", "indices"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[op]]\nschema = 3 3\n", "some.toml: not valid TOML"),
        ("[[operation]]\n", "some.toml:1: unknown table 'operation'"),
        (GOOD + '[[op]]\nshcema = ""\n', "some.toml:8: unknown key 'shcema'"),
        ('[[op]]\ncall = "f(out)"\n', "some.toml:1: the key 'schema' is missing"),
        ('[[op]]\nschema = "f Tensor"\n', "some.toml:1: schema 'f Tensor', expected"),
        ('[[op]]\nschema = "f(Tensr self) -> Tensor"\n', "some.toml:1: .*type 'Tensr', expected one of Tensor, "),
        ('[[op]]\nschema = "f(Tensor a, int a) -> Tensor"\n', "argument 'a' appears twice"),
        ('[[op]]\nschema = "f(Tensor self) -> Tensor"\n', "exactly one of 'call', 'composite' and 'native'"),
        ('[[op]]\nschema = "f() -> Tensor"\nnative = true\nvariants = ["mehtod"]\n', "variant 'mehtod'"),
        ('[[op]]\nschema = "f() -> Tensor"\nnative = true\nvariants = ["method"]\n', "needs 'Tensor self'"),
        ('[[op]]\nschema = "f(Tensor a) -> Tensor"\ncall = "f(a)"\ngrad.b = "grad"\n', "gradient of 'b'"),
        ('[[op]]\nschema = "f(Tensor grad) -> Tensor"\ncall = "f(grad)"\ngrad.grad = "grad"\n', "an argument is called 'grad'"),
        (GOOD + GOOD, "some.toml:10: scale_Twice is declared twice, first at some.toml:3"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        parse(declare(tmp_path, text))


def test_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="no declarations found"):
        parse(tmp_path)


def test_the_project_s_own_declarations_are_complete() -> None:
    ops = parse(ROOT / "torch" / "csrc" / "declarations")
    undocumented = [op.identifier for op in ops if op.variants and not op.doc]
    assert undocumented == []
    # No finite differences of what is drawn at random; the others have tests of their own in tests/torch.
    elsewhere = {"rrelu_with_noise", "fractional_max_pool2d", "grid_sampler"}
    elsewhere |= {op.identifier for op in ops if op.group == "random"}
    refused = {op.identifier for op in ops if {text for _, text in op.gradients} == {"no_gradient(grad)"}}
    untested = [op.identifier for op in ops if op.gradients and op.variants and not op.samples]
    assert [name for name in untested if name not in elsewhere | refused] == []
