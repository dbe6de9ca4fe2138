#include "quill/engine/blueprint.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/blueprint_model.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFileBytesMax = 4U << 20U;

fs::path shipped_blueprints() {
  return shipped_folder() / "blueprints";
}

bool looks_like_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".json");
}

[[noreturn]] void refuse_name(const std::string& name) {
  const auto known = Blueprint::shipped();
  const std::string near = nearest_word(name, known);
  throw Error{Exit::usage,
              {.what = fmt::format("there is no blueprint \"{}\"", name),
               .where = shipped_blueprints().string(),
               .fix = near.empty()
                          ? fmt::format("use {}, or the path of a file", fmt::join(known, ", "))
                          : fmt::format("did you mean \"{}\"?", near)}};
}

} // namespace

Blueprint::Blueprint(std::unique_ptr<Model> model) : model_(std::move(model)) {}
Blueprint::Blueprint(Blueprint&&) noexcept = default;
Blueprint& Blueprint::operator=(Blueprint&&) noexcept = default;
Blueprint::~Blueprint() = default;

Blueprint Blueprint::parse(std::string_view json_text, std::string_view where) {
  return Blueprint(seed::parse_model(json_text, where));
}

Blueprint Blueprint::load(const std::string& name_or_path) {
  if (looks_like_path(name_or_path))
    return parse(read_file(name_or_path, kFileBytesMax), name_or_path);
  const auto known = shipped();
  if (std::find(known.begin(), known.end(), name_or_path) == known.end())
    refuse_name(name_or_path);
  const fs::path path = shipped_blueprints() / (name_or_path + ".json");
  return parse(read_file(path, kFileBytesMax), path.string());
}

std::vector<std::string> Blueprint::shipped() {
  std::vector<std::string> names;
  std::error_code missing; // then there are none, and refuse_name says where they were looked for
  for (const auto& entry : fs::directory_iterator(shipped_blueprints(), missing))
    if (entry.path().extension() == ".json")
      names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

const std::string& Blueprint::name() const {
  return model_->name;
}

const std::string& Blueprint::summary() const {
  return model_->summary;
}

bool Blueprint::held_out() const {
  return model_->held_out;
}

std::string Blueprint::ddl() const {
  std::string script;
  for (std::size_t t = 0; t < model_->tables.size(); ++t)
    script += seed::create_table(model_->tables, t);
  return script;
}

void Blueprint::resize(std::string_view table, std::int64_t rows) {
  const auto found = seed::find_table(model_->tables, table);
  if (!found) {
    std::vector<std::string> known;
    for (const auto& other : model_->tables)
      known.push_back(other.name);
    const std::string near = nearest_word(table, known);
    throw Error{Exit::usage,
                {.what = fmt::format("blueprint \"{}\" has no table \"{}\"", name(), table),
                 .where = model_->where,
                 .fix = near.empty() ? fmt::format("its tables: {}", fmt::join(known, ", "))
                                     : fmt::format("did you mean \"{}\"?", near)}};
  }
  if (rows < 0 || rows > seed::kRowsMax)
    throw Error{Exit::usage,
                {.what = fmt::format("{} rows for table \"{}\"", rows, table),
                 .where = model_->where,
                 .fix = fmt::format("choose from 0 to {}", seed::kRowsMax)}};
  model_->tables[*found].rows = rows;
}

std::map<std::string, std::int64_t> Blueprint::sizes() const {
  const auto sizes = seed::resolved_sizes(model_->tables, model_->where);
  std::map<std::string, std::int64_t> named;
  for (std::size_t t = 0; t < sizes.size(); ++t)
    named[model_->tables[t].name] = sizes[t];
  return named;
}

} // namespace quill::engine
