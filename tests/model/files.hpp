// Small files for tests: safetensors bytes, a config, a tokenizer.
#pragma once

#include <cstring>
#include <string>

#include "quill/core/error.hpp"
#include "quill/core/json.hpp"
#include "quill/model/tokenizer.hpp"

namespace quill::model::test {

/// A safetensors file: the header's length, the header, `data_bytes` zeros.
inline std::string safetensors(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  return file + header + std::string(data_bytes, '\0');
}

/// `document` with the value at `pointer` set; null removes it.
inline Json changed(Json document, const std::string& pointer, const Json& value) {
  const Json::json_pointer at(pointer);
  if (value.is_null())
    document.at(at.parent_pointer()).erase(at.back());
  else
    document[at] = value;
  return document;
}

/// What `act` throws: "what|where"; "" when nothing. Only usage errors are expected.
template <class Act> std::string refusal(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.exit() == Exit::usage ? error.text().what + "|" + error.text().where
                                       : "exit code other than 2";
  }
  return "";
}

inline Json small_config() {
  return {{"model_type", "qwen2"},    {"num_hidden_layers", 2},
          {"hidden_size", 8},         {"intermediate_size", 16},
          {"num_attention_heads", 4}, {"num_key_value_heads", 2},
          {"vocab_size", 300},        {"rms_norm_eps", 1e-6},
          {"rope_theta", 10000.0},    {"max_position_embeddings", 64},
          {"hidden_act", "silu"},     {"tie_word_embeddings", true},
          {"torch_dtype", "float32"}};
}

/// 256 bytes, a few merges of `text`, and <|end|>.
inline Json small_tokenizer(std::string_view text = "aaab aab aab low lower lowest") {
  return train_tokenizer(text, 270, {"<|end|>"});
}

} // namespace quill::model::test
