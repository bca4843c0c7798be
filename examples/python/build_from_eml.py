"""A store of mail files, with the folders they are in.

    python examples/python/build_from_eml.py new.pst mails

Says what of the mails an item has no place for. `pst create` does this for mboxes, maildirs and archives as well.
"""

import sys
from pathlib import Path

import pst


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} OUT.pst DIRECTORY")
    directory = Path(sys.argv[2])
    mails = 0
    # An exception inside, or Ctrl-C, leaves no file.
    with pst.Writer(sys.argv[1], name=directory.name) as out:
        for path in sorted(directory.rglob("*.eml")):
            # A slash inside a name would be `%2F`.
            names = [name.replace("%", "%25") for name in path.parent.relative_to(directory).parts]
            folder = out.folder("/".join(names)) if names else out.top
            _, losses = out.add_eml(folder, path)
            mails += 1
            for loss in losses:
                print(f"{path}: {loss.kind}: {loss.detail}", file=sys.stderr)
    print(f"{mails} mails in {sys.argv[1]}")


if __name__ == "__main__":
    main()
