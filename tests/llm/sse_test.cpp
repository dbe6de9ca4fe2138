#include "llm/sse.hpp"

#include "catch.hpp"

using quill::llm::looks_like_sse;
using quill::llm::sse_data;
using Events = std::vector<std::string>;

TEST_CASE("events end at a blank line, whatever the line ends are", "[llm]") {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string two = "data: a" + end + end + "data: b" + end + end;
    CHECK(sse_data(two) == Events{"a", "b"});
  }
  CHECK(sse_data("\xEF\xBB\xBF"
                 "data: a\n\n") == Events{"a"});
}

TEST_CASE("several data lines are one text; one space after the colon belongs to nobody", "[llm]") {
  CHECK(sse_data("data: a\ndata:  b\ndata:c\ndata\n\n") == Events{"a\n b\nc\n"});
}

TEST_CASE("comments, other fields and events without data are no events", "[llm]") {
  CHECK(sse_data(": OPENROUTER PROCESSING\n\nevent: ping\nid: 7\n\ndata: x\n\n\n\n") ==
        Events{"x"});
  CHECK(sse_data("database: x\n\n").empty());
}

TEST_CASE("an event without its blank line may be cut and is left out", "[llm]") {
  CHECK(sse_data("data: whole\n\ndata: half") == Events{"whole"});
  CHECK(sse_data("data: whole\n\ndata: half\n") == Events{"whole"});
  CHECK(sse_data("").empty());
}

TEST_CASE("a stream is told from a document by its first word", "[llm]") {
  CHECK(looks_like_sse("data: {}\n\n"));
  CHECK(looks_like_sse("\n\n: keep-alive\n\ndata: {}"));
  CHECK(looks_like_sse("event: message_start\n"));
  CHECK_FALSE(looks_like_sse("{\"data\": 1}"));
  CHECK_FALSE(looks_like_sse("\n\n{}"));
  CHECK_FALSE(looks_like_sse(""));
}
