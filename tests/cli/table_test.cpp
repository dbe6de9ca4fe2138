#include "catch.hpp"

#include "cli/output.hpp"

using quill::cli::display_width;
using quill::cli::format_table;
using quill::cli::Table;

TEST_CASE("width counts columns on the screen, not bytes", "[cli]") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("Zürich") == 6);
  CHECK(display_width("北京") == 4);             // two wide characters
  CHECK(display_width("e\xCC\x81") == 1);        // e and a combining accent
  CHECK(display_width("\xFF\xC3") == 2);         // bytes that are no UTF-8: one column each
  CHECK(display_width("\xF0\x9F\x98\x80") == 2); // an emoji
  CHECK(display_width("") == 0);
}

TEST_CASE("columns line up and numbers stand to the right", "[cli]") {
  const Table table{.columns = {{"city"}, {"n", true}},
                    .rows = {{"北京", "5"}, {"Zürich", "12345"}}};
  CHECK(format_table(table, false) == "city        n\n"
                                      "北京        5\n"
                                      "Zürich  12345\n");
}

TEST_CASE("a long cell is cut and control characters cannot reach the terminal", "[cli]") {
  const Table table{.columns = {{"text"}}, .rows = {{"abcdefgh"}, {"a\nb\x1b[2J"}}};
  CHECK(format_table(table, false, 6) == "text\nabcde…\na\\nb?…\n");
}

TEST_CASE("a short row leaves its last cells empty", "[cli]") {
  const Table table{.columns = {{"a"}, {"b"}}, .rows = {{"1"}}};
  CHECK(format_table(table, false) == "a  b\n1\n");
}
