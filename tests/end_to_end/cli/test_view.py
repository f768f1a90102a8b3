"""``spanmatch view``: the page of a saved run is the page that the run wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_results import everything
from typer.testing import CliRunner, Result

import spanmatch
from spanmatch.cli import commands
from spanmatch.report.page import page


def view(*arguments: str | Path) -> Result:
    return CliRunner().invoke(commands.app, ["view", *map(str, arguments)])


@pytest.fixture
def networks() -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    return [{"fc": rng.standard_normal((30, 3))} for _ in range(3)]


@pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")
@pytest.mark.parametrize("count", [2, 3])
def test_the_page_of_a_run_is_made_again(networks: list[dict[str, Any]], count: int, tmp_path: Path) -> None:
    data, _, report = spanmatch.compare(*networks[:count], shuffles=3).save(tmp_path / "run")
    assert view(data, "--out", tmp_path / "again.html").exit_code == 0
    assert (tmp_path / "again.html").read_bytes() == report.read_bytes()


def test_the_page_of_a_verification_and_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(everything()), encoding="utf-8")
    done = view(tmp_path / "report.json", "--json")
    assert json.loads(done.stdout)["page"] == str(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page(everything())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ("[]", "need a JSON object"),
        ("{}", "holds no result of spanmatch"),
        ('{"pairs": [{}]}', "holds no result of spanmatch"),
        ('{"comparisons": 3}', "holds no result of spanmatch"),
        ("\udc80", "cannot be read"),
    ],
)
def test_what_is_no_result_is_refused(content: str, said: str, tmp_path: Path) -> None:
    source = tmp_path / "other.json"
    source.write_bytes(content.encode(errors="surrogateescape"))
    done = view(source)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["other.json"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'none.json'} cannot be read" in view(tmp_path / "none.json").stderr
