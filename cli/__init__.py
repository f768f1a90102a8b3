"""The command ``spanmatch``: it parses, calls and prints. No mathematics; heavy imports stand in the commands.

Exit codes: 0 done, 1 something failed, 2 bad usage, 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperGroup

from .. import __version__
from ..files.activations import (
    check_activations_file,
    check_output_file,
    check_output_folder,
    require,
    save_activations,
    to_json,
)
from ..theory.errors import CertificateError, InvalidOption, SpanmatchError, SpanmatchWarning
from ..theory.validation import as_dead_neurons, as_option

FAILED, BAD_USAGE, INTERRUPTED = 1, 2, 130

#: Tables in a pipe have no terminal to measure; rich's own 80 columns fold them needlessly.
PIPE_WIDTH = 120


class Commands(TyperGroup):
    """Every command's errors and interruptions become one line on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            with plain_warnings():
                try:
                    return super().invoke(ctx)
                finally:
                    # A disk that is full says so here, and not when the interpreter is gone.
                    sys.stdout.flush()
        # Before OSError: some are both.
        except SpanmatchError as error:
            complain(str(error))
            raise typer.Exit(BAD_USAGE) from error
        except OSError as error:
            # Typer deals with a reader that has gone away.
            if error.errno == errno.EPIPE:
                raise
            complain(f"the operating system refused: {error}")
            _drop_output()
            raise typer.Exit(FAILED) from error
        except KeyboardInterrupt:
            complain("interrupted; no file was left half-written")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Neuron activation subspace matching: how far do two networks learn the same representation?",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything random; results repeat it.")]
Layers = Annotated[
    list[str] | None, typer.Option(help="Layer name or glob pattern; give it several times for several.")
]
PairOfFiles = Annotated[
    list[Path], typer.Argument(metavar="ACTIVATIONS...", help="One file that holds both arrays, or one per network.")
]
NameOfX = Annotated[str, typer.Option("--x", help="Name of network 1's array.")]
NameOfY = Annotated[str, typer.Option("--y", help="Name of network 2's array.")]
Layout = Annotated[str, typer.Option(help="Of 4-D arrays: nchw or nhwc.")]
Positions = Annotated[int | None, typer.Option(min=1, help="Only so many inputs, drawn by --seed.")]
DataFolder = Annotated[Path | None, typer.Option(help="Folder with the four IDX files of Fashion-MNIST.")]


def main() -> None:
    """Run the command line; the console script and ``python -m spanmatch`` both come here."""
    app(prog_name="spanmatch")


def _drop_output() -> None:
    """What could not be written is not tried again when the interpreter ends."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def complain(message: str) -> None:
    """One message on standard error, as it is: no markup, no wrapping."""
    print(f"spanmatch: {message}", file=sys.stderr)


@contextmanager
def plain_warnings() -> Iterator[None]:
    """A ``SpanmatchWarning`` is advice for whoever reads the result: a line, without the place in the code."""
    with warnings.catch_warnings():
        as_usual = warnings.showwarning

        def show(message: Any, category: type[Warning], filename: str, lineno: int, *rest: Any) -> None:
            if issubclass(category, SpanmatchWarning):
                complain(f"warning: {message}")
            else:
                as_usual(message, category, filename, lineno, *rest)

        warnings.showwarning = show  # type: ignore[assignment]
        yield


def output() -> Console:
    """Standard output: as wide as the terminal, or wide enough for the tables."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


