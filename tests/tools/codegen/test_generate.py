"""The generated files: deterministic, rewritten only when they differ, and keeping no more than gradients use."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from codegen import emit_nodes, emit_ops
from codegen.generate import generate, main, write
from codegen.model import DeclarationError, parse

ROOT = Path(__file__).resolve().parents[3]
DECLARATIONS = ROOT / "torch" / "csrc" / "declarations"
SMALL = """
[[op]]
schema = "mul(Tensor self, Tensor other) -> Tensor"
call = "THTensor_cmul(out, self, other)"
variants = ["method", "inplace"]
inplace_size = "other.size"
grad.self = "mul(grad, other)"
grad.other = "mul(grad, self)"
"""
GOLDEN_CLASS = """\
class MulBackward final : public Node {
 public:
  MulBackward() : Node(2) {}
  const char* name() const override { return "MulBackward"; }
  void apply(Tensor* grads, Tensor* results) override;
  void release_saved() override;

  SavedTensor other_, self_;
};
"""
GOLDEN_OP = """\
Tensor mul(const Tensor& self, const Tensor& other) {
  Tensor out = Tensor::fresh();
  check(THTensor_cmul(out.get(), self.get(), other.get()));
  if (grad_enabled() && (requires_grad(self) || requires_grad(other))) record_mul(out, self, other);
  return out;
}
"""
GOLDEN_APPLY = """\
void MulBackward::apply(Tensor* grads, Tensor* results) {
  if (released()) throw_released();
  const Tensor& grad = grads[0];
  if (needs(0)) {
    const Tensor other = other_.unpack(this);
    results[0] = ops::mul(grad, other);
  }
  if (needs(1)) {
    const Tensor self = self_.unpack(this);
    results[1] = ops::mul(grad, self);
  }
}
"""


def small(folder: Path, text: str = SMALL) -> Path:
    """A folder with one declaration file."""
    (folder / "some.toml").write_text(text)
    return folder


def test_golden(tmp_path: Path) -> None:
    ops = parse(small(tmp_path))
    nodes, sources = emit_nodes.emit(ops), emit_ops.emit(ops)
    assert GOLDEN_CLASS in nodes["Nodes_some.h"]
    assert GOLDEN_APPLY in nodes["Nodes_some.cpp"]
    assert GOLDEN_OP in sources["Ops_some.cpp"]
    # In place, the gradient of `other` needs the old value of `self`.
    assert "if (node->needs(1)) inplace ? node->self_.save_copy(self) : node->self_.save(self);" in sources["Ops_some.cpp"]
    assert "  autograd::check_inplace_size(self, other.sizes());\n" in sources["Ops_some.cpp"]
    assert "Tensor mul(const Tensor& self, const Tensor& other);" in sources["Ops.h"]
    assert "const Tensor& mul_(const Tensor& self, const Tensor& other);" in sources["Ops.h"]


def test_a_result_that_a_gradient_uses_is_kept_and_the_input_is_not(tmp_path: Path) -> None:
    text = '[[op]]\nschema = "exp(Tensor self) -> Tensor"\ncall = "THTensor_exp(out, self)"\ngrad.self = "mul(grad, out)"\n'
    nodes = emit_nodes.emit(parse(small(tmp_path, SMALL + text)))
    assert "  SavedTensor out_;\n" in nodes["Nodes_some.h"]


def test_deterministic() -> None:
    assert generate(DECLARATIONS) == generate(DECLARATIONS)


def test_one_declaration_changes_the_files_of_its_group_only(tmp_path: Path) -> None:
    """Another gradient is no reason to compile anything of other groups; a new operation reaches what lists all of them."""
    folder = tmp_path / "declarations"
    shutil.copytree(DECLARATIONS, folder)
    before = generate(folder)

    def changed() -> set[str]:
        after = generate(folder)
        return {name for name in after if after[name] != before.get(name)}

    text = (folder / "pointwise.toml").read_text(encoding="utf-8")
    gradient = 'grad.self = "'
    at = text.index(gradient) + len(gradient)
    (folder / "pointwise.toml").write_text(f"{text[:at]}1 * {text[at:]}", encoding="utf-8")
    assert changed() == {"Nodes_pointwise.cpp"}
    (folder / "pointwise.toml").write_text(text, encoding="utf-8")
    assert changed() == set()
    (folder / "scan.toml").write_text(
        (folder / "scan.toml").read_text(encoding="utf-8") + SMALL.replace("mul(Tensor self", "zzz(Tensor self", 1),
        encoding="utf-8",
    )
    assert changed() == {"Bindings_scan.cpp", "Nodes_scan.cpp", "Nodes_scan.h", "Ops_scan.cpp", "Ops.h", "_C.pyi"}


def test_writes_only_what_differs(tmp_path: Path) -> None:
    files = {"a.h": "a\n", "b.h": "b\n"}
    assert write(files, tmp_path) == ["a.h", "b.h"]
    stamp = (tmp_path / "a.h").stat().st_mtime_ns
    assert write({**files, "b.h": "new\n"}, tmp_path) == ["b.h"]
    assert (tmp_path / "a.h").stat().st_mtime_ns == stamp
    assert (tmp_path / "b.h").read_text() == "new\n"


def test_bad_gradient_names_the_declaration(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"some.toml:2: mul: in 'mul.grad, othr.': unknown name 'othr'"):
        emit_nodes.emit(parse(small(tmp_path, SMALL.replace("(grad, other)", "(grad, othr)"))))


def test_in_place_needs_to_know_the_size(tmp_path: Path) -> None:
    with pytest.raises(
        DeclarationError, match=r"some.toml:2: mul: the variant 'inplace' of several tensors needs 'inplace_size'"
    ):
        emit_ops.emit(parse(small(tmp_path, SMALL.replace('inplace_size = "other.size"', ""))))


def test_bad_call_names_the_declaration(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"some.toml:2: mul: 'othr' in the call is neither argument nor result"):
        emit_ops.emit(parse(small(tmp_path, SMALL.replace("(out, self, other)", "(out, self, othr)"))))


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = ROOT / "tools" / "codegen" / "generate.py"
    command = [sys.executable, "-I", str(script), "--declarations", str(DECLARATIONS), "--out", str(tmp_path / "out")]
    subprocess.run(command, check=True)
    assert "namespace torch::ops" in (tmp_path / "out" / "Ops.h").read_text()
    (tmp_path / "some.toml").write_text("[[op]]\n")
    assert main(["--declarations", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == "codegen: some.toml:1: the key 'schema' is missing\n"
