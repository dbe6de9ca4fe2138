// Maps of files, and the folder of one or several of them.
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/refuse.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/model/safetensors.hpp"

namespace quill::model {

namespace {

/// Closes on every way out.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0)
      ::close(number);
  }
};

[[noreturn]] void refuse_file(const std::filesystem::path& path, std::string_view why) {
  refuse(fmt::format("cannot read the file: {}", why), path.string(),
         "check the path and its permissions");
}

} // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status{};
  if (file.number < 0 || ::fstat(file.number, &status) != 0)
    refuse_file(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode) || status.st_size == 0)
    refuse_file(path, status.st_size == 0 ? "it is empty" : "it is no regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  // Private and writable: tensors made of it are not const, and what is written stays here.
  void* memory =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.number, 0);
  if (memory == MAP_FAILED)
    refuse_file(path, std::strerror(errno));
  bytes_ = {static_cast<const std::byte*>(memory), size};
}

MappedFile::~MappedFile() {
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

namespace {

/// File → names of its tensors, from an index file.
std::map<std::string, std::vector<std::string>> read_index(const std::filesystem::path& path) {
  const Json document = parse_json(read_file(path), path.string());
  const JsonObject index(document, path.string());
  const Json& weight_map = index.at("weight_map");
  const JsonObject object(weight_map, path.string() + ", \"weight_map\"");
  std::map<std::string, std::vector<std::string>> files;
  for (const auto& [tensor, file] : weight_map.items()) {
    const std::string name = file.is_string() ? file.get<std::string>() : "";
    if (name.empty() || name.find('/') != std::string::npos || name == "." || name == "..")
      refuse(fmt::format("tensor \"{}\" lies in {}; allowed: the name of a file in the same folder",
                         tensor.substr(0, 120), dump_json(file).substr(0, 80)),
             object.where(), "fetch the model again");
    files[name].push_back(tensor);
  }
  return files;
}

} // namespace

Checkpoint::Checkpoint(const std::filesystem::path& folder, std::string_view name) {
  const auto whole = folder / fmt::format("{}.safetensors", name);
  const auto index = folder / fmt::format("{}.safetensors.index.json", name);
  if (std::filesystem::exists(whole)) {
    add(whole, nullptr);
  } else if (std::filesystem::exists(index)) {
    for (const auto& [file, tensors] : read_index(index))
      add(folder / file, &tensors);
  } else {
    refuse(fmt::format("there is no {0}.safetensors and no {0}.safetensors.index.json", name),
           folder.string(), "name the folder of a model: one with config.json and tokenizer.json");
  }
}

void Checkpoint::add(const std::filesystem::path& file, const std::vector<std::string>* expected) {
  const auto map = std::make_shared<const MappedFile>(file);
  SafetensorsHeader header = parse_safetensors(map->bytes(), file.string());
  for (TensorView& tensor : header.tensors) {
    std::string name = tensor.name;
    if (!tensors_.emplace(std::move(name), std::move(tensor)).second)
      refuse(fmt::format("tensor \"{}\" stands in two files", name), file.string(),
             "fetch the model again");
  }
  for (const std::string& name : expected == nullptr ? std::vector<std::string>{} : *expected)
    if (find(name) == nullptr)
      refuse(fmt::format("the index says that tensor \"{}\" is here, and it is not",
                         name.substr(0, 120)),
             file.string(), "fetch the model again");
  files_.push_back(file);
  maps_.push_back(map);
}

const TensorView* Checkpoint::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

} // namespace quill::model
