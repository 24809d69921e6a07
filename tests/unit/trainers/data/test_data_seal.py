import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trainers.data.seal import Opening, Seal, SealError
from trainers.data.split import SplitSpec, assign


def test_it_opens_once_and_records_who_when_and_why() -> None:
    seal = Seal(np.array([3, 5]))
    assert seal.open("job-1", "the final test").tolist() == [3, 5]
    (opening,) = seal.openings
    assert (opening.by, opening.why) == ("job-1", "the final test")
    assert opening.time.endswith("+00:00")
    with pytest.raises(SealError, match="job-1"):
        seal.open("job-1", "another look")
    assert len(seal.openings) == 1


def test_earlier_openings_are_carried_forward_and_it_still_opens() -> None:
    earlier = Opening("2024-01-01T00:00:00+00:00", "job-0", "the final test")
    seal = Seal(np.array([1]), "rows", [earlier])
    seal.open("job-1", "again")
    assert [opening.by for opening in seal.openings] == ["job-0", "job-1"]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda seal: pickle.loads(pickle.dumps(seal))])
def test_a_copy_never_opens(duplicate: Any) -> None:
    seal = Seal(np.array([3, 5]))
    with pytest.raises(SealError, match="where they were assigned"):
        duplicate(seal).open("worker", "a look")
    assert seal.open("job-1", "the final test").tolist() == [3, 5]


def test_a_split_sent_to_a_worker_divides_rows_but_holds_no_test_rows(make_table: Any) -> None:
    split = assign(make_table(pd.DataFrame({"x": np.arange(100), "y": [0, 1] * 50})), SplitSpec())
    sent = pickle.loads(pickle.dumps(split))
    assert [rows.tolist() for rows in sent.inner(split.development, 1)] == [
        rows.tolist() for rows in split.inner(split.development, 1)
    ]
    with pytest.raises(SealError):
        sent.open_test("worker", "a look")
    assert len(split.open_test("job", "the final test")) == 20
