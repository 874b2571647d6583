"""The commands of setup.py: thin layers over orchestrator.api. None calls or imports setuptools' own develop or install."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from setuptools import Command, Distribution

from orchestrator import api
from orchestrator.detect import DETECTORS
from orchestrator.errors import BuildError, UnknownNameError, UsageError, nearest
from orchestrator.front.console import Console
from orchestrator.manifest import load_manifest
from orchestrator.options.translate import request_from, split_defines, to_settings
from orchestrator.packaging import editable
from orchestrator.packaging.metadata import Metadata
from orchestrator.packaging.sdist import write_sdist
from orchestrator.packaging.wheel import package_modules, wheel_members, write_wheel

__all__ = ["FrameworkDistribution", "commands", "run_setup"]

ROOT = Path(__file__).resolve().parents[3]

_Options = list[tuple[str, str | None, str]]


class BuildCommand(Command):
    """What all commands that build have in common: options, and the way to a BuildRequest."""

    user_options: ClassVar[_Options] = [
        ("config=", None, "configuration, such as release or debug"),
        ("define=", "D", "an option: NAME=VALUE, for one library LIB:NAME=VALUE; may be given again"),
        ("jobs=", "j", "how many commands run at once"),
        ("build-dir=", None, "where build trees stand (default: build)"),
        ("fresh=", None, "make these libraries anew from nothing, separated by commas; `all` for all"),
        ("again", None, "with the options of the last build of this configuration"),
    ]
    boolean_options: ClassVar[list[str]] = ["again"]
    libraries: tuple[str, ...] = ()
    """Which libraries the command builds; empty means all."""

    def initialize_options(self) -> None:
        self.config: str | None = None
        self.define: str | None = None
        self.jobs: str | None = None
        self.build_dir: str | None = None
        self.fresh: str | None = None
        self.again: bool | int | None = None

    def finalize_options(self) -> None:
        self.request()  # a mistake is said before anything is built

    def request(self) -> api.BuildRequest:
        """What the command line asks for."""
        given = {name: getattr(self, name) for name in ("config", "jobs", "build_dir", "fresh")}
        return request_from(
            {
                **split_defines(self.define or ""),
                **given,
                "again": "true" if self.again else None,
                "libs": ",".join(self.libraries),
            },
            root=ROOT,
            command=self.get_command_name(),
            verbose=int(self._loudness() > 1),
            quiet=self._loudness() == 0,
            argv=sys.argv[1:],
        )

    def _loudness(self) -> int:
        """0 after -q, 2 after -v. Behind the command, setuptools takes them for an option of the command."""
        _, own = self.distribution.get_option_dict(self.get_command_name()).get("verbose", ("", None))
        return int(self.distribution.verbose) if own is None else 2 * int(own)

    def run(self) -> None:
        api.build(self.request())


class build_deps(BuildCommand):
    """The native libraries."""

    description = "build the native libraries (all, or those of --libs) and publish them into the package"
    user_options: ClassVar[_Options] = [
        *BuildCommand.user_options,
        ("libs=", None, "their names, separated by commas"),
    ]

    def initialize_options(self) -> None:
        super().initialize_options()
        self.libs: str | None = None

    def finalize_options(self) -> None:
        super().finalize_options()
        known = native_libraries()
        asked = tuple(part.strip() for part in (self.libs or "").split(",") if part.strip())
        for name in asked:
            if name not in known:
                raise UnknownNameError(
                    f"libraries.toml names no library {name!r}.{nearest(name, known)}",
                    next_step=f"choose from: {', '.join(known)}",
                )
        self.libraries = asked or known


class build_ext(BuildCommand):
    """The Python extension and what it needs."""

    description = "build the Python extension and the libraries that it needs"

    def finalize_options(self) -> None:
        super().finalize_options()
        self.libraries = tuple(name for name in api.library_names(ROOT) if name not in native_libraries())


class build_py(BuildCommand):
    """The Python modules: they are used where they lie, so that there is nothing to copy."""

    description = "list the package's Python modules; they are used where they lie"

    def run(self) -> None:
        modules = package_modules(ROOT)
        print(f"{len(modules)} Python modules and stubs are used where they lie, in {ROOT / 'torch'}; nothing to build.")


class build(BuildCommand):
    """Everything."""

    description = "build everything: libraries, extension, generated modules"


class develop(BuildCommand):
    """The main job: build everything and let this environment import the checkout."""

    description = "build everything and register the checkout as an editable install of this environment"
    user_options: ClassVar[_Options] = [
        *BuildCommand.user_options,
        ("rebuild-on-import", None, "build what changed when a program imports torch; a plain develop ends that"),
    ]
    boolean_options: ClassVar[list[str]] = [*BuildCommand.boolean_options, "rebuild-on-import"]

    def initialize_options(self) -> None:
        super().initialize_options()
        self.rebuild_on_import: bool | int = False

    def run(self) -> None:
        metadata = Metadata(ROOT)
        editable.check_foreign(metadata)
        request = self.request()
        result = api.build(request)
        with api.recorded(result, "package", "editable registration"):
            registration, made = editable.register(metadata, rebuild=bool(self.rebuild_on_import))
        if made:
            print(f"Registered: this environment now imports {metadata.name} {metadata.version} from {ROOT}.")
            print("Try it:  python -c 'import torch; print(torch.ones(2, 3))'   and the tests:  python -m pytest")
            if self.rebuild_on_import:
                print(f"An import builds what changed; {editable.switch_name('torch')}=0 switches that off for one run.")
        if list(self.distribution.commands) == ["develop"]:  # the fast path would skip what follows
            api.remember(request, result, argv=sys.argv[1:], watch=registration.files)


class install(BuildCommand):
    """Builds and installs a copy through pip."""

    description = "build and install a copy into this environment (through pip)"

    def run(self) -> None:
        editable.check_foreign(Metadata(ROOT))
        api.build(self.request())
        # A standing install of the same version would make pip do nothing.
        editable.pip_install(ROOT, ["--force-reinstall", *settings(self.request()), str(ROOT)])
        print(f"Installed a copy into {sys.prefix}.")


class bdist_wheel(BuildCommand):
    """Builds and writes the wheel."""

    description = "build and write the wheel"
    user_options: ClassVar[_Options] = [*BuildCommand.user_options, ("dist-dir=", "d", "where to write it (default: dist)")]

    def initialize_options(self) -> None:
        super().initialize_options()
        self.dist_dir: str | None = None

    def run(self) -> None:
        result = api.build(self.request())
        folder = Path(self.dist_dir or ROOT / "dist")
        with api.recorded(result, "package", "wheel"):
            name = write_wheel(folder, Metadata(ROOT), wheel_members(ROOT, result.published))
        print(f"Wrote {folder / name} ({(folder / name).stat().st_size / 1e6:.1f} MB).")


class sdist(Command):
    """Writes the source distribution."""

    description = "write the source distribution; builds nothing"
    user_options: ClassVar[_Options] = [("dist-dir=", "d", "where to write it (default: dist)")]

    def initialize_options(self) -> None:
        self.dist_dir: str | None = None

    def finalize_options(self) -> None:
        self.folder = Path(self.dist_dir or ROOT / "dist")

    def run(self) -> None:
        name = write_sdist(self.folder, Metadata(ROOT))
        print(f"Wrote {self.folder / name} ({(self.folder / name).stat().st_size / 1e6:.1f} MB).")


class clean(Command):
    """Deletes what builds wrote."""

    description = "delete what builds wrote, and nothing else"
    user_options: ClassVar[_Options] = [("dry-run", "n", "only list what would be deleted")]
    boolean_options: ClassVar[list[str]] = ["dry-run"]

    def initialize_options(self) -> None:
        self.dry_run: bool | int = False

    def finalize_options(self) -> None:
        self.dry_run = bool(self.dry_run)

    def run(self) -> None:
        report = api.clean(api.BuildRequest(root=ROOT, command="clean", dry_run=bool(self.dry_run)))
        print("\n".join(report.lines()))
        metadata = Metadata(ROOT)
        if any(editable.registration(metadata, rebuild=rebuild) is not None for rebuild in (False, True)):
            print(f"This environment still imports the checkout; to end that: python -m pip uninstall {metadata.name}")


def settings(request: api.BuildRequest) -> list[str]:
    """The request's options as pip's --config-settings."""
    return [word for pair in to_settings(request) for word in ("--config-settings", pair)]


def native_libraries() -> tuple[str, ...]:
    """The libraries of libraries.toml without the Python extensions."""
    manifest = load_manifest(ROOT / "libraries.toml", detectors=tuple(DETECTORS))
    return tuple(library.name for library in manifest.libraries if library.kind == "library")


def commands() -> dict[str, type[Command]]:
    """Every command by its name, with a `build_<library>` for each library of libraries.toml."""
    fixed = [build_deps, build_ext, build_py, build, develop, install, bdist_wheel, sdist, clean]
    table: dict[str, type[Command]] = {command.__name__: command for command in fixed}
    for name in native_libraries():
        description = f"build {name} and what it needs"
        alias = type(f"build_{name}", (BuildCommand,), {"description": description, "libraries": (name,)})
        table[f"build_{name}"] = alias
    return table


class FrameworkDistribution(Distribution):
    """Knows our commands only, and that the package holds native code."""

    common_usage = "All commands and examples: python setup.py --help\n"

    def has_ext_modules(self) -> bool:
        return True

    def finalize_options(self) -> None:
        """No hook of other packages in the environment (scikit-build-core, setuptools-scm) may change a build."""

    def parse_config_files(self, *arguments: Any, **named: Any) -> None:
        """Nothing to read: metadata.py reads pyproject.toml, and configuration files of a user must not change a build."""

    def run_command(self, command: str) -> None:
        """Runs a command once; setuptools' way also prints a line for each, which our own events make needless."""
        if not self.have_run.get(command):
            found = self.get_command_obj(command)
            found.ensure_finalized()
            found.run()
            self.have_run[command] = True

    def get_command_class(self, command: str) -> type[Command]:
        found = self.cmdclass.get(command)
        if found is None:
            known = sorted(self.cmdclass)
            raise UnknownNameError(
                f"setup.py has no command {command!r}.{nearest(command, known)}", next_step=f"choose from: {', '.join(known)}"
            )
        return found  # type: ignore[no-any-return]


