#include "cli/set_option.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace quill::cli {

namespace {

/// "rank" of "train_sft.rank".
std::string short_key(const Field& field) {
  return field.key.substr(field.key.rfind('.') + 1);
}

[[noreturn]] void refuse(const std::string& text, const std::string& what, const std::string& fix) {
  throw Error{Exit::usage,
              {.what = fmt::format("--set has \"{}\": {}", text, what),
               .where = "command line",
               .fix = fix}};
}

std::string flag_of(const std::string& text, const std::string& key, const FieldList& own) {
  std::vector<std::string> keys;
  for (const Field& field : own.all()) {
    if (field.key.empty() || field.flag.empty() || field.flag == "--set")
      continue;
    if (key == field.key || key == short_key(field))
      return field.flag;
    keys.push_back(short_key(field));
  }
  const std::string near = nearest_word(key, keys);
  refuse(text, fmt::format("no setting \"{}\"", key),
         near.empty() ? "`quill config show` lists every setting"
                      : fmt::format("did you mean \"{}\"? `quill config show` lists all", near));
}

} // namespace

Arguments with_set_options(Arguments arguments, const FieldList& own) {
  for (auto& [flag, text] : arguments.flags) {
    if (flag != "--set")
      continue;
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
      refuse(text, "no key and value", "write --set key=value, for example --set rank=8");
    std::string key = text.substr(0, equals);
    std::replace(key.begin(), key.end(), '-', '_');
    flag = flag_of(text, key, own);
    text.erase(0, equals + 1);
  }
  return arguments;
}

} // namespace quill::cli
