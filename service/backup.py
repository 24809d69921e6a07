"""Copies what a service keeps, while it runs: ``python -m service.backup FOLDER``.

The database is copied first and the files after it. So a job's files are never older than what the database knows of it, and
what they are ahead is taken from its journals when the copy is put back, as after a crash.
"""

import argparse
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from service.settings import Settings
from trainers.files import SCRATCH

# Of the running service and its Ray, not of what it keeps; databases are copied through SQLite.
LEFT_OUT = ("server.*", "ray.*", "*.db", "*.db-wal", "*.db-shm", "*.db-journal", "*.part", "*.partial", SCRATCH)


def back_up(settings: Settings, folder: Path) -> list[str]:
    """Copies the state folder, with every SQLite database in it as it is at one moment.

    Args:
        settings: Of the service; it may be running.
        folder: Where to; it must not exist.

    Returns:
        What is kept elsewhere and has to be saved by its own means, such as a PostgreSQL database.

    Raises:
        FileExistsError: The folder exists.
    """
    folder.mkdir(parents=True)
    for database in sorted(settings.state.glob("*.db")):
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(folder / database.name)) as copy:
            source.backup(copy)
    shutil.copytree(settings.state, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), dirs_exist_ok=True)
    kept = f"sqlite:///{settings.state}/"
    urls = (settings.database_url, settings.tracking_uri)
    return [make_url(url).render_as_string(hide_password=True) for url in urls if not url.startswith(kept)]


def main() -> int:
    """Runs the program with the settings of the service; exit status 0 when the copy is whole."""
    parser = argparse.ArgumentParser(prog="python -m service.backup", description="Copies what a service keeps.")
    parser.add_argument("folder", type=Path, help="new folder for the copy")
    try:
        elsewhere = back_up(Settings(), parser.parse_args().folder)
    except FileExistsError as error:
        parser.error(f"{error.filename} exists; name a new folder")
    for place in elsewhere:
        print(f"kept elsewhere, save it before this copy: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
