"""The editable install: registered once through pip, found from anywhere, gone without a trace, never over another torch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from environments import Make
from orchestrator import api, process
from orchestrator.packaging import bootstrap, editable
from orchestrator.packaging.metadata import GENERATOR, Metadata

WHERE = "import torch; print(torch.__file__, torch.__version__)"
MODULES = "import sys; print(*sorted(sys.modules))"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site-packages folder that the module under test takes for the environment's."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(editable, "_site_folders", lambda: [str(folder)])
    return folder


def install_by_hand(root: Path, site: Path) -> None:
    """What pip writes for our editable wheel."""
    metadata = Metadata(root)
    for name, content in editable.editable_texts(root).items():
        (site / name).write_bytes(content)
    metadata.write_dist_info(site)
    (site / metadata.dist_info / "RECORD").write_text("")
    (site / metadata.dist_info / "direct_url.json").write_text(f'{{"dir_info": {{"editable": true}}, "url": "file://{root}"}}')


def test_a_standing_registration_is_seen(root: Path, site: Path) -> None:
    assert editable.registration(Metadata(root)) is None
    install_by_hand(root, site)
    standing = editable.registration(Metadata(root))
    assert standing is not None
    names = {path.name for path in standing.files}
    assert names == {"__editable___torch_finder.py", "__editable__.torch.pth", "METADATA", "RECORD", "direct_url.json"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("__editable__.torch.pth", None),
        ("__editable___torch_finder.py", None),
        ("__editable___torch_finder.py", "raise SystemExit\n"),
        ("torch-0.4.0.dist-info/METADATA", "Metadata-Version: 2.4\nName: torch\nVersion: 0.4.0\n"),
        ("torch-0.4.0.dist-info/RECORD", None),
        ("torch-0.4.0.dist-info/direct_url.json", None),
        ("torch-0.4.0.dist-info/direct_url.json", '{"dir_info": {"editable": true}, "url": "file:///somewhere/else"}'),
        ("torch-0.4.0.dist-info/direct_url.json", '{"dir_info": {}, "url": "file://ROOT"}'),
        ("torch-0.4.0.dist-info/direct_url.json", "not json"),
    ],
)
def test_a_damaged_registration_does_not_stand(root: Path, site: Path, name: str, content: str | None) -> None:
    install_by_hand(root, site)
    if content is None:
        (site / name).unlink()
    else:
        (site / name).write_text(content.replace("ROOT", str(root)))
    assert editable.registration(Metadata(root)) is None


def test_another_torch_is_named(root: Path, site: Path) -> None:
    (site / "torch-2.13.0.dist-info").mkdir()
    (site / "torch-2.13.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0\n")
    (site / "torch-2.13.0.dist-info" / "WHEEL").write_text("Wheel-Version: 1.0\nGenerator: bdist_wheel\n")
    with pytest.raises(editable.ForeignPackageError) as caught:
        editable.check_foreign(Metadata(root))
    assert "2.13.0" in str(caught.value) and str(site) in str(caught.value) and "pip uninstall torch" in str(caught.value)
    (site / "torch-2.13.0.dist-info" / "WHEEL").write_text(f"Wheel-Version: 1.0\nGenerator: {GENERATOR} 0.3.0\n")
    editable.check_foreign(Metadata(root))


def test_a_torch_without_an_owner_is_named(root: Path, site: Path) -> None:
    (site / "torch").mkdir()
    editable.check_foreign(Metadata(root))
    (site / "torch" / "__init__.py").write_text("")
    with pytest.raises(editable.ForeignPackageError, match="no installed distribution"):
        editable.check_foreign(Metadata(root))


def test_registering_where_pip_may_not(root: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_locked_reason", lambda: "The operating system owns it.")
    monkeypatch.setattr(process, "attached", lambda *_, **__: pytest.fail("pip was run"))
    with pytest.raises(bootstrap.EnvironmentLockedError, match="-m venv"):
        editable.register(Metadata(root))
    install_by_hand(root, site)
    assert editable.register(Metadata(root))[1] is False


def test_pip_that_fails_or_lies_is_reported(root: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_locked_reason", lambda: "")
    for status, named in ((2, "status 2"), (0, "is not there")):
        monkeypatch.setattr(process, "attached", lambda *_, status=status, **__: status)
        with pytest.raises(editable.RegistrationError, match=named):
            editable.register(Metadata(root))
    assert list(site.iterdir()) == []


def test_develop_stops_before_another_torch(root: Path, tmp_path: Path, make_environment: Make) -> None:
    environment = make_environment(packages=True)
    foreign = environment.site / "torch-2.13.0.dist-info"
    foreign.mkdir()
    (foreign / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0\n")
    before = environment.contents()
    done = environment.run(root / "setup.py", "develop", cwd=tmp_path)
    assert done.returncode == 12, done.stdout
    assert "2.13.0" in done.stdout
    assert environment.contents() == before


@pytest.mark.slow
def test_develop_import_uninstall(root: Path, built: api.BuildResult, tmp_path: Path, make_environment: Make) -> None:
    environment = make_environment(packages=True)
    run, contents = environment.run, environment.contents
    before = contents()

    first = run(root / "setup.py", "develop", cwd=tmp_path)
    assert first.returncode == 0, first.stdout
    assert "Registered" in first.stdout
    assert {name.split("/")[0] for name in contents() - before} == {
        "__editable__.torch.pth", "__editable___torch_finder.py", "torch-0.4.0.dist-info",
    }  # fmt: skip
    found = run("-c", WHERE, cwd=tmp_path)
    assert found.stdout.split() == [str(root / "torch/__init__.py"), "0.4.0"], found.stdout
    for name in ("tools", "orchestrator", "tests", "setup"):
        assert "ModuleNotFoundError" in run("-c", f"import {name}", cwd=tmp_path).stdout, f"{name} is exposed"

    again = run(root / "setup.py", "develop", cwd=tmp_path)
    assert again.returncode == 0, again.stdout
    assert "Registered" not in again.stdout
    assert re.search("nothing to do", again.stdout, re.IGNORECASE), again.stdout

    removed = run("-m", "pip", "uninstall", "--yes", "torch", cwd=tmp_path)
    assert removed.returncode == 0, removed.stdout
    assert contents() == before
    assert "ModuleNotFoundError" in run("-c", WHERE, cwd=tmp_path).stdout

    anew = run(root / "setup.py", "develop", cwd=tmp_path)
    assert anew.returncode == 0, anew.stdout
    assert "Registered" in anew.stdout, "the uninstalled registration was not noticed"


def test_the_finder_loads_nothing_at_start(root: Path, tmp_path: Path, make_environment: Make) -> None:
    environment = make_environment()
    run, site = environment.run, environment.site
    (site / "any.pth").write_text("# CPython 3.13 loads a codec for each file of this kind\n")
    bare = set(run("-c", MODULES, cwd=tmp_path).stdout.split())
    for name, content in editable.editable_texts(root).items():
        (site / name).write_bytes(content)
    assert set(run("-c", MODULES, cwd=tmp_path).stdout.split()) - bare == {"__editable___torch_finder"}


def test_the_finder_knows_one_name_and_survives_a_removed_checkout(tmp_path: Path, make_environment: Make) -> None:
    checkout = tmp_path / "check'out"
    (checkout / "torch").mkdir(parents=True)
    (checkout / "torch" / "__init__.py").write_text("name = 'here'\n")
    (checkout / "other.py").write_text("")
    environment = make_environment()
    for name, content in editable.editable_texts(checkout).items():
        (environment.site / name).write_bytes(content)
    run = environment.run
    assert run("-c", "import torch; print(torch.name)", cwd=tmp_path).stdout == "here\n"
    assert "ModuleNotFoundError" in run("-c", "import other", cwd=tmp_path).stdout
    (checkout / "torch" / "__init__.py").unlink()
    assert "ModuleNotFoundError: No module named 'torch'" in run("-c", "import torch", cwd=tmp_path).stdout
