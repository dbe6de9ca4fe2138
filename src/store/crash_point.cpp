#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "quill/store/run.hpp"

namespace quill::store {

namespace {

using Countdown = std::map<std::string, long, std::less<>>;

/// "a:2,b:1" → {a: 2, b: 1}; what is not understood is left out.
Countdown read_countdown(const char* text) {
  Countdown left;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string item(rest.substr(0, rest.find(',')));
    rest.remove_prefix(item.size() < rest.size() ? item.size() + 1 : rest.size());
    const std::size_t colon = item.rfind(':');
    if (colon != std::string::npos)
      left[item.substr(0, colon)] = std::strtol(item.c_str() + colon + 1, nullptr, 10);
  }
  return left;
}

} // namespace

void crash_point(std::string_view name) {
  const char* text = std::getenv("QUILL_CRASH_AT");
  if (text == nullptr)
    return;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  static std::string read_from;
  static Countdown left;
  if (read_from != text) {
    read_from = text;
    left = read_countdown(text);
  }
  const auto found = left.find(name);
  if (found != left.end() && --found->second == 0)
    (void)std::raise(SIGKILL);
}

} // namespace quill::store
