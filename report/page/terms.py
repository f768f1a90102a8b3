"""The words of the page, each explained once: where it stands, on pointing at it, and together at the end."""

from __future__ import annotations

from typing import Any

from ..markup import Markup, element

TERMS = {
    "epsilon": "The relative error that is allowed, from 0 to 1. A neuron is predicted at ε when its distance from the "
    "span of the other network's matched neurons is at most ε times its length: an uncentred R² of at least 1 − ε².",
    "match": "A set of neurons of each network, such that each neuron of one set is a linear combination of the other "
    "set up to ε. The maximum match at ε holds all others.",
    "similarity": "s(ε): the share of the neurons of both networks that are in the maximum match at ε. 0: nothing is "
    "shared at this precision; 1: everything.",
    "area": "The mean of s over all ε from 0 to 1.",
    "match radius": "The smallest ε at which a neuron is in the maximum match; 1 or more: at none.",
    "shuffled images": "The null: s after the images of one network have been shuffled, which leaves only what chance "
    "shares.",
    "p": "Of a permutation test on the area: the share of shuffles that reach it, adjusted for all layers together "
    "(Holm).",
    "corrected area": "(area − null) / (1 − null): 0 where the area is that of chance, 1 where everything matches.",
    "untrained networks": "Networks of the same architecture with random weights, compared on the same images. They "
    "are above chance too, for they see the same images: what training gave is what lies above them.",
    "dead": "A neuron that is 0 on every input.",
    "participation": "(tr C)²/tr(C²) of the covariance C, an effective number of directions, in the first draw.",
    "rank-bound": "Both sides span the same few dimensions, and so match whatever was learned.",
    "best-matched images": "Of a neuron at its match radius: the images that hold most of what the other network's "
    "matched neurons explain of it, by sums of squares over positions; the worst-matched ones hold most of the error.",
    "minimal match": "A match that holds a neuron and loses it when any of its neurons is taken away: of one neuron of "
    "each network where a feature is shared one to one, large where it is shared only by groups.",
}
"""What each word means; ``guide`` lists them all."""


def term(name: str, *shown: object) -> Markup:
    """A word of ``TERMS``, or other text for it, that explains itself when pointed at or reached by the keyboard."""
    return element("span", *(shown or (name,)), class_="term", tabindex="0", data_tip=TERMS[name])


def guide(bounds: dict[str, Any] | None) -> Markup:
    """Every word explained, folded; of verdicts only where there is a null to compare with."""
    words = [part for name, said in TERMS.items() for part in (element("dt", name), element("dd", said))]
    lines: list[str] = []
    if bounds:
        lines.append(
            f"A layer is above chance where p is at most {bounds['significance']}, little above it where its corrected "
            f"area is at most {bounds['little']} all the same. Where pairs of untrained networks were compared, it "
            "is above untrained if one more such pair would reach its corrected area with a probability of at most "
            f"{bounds['significance']}, for all layers together."
        )
        lines.append(
            f"Chance epsilon: from this ε on at least {bounds['chance_share']:.0%} of the live neurons match with "
            "shuffled images too."
        )
    return element(
        "details",
        element("summary", element("h2", "How to read this", id="guide")),
        element("dl", *words, class_="words"),
        *(element("p", line) for line in lines),
    )
