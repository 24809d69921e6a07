"""Hostile requests for every call that the descriptors know: a new call is fuzzed without a line here."""

import importlib
import pkgutil
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from trainwright import v1

DEEPEST = 6
TEXTS = (
    "", " ", "\0", "a\0b", "\n\r\t\x1b[31m", "\u202e\u200b", "\U0010ffff", "é" * 300, "x" * 100_000, "%s%n%x", "{0.__class__}",
    "'; DROP TABLE jobs; --", '" OR 1=1 --', "../../etc/passwd", "..\\..\\x", "/etc/passwd", "file:///etc/shadow",
    "datasets/../x", "http://169.254.169.254/latest/meta-data", "s3://bucket/x.csv", "simplecache::file:///etc/passwd",
    "memory://x", "~/x", "$HOME", "trainingJobs/", "trainingJobs/../x", "trainingJobs/" + "a" * 65, "datasets/" + "0" * 64,
    "datasets/" + "g" * 64, "-", "nan", "1e999", "create_time desc; select 1", "update_time", 'labels."' + "\\" * 50,
    "state = " + "RUNNING AND state = " * 200, 'create_time > "9999-99-99"', 'create_time > "0001-01-01T00:00:00+23:59"',
    "WyJhIiwxXQ", "W1tbW1tbW1tbW1tb" * 50, "=" * 100, "*", "spec.data.uri", "report.*", "parts.csv", "bad", "size",
    "decision_tree", "neural", "${jndi:ldap://x}", "<script>alert(1)</script>",
)  # fmt: skip
WHOLE = (0, 1, -1, 2, 3, 50, 1000, 2**31 - 1, -(2**31), 2**53, 2**63 - 1, -(2**63))
REAL = (0.0, -0.0, 1.0, 0.5, -1.0, 1e-320, 1e308, -1e308, float("inf"), float("-inf"), float("nan"))
WIRES = (
    b"\xff" * 20, b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x02\xc3\x28", b"\x08" + b"\x80" * 9 + b"\x02", b"\x0b\x0c",
    b"\0" * 50, b"\x0a\x7f" * 2000,
)  # fmt: skip


def methods() -> Iterator[MethodDescriptor]:
    """Every call of every service of the API."""
    for module in pkgutil.iter_modules(v1.__path__):
        if module.name.endswith("_pb2"):
            found = importlib.import_module(f"{v1.__name__}.{module.name}").DESCRIPTOR
            for service in found.services_by_name.values():
                yield from service.methods


@dataclass(frozen=True)
class Attack:
    """One call.

    Attributes:
        method: The call.
        wires: Bytes of its requests; more or fewer than one for a stream.
        takes: Answers of a stream to read before leaving.
        leaves_at_once: Whether the caller goes away without waiting for an answer.
    """

    method: MethodDescriptor
    wires: Sequence[bytes]
    takes: int
    leaves_at_once: bool