@contextmanager
def progress() -> Iterator[Callable[[str], None] | None]:
    """Something to tell what is being done to: a line that renews itself on a terminal, None in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with console.status("starting") as status:
        yield lambda message: status.update(message)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"spanmatch {__version__}")
        raise typer.Exit


@app.callback()
def _spanmatch(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    del version


@app.command()
def verify(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer cases and layers: under half a minute.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All channels of every layer; takes long.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random; the report repeats it.")] = 0,
    cases: Annotated[
        int | None, typer.Option(min=1, help="Generated cases per check, instead of the default number.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder for report.json, report.html and the figure; made if needed.")
    ] = Path("spanmatch-report"),
    json: Json = False,
) -> None:
    """Check the theorems, the planted families and the shipped pair of trained CNNs.

    Writes report.json, report.html and similarity.png; exits with 1 when anything failed.

    Example: `spanmatch verify --quick --seed 7 --out my-report`
    """
    if quick and full:
        raise InvalidOption("--quick, --full: got both, need at most one of them")
    require("verify", ("hypothesis", "flint", "matplotlib", "torch", "safetensors"), "spanmatch verify")
    folder = check_output_folder(out)
    with progress() as tell:
        from ..studies.verification.run import verify as run

        report = run(quick=quick, full=full, seed=seed, cases=cases, out=folder, progress=tell)
    if json:
        sys.stdout.write(to_json(report.to_dict()))
    else:
        report.print(output())
    if not report.ok:
        raise typer.Exit(FAILED)


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="File of activations, FILE::GROUP, network, or checkpoint.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The same for the other network.")],
    layers: Layers = None,
    all_pairs: Annotated[bool, typer.Option("--all-pairs", help="Every layer of A with every layer of B.")] = False,
    layout: Annotated[str, typer.Option(help="Of 4-D arrays: nchw or nhwc.")] = "nchw",
    positions: Annotated[int, typer.Option(min=1, help="Inputs that each draw looks at.")] = 10_000,
    draws: Annotated[int, typer.Option(min=1, help="Draws of positions that are averaged.")] = 16,
    shuffles: Annotated[int, typer.Option(min=0, help="Shuffles of the images that make the null.")] = 4,
    bootstrap: Annotated[int, typer.Option(min=0, help="Resamples of the images that make a 95 % interval.")] = 0,
    simple: Annotated[
        bool, typer.Option("--simple", help="Also one minimal match for every neuron, at epsilon 0.3 and 0.5.")
    ] = False,
    units: Annotated[
        bool, typer.Option("--units", help="Also what units share one by one: matching, sparse prediction, blocks.")
    ] = False,
    seed: Seed = 0,
    dead_neurons: Annotated[str, typer.Option(help="Neurons that are always 0: match, unmatched or drop.")] = "match",
    group: Annotated[str | None, typer.Option(help="Group of HDF5 files to read; FILE::GROUP for one of them.")] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="File for what the maximum match says, a row for a layer and epsilon.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for comparison.json, similarity.png, report.html.")] = None,
    json: Json = False,
) -> None:
    """Compare two networks layer by layer, against what shuffled images give.

    A and B are files that hold one array per layer (.npz, .safetensors, .h5; the same images in the same order),
    names of shipped networks (vgg-0, resnet-1, vgg-random-labels, vgg-untrained, ...), or checkpoints that
    `spanmatch train` wrote. Networks run on the 1 000 shipped images.

    Example: `spanmatch compare vgg-0 vgg-1 --layers "conv*" --out my-report`
    """
    as_option(layout, "--layout", ("nchw", "nhwc"))
    as_dead_neurons(dead_neurons)
    if out is not None:
        require("verify", ("matplotlib",), "spanmatch compare --out")
    if units:
        require("convergent", ("sklearn",), "spanmatch compare --units")
    with progress() as tell:
        from ..studies.comparison.compare import compare as run
        from ..studies.sources import activations_of

        both = [activations_of(source, group=group, tell=tell) for source in (a, b)]
        # Before the work, but not before it is known that there is any.
        if out is not None:
            check_output_folder(out)
        if csv is not None:
            check_output_file(csv)
        found = run(
            *both,
            layers=layers,
            all_pairs=all_pairs,
            layout=layout,  # type: ignore[arg-type]
            positions=positions,
            draws=draws,
            shuffles=shuffles,
            bootstrap=bootstrap,
            seed=seed,
            dead_neurons=dead_neurons,  # type: ignore[arg-type]
            names=(a, b),
            progress=tell,
        )
        if simple:
            from ..studies.comparison.minimal import structure

            same = [layer.layer_a for layer in found if layer.layer_a == layer.layer_b]
            pieces = structure(both[0], both[1], same, layout=layout, positions=positions, seed=seed)  # type: ignore[arg-type]
            found = replace(found, structure=tuple(pieces))
        if units:
            from ..studies.comparison.units import convergence_table

            views = convergence_table(
                *both,
                layers=layers,
                all_pairs=all_pairs,
                layout=layout,  # type: ignore[arg-type]
                positions=positions,
                seed=seed,
                dead_neurons=dead_neurons,  # type: ignore[arg-type]
                names=(a, b),
                progress=tell,
            )
            found = replace(found, units=views)
    if out is not None:
        found.save(out, table=csv)
    elif csv is not None:
        found.save_table(csv)
    if json:
        sys.stdout.write(found.to_json())
        return
    from ..report.tables import layers_table, structure_table, units_table

    console = output()
    console.print(layers_table(found.to_dict(), f"{a} against {b}"))
    if simple:
        console.print(structure_table(found.to_dict()["structure"], "Minimal matches"))
    if found.units is not None:
        console.print(units_table(found.units.to_dict(), "Unit by unit"))
    for note in found.notes:
        console.print(escape(note), highlight=False)
    layers_of: dict[str, list[str]] = {}
    for layer in found:
        for note in layer.notes:
            layers_of.setdefault(note, []).append(layer.name)
    for view in found.units.layers if found.units is not None else ():
        for note in view.notes:
            layers_of.setdefault(note, []).append(view.name)
    for note, names in layers_of.items():
        console.print(escape(f"{', '.join(names)}: {note}"), highlight=False)


@app.command()
def generate(
    family: Annotated[str | None, typer.Argument(help="Family of planted sets; see --list.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write, .npz or .safetensors; the answer gets .json.")
    ] = None,
    seed: Seed = 0,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter, its value in JSON.")
    ] = None,
    list_families: Annotated[bool, typer.Option("--list", help="List the families and their parameters.")] = False,
    json: Json = False,
) -> None:
    """Write activations with a known answer: arrays X and Y, and beside them what matches and why, as JSON.

    The family two-point trains networks instead: their hidden layers over time, and the predicted final distances.
    The same family, seed and parameters give the same bytes; no spanmatch is needed to read them.

    Example: `spanmatch generate blocks --seed 3 --set "private=[4, 0]" --out planted.npz`
    """
    from ..studies.generation import families, parse_parameters, write_planted

    if list_families:
        if json:
            sys.stdout.write(to_json([asdict(one) for one in families()]))
            return
        for one in families():
            output().print(f"[bold]{escape(one.name)}[/]: {escape(one.about)}", highlight=False)
            for name, default in one.parameters.items():
                output().print(f"    {escape(f'{name} = {default!r}')}", highlight=False)
        return
    if family is None or out is None:
        missing = "FAMILY" if family is None else "--out"
        raise InvalidOption(f"generate: got no {missing}, need a FAMILY and --out FILE; --list shows what there is")
    planted, written = write_planted(family, out, seed=seed, parameters=parse_parameters(assignments or [], family))
    if json:
        sys.stdout.write(to_json({"files": written, **planted.to_dict()}))
    else:
        output().print(f"{escape(repr(planted))}\n{escape(planted.reason)}", highlight=False)
        _print_written(*written)


@app.command()
def capture(
    network: Annotated[str, typer.Argument(help="Shipped network, ARCHITECTURE-untrained, or a checkpoint file.")],
    out: Annotated[Path, typer.Option(help="File to write: .npz, .safetensors, .h5.")],
    layers: Layers = None,
    images: Annotated[int | None, typer.Option(min=1, help="Only the first so many images.")] = None,
    data: DataFolder = None,
    json: Json = False,
) -> None:
    """Write a network's activations, layer by layer, on the shipped images or on the test images of a folder.

    Every ReLU and the logits, unless --layers names others. For models of one's own there is `spanmatch.capture`.

    Example: `spanmatch capture vgg-0 --layers "conv*.relu" --images 500 --out vgg-0.npz`
    """
    check_activations_file(out)
    with progress() as tell:
        from ..studies.sources import capture_network

        found = capture_network(network, layers=layers, images=images, data=data, tell=tell)
        save_activations(out, found)
    shapes = {name: list(array.shape) for name, array in found.items()}
    if json:
        sys.stdout.write(to_json({"network": network, "file": out, "layers": shapes}))
        return
    table = Table(title=escape(f"{network}: {len(found)} layers"))
    table.add_column("layer")
    table.add_column("shape")
    for name, shape in shapes.items():
        table.add_row(escape(name), " x ".join(map(str, shape)))
    output().print(table)
    _print_written(out)


@app.command()
def train(
    architecture: Annotated[str | None, typer.Argument(help="vgg or resnet.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides initial weights and the order of the images.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Checkpoint file to write (.safetensors), or a folder.")] = None,
    labels: Annotated[str, typer.Option(help="true or random.")] = "true",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the images, not the recipe's.")] = None,
    examples: Annotated[int | None, typer.Option(min=1, help="Training images, not the recipe's number.")] = None,
    data: DataFolder = None,
    table: Annotated[bool, typer.Option("--table", help="Print the shipped networks instead of training.")] = False,
    json: Json = False,
) -> None:
    """Train a network on Fashion-MNIST by the fixed recipe, or print the table of the shipped ones.

    Takes a few minutes on one core. `--table` measures the accuracy on the 1 000 shipped images again.

    Example: `spanmatch train vgg --seed 3 --out vgg-3.safetensors`
    """
    if not table and (architecture is None or out is None):
        missing = "ARCHITECTURE" if architecture is None else "--out"
        raise InvalidOption(f"train: got no {missing}, need an ARCHITECTURE and --out FILE, or --table")
    as_option(labels, "--labels", ("true", "random"))
    require("networks", ("torch", "safetensors"), "spanmatch train")
    from ..studies.training import shipped_table, train_to

    if table:
        rows = shipped_table()
    else:
        rows = [
            train_to(
                str(architecture),
                out or Path(),
                seed=seed,
                labels=labels,  # type: ignore[arg-type]
                epochs=epochs,
                examples=examples,
                data=data,
            )
        ]
    if json:
        sys.stdout.write(to_json(rows if table else rows[0]))
        return
    shown = Table(title="Shipped networks" if table else "Trained")
    for heading, kind in _TRAINED.items():
        shown.add_column(heading.replace("_", " "), justify="left" if kind is str else "right")
    for row in rows:
        shown.add_row(
            *(f"{row[key]:.4f}" if kind is float else escape(str(row[key])) for key, kind in _TRAINED.items())
        )
    shown.caption = "accuracies: share of right answers; probes: measured now, on the 1 000 shipped images"
    output().print(shown)
    if not table:
        _print_written(rows[0]["checkpoint"])


#: The columns of ``spanmatch train``, and how each is printed.
_TRAINED: dict[str, type] = {
    "name": str, "seed": int, "labels": str, "examples": int, "epochs": int,
    "test_accuracy": float, "train_accuracy": float, "probes": float,
}  # fmt: skip


def _print_written(*paths: Path) -> None:
    for path in paths:
        output().print(f"written: {escape(str(path))}", highlight=False, soft_wrap=True)


@app.command()
def certify(
    activations: PairOfFiles,
    epsilon: Annotated[str, typer.Option(help="As written: 0.3 is 3/10; 1/3 is possible.")],
    out: Annotated[Path, typer.Option(help="Certificate to write (JSON).")],
    x: NameOfX = "X",
    y: NameOfY = "Y",
    neuron: Annotated[str | None, typer.Option(help="x:INDEX or y:INDEX: a minimal match that contains it.")] = None,
    layout: Layout = "nchw",
    positions: Positions = None,
    seed: Seed = 0,
    dead_neurons: Annotated[str, typer.Option(help="Neurons that are always 0: match, unmatched or drop.")] = "match",
    json: Json = False,
) -> None:
    """Write the maximum match, or a minimal one, together with a proof that `spanmatch check` verifies.

    The answer is exact for the stored numbers. The file holds the activations' hash, not the activations.

    Example: `spanmatch certify planted.npz --epsilon 0.3 --out certificate.json`
    """
    as_option(layout, "--layout", ("nchw", "nhwc"))
    require("exact", ("flint",), "spanmatch certify")
    check_output_file(out)
    from .. import certify as run
    from ..files.certificates import parse_epsilon, parse_neuron, read_pair, save_certificate

    level, wanted = parse_epsilon(epsilon), None if neuron is None else parse_neuron(neuron)
    with progress() as tell:
        X, Y = read_pair(activations, x=x, y=y, layout=layout, positions=positions, seed=seed)  # type: ignore[arg-type]
        if tell is not None:
            tell("proving")
        certificate = run(X, Y, level, wanted, dead_neurons=dead_neurons)
        save_certificate(out, certificate)
    if json:
        found = certificate.to_dict()
        sys.stdout.write(to_json({"file": out, **{key: found[key] for key in ("claim", "epsilon", "match", "neuron")}}))
    else:
        output().print(escape(repr(certificate)), highlight=False, soft_wrap=True)
        _print_written(out)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Certificate that `spanmatch certify` wrote.")],
    activations: PairOfFiles,
    x: NameOfX = "X",
    y: NameOfY = "Y",
    layout: Layout = "nchw",
    positions: Positions = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Check a certificate against the activations it is about, without any of the algorithms that made it.

    Give the options that `spanmatch certify` was given. Exits with 1 when the proof does not hold.

    Example: `spanmatch check certificate.json planted.npz`
    """
    as_option(layout, "--layout", ("nchw", "nhwc"))
    require("exact", ("flint",), "spanmatch check")
    with progress() as tell:
        from ..files.certificates import check_file, read_pair

        X, Y = read_pair(activations, x=x, y=y, layout=layout, positions=positions, seed=seed)  # type: ignore[arg-type]
        if tell is not None:
            tell("checking")
        try:
            proved = check_file(file, X, Y)
        except CertificateError as error:
            if json:
                sys.stdout.write(to_json({"holds": False, "reason": str(error)}))
            complain(f"{file}: {error}")
            raise typer.Exit(FAILED) from error
    if json:
        sys.stdout.write(to_json({"holds": True, **proved}))
        return
    claim = proved["claim"] if proved["neuron"] is None else f"{':'.join(map(str, proved['neuron']))}-{proved['claim']}"
    console = output()
    policy = proved["dead_neurons"]
    console.print(f"holds: {claim} at epsilon {proved['epsilon']}, dead neurons: {policy}", highlight=False)
    for side, indices in proved["match"].items():
        console.print(f"{side}: {' '.join(map(str, indices)) or 'none'}", highlight=False, soft_wrap=True)


