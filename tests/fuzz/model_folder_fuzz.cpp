// Any bytes as one of the small files in a model's folder: the state of a 4-bit matrix, the index
// of a sharded checkpoint, adapter_config.json, tokenizer_config.json. Refused with words, or read
// within the files' sizes. The first byte says which.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "model/nf4_file.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/model/adapter.hpp"
#include "quill/model/chat.hpp"

namespace {

using namespace quill;
namespace fs = std::filesystem;

/// The folder, and how a file comes into it: the atomic way would sync each to the disk.
const fs::path& folder() {
  static const ScratchFolder scratch("fuzz");
  return scratch.path();
}
void write(const char* name, std::string_view bytes) {
  std::FILE* file = std::fopen((folder() / name).c_str(), "wb");
  if (file == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size())
    std::abort();
  std::fclose(file);
}

/// A matrix of 8 x 8 in four bits whose state is `text`, with all parts that it may name.
void read_nf4(std::string_view text) {
  const std::string state = "w.quant_state.bitsandbytes__nf4";
  Json header = Json::object();
  std::size_t at = 0;
  const auto add = [&](const std::string& name, const char* type, std::size_t count,
                       std::size_t bytes) {
    header[name] = {{"dtype", type}, {"shape", {count}}, {"data_offsets", {at, at + bytes}}};
    at += bytes;
  };
  add("w.nested_quant_map", "F32", 256, 1024);
  add("w.nested_absmax", "F32", 1, 4);
  add("w", "U8", 32, 32);
  add("w.absmax", "U8", 1, 1);
  add(state, "U8", text.size(), text.size());
  const std::string head = dump_json(header);
  const std::uint64_t size = head.size();
  std::string file(sizeof size, '\0');
  std::memcpy(file.data(), &size, sizeof size);
  write("model.safetensors", file + head + std::string(at - text.size(), '\1') + std::string(text));
  const model::Checkpoint checkpoint(folder());
  const auto views = model::find_nf4(checkpoint, "w");
  if (!views || views->shape[0] * views->shape[1] > 64 || views->block < 1)
    std::abort(); // more values than there are codes
}

void read_index(std::string_view text) {
  const std::string head = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  const std::uint64_t size = head.size();
  std::string file(sizeof size, '\0');
  std::memcpy(file.data(), &size, sizeof size);
  write("sharded-1.safetensors", file + head + "x");
  write("sharded.safetensors.index.json", text);
  const model::Checkpoint checkpoint(folder(), "sharded");
  for (const fs::path& each : checkpoint.files())
    if (each.parent_path() != folder())
      std::abort(); // a file somewhere else
}

void read_adapter(std::string_view text) {
  const auto adapter = model::parse_adapter(parse_json(text, "fuzz"), "fuzz");
  const Json written = model::adapter_json(adapter);
  if (model::adapter_json(model::parse_adapter(written, "fuzz")) != written)
    std::abort();
  for (const char* map : {"model.layers.0.self_attn.q_proj", "lm_head"})
    if (adapter.rank_of(map) < 1 || !(adapter.scale_of(map) > 0))
      std::abort();
}

void read_chat(std::string_view text) {
  write("tokenizer_config.json", text);
  const auto chat = model::ChatTemplate::read(folder());
  if (chat.name().empty() || chat.turn_end().empty())
    std::abort();
}

constexpr void (*kReaders[])(std::string_view) = {read_nf4, read_index, read_adapter, read_chat};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  try {
    kReaders[bytes[0] % std::size(kReaders)](text);
  } catch (const Error& error) {
    if (error.exit() != Exit::usage || error.text().what.empty() || error.text().where.empty())
      std::abort();
  }
  return 0;
}
