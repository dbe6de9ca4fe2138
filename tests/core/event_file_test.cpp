#include "quill/core/event_file.hpp"

#include "catch.hpp"
#include "quill/core/files.hpp"

using namespace quill;

namespace {

std::string bytes(std::initializer_list<int> numbers) {
  std::string text;
  for (const int number : numbers)
    text += static_cast<char>(number);
  return text;
}

} // namespace

TEST_CASE("CRC-32C gives the sums of RFC 3720", "[core]") {
  CHECK(crc32c("123456789") == 0xE3069283);
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62A8AB43);
}

TEST_CASE("a record is length, its masked sum, bytes, their masked sum", "[core]") {
  // Of eight bytes of length 0, and of nothing (crc 0, so the mask's 0xA282EAD8).
  const std::string record = tf_record("");
  REQUIRE(record.size() == 16);
  CHECK(record.substr(12) == bytes({0xD8, 0xEA, 0x82, 0xA2}));
  const std::uint32_t sum = crc32c(std::string(8, '\0'));
  const std::uint32_t masked = ((sum >> 15U) | (sum << 17U)) + 0xA282EAD8;
  CHECK(static_cast<unsigned char>(record[8]) == (masked & 0xFFU));
  CHECK(static_cast<unsigned char>(record[11]) == masked >> 24U);
}

TEST_CASE("an event file begins with its version and where it starts, then has a record a step",
          "[core]") {
  const ScratchFolder folder;
  EventFile events(folder.path() / "tb", 3, 1.0);
  events.add(300, 1.0, {{"train/loss", 0.5}});
  CHECK(events.path().filename().string().starts_with("events.out.tfevents.0000000001."));
  const std::string second = bytes({9, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F}); // field 1: 1.0 as a double
  // Field 3, thirteen bytes; field 2 = 3 and field 7 {1 = START}; field 2 = 300, field 5 with one
  // value {1: the tag of ten bytes, 2: 0.5 as a float}.
  const std::string expected = tf_record(second + bytes({26, 13}) + "brain.Event:2") +
                               tf_record(second + bytes({16, 3, 58, 2, 8, 1})) +
                               tf_record(second + bytes({16, 0xAC, 2, 42, 19, 10, 17, 10, 10}) +
                                         "train/loss" + bytes({21, 0, 0, 0, 0x3F}));
  CHECK(read_file(events.path()) == expected);
}
