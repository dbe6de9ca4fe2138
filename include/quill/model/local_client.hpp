// A model of this machine as a client like any other.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "quill/llm/client.hpp"
#include "quill/model/chat_format.hpp"

namespace quill::model {

/// Opens the network of a folder with an adapter over it: open_decoder() where it is linked.
using OpenDecoder = std::function<std::unique_ptr<Decoder>(const std::filesystem::path& folder,
                                                           const std::filesystem::path& adapter,
                                                           const Arithmetic& arithmetic)>;

/// Answers up to `slots_max` requests together. Equal requests have equal answers: each draws from
/// a stream that its key seeds. `raw` is a chat completion in OpenAI's shape; a prompt that is too
/// long is Kind::bad_reply. Owns network and thread.
[[nodiscard]] std::unique_ptr<llm::Client>
make_local_client(ChatFormat format, std::unique_ptr<Decoder> decoder, std::int64_t slots_max);

} // namespace quill::model
