"""Draws finished jobs beside each other for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.render import columns

VERDICT_STYLES: Final = {"better": "bold green", "worse": "bold red", "level": "yellow", "unknown": "dim"}


def comparisons(items: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Draws, for each job, the verdict with its reasons, what was changed, and the scores on the sealed test."""
    return Group(*(part for each in items for part in _comparison(each)))


def _comparison(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    verdict = found["verdict"]
    yield Text.assemble(
        (f"{found['job']} against {found['reference']}: ", "bold"), (verdict, VERDICT_STYLES.get(verdict, ""))
    )
    yield from (Text(sentence) for sentence in found["summary"])
    if found["changes"]:
        table = columns("changed", "was", "now")
        for change in found["changes"]:
            table.add_row(change["path"], change["was"] or "–", change["now"] or "–")
        yield table
    if found["test"]:
        yield _test(found)
    yield Text("")


def _test(found: Mapping[str, Any]) -> Table:
    table = columns("on the sealed test", "was>", "now>")
    for each in found["test"]:
        table.add_row(each["metric"], f"{each['was']:.4f}", f"{each['now']:.4f}")
    return table