def run_setup(setup: Callable[..., Any], arguments: Sequence[str]) -> int:
    """Runs setuptools' setup() with our commands. Returns the exit status; our errors print without a traceback."""
    try:
        table = commands()
        if not arguments or arguments[0] in {"-h", "--help", "--help-commands"}:
            print(_help(table))
            return 0 if arguments else 2
        arguments = join_defines(arguments, table)
        if arguments[0] in table and {"-h", "--help"} & set(arguments):
            print(_command_help(arguments[0], table[arguments[0]]))
            return 0
        metadata = Metadata(ROOT)
        setup(
            name=metadata.name,
            version=metadata.version,
            packages=[],
            py_modules=[],
            cmdclass=table,
            distclass=FrameworkDistribution,
            script_args=list(arguments),
        )
    except BuildError as error:
        sys.stdout.flush()
        Console().error(str(error))
        return error.exit_code
    except SystemExit as error:
        if not isinstance(error.code, str):
            raise
        mistake = _usage_error(error.code, arguments, table)
        Console().error(str(mistake))
        return mistake.exit_code
    except KeyboardInterrupt:
        Console().error("Interrupted.")
        return 130
    return 0


def _usage_error(said: str, arguments: Sequence[str], table: Mapping[str, type[Command]]) -> UsageError:
    """What setuptools says about a command line that it cannot read, with the nearest option and where to look."""
    said = said.rpartition("error: ")[2]
    command = next((word for word in reversed(arguments) if word in table), "")
    step = f"see: python setup.py {command} --help".replace("  ", " ")
    if not command or not said.endswith(" not recognized"):
        return UsageError(f"{said[:1].upper()}{said[1:]}.", next_step=step)
    option = said.removeprefix("option ").removesuffix(" not recognized")
    known = [f"--{long.rstrip('=')}" for long, _, _ in table[command].user_options]
    return UsageError(f"{command} has no option {option}.{nearest(option, known)}", next_step=step)


