"""The former place of ``conformance.published_style``, for one release."""

from .conformance.published_style import DECLARED as DECLARED
from .conformance.published_style import PUBLISHED_STYLE as PUBLISHED_STYLE
