#!/usr/bin/env python3
"""Checks that the house stands as docs/architecture.md says: storeys, passports, walls, doors.

usage: check_house.py [ROOT]

A room includes rooms of lower storeys only, third-party headers stay in the rooms that have a
passport for them, private headers do not cross walls, and the arrows in CMakeLists.txt are the
arrows of the includes. Each finding is one line, `file:line: what`. Exit code 1 when there is one.
"""

import re
import sys
from pathlib import Path

# Storeys, ground first. A room may include rooms of lower storeys only, and never its own storey.
STOREYS = {
    "core": 1,
    "sql": 2, "llm": 2,
    "engine": 3, "store": 3, "model": 3,
    "judge": 4, "rewrite": 4, "task": 4,
    "loop": 5, "optimize": 5, "eval": 5, "train": 5, "serve": 5, "hub": 5, "report": 5,
    "cli": 6,
}

# Third-party headers and the rooms that may include them. fmt stands for std::format, which g++ 12
# lacks, so every room may.
PASSPORTS = {
    "fmt/": set(STOREYS),
    "spdlog/": {"core"},
    "nlohmann/": {"core"},
    "curl/": {"core"},
    "openssl/": {"core"},
    "toml++/": {"core"},
    "CLI/": {"cli"},
    "sqlite3.h": {"engine", "store"},
    "duckdb": {"engine"},
    "libpq-fe.h": {"engine"},
    "pg_query.h": {"sql"},
    "xxhash.h": {"engine"},
    "faiss/": {"optimize"},
    "torch/": {"model", "train"},
    "ATen/": {"model", "train"},
    "c10/cuda/": {"model", "train"},
    "pcre2.h": {"model"},
    "utf8proc.h": {"model"},
    "event2/": {"serve"},
}
# The doors that make a library's type a word of the rooms above.
DOORS_WITH_PASSPORT = {
    "include/quill/core/json.hpp": {"nlohmann/"},
    "include/quill/model/network.hpp": {"torch/"},  # train and model speak in tensors
    "include/quill/model/nf4.hpp": {"torch/"},
    "include/quill/train/loss.hpp": {"torch/"},
    "include/quill/train/step_loop.hpp": {"torch/"},
    "include/quill/train/team.hpp": {"torch/"},
    "include/quill/train/trainee.hpp": {"torch/"},
}

# Headers of C, POSIX and Linux that are nobody's library.
SYSTEM = re.compile(
    r"^(sys|linux|arpa|netinet)/\w+\.h$|^(unistd|fcntl|poll|signal|pthread|dlfcn|errno|stddef|"
    r"spawn|sched|termios|getopt|netdb|pwd|syscall|fenv|immintrin|malloc|time|stdlib|dirent)\.h$|"
    r"^[a-z_]+$")

LINES_MAX = 600
FORBIDDEN = [
    (re.compile(r"(?<![\w.$}{/])/(work|home|root|mnt)/[\w.-]+"), "a path of somebody's machine"),
    (re.compile(r"https?://[\w.-]*(npmjs|pypi|crates|artifactory|nexus)[\w.-]*"), "a registry's address"),
]
# Where an exception of any type may be caught: main and thread ends (design decision 1).
CATCH_ALL = re.compile(r"catch\s*\(\s*\.\.\.\s*\)")
CATCH_ALL_ALLOWED = {
    "src/cli/main.cpp": "main",
    "src/cli/torch/main.cpp": "main",
    "src/cli/application.cpp": "the reporter that main calls",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


class Findings:
    def __init__(self):
        self.lines = []

    def add(self, path, line, text):
        self.lines.append(f"{path}:{line}: {text}")


def room_of(path):
    """The room of src/ROOM/… or include/quill/ROOM/…; None for other files."""
    parts = Path(path).parts
    if len(parts) > 2 and parts[0] == "src":
        return parts[1]
    if len(parts) > 3 and parts[:2] == ("include", "quill"):
        return parts[2]
    return None


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1) == "<", found.group(2)


def check_door(findings, path, text):
    if not text.startswith("//"):
        findings.add(path, 1, "a door begins with a comment that says what is behind it")
    if "#pragma once" not in text:
        findings.add(path, 1, "#pragma once is missing")


def check_third_party(findings, path, line, room, header):
    for prefix, rooms in PASSPORTS.items():
        if not header.startswith(prefix):
            continue
        if room not in rooms:
            findings.add(path, line, f"<{header}> has no passport for {room}")
        elif path.startswith("include/") and prefix not in DOORS_WITH_PASSPORT.get(path, {"fmt/"}):
            findings.add(path, line, f"a door may not include <{header}>")
        return
    if not SYSTEM.match(header):
        findings.add(path, line, f"<{header}> is in no passport: say in check_house.py whose it is")