class Hostile:
    """Makes attacks.

    Args:
        seed: The same one makes the same attacks.
        valid: Makes valid requests to be spoiled, by name of the call.
        names: Names of resources that exist.
    """

    def __init__(self, seed: int, valid: dict[str, Callable[[], Message]], names: Sequence[str]) -> None:
        self._random, self._valid = random.Random(seed), valid
        self._names, self._texts = names, (*TEXTS, *names * 5)

    def attack(self, method: MethodDescriptor) -> Attack:
        """The next attack on a call."""
        dice = self._random
        parts = dice.choice((0, 1, 1, 2, 3, 5)) if method.client_streaming else 1
        return Attack(method, [self._wire(method) for _ in range(parts)], dice.randrange(4), dice.random() < 0.03)

    def _wire(self, method: MethodDescriptor) -> bytes:
        dice = self._random
        if dice.random() < 0.6:
            message = self._right(method)
            for _ in range(dice.choice((0, 1, 1, 1, 2, 4))):
                self._spoil(message)
        else:
            message = GetMessageClass(method.input_type)()
            self._fill(message, 0)
        return self._mutated(message.SerializeToString()) if dice.random() < 0.2 else message.SerializeToString()

    def _right(self, method: MethodDescriptor) -> Message:
        """A request that would be answered: one that was given, or one about something that exists."""
        if method.name in self._valid:
            return self._valid[method.name]()
        message = GetMessageClass(method.input_type)()
        for field in method.input_type.fields:
            if field.name in ("name", "parent"):
                setattr(message, field.name, self._random.choice(self._names))
            elif field.name == "names":
                message.names.extend(self._random.choices(self._names, k=2))
        return message

    def _mutated(self, wire: bytes) -> bytes:
        """What no client would send: truncated, flipped, repeated, or not made of fields at all."""
        dice = self._random
        match dice.randrange(5):
            case 0:
                return wire[: dice.randrange(len(wire) + 1)]
            case 1 if wire:
                changed = bytearray(wire)
                for _ in range(dice.choice((1, 3, 20))):
                    changed[dice.randrange(len(changed))] = dice.randrange(256)
                return bytes(changed)
            case 2:
                return wire * dice.choice((2, 5)) + dice.randbytes(dice.randrange(9))
            case 3:
                return dice.randbytes(dice.choice((1, 10, 1000)))
        return dice.choice(WIRES) + wire

    def _spoil(self, message: Message) -> None:
        """Changes one field somewhere in a message."""
        while True:
            inner = [value for field, value in message.ListFields() if field.message_type and not field.is_repeated]
            if not inner or self._random.random() < 0.4:
                break
            message = self._random.choice(inner)
        if fields := message.DESCRIPTOR.fields:
            field = self._random.choice(fields)
            message.ClearField(field.name)
            self._set(message, field, DEEPEST - 2)

    def _fill(self, message: Message, depth: int) -> None:
        for field in message.DESCRIPTOR.fields:
            if self._random.random() < (0.7 if depth == 0 else 0.3):
                self._set(message, field, depth)

    def _set(self, message: Message, field: Field, depth: int) -> None:
        dice = self._random
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            self._set_map(message, field, depth)
        elif field.is_repeated:
            for _ in range(dice.choice((0, 1, 2, 3))):
                if field.message_type is None:
                    getattr(message, field.name).append(self._scalar(field))
                elif depth < DEEPEST:
                    self._fill(getattr(message, field.name).add(), depth + 1)
        elif field.message_type is not None:
            inner = getattr(message, field.name)
            inner.SetInParent()
            if depth < DEEPEST:
                self._fill(inner, depth + 1)
        else:
            setattr(message, field.name, self._scalar(field))

    def _set_map(self, message: Message, field: Field, depth: int) -> None:
        dice = self._random
        entry, target = field.message_type.fields_by_name["value"], getattr(message, field.name)
        for _ in range(dice.choice((0, 1, 2, 40))):
            if entry.message_type is None:
                target[dice.choice(self._texts)[:1000]] = self._scalar(entry)
            elif depth < DEEPEST:
                self._fill(target[dice.choice(self._texts)[:1000]], depth + 1)

    def _scalar(self, field: Field) -> Any:
        dice = self._random
        if field.enum_type is not None:
            return dice.choice((*field.enum_type.values_by_number, 99, -1, 2**31 - 1))
        match field.cpp_type:
            case Field.CPPTYPE_STRING if field.type == Field.TYPE_BYTES:
                return dice.randbytes(dice.choice((0, 1, 100, 10_000)))
            case Field.CPPTYPE_STRING:
                text = dice.choice(self._texts)
                return text if dice.random() < 0.8 else text + chr(dice.randrange(1, 0xD800))
            case Field.CPPTYPE_BOOL:
                return dice.random() < 0.5
            case Field.CPPTYPE_DOUBLE | Field.CPPTYPE_FLOAT:
                return dice.choice(REAL)
            case Field.CPPTYPE_INT32:
                return dice.choice([n for n in WHOLE if -(2**31) <= n < 2**31])
            case _:
                return dice.choice(WHOLE)
