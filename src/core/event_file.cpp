#include "quill/core/event_file.hpp"

#include <array>
#include <bit>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill {

namespace {

constexpr std::array<std::uint32_t, 256> crc_table() {
  constexpr std::uint32_t kPolynomial = 0x82F63B78; // 0x1EDC6F41, lowest bit first
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit)
      rest = (rest & 1U) != 0 ? (rest >> 1U) ^ kPolynomial : rest >> 1U;
    table[byte] = rest;
  }
  return table;
}

std::uint32_t masked_crc(std::string_view bytes) {
  constexpr std::uint32_t kDelta = 0xA282EAD8;
  return std::rotr(crc32c(bytes), 15) + kDelta;
}

template <class Number> std::string little_endian(Number number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof number; ++i)
    bytes += static_cast<char>((number >> (8 * i)) & 0xFFU);
  return bytes;
}

// Protocol buffers: a key is field number · 8 + kind of value.
enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

std::string varint(std::uint64_t number) {
  std::string bytes;
  for (; number >= 0x80U; number >>= 7U)
    bytes += static_cast<char>((number & 0x7FU) | 0x80U);
  return bytes + static_cast<char>(number);
}

std::string key(unsigned field, Wire wire) {
  return varint(field * 8U + static_cast<unsigned>(wire));
}

std::string number_field(unsigned field, std::int64_t number) {
  return key(field, Wire::varint) + varint(static_cast<std::uint64_t>(number));
}

std::string double_field(unsigned field, double number) {
  return key(field, Wire::fixed64) + little_endian(std::bit_cast<std::uint64_t>(number));
}

std::string float_field(unsigned field, double number) {
  return key(field, Wire::fixed32) +
         little_endian(std::bit_cast<std::uint32_t>(static_cast<float>(number)));
}

std::string bytes_field(unsigned field, std::string_view bytes) {
  return key(field, Wire::bytes) + varint(bytes.size()) + std::string(bytes);
}

} // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static constexpr auto kTable = crc_table();
  std::uint32_t rest = 0xFFFFFFFF;
  for (const char c : bytes)
    rest = kTable[(rest ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (rest >> 8U);
  return ~rest;
}

std::string tf_record(std::string_view bytes) {
  const std::string length = little_endian(static_cast<std::uint64_t>(bytes.size()));
  return length + little_endian(masked_crc(length)) + std::string(bytes) +
         little_endian(masked_crc(bytes));
}

EventFile::EventFile(const std::filesystem::path& folder, std::int64_t step, double wall_time_s) {
  make_folder(folder);
  path_ = folder / fmt::format("events.out.tfevents.{:010.0f}.{}", wall_time_s, ::getpid());
  constexpr std::int64_t kStart = 1; // SessionLog.START: later steps of earlier files go
  append(double_field(1, wall_time_s) + bytes_field(3, "brain.Event:2"));
  append(double_field(1, wall_time_s) + number_field(2, step) +
         bytes_field(7, number_field(1, kStart)));
}

void EventFile::add(std::int64_t step, double wall_time_s,
                    const std::vector<std::pair<std::string, double>>& figures) {
  std::string summary;
  for (const auto& [tag, number] : figures)
    summary += bytes_field(1, bytes_field(1, tag) + float_field(2, number));
  append(double_field(1, wall_time_s) + number_field(2, step) + bytes_field(5, summary));
}

void EventFile::append(const std::string& event) {
  std::ofstream file(path_, std::ios::app | std::ios::binary);
  file << tf_record(event);
  file.close();
  if (!file)
    throw Error{Exit::storage,
                {.what = "cannot write an event",
                 .where = path_.string(),
                 .fix = "free some space, then run again with --resume"}};
}

} // namespace quill