def check_quoted(findings, path, line, room, header, edges):
    parts = header.split("/")
    if parts[0] == "quill" and len(parts) >= 3:
        target = parts[1]
        if target not in STOREYS:
            findings.add(path, line, f"there is no room {target}")
        elif target != room:
            edges.setdefault((room, target), (path, line))
            if STOREYS[target] >= STOREYS[room]:
                findings.add(path, line, f"{room} may not include {target}")
    elif path.startswith("include/"):
        findings.add(path, line, f'a door may not include the private header "{header}"')
    elif parts[0] != room:
        findings.add(path, line, f'"{header}" is a private header of another room')


def check_catch_all(findings, path, text):
    if path in CATCH_ALL_ALLOWED:
        return
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        rethrown = any(after.strip() == "throw;" for after in lines[number:number + 4])
        if CATCH_ALL.search(line) and not rethrown and "// thread end" not in line:
            findings.add(path, number, "catch (...) that swallows: only in main and at thread ends "
                                       "(those say so: `// thread end`)")


def check_sources(root, findings):
    """Checks every file of src and include; returns the arrows {(from, to): (file, line)}."""
    edges = {}
    graph = {}
    for base in ("include/quill", "src"):
        for file in sorted((root / base).rglob("*")):
            if file.suffix not in (".hpp", ".cpp"):
                continue
            path = file.relative_to(root).as_posix()
            room = room_of(path)
            text = file.read_text(encoding="utf-8")
            if room not in STOREYS:
                findings.add(path, 1, f"there is no room {room}")
                continue
            if base.startswith("include"):
                check_door(findings, path, text)
            check_catch_all(findings, path, text)
            graph[path] = []
            for line, angled, header in includes(text):
                if angled:
                    check_third_party(findings, path, line, room, header)
                else:
                    check_quoted(findings, path, line, room, header, edges)
                    graph[path].append(header)
    check_cycles(findings, graph)
    return edges


def check_cycles(findings, graph):
    """No header may lead back to itself."""
    by_name = {}
    for path in graph:
        by_name[path.removeprefix("include/").removeprefix("src/")] = path
    state = {}

    def visit(path, trail):
        if state.get(path) == "done":
            return
        if path in trail:
            ring = trail[trail.index(path):] + [path]
            findings.add(path, 1, "a ring of includes: " + " -> ".join(ring))
            return
        for header in graph.get(path, []):
            if header in by_name:
                visit(by_name[header], trail + [path])
        state[path] = "done"

    for path in sorted(graph):
        visit(path, [])


def cmake_arrows(text):
    """{room: [rooms it links]} of every quill_room(…) in CMakeLists.txt, with its line."""
    arrows = {}
    for found in re.finditer(r"^quill_(worker_)?room\((\w+)([^)]*)\)", text, re.M):
        depends = re.search(r"DEPENDS((?:\s+(?!LINKS)\w+)+)", found.group(3))
        rooms = depends.group(1).split() if depends else []
        line = text.count("\n", 0, found.start()) + 1
        arrows.setdefault(found.group(2), [line, set()])[1].update(rooms)
    return arrows


def check_arrows(root, findings, edges):
    arrows = cmake_arrows((root / "CMakeLists.txt").read_text(encoding="utf-8"))
    for (room, target), (path, line) in sorted(edges.items()):
        if room in arrows and target not in arrows[room][1] and STOREYS[target] < STOREYS[room]:
            findings.add(path, line, f"{room} includes {target}, but CMakeLists.txt does not link it")
    for room, (line, targets) in sorted(arrows.items()):
        for target in sorted(targets):
            if (room, target) not in edges:
                findings.add("CMakeLists.txt", line, f"{room} links {target}, but includes none of it")


def check_texts(root, findings):
    """Length of files, tests that mirror src, and words that do not belong into the project."""
    for base in ("src", "include", "tests", "scripts", "docs", "data", "cmake", "bench"):
        for file in sorted((root / base).rglob("*")) if (root / base).is_dir() else []:
            if file.suffix not in (".hpp", ".cpp", ".py", ".sh", ".md", ".json", ".cmake", ".txt"):
                continue
            path = file.relative_to(root).as_posix()
            text = file.read_text(encoding="utf-8")
            if file.suffix in (".hpp", ".cpp") and text.count("\n") > LINES_MAX:
                findings.add(path, LINES_MAX, f"longer than {LINES_MAX} lines: split it by idea")
            for number, line in enumerate(text.splitlines(), 1):
                for pattern, what in FORBIDDEN:
                    if pattern.search(line):
                        findings.add(path, number, f"{what}: {pattern.search(line).group(0)}")
    for file in sorted((root / "tests").glob("*/*_test.cpp")):
        if file.parent.name not in STOREYS:
            findings.add(file.relative_to(root).as_posix(), 1, "tests mirror src: there is no such room")


def check(root):
    findings = Findings()
    edges = check_sources(root, findings)
    check_arrows(root, findings, edges)
    check_texts(root, findings)
    return findings.lines


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    lines = check(root)
    for line in lines:
        print(line)
    print(f"check_house: {len(lines)} findings" if lines else "check_house: the house stands")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
