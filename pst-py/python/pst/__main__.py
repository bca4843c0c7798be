"""The `pst` command, as `pst` and as `python -m pst`."""

import signal
import sys

from pst._core import run_command


def main() -> int:
    """Runs the command with the arguments of this process, and returns its exit code."""
    # The command works without the interpreter: Ctrl-C has to end it as it ends any other program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run_command(["pst", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
