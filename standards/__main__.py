"""Checks standards documents: `python -m standards FILE...` names every fault, and exits with 1 if there is one."""

import sys
from pathlib import Path

from standards.reader import MalformedDocument, load


def main(files: list[str]) -> int:
    """Check each file, say what was found, and return the exit code."""
    if not files:
        sys.stderr.write("Name the files to check: python -m standards FILE...\n")
        return 1
    refused = False
    for file in map(Path, files):
        if not file.is_file() or file.suffix != ".yaml":
            sys.stderr.write(f"{file}: There is no such file, or its name does not end in .yaml.\n")
            refused = True
            continue
        try:
            document = load(file.stem, [file.parent])
        except MalformedDocument as malformed:
            sys.stderr.writelines(f"{file}: {fault}\n" for fault in malformed.faults)
            refused = True
        else:
            sys.stdout.write(f"{file}: {document.title}, version {document.version}, is valid.\n")
    return int(refused)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
