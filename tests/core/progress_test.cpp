#include "quill/core/progress.hpp"

#include "catch.hpp"
#include "core/progress_text.hpp"

using namespace quill;

TEST_CASE("a bar shows share, time left at the pace so far, and the note", "[core]") {
  // 25 of 50 in 12 s: 12 s to go; 24 cells, half of them full.
  CHECK(progress_bar({"restem", 25, 50, 12'000, "kept 12"}, 100) ==
        "restem [############------------] 25/50 50 % 0:12 left  kept 12");
  CHECK(progress_bar({"restem", 0, 50, 10, ""}, 100) ==
        "restem [------------------------] 0/50 0 %");
  CHECK(progress_bar({"restem", 50, 50, 10, ""}, 100) ==
        "restem [########################] 50/50 100 %");
}

TEST_CASE("a bar says 100 % only when all is done, and 90 s as minutes", "[core]") {
  CHECK(progress_bar({"x", 999, 1000, 999, ""}, 100) ==
        "x [#######################-] 999/1000 99 % 0:01 left");
  CHECK(progress_bar({"x", 1, 10, 10'000, ""}, 100) ==
        "x [##----------------------] 1/10 10 % 1:30 left");
}

TEST_CASE("an unknown total shows the count alone", "[core]") {
  CHECK(progress_bar({"rows", 7, 0, 10, "busy"}, 100) == "rows 7  busy");
}

TEST_CASE("a bar fits its width and holds no control characters", "[core]") {
  const std::string bar = progress_bar({"x", 1, 2, 0, "a\nb" + std::string(200, 'y')}, 60);
  CHECK(bar.size() == 60);
  CHECK(bar.find('\n') == std::string::npos);
  CHECK_THAT(bar, Catch::EndsWith("…"));
}

TEST_CASE("progress for machines is one JSON line", "[core]") {
  CHECK(
      progress_json({"restem", 25, 50, 12'000.4, "kept 12"}) ==
      R"({"progress":"restem","done":25,"total":50,"elapsed_ms":12000.0,"left_ms":12000.0,"note":"kept 12"})");
  CHECK(progress_json({"rows", 7, 0, 1, ""}) ==
        R"({"progress":"rows","done":7,"total":null,"elapsed_ms":1.0,"left_ms":null,"note":""})");
}

TEST_CASE("the pace does not count what was done before", "[core]") {
  // 10 in 5 s since 40 of 100 were found after 1 s: the other 50 take 25 s.
  CHECK_THAT(progress_bar({"steps", 50, 100, 6'000, "", 40, 1'000}, 100),
             Catch::EndsWith(" 0:25 left"));
  CHECK_THAT(progress_bar({"steps", 40, 100, 6'000, "", 40, 1'000}, 100), Catch::EndsWith(" 40 %"));
}
