#!/usr/bin/env python3
"""Unpacks of a torch wheel what a C++ program needs: headers, libraries, CMake files, licences.

usage: unpack_torch.py WHEEL FOLDER

Python's own half (libtorch_python, the modules) and the test programs stay out.
"""

import sys
import zipfile
from pathlib import Path

WANTED = ("torch/lib/", "torch/include/", "torch/share/")
UNWANTED = ("libtorch_python", "libshm", "libaoti_custom_ops", "libbackend_with_compiler", "libjitbackend_test",
            "libtorchbind_test", "torch/include/pybind11", "torch/include/torch/csrc/jit/python")


def target_of(name):
    """Where a member of the wheel goes below FOLDER; None when it stays out."""
    if ".dist-info/licenses/" in name or name.endswith(("/LICENSE", "/NOTICE")):
        return "licenses/" + name.split("/", 1)[1].removeprefix("licenses/")
    if not name.startswith(WANTED) or any(part in name for part in UNWANTED):
        return None
    return name.removeprefix("torch/")


def unpack(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            target = target_of(member.filename)
            if target is None or member.is_dir():
                continue
            path = folder / target
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, open(path, "wb") as out:
                while block := source.read(1 << 20):
                    out.write(block)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