@app.command()
def dynamics(
    grid: Annotated[int, typer.Option(min=2, help="Points along each axis: distances of inputs and of targets.")] = 5,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for dynamics.json, .png and .html; made if needed.")] = None,
    json: Json = False,
) -> None:
    """Hold the effective theory of when representations align against small networks trained on two points.

    Three architectures and three initial scales, rich to lazy: predicted and measured final distances, and wrong
    equations fitted to the same curves.

    Example: `spanmatch dynamics --grid 3 --out my-report`
    """
    require("networks", ("torch", "safetensors"), "spanmatch dynamics")
    if out is not None:
        require("verify", ("matplotlib",), "spanmatch dynamics --out")
        check_output_folder(out)
    with progress() as tell:
        from ..studies.dynamics.run import run_dynamics

        found = run_dynamics(grid=grid, seed=seed, progress=tell)
    written = () if out is None else found.save(out)
    if json:
        sys.stdout.write(to_json(found.to_dict()))
        return
    found.print(output())
    _print_written(*written)


@app.command()
def conform(
    target: Annotated[str, typer.Argument(metavar="MODULE:ATTRIBUTE", help="Or file.py:attribute.")],
    levels: Annotated[
        list[str] | None, typer.Option("--level", help="required, numerical, threshold or optional; default: all.")
    ] = None,
    cases: Annotated[int, typer.Option(min=1, help="Questions that each check asks.")] = 60,
    seed: Seed = 0,
    strict: Annotated[bool, typer.Option("--strict", help="Failures of every level count, not only required.")] = False,
    expected: Annotated[
        list[str] | None, typer.Option("--expect", metavar="CHECK=REASON", help="A failure that is known, and why.")
    ] = None,
    json: Json = False,
) -> None:
    """Test an implementation from elsewhere, and show a script for everything that it gets wrong.

    It needs some of max_match(X, Y, epsilon), min_match(X, Y, epsilon, side, index), simple_matches(X, Y, epsilon)
    and match_radii(X, Y): NumPy arrays (inputs, neurons) in, indices out. Exits with 1 when it does not conform.

    Example: `spanmatch conform my_code.py:matcher --level required`
    """
    require("verify", ("hypothesis", "flint"), "spanmatch conform")
    expectations = {}
    for entry in expected or []:
        check, equals, reason = entry.partition("=")
        if not equals:
            raise InvalidOption(f"--expect: got {entry!r}, need CHECK=REASON")
        expectations[check] = reason
    with progress() as tell:
        from ..studies.conforming import LEVELS
        from ..studies.conforming import conform as run

        report = run(
            target,
            levels=levels or LEVELS,  # type: ignore[arg-type]
            cases=cases,
            seed=seed,
            strict=strict,
            expected_failures=expectations or None,
            progress=tell,
        )
    if json:
        sys.stdout.write(to_json(report.to_dict()))
    else:
        console = output()
        console.print(report.table())
        for outcome in report.outcomes:
            if outcome.script and outcome.verdict == "failed":
                print(f"\n{outcome.script}", end="")
        for line in (*report.faults, report.summary):
            console.print(escape(line), highlight=False, soft_wrap=True)
    if not report.ok:
        raise typer.Exit(FAILED)


