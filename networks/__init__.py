"""Real trained CNN layers: architectures, Fashion-MNIST, training, checkpoints, capture by layer name.

Needs the extra ``networks`` (torch, safetensors). Importing this package only looks whether they are
installed; torch is loaded by the modules that use it.
"""

from __future__ import annotations

from importlib.util import find_spec

from ..theory.errors import MissingExtra

_missing = [name for name in ("torch", "safetensors") if find_spec(name) is None]
if _missing:
    raise MissingExtra(
        f'spanmatch.networks: {" and ".join(_missing)} not installed, but needed; do: pip install "spanmatch[networks]"'
    )
