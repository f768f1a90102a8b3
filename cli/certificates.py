"""``spanmatch certify`` and ``spanmatch check``: write a match with its proof, and verify such a proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ..files.atomic import check_new, check_output_file, write_json
from ..files.environment import require
from ..theory.errors import CertificateError
from .console import output, print_json, print_written, progress
from .messages import FAILED, complain
from .options import (
    DeadNeurons,
    Force,
    Json,
    Layout,
    NameOfX,
    NameOfY,
    PairOfFiles,
    Positions,
    Seed,
    parse_epsilon,
    parse_neuron,
)


def certify(
    activations: PairOfFiles,
    epsilon: Annotated[str, typer.Option(help="Threshold, read as an exact fraction: 0.3 is 3/10; 1/3 works too.")],
    out: Annotated[Path, typer.Option(help="JSON file to write the certificate to.")],
    x: NameOfX = "X",
    y: NameOfY = "Y",
    neuron: Annotated[str | None, typer.Option(help="x:INDEX or y:INDEX: a minimal match that contains it.")] = None,
    layout: Layout = None,
    positions: Positions = None,
    seed: Seed = 0,
    dead_neurons: DeadNeurons = "match",
    force: Force = False,
    json: Json = False,
) -> None:
    """Write the maximum match, or a minimal one, together with a proof that `spanmatch check` verifies.

    The answer is exact for the numbers as stored. The certificate holds a hash of the activations, not the
    activations themselves.

    Example: `spanmatch certify planted.npz --epsilon 0.3 --out certificate.json`
    """
    require("exact", ("flint",), "spanmatch certify")
    check_output_file(out)
    if not force:
        check_new(out)
    from .. import certify as run
    from ..files.certificates import read_pair

    level, wanted = parse_epsilon(epsilon), None if neuron is None else parse_neuron(neuron)
    with progress() as tell:
        X, Y = read_pair(activations, x=x, y=y, layout=layout, positions=positions, seed=seed)
        if tell is not None:
            tell("proving")
        certificate = run(X, Y, level, wanted, dead_neurons=dead_neurons)
        write_json(out, certificate.to_dict())
    if json:
        found = certificate.to_dict()
        print_json({"file": out, **{key: found[key] for key in ("claim", "epsilon", "match", "neuron")}})
    else:
        output().print(escape(repr(certificate)), highlight=False, soft_wrap=True)
        print_written(out)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Certificate written by `spanmatch certify`.")],
    activations: PairOfFiles,
    x: NameOfX = "X",
    y: NameOfY = "Y",
    layout: Layout = None,
    positions: Positions = None,
    seed: Seed = 0,
    verified: Annotated[bool, typer.Option("--verified", help="Use the checker that is proved in Coq.")] = False,
    json: Json = False,
) -> None:
    """Check a certificate against its activations, using none of the algorithms that produced it.

    Use the same options as for `spanmatch certify`. Exits with 1 if the proof does not hold. `make checker` builds the
    program that `--verified` asks; docs/trusted-base.md says what has to be believed of it.

    Example: `spanmatch check certificate.json planted.npz`
    """
    from ..files.certificates import load_certificate, read_pair
    from ..proofs_check.formal import verified as formal

    program = formal.find_checker() if verified else None
    if program is None:
        require("exact", ("flint",), "spanmatch check")
    with progress() as tell:
        content = load_certificate(file)
        X, Y = read_pair(activations, x=x, y=y, layout=layout, positions=positions, seed=seed)
        if tell is not None:
            tell("checking")
        try:
            if program is None:
                from ..proofs_check.certificate_checker import check_certificate

                check_certificate(X, Y, content)
            else:
                formal.check_by_proof(X, Y, file, program)
        except CertificateError as error:
            if json:
                print_json({"holds": False, "reason": str(error)})
            complain(f"{file}: {error}")
            raise typer.Exit(FAILED) from error
    proved = {key: content[key] for key in ("claim", "epsilon", "dead_neurons", "match", "neuron")}
    if json:
        print_json({"holds": True, **proved})
        return
    claim = proved["claim"] if proved["neuron"] is None else f"{':'.join(map(str, proved['neuron']))}-{proved['claim']}"
    console = output()
    policy = proved["dead_neurons"]
    console.print(f"holds: {claim} at epsilon {proved['epsilon']}, dead neurons: {policy}", highlight=False)
    for side, indices in proved["match"].items():
        console.print(f"{side}: {' '.join(map(str, indices)) or 'none'}", highlight=False, soft_wrap=True)
