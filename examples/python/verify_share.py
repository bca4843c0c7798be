"""Checks every store below a directory, several at a time.

    python examples/python/verify_share.py examples/data

Prints a verdict for each, and the first findings of those that are not sound. The checks run without the interpreter, so
threads are enough. Ends with 1 if a store is not sound.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pst


def check(path: Path) -> tuple[Path, pst.Report | OSError]:
    try:
        return path, pst.verify(path, max_findings=5)
    except OSError as error:
        return path, error


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} DIRECTORY")
    stores = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.suffix.lower() in (".pst", ".ost"))
    is_sound = True
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, report in pool.map(check, stores):
            if isinstance(report, OSError):
                print(f"{'unread':10} {path}\n    {report}")
                is_sound = False
                continue
            print(f"{report.verdict:10} {path}")
            for finding in report.findings:
                print(f"    {finding.rule}: {finding}")
            is_sound &= report.is_sound
    return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
