import pytest

from trainers.redaction import holds_secret, redacted


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("postgresql://trainer:hunter2@db:5432/jobs", "postgresql://trainer:***@db:5432/jobs"),
        ("s3://:hunter2@bucket/a.csv", "s3://:***@bucket/a.csv"),
        ("https://h/a.csv?v=1&X-Amz-Signature=hunter2&b=2", "https://h/a.csv?v=1&X-Amz-Signature=***&b=2"),
        ("https://h/a.csv?sv=1&sig=hunter2", "https://h/a.csv?sv=1&sig=***"),
        ("postgresql:///jobs?user=a&password=hunter2", "postgresql:///jobs?user=a&password=***"),
        ("https://h/a.csv?access_token=hunter2#x", "https://h/a.csv?access_token=***#x"),
    ],
)
def test_what_opens_something_is_struck_out(uri: str, told: str) -> None:
    assert redacted(f"{uri!r} cannot be opened") == f"{told!r} cannot be opened"
    assert holds_secret(uri)
    assert not holds_secret(told)


@pytest.mark.parametrize(
    "uri", ["data/a.csv", "s3://bucket/a@b:c.csv", "https://user@h:8080/a.csv?design=3&keys=2", "file:///a/b:c@d.csv"]
)
def test_other_uris_stay(uri: str) -> None:
    assert redacted(uri) == uri
