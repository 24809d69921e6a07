"""The commands for cron and workflow engines are ones that the command line takes."""

import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from trainwright.cli import app

DEPLOY = Path(__file__).parents[4] / "cluster" / "deploy"
TABLE = re.findall(
    r"^\| (cron|Airflow|Prefect|Dagster|Argo) \| (.*) \|$", (DEPLOY / "README.md").read_text(), re.MULTILINE
)


def arguments(line: str) -> list[str]:
    """The arguments of `trainwright` in a line of the table, whatever language it is in."""
    if shell := re.search(r"(?<!\[)trainwright (submit .*?)(?: \\\|\\\||\"(?:,|\])|$)", line):
        return shlex.split(shell[1])
    (words,) = re.findall(r"\[(?:\"trainwright\", )?(\"?submit.*?)\]", line)
    return [word.strip('" ') for word in words.split(",")]


def parsed(args: list[str]) -> dict[str, object]:
    """What the command line's own parser makes of them; it ends the program where they are wrong."""
    name, *rest = args
    with typer.main.get_command(app).commands[name].make_context(name, rest) as context:
        return {"name": name, **context.params}


@pytest.mark.parametrize(("engine", "line"), TABLE)
def test_a_line_submits_waits_and_can_be_repeated(engine, line):
    given = parsed(arguments(line))
    assert (given["name"], given["watch"]) == ("submit", True)
    assert given["request_id"]


def test_all_engines_have_one():
    assert [engine for engine, _ in TABLE] == ["cron", "Airflow", "Prefect", "Dagster", "Argo"]


def test_so_does_the_cron_job_of_kubernetes():
    job = yaml.safe_load((DEPLOY / "kubernetes" / "examples" / "cronjob.yaml").read_text())
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    given = parsed(container["args"][container["args"].index("submit") :])
    assert (given["watch"], given["request_id"]) == (True, "$(RUN)")


def test_a_wrong_one_is_refused():
    with pytest.raises(Exception, match="--wait"):
        parsed(["submit", "spec.yaml", "--wait"])
