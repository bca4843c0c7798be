"""The messages of one folder as mail files.

    python examples/python/export_folder.py examples/data/sample.pst Inbox target/inbox

Says what the mails do not carry, and goes on where a message cannot be read. `pst export` does this for whole stores, and
goes on where it was stopped.
"""

import sys
from pathlib import Path

import pst


def main() -> int:
    if len(sys.argv) != 4:
        sys.exit(f"usage: {sys.argv[0]} STORE FOLDER DIRECTORY")
    source, folder, directory = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    directory.mkdir(parents=True, exist_ok=True)
    problems: list[Exception] = []
    written = 0
    with pst.open(source) as store:
        for message in store[folder].messages(on_error=problems.append):
            # Subjects are no file names: the id is.
            path = directory / f"{message.id:x}.eml"
            try:
                losses = message.save(path)
            except pst.PstError as error:
                problems.append(error)
                continue
            written += 1
            for loss in losses:
                print(f"{path}: {loss.kind}: {loss.detail}", file=sys.stderr)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{written} messages in {directory}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
