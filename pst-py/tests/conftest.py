"""What the tests share. The sample is always there; `PST_CORPUS` names a directory with stores and what is true of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pst

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "examples" / "data" / "sample.pst"
# Where the sample has blocks of messages, and none of its B-trees.
DAMAGE = 0xC400


@pytest.fixture
def sample_path() -> Path:
    return SAMPLE


@pytest.fixture
def sample() -> Iterator[pst.Pst]:
    with pst.open(SAMPLE) as store:
        yield store


@pytest.fixture(scope="session")
def truth() -> dict[str, Any]:
    """What the `pst dump` of the sample says, which other readers have confirmed."""
    return json.loads(SAMPLE.with_name("sample.dump.json").read_text("utf-8"))


@pytest.fixture
def welcome(sample: pst.Pst) -> pst.Message:
    return sample.message(0x200024)


def corpus() -> list[Path]:
    directory = os.environ.get("PST_CORPUS")
    if not directory:
        return []
    stores = [path for path in Path(directory).rglob("*.[po]st") if path.with_suffix(".truth.json").exists()]
    assert stores, f"PST_CORPUS is {directory}, and there is no store with its truth in it"
    return sorted(stores)
