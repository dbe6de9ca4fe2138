#!/usr/bin/env python3
"""check_house.py catches what it is there for: each test makes a small tree with one fault in it."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import check_house  # noqa: E402

GOOD = {
    "CMakeLists.txt": "quill_room(core LINKS fmt::fmt)\n"
                      "quill_room(loop DEPENDS core LINKS fmt::fmt)\n",
    "include/quill/core/word.hpp": "// A word.\n#pragma once\n#include <string>\n",
    "src/core/word.cpp": '#include "quill/core/word.hpp"\n#include <unistd.h>\n#include <curl/curl.h>\n',
    "src/loop/pool.hpp": '#pragma once\n#include "quill/core/word.hpp"\n',
    "src/loop/pool.cpp": '#include "loop/pool.hpp"\n#include <fmt/format.h>\n',
}


class House(unittest.TestCase):
    def findings(self, changes):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for path, text in {**GOOD, **changes}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
            return check_house.check(root)

    def test_a_good_tree_has_no_findings(self):
        self.assertEqual(self.findings({}), [])

    def test_a_room_may_not_include_its_own_storey(self):
        found = self.findings({"src/loop/bad.cpp": '#include "quill/train/loss.hpp"\n'})
        self.assertEqual(found, ["src/loop/bad.cpp:1: loop may not include train"])

    def test_a_room_may_not_include_a_higher_storey(self):
        found = self.findings({"src/core/bad.cpp": '\n#include "quill/loop/pool.hpp"\n'})
        self.assertEqual(found, ["src/core/bad.cpp:2: core may not include loop"])

    def test_a_private_header_does_not_cross_a_wall(self):
        found = self.findings({"src/loop/bad.cpp": '#include "core/text.hpp"\n'})
        self.assertEqual(found,
                         ['src/loop/bad.cpp:1: "core/text.hpp" is a private header of another room'])

    def test_a_door_includes_no_private_header(self):
        found = self.findings({"include/quill/core/word.hpp":
                               '// A word.\n#pragma once\n#include "core/text.hpp"\n'})
        self.assertEqual(found, ["include/quill/core/word.hpp:3: a door may not include the private "
                                 'header "core/text.hpp"'])

    def test_a_third_party_header_needs_a_passport(self):
        found = self.findings({"src/loop/bad.cpp": "#include <curl/curl.h>\n"})
        self.assertEqual(found, ["src/loop/bad.cpp:1: <curl/curl.h> has no passport for loop"])

    def test_an_unknown_library_is_named(self):
        found = self.findings({"src/loop/bad.cpp": "#include <boost/any.hpp>\n"})
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0].startswith("src/loop/bad.cpp:1: <boost/any.hpp> is in no passport"))

    def test_an_include_without_an_arrow_in_cmake_is_named(self):
        found = self.findings({"CMakeLists.txt": "quill_room(core LINKS fmt::fmt)\n"
                                                 "quill_room(loop LINKS fmt::fmt)\n"})
        self.assertEqual(found, ["src/loop/pool.hpp:2: loop includes core, but CMakeLists.txt does "
                                 "not link it"])

    def test_an_arrow_that_nothing_uses_is_named(self):
        found = self.findings({"CMakeLists.txt": "quill_room(core LINKS fmt::fmt)\n"
                                                 "quill_room(loop DEPENDS core sql)\n"})
        self.assertEqual(found, ["CMakeLists.txt:2: loop links sql, but includes none of it"])

    def test_a_ring_of_headers_is_named(self):
        found = self.findings({"src/core/a.hpp": '#pragma once\n#include "core/b.hpp"\n',
                               "src/core/b.hpp": '#pragma once\n#include "core/a.hpp"\n'})
        self.assertEqual(found, ["src/core/a.hpp:1: a ring of includes: src/core/a.hpp -> "
                                 "src/core/b.hpp -> src/core/a.hpp"])

    def test_a_door_begins_with_a_comment(self):
        found = self.findings({"include/quill/core/bare.hpp": "#pragma once\n"})
        self.assertEqual(found, ["include/quill/core/bare.hpp:1: a door begins with a comment that "
                                 "says what is behind it"])

    def test_a_swallowed_exception_is_named(self):
        swallow = "void f() {\n  try {\n    g();\n  } catch (...) {\n  }\n}\n"
        self.assertEqual(len(self.findings({"src/core/bad.cpp": swallow})), 1)
        self.assertEqual(self.findings({"src/core/bad.cpp": swallow.replace(
            "(...) {", "(...) {\n    undo();\n    throw;")}), [])

    def test_a_long_file_is_named(self):
        found = self.findings({"src/core/long.cpp": "\n" * 601})
        self.assertEqual(found, ["src/core/long.cpp:600: longer than 600 lines: split it by idea"])

    def test_a_machine_path_is_named(self):
        found = self.findings({"docs/x.md": "see /home/" + "anna/quill\n"})
        self.assertEqual(found, ["docs/x.md:1: a path of somebody's machine: /home/" + "anna"])

    def test_tests_mirror_the_rooms(self):
        found = self.findings({"tests/attic/pool_test.cpp": "\n"})
        self.assertEqual(found, ["tests/attic/pool_test.cpp:1: tests mirror src: there is no such "
                                 "room"])


if __name__ == "__main__":
    unittest.main()
