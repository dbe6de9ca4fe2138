// A sample as it will be trained on: the text, and which of it the loss looks at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

/// `quill data preview`.
struct PreviewConfig {
  std::filesystem::path folder = "data/combined"; ///< with training_data.json or run.db
  std::int64_t sample = 1;                        ///< which one, from 1
  void fields(FieldList& list);
};

/// Bytes [from, to) of the text.
struct Span {
  std::size_t from = 0, to = 0;
  bool trained = false;
};
struct Preview {
  std::string id;
  std::string text;        ///< as Qwen2.5's chat template writes it
  std::vector<Span> spans; ///< one after another, over the whole text
};
[[nodiscard]] Json to_json(const Preview& preview);

/// The loss counts over the assistant's words and the mark that ends them; system, user and the
/// marks of the template are context only.
[[nodiscard]] Preview preview_of(const Example& example);

/// \throws Error{usage}: no data set there, or not so many samples
[[nodiscard]] Preview preview(const PreviewConfig& config);

} // namespace quill::loop
