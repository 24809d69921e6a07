"""Writes a report in all its forms."""

from collections.abc import Sequence
from pathlib import Path

from cluster.files import whole
from trainers.files import REPORT
from trainers.report.html import render
from trainers.report.markdown import markdown
from trainers.report.model_card import model_card
from trainers.report.plots import Picture
from trainers.report.values import Report


def write_report(report: Report, pictures: Sequence[Picture], folder: Path) -> Path:
    """Writes report.html, report.md, model_card.md, the pictures and last report.json; returns the path of report.json.

    Whoever finds report.json finds a whole one, with everything beside it.
    """
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        (folder / "pictures" / f"{picture.name}.svg").write_bytes(picture.svg)
    (folder / "report.html").write_text(render(report, pictures), encoding="utf-8")
    (folder / "report.md").write_text(markdown(report), encoding="utf-8")
    (folder / "model_card.md").write_text(model_card(report), encoding="utf-8")
    path = folder / REPORT
    with whole(path) as file:
        file.write_text(report.to_json(), encoding="utf-8")
    return path
