#include "quill/llm/prompt.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "quill/core/files.hpp"

namespace quill::llm {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, std::size_t line,
                         const std::string& what, const std::string& fix) {
  throw Error{Exit::usage,
              {.what = what, .where = fmt::format("{}:{}", file.string(), line), .fix = fix}};
}

void check_placeholders(std::string_view line, const std::filesystem::path& file,
                        std::size_t number, const std::vector<std::string>& known) {
  for (std::size_t at = line.find("{{"); at != std::string_view::npos;
       at = line.find("{{", at + 2)) {
    const std::size_t end = line.find("}}", at);
    const std::string name(line.substr(at + 2, end == std::string_view::npos ? end : end - at - 2));
    if (end != std::string_view::npos && std::find(known.begin(), known.end(), name) != known.end())
      continue;
    const std::string shown(line.substr(at, end == std::string_view::npos ? end : end + 2 - at));
    refuse(file, number, fmt::format("unknown placeholder \"{}\" in a prompt", shown),
           fmt::format("use one of {{{{{}}}}}", fmt::join(known, "}}, {{")));
  }
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

/// One pass, so that nothing inside a value is expanded again.
std::string fill(std::string_view text, const PromptFile::Values& values) {
  std::string filled;
  while (true) {
    const std::size_t at = text.find("{{");
    filled.append(text.substr(0, at));
    if (at == std::string_view::npos)
      return filled;
    const std::size_t end = text.find("}}", at);
    const std::string_view name = text.substr(at + 2, end - at - 2);
    const auto found = std::find_if(values.begin(), values.end(),
                                    [&](const auto& value) { return value.first == name; });
    QUILL_CHECK(found != values.end(), "placeholders are checked when the template is loaded");
    filled.append(found->second);
    text.remove_prefix(end + 2);
  }
}

} // namespace

PromptFile PromptFile::load(const std::filesystem::path& file,
                            const std::vector<std::string>& known) {
  const std::string bytes = read_file(file, 1U << 20U);
  PromptFile prompt;
  prompt.sha256_ = sha256_hex(bytes);
  std::string* part = nullptr;
  std::size_t number = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view line(bytes.data() + at, end - at);
    at = end + 1;
    ++number;
    check_placeholders(line, file, number, known);
    if (trimmed(line) == "## system")
      part = &prompt.system_;
    else if (trimmed(line) == "## user")
      part = &prompt.user_;
    else if (part != nullptr)
      part->append(line).append("\n");
    else if (!trimmed(line).empty())
      refuse(file, number, "a prompt begins with its first part",
             "put \"## system\" or \"## user\" on the first line");
  }
  if (trimmed(prompt.user_).empty())
    refuse(file, number, "the prompt has no user part",
           "add a line \"## user\" and the text below it");
  return prompt;
}

std::vector<Message> PromptFile::render(const Values& values) const {
  std::vector<Message> messages;
  if (std::string system = trimmed(fill(system_, values)); !system.empty())
    messages.push_back({.role = "system", .content = std::move(system)});
  messages.push_back({.role = "user", .content = trimmed(fill(user_, values))});
  return messages;
}

} // namespace quill::llm
