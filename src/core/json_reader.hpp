// The SAX side of JSON parsing: builds the document while it watches depth and duplicate keys.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::json_reader {

/// Why a text is not a document we take, and the byte (from 0) where that was seen.
struct Defect {
  std::string what;
  std::size_t offset = 0;
};

/// Walks the text and tells how far the lexer has read.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* read) : at_(at), read_(read) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*read_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::size_t* read_;
};

/// nlohmann's SAX interface. A handler that returns false ends the parse; `defect` says why.
class Builder {
 public:
  Builder(const std::size_t& bytes_read, int depth_max);

  bool null();
  bool boolean(bool value);
  bool number_integer(Json::number_integer_t value);
  bool number_unsigned(Json::number_unsigned_t value);
  bool number_float(Json::number_float_t value, const std::string& spelling);
  bool string(std::string& value);
  bool binary(Json::binary_t& value);
  bool start_object(std::size_t size);
  bool key(std::string& name);
  bool end_object();
  bool start_array(std::size_t size);
  bool end_array();
  bool parse_error(std::size_t position, const std::string& token, const Json::exception& error);

  [[nodiscard]] const Defect& defect() const noexcept { return defect_; }
  [[nodiscard]] Json take() { return std::move(document_); }

 private:
  /// An array or object that is still open. Its value lives here until it closes, so nothing points
  /// into a container that grows.
  struct Open {
    Json value;
    std::string key;                        ///< of the member being read
    std::unordered_set<std::string> keys{}; ///< all keys so far, once there are many
  };

  bool refuse(std::string what);
  bool open(Json container);
  bool close();
  bool put(Json value);

  const std::size_t& bytes_read_;
  std::size_t depth_max_;
  std::vector<Open> open_;
  Json document_;
  Defect defect_;
};

/// nlohmann's words without its "[json.exception…] parse error at line …" head.
[[nodiscard]] std::string plain_reason(std::string_view message);

} // namespace quill::json_reader
