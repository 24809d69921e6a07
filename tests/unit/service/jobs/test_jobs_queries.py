import base64
import json

import pytest

from service.jobs.errors import InvalidFilter, InvalidOrder, InvalidPageToken
from service.jobs.queries import Order, parse_filter, read_token, write_token


@pytest.mark.parametrize(
    "text",
    [
        "state",
        "state = SLEEPING",
        "state > RUNNING",
        "state = RUNNING OR state = QUEUED",
        "state = RUNNING AND",
        "AND state = RUNNING",
        "state = RUNNING state = QUEUED",
        'labels.team = "open',
        "labels = a",
        'labels.team > "a"',
        "create_time > yesterday",
        'create_time = "2026-01-01T00:00:00Z"',
        "state.x = RUNNING",
        'tenant = "other"',
        "state = RUNNING; DROP TABLE jobs",
    ],
)
def test_what_is_no_filter_is_refused_with_what_would_be(text):
    with pytest.raises(InvalidFilter) as refused:
        parse_filter(text)
    assert any(
        right in refused.value.problem for right in ("terms are state = RUNNING", "states are QUEUED", "2026-01-31T")
    )


def test_terms_are_joined():
    assert parse_filter("  ") == []
    assert len(parse_filter('state=RUNNING AND labels.a-b_c = "x AND y" AND create_time >= 2026-01-01')) == 3


def test_orders():
    assert Order.parse("create_time") == Order("create_time", descending=False)
    assert Order.parse(" update_time  desc ") == Order("update_time", descending=True)
    for text in ("", "state", "create_time up", "create_time desc, update_time"):
        with pytest.raises(InvalidOrder, match="create_time or update_time"):
            Order.parse(text)


def test_a_token_gives_its_key_back_to_its_own_list_only():
    token = write_token([5, "a"], "jobs")
    assert read_token(token, "jobs", int, str) == [5, "a"]
    assert "=" not in token
    with pytest.raises(InvalidPageToken):
        read_token(token, "other jobs", int, str)


def _forged(*key: object) -> str:
    real = write_token([], "jobs")
    (digest,) = json.loads(base64.urlsafe_b64decode(real + "=="))
    return base64.urlsafe_b64encode(json.dumps([digest, *key]).encode()).decode()


FORGED = [("a", 1), (1,), (1, "a", 2), (True, None), (2**70, "a"), (-1, "a"), (1, "\0"), (1, "\ud800"), (1.5, "a")]


@pytest.mark.parametrize("token", ["x", "ä", "e30", "W" * 9999, *(_forged(*key) for key in FORGED)])
def test_what_was_not_given_out_is_refused(token):
    with pytest.raises(InvalidPageToken, match="leave it empty"):
        read_token(token, "jobs", int, str)
