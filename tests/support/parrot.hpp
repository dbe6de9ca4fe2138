// A model without a network for tests: bytes as tokens, and always the same answer.
#pragma once

#include <string>
#include <vector>

#include "quill/model/chat_format.hpp"

namespace quill::tests {

/// Whatever it is asked, it writes the same text.
class Parrot final : public model::Decoder {
 public:
  explicit Parrot(std::string says, std::int64_t positions = 4096)
      : says_(std::move(says)), positions_(positions) {}
  [[nodiscard]] std::int64_t vocabulary() const override { return 258; }
  [[nodiscard]] std::int64_t positions_max() const override { return positions_; }
  std::span<const float> prefill(std::int64_t slot, std::span<const model::TokenId> ids) override {
    prompts.emplace_back(ids.begin(), ids.end());
    said_.resize(std::max(said_.size(), static_cast<std::size_t>(slot) + 1));
    said_[static_cast<std::size_t>(slot)] = 0;
    return rows({static_cast<std::size_t>(slot)});
  }
  void copy_slot(std::int64_t from, std::int64_t to) override {
    said_.resize(std::max(said_.size(), static_cast<std::size_t>(to) + 1));
    said_[static_cast<std::size_t>(to)] = said_[static_cast<std::size_t>(from)];
  }
  std::span<const float> decode(std::span<const model::TokenId> ids) override {
    std::vector<std::size_t> slots;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      ++said_[i];
      slots.push_back(i);
    }
    return rows(slots);
  }
  std::vector<std::vector<model::TokenId>> prompts;

 private:
  std::span<const float> rows(const std::vector<std::size_t>& slots) {
    logits_.assign(slots.size() * 258, 0.0F);
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const std::size_t at = said_[slots[i]];
      const std::size_t next = at < says_.size() ? static_cast<unsigned char>(says_[at]) : 257;
      logits_[i * 258 + next] = 1;
    }
    return logits_;
  }
  std::string says_;
  std::int64_t positions_;
  std::vector<std::size_t> said_;
  std::vector<float> logits_;
};

/// Bytes are ids, 256 begins a turn, 257 ends it.
inline model::ChatFormat bytes_and_turns() {
  return {
      model::Tokenizer::parse(model::train_tokenizer("", 258, {"<|im_start|>", "<|im_end|>"}), "t"),
      model::ChatTemplate(model::kChatmlTemplate, "t"),
      {257}};
}

} // namespace quill::tests
