"""Elements escape what is text, and only that."""

from __future__ import annotations

from spanmatch.report.markup import Markup, element, escape


def test_escaping() -> None:
    assert element("p", "<&>", title='"x"') == '<p title="&quot;x&quot;">&lt;&amp;&gt;</p>'
    assert element("p", Markup("<b>x</b>"), id=None, class_="y") == '<p class="y"><b>x</b></p>'
    assert element("rect", fill_opacity="1") == '<rect fill-opacity="1" />'
    assert element("td") == "<td></td>"
    assert escape("a\x1bb\x85") == "a\ufffdb\ufffd"


def test_markup_joined_to_text_is_text_again() -> None:
    assert element("p", Markup("<b>") + "<i>") == "<p>&lt;b&gt;&lt;i&gt;</p>"