def join_defines(arguments: Sequence[str], table: Container[str]) -> list[str]:
    """Each command's `-D A=1 -D B=2` as one `-D A=1,B=2`: setuptools keeps only the last value of an option."""
    joined: list[str] = []
    place: int | None = None  # of this command's value
    words = iter(arguments)
    for word in words:
        if word in table:
            place = None
        value = next(words, "") if word in ("-D", "--define") else None
        if value is None and word.startswith("--define="):
            value = word.partition("=")[2]
        elif value is None and word.startswith("-D"):
            value = word[2:]
        if value is None:
            joined.append(word)
        elif place is None:
            joined += ["-D", value]
            place = len(joined) - 1
        else:
            joined[place] += f",{value}"
    return joined


def _command_help(name: str, command: type[Command]) -> str:
    """The options and examples of one command."""
    rows = []
    for long, short, said in [*command.user_options, ("help", "h", "this text")]:
        text = f"--{long.rstrip('=')}{' VALUE' if long.endswith('=') else ''}"
        rows.append((f"-{short}, {text}" if short else f"    {text}", said))
    width = max(len(text) for text, _ in rows)
    examples = ["", *(["-D WERROR=ON -j 4", "--config debug"] if issubclass(command, BuildCommand) else [])]
    about = getattr(command, "description", "")
    return "\n".join(
        [
            f"usage: python setup.py {name} [OPTIONS]",
            "",
            f"{about[:1].upper()}{about[1:]}.",
            "",
            "options:",
            *(f"  {text:<{width}}  {said}" for text, said in rows),
            "",
            "examples:",
            *(f"  python setup.py {name} {words}".rstrip() for words in examples),
            "",
            "`python tools/build_deps.py options` lists what -D sets. `-v` and `-q` print more or less.",
        ]
    )


def _help(table: Mapping[str, type[Command]]) -> str:
    lines = ["usage: python setup.py COMMAND [OPTIONS] [COMMAND ...]", "", "commands:"]
    lines += [f"  {name:<14} {getattr(command, 'description', '')}" for name, command in table.items()]
    lines += [
        "",
        "examples:",
        "  python setup.py develop                   build everything; import it from this checkout",
        "  python setup.py build_deps --libs TH      one library and what it needs",
        "  python setup.py bdist_wheel               dist/torch-<version>-<tag>.whl",
        "  python setup.py clean --dry-run           what `clean` would delete",
        "  python setup.py COMMAND --help            the options of one command",
    ]
    return "\n".join(lines)
