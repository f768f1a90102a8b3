"""Convolutional shapes: the blocks family with channels as neurons, in layout NCHW."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..planted import Planted, as_nchw, family, need
from .blocks import Block, planted_blocks


@family("conv", images=4, height=1, width=3, blocks=[[1, 1, 2], [2, 2, 2]], private=[1, 0], integer=True)
def conv_blocks(
    *,
    images: int = 20,
    height: int = 4,
    width: int = 5,
    blocks: Sequence[Block] = ((2, 2, 2), (3, 3, 3), (2, 3, 4)),
    private: tuple[int, int] = (3, 2),
    condition: float = 10.0,
    integer: bool = False,
    seed: int = 0,
) -> Planted:
    """Blocks as activations of shape (images, channels, height, width); a channel is a neuron.

    Parameters
    ----------
    images, height, width : int
        Together images * height * width inputs.
    blocks, private, condition, integer, seed
        As for ``planted_blocks``.

    Returns
    -------
    Planted
        ``X`` and ``Y`` have four dimensions, ``matrices`` is what ``flatten_conv(X, layout="nchw")`` must give, and the
        answers are those of ``planted_blocks``.

    Raises
    ------
    InvalidOption
        If an argument is not as described.

    Examples
    --------
    >>> from spanmatch.synthetic import conv_blocks
    >>> planted = conv_blocks(images=10, height=4, width=4, blocks=[(2, 2, 2)], private=(1, 1))
    >>> planted.X.shape, planted.matrices[0].shape
    ((10, 3, 4, 4), (160, 3))
    """
    need(min(images, height, width) >= 1, "images, height, width", (images, height, width), "counts >= 1")
    flat = planted_blocks(
        inputs=images * height * width,
        blocks=blocks,
        private=private,
        condition=condition,
        integer=integer,
        seed=seed,
    )
    shape = (images, height, width)
    parameters = {"images": images, "height": height, "width": width} | flat.parameters
    del parameters["inputs"]
    return replace(
        flat,
        X=as_nchw(flat.X, shape),
        Y=as_nchw(flat.Y, shape),
        family="conv",
        parameters=parameters,
        reason=f"A channel is a neuron, its vector runs over images and positions. {flat.reason}",
    )
