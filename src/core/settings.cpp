#include "quill/core/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "core/settings_layers.hpp"
#include "core/text.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"

extern char** environ; // NOLINT: POSIX names it

namespace quill {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kConfigBytesMax = 64U << 10U;

/// Every key that some command knows, and the variable that sets it.
class Vocabulary {
 public:
  explicit Vocabulary(const std::vector<const FieldList*>& lists) {
    for (const FieldList* list : lists)
      for (const Field& field : list->all())
        if (!field.key.empty())
          key_of_.emplace(environment_name(field.key), field.key);
  }

  [[nodiscard]] std::optional<std::string> key_of(const std::string& variable) const {
    const auto found = key_of_.find(variable);
    return found == key_of_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] bool has_key(const std::string& key) const {
    const auto found = key_of_.find(environment_name(key));
    return found != key_of_.end() && found->second == key;
  }
  [[nodiscard]] std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    for (const auto& [variable, key] : key_of_)
      keys.push_back(key);
    return keys;
  }
  [[nodiscard]] std::vector<std::string> variables() const {
    std::vector<std::string> variables;
    for (const auto& [variable, key] : key_of_)
      variables.push_back(variable);
    return variables;
  }

 private:
  std::map<std::string, std::string> key_of_; ///< by variable
};

[[noreturn]] void refuse_unknown(std::string_view kind, std::string_view name,
                                 const std::string& place, const std::string& near) {
  throw Error{
      Exit::usage,
      {.what = fmt::format("unknown {} \"{}\"", kind, text::clipped(name, 120)),
       .where = place,
       .fix = near.empty()
                  ? "remove it; `quill config show` lists every setting"
                  : fmt::format("did you mean \"{}\"? `quill config show` lists all", near)}};
}

/// openai_api_key, hf.token, llm.api-key …: somebody put a key where it must not be.
bool looks_like_secret(std::string_view key) {
  const std::string folded = text::replaced(text::lower(key), "-", "_");
  return folded.find("api_key") != std::string::npos ||
         folded.find("hf_token") != std::string::npos ||
         folded.find("hf.token") != std::string::npos || folded.find("secret") != std::string::npos;
}

void refuse_unknown_key(const Assignment& found, const Vocabulary& known) {
  if (known.has_key(found.name))
    return;
  if (looks_like_secret(found.name))
    throw Error{
        Exit::usage,
        {.what = fmt::format("\"{}\" looks like a secret, and a config file may not hold one",
                             text::clipped(found.name, 120)),
         .where = found.place,
         .fix = "move it to .env (mode 600) or to the environment, as in OPENAI_API_KEY=…"}};
  refuse_unknown("setting", found.name, found.place, nearest_word(found.name, known.keys()));
}

bool is_absent(const fs::path& path) {
  std::error_code ignored;
  return path.empty() || fs::status(path, ignored).type() == fs::file_type::not_found;
}

/// Keys in a file that others may read are keys that are no longer secret.
void refuse_readable_by_others(const fs::path& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0 || (facts.st_mode & 077U) == 0)
    return;
  throw Error{Exit::usage,
              {.what = fmt::format("it holds a key and others may read it (mode {:03o})",
                                   facts.st_mode & 0777U),
               .where = path.string(),
               .fix = fmt::format("chmod 600 {}", path.string())}};
}

std::vector<Assignment> environment_assignments(const std::map<std::string, std::string>& all) {
  std::vector<Assignment> found;
  for (const auto& [name, value] : all)
    found.push_back({name, {value}, name});
  return found;
}

bool is_quill_variable(std::string_view name) {
  return name.substr(0, 6) == "QUILL_";
}

/// A list in a variable is written a,b,c.
std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    parts.emplace_back(text::trimmed(std::string_view(text).substr(start, end - start)));
    start = end + 1;
  }
  return parts;
}

bool is_list(const Field& field) {
  return std::holds_alternative<std::vector<std::string>*>(field.target);
}

} // namespace

SettingsSources process_sources() {
  SettingsSources sources;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      sources.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  const auto home = sources.environment.find("HOME");
  if (home != sources.environment.end() && !home->second.empty())
    sources.user_file = fs::path(home->second) / ".config/quill/config.toml";
  sources.project_file = "./quill.toml";
  sources.dotenv = "./.env";
  return sources;
}

/// Builds the layers of one Settings, weakest first, so that the strongest write stays.
class SettingsReader {
 public:
  SettingsReader(Settings& settings, const std::vector<const FieldList*>& known)
      : settings_(settings), known_(known) {}

  void read_file_layer(const fs::path& path, Layer layer) {
    const auto text = read_file(path, kConfigBytesMax);
    for (auto& found : parse_toml(text, path.string())) {
      refuse_unknown_key(found, known_);
      settings_.entries_[found.name] = {std::move(found.texts), {layer, found.place}};
    }
  }

