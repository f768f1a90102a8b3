"""HTML and SVG elements whose text is always escaped, and which are well-formed XML too."""

from __future__ import annotations

import re
from html import escape as _escape

#: What neither XML nor HTML may contain: control characters, half surrogates, non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Markup(str):
    """Text that is markup already, and so is not escaped again."""

    __slots__ = ()


def escape(text: object) -> Markup:
    """Any value as text of an element or an attribute; characters that no page may hold become U+FFFD."""
    return text if isinstance(text, Markup) else Markup(_escape(_FORBIDDEN.sub("\ufffd", str(text)), quote=True))


def join(*parts: object) -> Markup:
    """Parts after one another, escaped unless they are markup."""
    return Markup("".join(escape(part) for part in parts))


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """``<tag attributes>children</tag>``. ``class_`` is written class, ``aria_label`` aria-label; None is left out.

    SVG's names in camel case (``viewBox``) stay as they are.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = join(*children)
    if not inside and tag in {"meta", "path", "rect", "line", "circle", "polyline", "polygon"}:
        return Markup(f"<{tag}{written} />")
    return Markup(f"<{tag}{written}>{inside}</{tag}>")
