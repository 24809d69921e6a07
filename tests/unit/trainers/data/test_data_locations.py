from pathlib import Path

import fsspec
import pytest

from trainers.data.locations import open_file
from trainers.errors import SpecError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "sub").mkdir(parents=True)
    (tmp_path / "root" / "a.csv").write_text("inside")
    (tmp_path / "rootless.csv").write_text("outside")
    (tmp_path / "root" / "link.csv").symlink_to(tmp_path / "rootless.csv")
    return tmp_path / "root"


@pytest.mark.parametrize("spelling", ["{root}/a.csv", "{root}/sub/../a.csv", "file://{root}/a.csv"])
def test_files_under_a_root_open(root: Path, spelling: str) -> None:
    with open_file(spelling.format(root=root), [str(root)]) as file:
        assert file.read() == b"inside"


@pytest.mark.parametrize(
    "spelling",
    [
        "{root}/../rootless.csv",
        "{root}/sub/../../rootless.csv",
        "{root}less.csv",
        "{root}/link.csv",
        "file://{root}/../rootless.csv",
        "local://{root}/link.csv",
        "/etc/passwd",
        "memory://a.csv",
        "simplecache::file://{root}/../rootless.csv",
    ],
)
def test_nothing_else_opens(root: Path, spelling: str) -> None:
    with pytest.raises(SpecError, match=r"data\.uri: .* lies outside"):
        open_file(spelling.format(root=root), [str(root)])


def test_a_relative_path_is_checked_where_it_leads(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with open_file("a.csv", [str(root)]) as file:
        assert file.read() == b"inside"
    with pytest.raises(SpecError, match="lies outside"):
        open_file("../rootless.csv", [str(root)])


def test_a_root_may_be_a_uri_prefix() -> None:
    with fsspec.open("memory://bucket/team/a.csv", "wb") as file:
        file.write(b"remote")
    with open_file("memory://bucket/team/a.csv", ["memory://bucket/team"]) as file:
        assert file.read() == b"remote"
    for uri in ("memory://bucket/teams/a.csv", "memory://bucket/team/../b.csv", "memory://bucket/team/%2e%2e/b.csv"):
        with pytest.raises(SpecError, match="lies outside"):
            open_file(uri, ["memory://bucket/team"])


def test_without_roots_anything_opens_and_with_none_listed_nothing(root: Path) -> None:
    with open_file(str(root / "link.csv"), None) as file:
        assert file.read() == b"outside"
    with pytest.raises(SpecError, match="lies outside"):
        open_file(str(root / "a.csv"), [])


def test_missing_files_folders_and_unknown_kinds_say_so(root: Path) -> None:
    for uri, says in (
        (f"{root}/b.csv", "does not exist"),
        (str(root), "is a folder"),
        ("nowhere://x/y", "cannot be opened"),
    ):
        with pytest.raises(SpecError, match=says):
            open_file(uri, None)


def test_what_lies_outside_is_not_told_from_what_is_missing(root: Path) -> None:
    answers = []
    for name in ("rootless.csv", "missing.csv"):
        with pytest.raises(SpecError) as caught:
            open_file(f"{root}/../{name}", [str(root)])
        answers.append(str(caught.value).replace(name, ""))
    assert answers[0] == answers[1]
