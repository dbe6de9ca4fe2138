// Any bytes as a safetensors file: refused with an error, or every view lies within the file.
#include <cstdint>
#include <cstdlib>

#include "quill/core/error.hpp"
#include "quill/model/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::span file(reinterpret_cast<const std::byte*>(bytes), size);
  try {
    const auto header = quill::model::parse_safetensors(file, "fuzz");
    for (const auto& tensor : header.tensors) {
      const auto elements = static_cast<std::size_t>(tensor.elements());
      const bool within = tensor.bytes.data() >= file.data() &&
                          tensor.bytes.data() + tensor.bytes.size() <= file.data() + size;
      if (!within || elements * quill::model::dtype_bytes(tensor.dtype) != tensor.bytes.size())
        std::abort();
    }
  } catch (const quill::Error& error) {
    if (error.exit() != quill::Exit::usage)
      std::abort();
  }
  return 0;
}
