"""The verb `explain`: why a target will, or will not, be made again by the next build; or what the last one did, and why."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import UnknownNameError, nearest
from orchestrator.insight.answer import Answer, Chain, ExplainReport, Step, edge_steps
from orchestrator.insight.buildgraph import Edge
from orchestrator.insight.causes import Cause, Impact, impact
from orchestrator.insight.survey import Survey, reaches_commands, take_survey
from orchestrator.session import BuildRequest, Session

__all__ = ["Aim", "aim_at", "explain", "explain_next", "relevant"]


@dataclass(frozen=True)
class Aim:
    """A target, resolved: the files of the build tree and of the package that it stands for.

    `kind` is everything, library, wheel, option, product (published, or to be), output (of the build tree), source or package.
    """

    name: str
    kind: str
    outputs: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    library: str = ""
    readers: tuple[Edge, ...] = ()


def explain(
    request: BuildRequest, targets: Sequence[str] = (), *, last: bool = False, clock: Callable[[], float] = time.time
) -> ExplainReport:
    """Answers for each target, for all that is requested if there is none: about the next build, or the last. Changes nothing.

    Raises UnknownNameError for a target that nothing knows, and what opening a session raises.
    """
    if last:
        from orchestrator.insight.lastbuild import explain_last  # which needs this module

        return explain_last(request, targets, clock=clock)
    survey = take_survey(request, clock=clock)
    apart = {answer.target: answer for answer in survey.projects}
    answers = [apart.get(name) or explain_next(survey, aim_at(survey, name)) for name in targets or ("everything",)]
    if not targets:
        changing = tuple(answer for answer in apart.values() if answer.chains)
        answers = [*(answers if survey.plan.targets or not changing else ()), *changing]
    return ExplainReport(tuple(answers), False)


def aim_at(survey: Survey, name: str) -> Aim:
    """Resolves a library, an option, `wheel`, a path (relative to the current folder, the root or the build tree) or a file's
    bare name, if only one file that is published, made or read has it."""
    session = survey.session
    destinations = [*(item.destination for item in survey.plan.products), *(file.destination for file in survey.journal)]
    if name in ("everything", "wheel"):
        return Aim(name, name, _built(survey, None), tuple(dict.fromkeys([*destinations, *survey.stale])))
    if name in session.manifest.names():
        owned = [item.destination for item in survey.plan.products if item.owner == name]
        owned += [file.destination for file in survey.journal if file.owner == name]
        stale = (place for place in survey.stale if place.startswith(tuple(f"{d}/" for d in _header_places(survey, name))))
        return Aim(name, "library", _built(survey, name), tuple(dict.fromkeys([*owned, *stale])), name)
    if name in session.options.values:
        return Aim(name, "option")
    for path in dict.fromkeys((Path.cwd() / name, session.root / name, survey.plan.build_dir / name)):
        aim = _aim_at_path(survey, Path(str(path.absolute())), name)
        if aim is not None:
            return aim
    outputs = [output for edge in survey.needed for output in edge.outputs if not edge.phony]
    sources = _sources(survey)
    for names, folder in ((destinations, session.root), (outputs, survey.plan.build_dir), (sources, session.root)):
        same = {path for path in names if path.rpartition("/")[2] == name}
        aim = _aim_at_path(survey, folder / same.pop(), name) if len(same) == 1 else None
        if aim is not None:
            return aim
    known = ["wheel", *session.manifest.names(), *session.options.values, *destinations]
    known += [*outputs, *sources, *(source.rpartition("/")[2] for source in sources)]
    text = f"There is no library, option, product, output or file `{name}`.{nearest(name, known)}"
    raise UnknownNameError(text, next_step=f"libraries: {', '.join(session.manifest.names())}; or give a path")


def _sources(survey: Survey) -> list[str]:
    """The files of the checkout that commands read, relative to the root."""
    root = f"{survey.session.root}/"
    read = (path for edge in survey.needed for path in (*edge.inputs, *survey.deps.get(edge.output, ())))
    return [path.removeprefix(root) for path in dict.fromkeys(read) if path.startswith(root)]


def _header_places(survey: Survey, name: str) -> list[str]:
    """Headers of several libraries share a folder, so the folder below it decides."""
    return [
        f"{folder.destination}/{path.name}"
        for folder in survey.plan.headers
        if folder.owner == name and folder.source.is_dir()
        for path in folder.source.iterdir()
    ]


def _built(survey: Survey, owner: str | None) -> tuple[str, ...]:
    tree = f"{survey.plan.build_dir}/"
    items = (item for item in survey.plan.products if owner is None or item.owner == owner)
    return tuple(str(item.built).removeprefix(tree) for item in items)


def _aim_at_path(survey: Survey, path: Path, name: str) -> Aim | None:
    session, graph, tree = survey.session, survey.graph, f"{survey.plan.build_dir}/"
    try:
        inside = path.resolve().relative_to(session.root.resolve()).as_posix() if not path.is_symlink() else ""
    except ValueError:
        inside = ""
    short = str(path).removeprefix(f"{session.root}/")
    products = [(item.destination, item.built, item.owner) for item in survey.plan.products]
    for destination, built, owner in (*products, *((file.destination, file.source, file.owner) for file in survey.journal)):
        if destination in (short, inside):
            return Aim(destination, "product", (str(built).removeprefix(tree),), (destination,), owner)
    output = str(path).removeprefix(tree)
    if graph is None:
        return Aim(short, "source") if path.exists() else None
    edge = graph.by_output.get(output)
    if edge is not None and not edge.phony:
        return Aim(output, "output", (output,), _published_from(survey, {output}), edge.library)
    readers = tuple(
        edge
        for edge in survey.needed
        if not edge.phony and output in (*edge.inputs, *edge.implicit, *survey.deps.get(edge.output, ()))
    )
    rerun = graph.by_output.get("build.ninja")
    if readers or (rerun is not None and output in (*rerun.inputs, *rerun.implicit)) or path == session.manifest.path:
        return Aim(short, "source", readers=readers)
    package = session.manifest.framework.package
    return Aim(short, "package" if short.startswith(f"{package}/") else "source") if path.exists() else None


def _published_from(survey: Survey, outputs: set[str]) -> tuple[str, ...]:
    tree = f"{survey.plan.build_dir}/"
    return tuple(item.destination for item in survey.plan.products if str(item.built).removeprefix(tree) in outputs)


def explain_next(survey: Survey, aim: Aim) -> Answer:
    """Why the next build will, or will not, do something about the target."""
    if aim.kind == "option":
        return _explain_option(survey, aim)
    if aim.kind in ("source", "package"):
        return _explain_source(survey, aim)
    if survey.graph is None:
        return Answer(aim.name, aim.kind, "is not made yet", tuple(Chain(cause, (_CONFIGURE,)) for cause in survey.configure))
    upstream = survey.needed if aim.kind == "everything" else survey.graph.needed(aim.outputs)
    inside = {edge.output for edge in upstream}
    roots = {path: causes for path, causes in survey.roots.items() if survey.graph.by_output[path].output in inside}
    stale = {place: cause for place, cause in survey.stale.items() if place in aim.destinations}
    configure = [cause for cause in survey.configure if relevant(survey.session, cause, aim.library)]
    chains: list[Chain] = []
    for cause in survey.causes():
        if cause in configure:
            chains.append(Chain(cause, tuple(_configure_steps(survey, cause, upstream))))
            continue
        hit = [path for path in survey.roots_of(cause) if path in roots]
        places = [place for place, other in stale.items() if (other.kind, other.subject) == (cause.kind, cause.subject)]
        if hit or places:
            chains.append(Chain(cause, tuple(chain_steps(survey, hit, places))))
    verdict = _verdict(survey, aim, roots, bool(stale), bool(configure), upstream)
    return Answer("the next build" if aim.kind == "everything" else aim.name, aim.kind, verdict, tuple(chains))


_CONFIGURE = Step("configure", "", (), "configure, then everything")


def relevant(session: Session, cause: Cause, library: str) -> bool:
    """Whether a cause of a configuration can reach the library: it or what it needs declares it."""
    if not cause.library or not library or library not in session.manifest.names():
        return True
    return any(item.name == cause.library for item in session.graph.closure([library]))


def _verdict(survey: Survey, aim: Aim, roots: Iterable[str], stale: bool, configure: bool, upstream: Sequence[Edge]) -> str:
    assert survey.graph is not None
    found = impact(survey.graph, roots, within=upstream)
    ends = {survey.graph.by_output[path].output for path in aim.outputs if path in survey.graph.by_output}
    if aim.kind == "everything":
        parts = ["configures"] if configure else []
        parts += [f"runs {len(found.sure)} command{'s' * (len(found.sure) != 1)}"] if found.sure else []
        parts += [f"may run {len(found.perhaps)} more"] if found.perhaps else []
        return ", ".join(parts) or ("publishes again" if stale else "has nothing to do")
    if ends & {edge.output for edge in found.sure}:
        return "will be made again"
    if configure:
        return "will be configured again, which decides whether it is made again"
    if ends & {edge.output for edge in found.perhaps}:
        return "will be made again only if what it is made from changes"
    return "will be published again" if stale else "is up to date"


def chain_steps(survey: Survey, roots: Iterable[str], places: Iterable[str] = ()) -> list[Step]:
    """What follows from running the commands of `roots`, to the package; `places` are published again in any case."""
    assert survey.graph is not None
    found = impact(survey.graph, roots, within=survey.needed)
    return [*impact_steps(survey, found), *_publish_steps(survey, found, places)]


def impact_steps(survey: Survey, found: Impact) -> list[Step]:
    """The commands as steps: the sure ones, then what only follows if a list of symbols or a generated file changes."""
    assert survey.graph is not None
    steps = edge_steps(found.sure, survey.log)
    if found.perhaps:
        running = {edge.output for edge in (*found.sure, *found.perhaps)}
        by_list: list[Edge] = []
        by_file: list[Edge] = []
        for edge in found.perhaps:
            makers = [survey.graph.by_output.get(path) for path in (*edge.inputs, *edge.implicit)]
            if edge.kind != "symbols":
                lists = all(maker.kind == "symbols" for maker in makers if maker and maker.output in running)
                (by_list if lists and any(makers) else by_file).append(edge)
        steps += edge_steps(by_file, survey.log, sure=False, beginning="only if the generated files change: ")
        steps += edge_steps(by_list, survey.log, sure=False, beginning="only if the exported symbols change: ")
    return steps


def _publish_steps(survey: Survey, found: Impact, places: Iterable[str]) -> list[Step]:
    names = [*_published_from(survey, {output for edge in found.sure for output in edge.outputs}), *places]
    if not names:
        return []
    return [Step("publish", "", tuple(names), f"publish {', '.join(dict.fromkeys(names))}: goes into the wheel")]


def _configure_steps(survey: Survey, cause: Cause, upstream: Sequence[Edge]) -> list[Step]:
    assert survey.graph is not None
    steps = [Step("configure", cause.library, (), f"configure {cause.library or 'all libraries'} again")]
    edges = [edge for edge in upstream if not edge.phony and (not cause.library or edge.library == cause.library)]
    return steps + edge_steps(edges, survey.log, sure=False, beginning="if their commands change: ")


def _explain_option(survey: Survey, aim: Aim) -> Answer:
    session = survey.session
    value = session.options.values[aim.name]
    declared = [library.name for library in session.graph.order if aim.name in library.options]
    everywhere = aim.name not in {spec.name for spec in session.manifest.options}
    notes = [value.spec.doc]
    reaches = not everywhere or reaches_commands(survey, aim.name)
    if everywhere and reaches:
        notes.append("an option of the build itself: a change counts for every library")
    elif everywhere:
        notes.append("an option of the build itself: it decides what is searched for, or how a build runs, and no command line")
    else:
        notes.append(f"declared by {', '.join(declared) or 'no library'}: no other library's commands change with it")
    chains = []
    for cause in survey.configure:
        if cause.kind == "option" and cause.subject == aim.name:
            chains.append(Chain(cause, tuple(_configure_steps(survey, cause, survey.needed)) if survey.graph else ()))
    edges = [edge for edge in survey.needed if not edge.phony and (everywhere or edge.library in declared)]
    steps = [] if chains or not reaches else edge_steps(edges, survey.log, sure=False, beginning="a change can ")
    verdict = f"= {value.value or '(empty)'} [{value.origin}]"
    return Answer(aim.name, aim.kind, verdict, tuple(chains), tuple(notes), tuple(steps))


def _explain_source(survey: Survey, aim: Aim) -> Answer:
    graph = survey.graph
    if aim.kind == "package" and not aim.readers:
        return Answer(aim.name, aim.kind, "is a file of the package: no command reads it; it goes into the wheel as it is")
    chains = []
    for cause in survey.causes():
        if cause.subject == aim.name and cause.kind in ("file", "gone", "new"):
            hit = survey.roots_of(cause)
            places = [place for place, other in survey.stale.items() if other.subject == cause.subject]
            first = _configure_steps(survey, cause, survey.needed) if cause in survey.configure and graph else []
            chains.append(Chain(cause, (*first, *(chain_steps(survey, hit, places) if graph else []))))
    if chains:
        return Answer(aim.name, aim.kind, "makes work for the next build", tuple(chains))
    if graph is None:
        return Answer(aim.name, aim.kind, "is not used yet: nothing is built", tuple(Chain(c, ()) for c in survey.configure))
    if aim.readers:
        source = str(survey.session.root / aim.name)
        places = [file.destination for file in survey.journal if str(file.source) == source]
        steps = chain_steps(survey, [edge.output for edge in aim.readers], places)
        return Answer(aim.name, aim.kind, "has not changed since it was used", (), ("if it changes:",), tuple(steps))
    rerun = graph.by_output.get("build.ninja")
    path = graph.relative(str(survey.session.root / aim.name))
    if rerun is not None and (path in rerun.implicit or path in rerun.inputs):
        notes = ("cmake reads it: a change configures again, and what that changes in the commands decides what runs",)
        return Answer(aim.name, aim.kind, "has not changed since it was used", (), notes)
    if survey.session.root / aim.name == survey.session.manifest.path:
        notes = ("every build reads it and configures again if a definition, name, version or need differs",)
        return Answer(aim.name, aim.kind, "asks for nothing that is not built", (), notes)
    places = [file.destination for file in survey.journal if str(file.source) == str(survey.session.root / aim.name)]
    verdict = f"is published as {', '.join(places)}; no command reads it" if places else "is read by no command of this build"
    return Answer(aim.name, aim.kind, verdict)
