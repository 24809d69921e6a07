"""The head of a local Ray, without starting one."""

from cluster.head import _inherited


def test_workers_inherit_no_settings_of_the_service():
    given = {
        "TRAINWRIGHT_DATABASE_URL": "postgresql://u:secret@h/db",
        "TRAINWRIGHT_RUNS": "/runs",
        "MLFLOW_TRACKING_TOKEN": "t",
    }
    assert _inherited(given) == {"TRAINWRIGHT_RUNS": "/runs", "MLFLOW_TRACKING_TOKEN": "t"}
