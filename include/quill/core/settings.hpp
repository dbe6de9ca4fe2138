// Settings in layers. Each setting is written once, in its config's field list: flags, files,
// environment, `config show`, help, man page, completion and docs come from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quill {

/// Where a value lives. optional<…> fields are "not given" until a layer sets them.
using FieldTarget =
    std::variant<bool*, std::int64_t*, double*, std::string*, std::filesystem::path*,
                 std::optional<std::int64_t>*, std::optional<double>*, std::optional<std::string>*,
                 std::vector<std::string>*>;

/// One setting.
struct Field {
  std::string key; ///< dotted, as in files: "restem.iterations", "llm.provider"
  std::string
      flag; ///< "--iterations"; "" = not on the command line; positional when it has no dashes
  FieldTarget target;
  std::string help;                 ///< one line, never empty
  std::string unit;                 ///< "ms", "MB", "USD", "" …
  std::optional<double> min, max;   ///< inclusive, for numbers
  std::vector<std::string> choices; ///< for strings; empty = free
  bool required = false;

  // Fluent, so that a field list reads as a table.
  Field& in(std::string unit_name);
  Field& range(double low, double high);
  Field& at_least(double low);
  Field& one_of(std::vector<std::string> names);
  Field& needed();
};

/// The field list of one command. A config struct has `void fields(FieldList&)`.
class FieldList {
 public:
  /// `section` prefixes the keys ("restem" + "iterations"); flag = "--" + name with _ as -.
  explicit FieldList(std::string section);
  Field& add(std::string_view name, FieldTarget target, std::string_view help);
  /// A field whose key is given whole ("llm.provider") because several commands share it.
  Field& add_shared(std::string_view key, std::string_view flag, FieldTarget target,
                    std::string_view help);
  /// A positional argument (no key in files).
  Field& add_positional(std::string_view name, FieldTarget target, std::string_view help);
  [[nodiscard]] const std::vector<Field>& all() const noexcept { return fields_; }
  [[nodiscard]] std::vector<Field>& all() noexcept { return fields_; }

 private:
  std::string section_;
  std::vector<Field> fields_;
};

/// Weakest first.
enum class Layer { preset, user_file, project_file, config_file, dotenv, environment, flag };

/// Where a value came from, e.g. {project_file, "./quill.toml:12"}.
struct Origin {
  Layer layer = Layer::preset;
  std::string
      place; ///< "default", "~/.config/quill/config.toml:3", "QUILL_LLM_MODEL", "--iterations"
};

/// Environment-like lookups, injected so that tests own them.
struct SettingsSources {
  std::filesystem::path user_file;    ///< ~/.config/quill/config.toml
  std::filesystem::path project_file; ///< ./quill.toml
  std::filesystem::path config_file;  ///< --config FILE; must exist when not empty
  std::filesystem::path
      dotenv; ///< ./.env; refused when others may read it (mode & 077) and it holds a key
  std::map<std::string, std::string> environment; ///< whole environment
  /// Flag (or a positional's name) -> text, in the order given. "" is a bare switch; a list's flag
  /// may repeat; of any other flag given twice the last counts.
  std::vector<std::pair<std::string, std::string>> flags;
};
/// What this process has (HOME, cwd, environ).
[[nodiscard]] SettingsSources process_sources();

/// All layers read and checked once; then applied to field lists.
class Settings {
 public:
  /// `known` = field lists of every command, so that an unknown key anywhere is an error naming the
  /// nearest known one. \throws Error{usage} with file:line
  Settings(const SettingsSources& sources, const std::vector<const FieldList*>& known);

  /// Sets every target of `fields` from the strongest layer that has it, and checks unit, range and
  /// choices. \throws Error{usage} naming key, value, origin and what is allowed
  void apply(FieldList& fields);

  /// Origin of a key after apply(); Layer::preset when nobody set it.
  [[nodiscard]] Origin origin(std::string_view key) const;
  /// A secret (OPENAI_API_KEY …) from environment or .env; nullopt when absent or empty. Registered
  /// for redaction.
  [[nodiscard]] std::optional<std::string> secret(std::string_view name) const;
  /// Where that secret came from; Layer::preset when absent. The caller decides with it (and with
  /// origin() of the base URL) that a project file's URL never receives a key from another layer.
  [[nodiscard]] Origin secret_origin(std::string_view name) const;
  /// One row a field: key, value as text, origin. Secrets never appear.
  struct Line {
    std::string key, value;
    Origin origin;
  };
  [[nodiscard]] std::vector<Line> resolved(const FieldList& fields) const;

 private:
  friend class SettingsReader;
  struct Entry {
    std::vector<std::string> texts; ///< one, or a list
    Origin origin;
  };
  [[nodiscard]] const Entry* strongest(const Field& field) const;
  void set_from(Field& field, const Entry& entry);

  std::map<std::string, Entry, std::less<>> entries_; ///< by key, strongest layer only
  std::map<std::string, Entry, std::less<>> flags_;   ///< by flag, every text in order
  std::map<std::string, Entry, std::less<>> secrets_; ///< by variable
  std::map<std::string, Origin, std::less<>> applied_;
};

/// The value of a field as text ("null" when an optional is not given).
[[nodiscard]] std::string field_text(const Field& field);

} // namespace quill
