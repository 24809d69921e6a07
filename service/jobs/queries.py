"""Reads what a list asks for: filter, order and page token, as conditions on the tables."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, tuple_

from service.jobs.errors import InvalidFilter, InvalidOrder, InvalidPageToken
from service.jobs.records import Dataset, JobQuery
from service.jobs.states import State
from service.jobs.tables import datasets, jobs, labels

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATASETS = "datasets"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_TERM = re.compile(rf'\s*(\w+)(?:\.([\w./-]+|{_QUOTED}))?\s*(<=|>=|!=|=|<|>)\s*({_QUOTED}|[^\s"]+)\s*')
_AND = re.compile(r"AND\b")
_TERMS = 'state = RUNNING, labels.KEY = "VALUE", create_time > "2026-01-31T12:00:00Z", joined by AND'


@dataclass(frozen=True)
class Order:
    """A direction along one of the time columns; jobs of the same time go by id."""

    column: str
    descending: bool

    @classmethod
    def parse(cls, text: str) -> "Order":
        """Reads ``create_time desc`` and the like.

        Raises:
            InvalidOrder: It is something else.
        """
        match text.split():
            case [("create_time" | "update_time") as column]:
                return cls(column, descending=False)
            case [("create_time" | "update_time") as column, ("asc" | "desc") as direction]:
                return cls(column, descending=direction == "desc")
        raise InvalidOrder(f"{text!r} is not create_time or update_time followed by asc or desc")


def job_page(query: JobQuery, select: Select[Any]) -> Select[Any]:
    """Restricts a selection of jobs to a page, and one row more that tells whether another page follows.

    Raises:
        InvalidFilter: The filter cannot be read.
        InvalidOrder: The order cannot be read.
        InvalidPageToken: The token is of another list.
    """
    order = Order.parse(query.order_by)
    keys = (jobs.c[order.column], jobs.c.id)
    select = select.where(jobs.c.tenant == query.tenant, *parse_filter(query.filter))
    if query.page_token:
        microseconds, job = read_token(query.page_token, _list_name(query), int, str)
        last = (_EPOCH + timedelta(microseconds=microseconds), job)
        select = select.where(tuple_(*keys) < last if order.descending else tuple_(*keys) > last)
    return select.order_by(*(key.desc() if order.descending else key for key in keys)).limit(query.page_size + 1)


def job_token(query: JobQuery, time: datetime, job: str) -> str:
    """The token of the page that follows a job."""
    return write_token([round(time.timestamp() * 1e6), job], _list_name(query))


def dataset_page(tenant: str, select: Select[Any], page_size: int, page_token: str) -> Select[Any]:
    """Restricts a selection of datasets to a page of a tenant's, newest first, and one row more.

    Raises:
        InvalidPageToken: The token is of another list.
    """
    keys = (datasets.c.create_time, datasets.c.digest)
    select = select.where(datasets.c.tenant == tenant)
    if page_token:
        microseconds, digest = read_token(page_token, _DATASETS, int, str)
        select = select.where(tuple_(*keys) < (_EPOCH + timedelta(microseconds=microseconds), digest))
    return select.order_by(*(key.desc() for key in keys)).limit(page_size + 1)


def dataset_token(last: Dataset) -> str:
    """The token of the page that follows a dataset."""
    return write_token([round(last.create_time.timestamp() * 1e6), last.digest], _DATASETS)


def parse_filter(text: str) -> list[ColumnElement[bool]]:
    """Reads a filter.

    Raises:
        InvalidFilter: It is no filter; the message shows the place and what would be right.
    """
    found: list[ColumnElement[bool]] = []
    position, text = 0, text.strip()
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            raise InvalidFilter(f"cannot read {text[position:]!r}; terms are {_TERMS}")
        found.append(_condition(*term.groups()))
        position = term.end()
        if position < len(text):
            joint = _AND.match(text, position)
            if joint is None or joint.end() == len(text):
                raise InvalidFilter(f"cannot read {text[position:]!r}; terms are {_TERMS}")
            position = joint.end()
    return found


def write_token(key: Sequence[Any], name: str) -> str:
    """An opaque token for going on after a key in a list; the name tells the list from others."""
    data = json.dumps([_digest(name), *key]).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_token(token: str, name: str, *kinds: type) -> list[Any]:
    """The key of a token.

    Args:
        token: As `write_token` made it.
        name: Of the list.
        kinds: Types of the key's parts.

    Raises:
        InvalidPageToken: It was not given out for this list.
    """
    try:
        data = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, RecursionError):
        data = None
    known = isinstance(data, list) and data[:1] == [_digest(name)] and len(data) == len(kinds) + 1
    if not known or not all(_is_key(part, kind) for part, kind in zip(data[1:], kinds, strict=True)):
        raise InvalidPageToken(
            "is not from a page of this list with this filter and order; leave it empty to start again"
        )
    return list(data[1:])


def _is_key(part: Any, kind: type) -> bool:
    """Whether a part of a token's key, which anyone could have written, is one that the database takes."""
    if isinstance(part, str):
        return kind is str and part.isprintable()
    return isinstance(part, int) and kind is int and 0 <= part < 1 << 53


def _list_name(query: JobQuery) -> str:
    return json.dumps([query.tenant, query.filter.strip(), query.order_by.split()])


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _condition(field: str, key: str | None, operator: str, value: str) -> ColumnElement[bool]:
    value = _unquoted(value)
    if field == "labels" and key is not None and operator == "=":
        label = and_(labels.c.job == jobs.c.id, labels.c.key == _unquoted(key), labels.c.value == value)
        return exists().where(label)
    if field == "state" and key is None and operator == "=":
        return jobs.c.state == _state(value)
    if field in ("create_time", "update_time") and key is None and operator in ("<", ">", "<=", ">="):
        return jobs.c[field].op(operator, is_comparison=True)(_time(value))
    raise InvalidFilter(f"cannot read {field}{'.' + key if key else ''} {operator}; terms are {_TERMS}")


def _state(value: str) -> State:
    try:
        return State(value.lower().removeprefix("job_state_"))
    except ValueError:
        known = ", ".join(state.upper() for state in State)
        raise InvalidFilter(f"{value!r} is not a state; states are {known}") from None


def _time(value: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidFilter(f"{value!r} is not a time such as 2026-01-31T12:00:00Z") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