  void read_dotenv(const fs::path& path) {
    const auto found = parse_dotenv(read_file(path, kConfigBytesMax), path.string());
    const bool holds_key = std::any_of(found.begin(), found.end(), [](const Assignment& line) {
      return is_secret_name(line.name) && !line.texts.front().empty();
    });
    if (holds_key)
      refuse_readable_by_others(path);
    read_variables(found, Layer::dotenv);
  }

  void read_variables(const std::vector<Assignment>& all, Layer layer) {
    for (const auto& found : all) {
      if (is_secret_name(found.name))
        take_secret(found, layer);
      else if (is_quill_variable(found.name) && !is_reserved_variable(found.name))
        take_variable(found, layer);
    }
  }

 private:
  /// An empty variable is a variable not given: shells have no other way to say it.
  void take_secret(const Assignment& found, Layer layer) {
    const std::string value(text::trimmed(found.texts.front()));
    if (value.empty())
      return;
    redact_in_logs(value);
    settings_.secrets_[found.name] = {{value}, {layer, found.place}};
  }

  void take_variable(const Assignment& found, Layer layer) {
    const auto key = known_.key_of(found.name);
    if (!key)
      refuse_unknown("variable", found.name, found.place,
                     nearest_word(found.name, known_.variables()));
    if (!found.texts.front().empty())
      settings_.entries_[*key] = {found.texts, {layer, found.place}};
  }

  Settings& settings_;
  Vocabulary known_;
};

Settings::Settings(const SettingsSources& sources, const std::vector<const FieldList*>& known) {
  SettingsReader reader(*this, known);
  if (!is_absent(sources.user_file))
    reader.read_file_layer(sources.user_file, Layer::user_file);
  if (!is_absent(sources.project_file))
    reader.read_file_layer(sources.project_file, Layer::project_file);
  if (!sources.config_file.empty())
    reader.read_file_layer(sources.config_file, Layer::config_file);
  if (!is_absent(sources.dotenv))
    reader.read_dotenv(sources.dotenv);
  reader.read_variables(environment_assignments(sources.environment), Layer::environment);
  for (const auto& [flag, text] : sources.flags) {
    Entry& entry = flags_[flag];
    entry.texts.push_back(text);
    entry.origin = {Layer::flag, flag};
  }
}

const Settings::Entry* Settings::strongest(const Field& field) const {
  if (const auto flag = flags_.find(field.flag); !field.flag.empty() && flag != flags_.end())
    return &flag->second;
  const auto entry = entries_.find(field.key);
  return field.key.empty() || entry == entries_.end() ? nullptr : &entry->second;
}

void Settings::apply(FieldList& fields) {
  for (Field& field : fields.all()) {
    const Entry* entry = strongest(field);
    if (entry != nullptr)
      set_from(field, *entry);
    else if (field.required)
      throw Error{
          Exit::usage,
          {.what = fmt::format("{} is not given", field.flag.empty() ? field.key : field.flag),
           .where = "the command line",
           .fix = fmt::format("give it: {}", field.help)}};
  }
}

void Settings::set_from(Field& field, const Entry& entry) {
  std::vector<std::string> texts = entry.texts;
  const bool from_variable =
      entry.origin.layer == Layer::dotenv || entry.origin.layer == Layer::environment;
  if (is_list(field) && from_variable)
    texts = split_at_commas(texts.front());
  if (!is_list(field) && entry.origin.layer == Layer::flag)
    texts = {texts.back()}; // of a flag given twice the last one counts, as everywhere
  if (std::holds_alternative<bool*>(field.target) && texts == std::vector<std::string>{""})
    texts = {"true"}; // a bare switch
  set_field(field, texts, entry.origin);
  if (!field.key.empty())
    applied_.insert_or_assign(field.key, entry.origin);
}

Origin Settings::origin(std::string_view key) const {
  if (const auto applied = applied_.find(key); applied != applied_.end())
    return applied->second;
  const auto entry = entries_.find(key);
  return entry == entries_.end() ? Origin{Layer::preset, "default"} : entry->second.origin;
}

std::optional<std::string> Settings::secret(std::string_view name) const {
  QUILL_CHECK(is_secret_name(name), "not the name of a secret");
  const auto found = secrets_.find(name);
  return found == secrets_.end() ? std::nullopt : std::optional(found->second.texts.front());
}

Origin Settings::secret_origin(std::string_view name) const {
  const auto found = secrets_.find(name);
  return found == secrets_.end() ? Origin{Layer::preset, "default"} : found->second.origin;
}

std::vector<Settings::Line> Settings::resolved(const FieldList& fields) const {
  std::vector<Line> lines;
  for (const Field& field : fields.all()) {
    const Entry* entry = strongest(field);
    lines.push_back({field.key.empty() ? field.flag : field.key, redacted(field_text(field)),
                     entry == nullptr ? Origin{Layer::preset, "default"} : entry->origin});
  }
  return lines;
}

} // namespace quill
