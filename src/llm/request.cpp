#include "quill/core/files.hpp"
#include "quill/llm/client.hpp"

namespace quill::llm {

Json Request::json() const {
  Json list = Json::array();
  for (const auto& message : messages)
    list.push_back({{"role", message.role}, {"content", message.content}});
  return {{"model", model},
          {"messages", std::move(list)},
          {"temperature", temperature},
          {"tokens_max", tokens_max},
          {"sample_index", sample_index}};
}

std::string Request::key() const {
  return sha256_hex(dump_json(json()));
}

} // namespace quill::llm
