"""What the documents show runs as it is printed, and the stubs tell of everything."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pst
import pst._core
from conftest import DAMAGE, ROOT, SAMPLE

DOCUMENTS = [ROOT / "docs" / "python.md", ROOT / "pst-py" / "README.md", ROOT / "README.md"]


def snippets() -> list[object]:
    found = []
    for document in DOCUMENTS:
        text = document.read_text("utf-8") if document.exists() else ""
        for number, block in enumerate(re.findall(r"^```python\n(.*?)^```", text, re.M | re.S), 1):
            found.append(pytest.param(block, id=f"{document.parent.name}/{document.name}-{number}"))
    return found


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with what the documents speak of."""
    shutil.copy(SAMPLE, tmp_path / "archive.pst")
    share = tmp_path / "share"
    share.mkdir()
    shutil.copy(SAMPLE, share / "one.pst")
    damaged = bytearray(SAMPLE.read_bytes())
    at = DAMAGE
    damaged[at : at + 4096] = bytes(4096)
    (tmp_path / "damaged.pst").write_bytes(damaged)
    mails = tmp_path / "mails"
    with pst.open(SAMPLE) as store:
        (mails / "Inbox").mkdir(parents=True)
        for message in store["Inbox"]:
            message.save(mails / "Inbox" / f"{message.id:x}.eml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("snippet", snippets())
def test_snippet(snippet: str, workshop: Path) -> None:
    needs = {name for name in ("pyarrow", "polars", "duckdb", "pandas") if f"import {name}" in snippet}
    for name in needs:
        pytest.importorskip(name)
    exec(compile(snippet, "snippet", "exec"), {"__name__": "__main__"})  # noqa: S102


def test_every_public_thing_is_documented() -> None:
    """The stub has the documentation; `stubtest` compares the names with those of the extension."""
    stub = (Path(pst.__file__).parent / "_core.pyi").read_text("utf-8")
    for name in pst.__all__:
        if name == "__version__":
            continue
        assert getattr(pst, name).__doc__ or re.search(rf"^(class|def) {name}\b", stub, re.M), name
    undocumented = []
    lines = stub.splitlines()
    for number, line in enumerate(lines):
        define = re.match(r"\s*def (\w+)\(", line)
        if define and not define[1].startswith("__"):
            rest = "\n".join(lines[number : number + 22])
            if '"""' not in re.split(r"\n\s*(?:def |@|class )", rest, maxsplit=1)[0]:
                undocumented.append(define[1])
    assert undocumented == []


EXAMPLES = ROOT / "examples" / "python"


def run(*arguments: object, code: int = 0) -> str:
    ran = subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=120, encoding="utf-8"
    )
    assert ran.returncode == code, ran.stderr
    return ran.stdout


def test_inventory(workshop: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = run(EXAMPLES / "inventory.py", "archive.pst", "inventory.parquet")
    assert "24 items" in out
    table = parquet.read_table(workshop / "inventory.parquet")
    assert table.num_rows == 24 and "Grüße aus Köln" in table["subject"].to_pylist()
    assert set(table["file"].to_pylist()) == {"archive.pst"}


def test_export_folder(workshop: Path) -> None:
    out = run(EXAMPLES / "export_folder.py", "archive.pst", "Inbox", "inbox")
    assert "13 messages" in out
    assert len(list((workshop / "inbox").glob("*.eml"))) == 13


def test_unresolved(workshop: Path) -> None:
    out = run(EXAMPLES / "unresolved.py", "archive.pst")
    assert "people named" in out


def test_verify_share(workshop: Path) -> None:
    shutil.copy(workshop / "damaged.pst", workshop / "share" / "two.pst")
    (workshop / "share" / "three.ost").write_bytes(b"nothing of the kind")
    out = run(EXAMPLES / "verify_share.py", "share", code=1)
    told = dict(reversed(line.split(maxsplit=1)) for line in out.splitlines() if line.endswith("st"))
    assert {Path(path).name: verdict for path, verdict in told.items()} == {
        "one.pst": "sound",
        "two.pst": "damaged",
        "three.ost": "unusable",
    }


def test_build_from_eml(workshop: Path) -> None:
    out = run(EXAMPLES / "build_from_eml.py", "built.pst", "mails")
    assert "13 mails" in out
    with pst.open("built.pst") as store:
        assert len(store["Inbox"]) == 13


def test_the_command(workshop: Path) -> None:
    """The wheel brings `pst`, and `python -m pst` is the same."""
    assert "archive.pst" in run("-m", "pst", "info", "archive.pst")
    run("-m", "pst", "info", "none.pst", code=3)
    run("-m", "pst", "nonsense", code=2)
    assert run("-m", "pst", "--version").strip() == f"pst {pst.__version__}"
    script = Path(sys.executable).with_name("pst")
    if script.exists():
        ran = subprocess.run([script, "verify", "archive.pst"], capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0 and "sound" in ran.stdout