@app.command()
def golden(
    out: Annotated[Path, typer.Option(help="JSON file to write; the schema goes beside it as schema.json.")],
    json: Json = False,
) -> None:
    """Write small cases with exact rational activations and exact answers, for programs in any language.

    Example: `spanmatch golden --out vectors.json`
    """
    require("verify", ("flint",), "spanmatch golden")
    check_output_file(out)
    from ..studies.conforming import write_golden

    written, names = write_golden(out)
    if json:
        sys.stdout.write(to_json({"files": written, "cases": names}))
    else:
        _print_written(*written)


@app.command()
def theorems(
    run: Annotated[bool, typer.Option("--run", help="Run all of it but the Coq proofs: about a minute.")] = False,
    cases: Annotated[
        int | None, typer.Option(min=1, help="With --run: generated cases for each check; default 60.")
    ] = None,
    seed: Seed = 0,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/theorems.md.")] = False,
    json: Json = False,
) -> None:
    """Print the ledger: every theorem, what implements it, what checks it, and how far that goes.

    With --run, whether all of it holds now, on how many cases, and which broken implementations it rejects; exits
    with 1 when anything failed.

    Example: `spanmatch theorems --run --cases 20`
    """
    if markdown and (run or json):
        raise InvalidOption("--markdown: got it together with --run or --json, need it alone")
    if cases is not None and not run:
        raise InvalidOption("--cases: got it without --run, need both or neither")
    if not (run or markdown):
        from ..report.theorems import ledger_table
        from ..theory.ledger import THEOREMS

        records = [theorem.to_dict() for theorem in THEOREMS]
        if json:
            sys.stdout.write(to_json(records))
        else:
            output().print(ledger_table(records))
        return
    require("verify", ("hypothesis", "flint", "sympy"), f"spanmatch theorems --{'run' if run else 'markdown'}")
    if markdown:
        from ..proofs_check.evidence import other_records, theorem_records
        from ..report.theorems import ledger_page

        sys.stdout.write(ledger_page(theorem_records(), other_records()))
        return
    with progress() as tell:
        from ..proofs_check.evidence import run_ledger

        found = run_ledger(**({} if cases is None else {"cases": cases}), seed=seed, progress=tell)
    if json:
        sys.stdout.write(to_json(found.to_dict()))
    else:
        from ..report.theorems import run_table

        console = output()
        console.print(run_table(found.to_dict()))
        for fault in found.faults:
            console.print(escape(fault), highlight=False, soft_wrap=True)
    if not found.ok:
        raise typer.Exit(FAILED)
