// spdlog stays inside this file: torch brings another fmt, and the two do not meet in one file.
#include "quill/core/log.hpp"

#include <atomic>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include "core/terminal.hpp"
#include "core/text.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill {

namespace {

std::atomic<LogLevel> g_stderr_level{LogLevel::info};

struct RunLog {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;
};

/// Never destroyed: threads may log while the process ends.
RunLog& run_log() {
  static auto* const instance = new RunLog;
  return *instance;
}

std::string_view prefix_of(LogLevel level) {
  switch (level) {
  case LogLevel::debug:
    return "debug: ";
  case LogLevel::warn:
    return "warning: ";
  case LogLevel::error:
    return "error: ";
  default:
    return "";
  }
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
  case LogLevel::debug:
    return spdlog::level::debug;
  case LogLevel::warn:
    return spdlog::level::warn;
  case LogLevel::error:
    return spdlog::level::err;
  default:
    return spdlog::level::info;
  }
}

void log_one_line(LogLevel level, std::string_view line) {
  const std::string clean = text::printable(line);
  if (level >= g_stderr_level.load(std::memory_order_relaxed))
    write_stderr_line(fmt::format("{}{}", prefix_of(level), clean));
  std::shared_ptr<spdlog::logger> file;
  {
    RunLog& log = run_log();
    const std::lock_guard lock(log.mutex);
    file = log.logger;
  }
  if (file)
    file->log(spdlog_level(level), spdlog::string_view_t(clean.data(), clean.size()));
}

/// A text of several lines becomes as many log lines, so that none can pass for another's.
void log_lines(LogLevel level, std::string_view text) {
  const std::string clean = redacted(text);
  std::string_view rest = clean;
  while (!rest.empty() && rest.back() == '\n')
    rest.remove_suffix(1);
  for (;;) {
    const std::size_t end = rest.find('\n');
    log_one_line(level, rest.substr(0, end));
    if (end == std::string_view::npos)
      return;
    rest.remove_prefix(end + 1);
  }
}

std::shared_ptr<spdlog::logger> open_run_log(const std::filesystem::path& file) {
  constexpr std::size_t kFileBytesMax = 5U << 20U;
  constexpr std::size_t kOldFiles = 2; // with the current one: three
  auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), kFileBytesMax,
                                                                     kOldFiles);
  auto logger = std::make_shared<spdlog::logger>("run", std::move(sink));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %t %v");
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::debug); // a killed run keeps its last words
  logger->set_error_handler([](const std::string& reason) {
    static std::atomic<bool> said{false};
    if (!said.exchange(true))
      write_stderr_line(fmt::format("warning: quill.log cannot be written: {}", reason));
  });
  return logger;
}

} // namespace

void log_debug(std::string_view line) {
  log_lines(LogLevel::debug, line);
}
void log_info(std::string_view line) {
  log_lines(LogLevel::info, line);
}
void log_warn(std::string_view line) {
  log_lines(LogLevel::warn, line);
}
void log_error(std::string_view line) {
  log_lines(LogLevel::error, line);
}

void set_log_level(LogLevel stderr_level) {
  g_stderr_level.store(stderr_level);
}

void log_to_folder(const std::filesystem::path& folder) {
  make_folder(folder);
  const auto file = folder / "quill.log";
  try {
    auto logger = open_run_log(file);
    RunLog& log = run_log();
    const std::lock_guard lock(log.mutex);
    log.logger = std::move(logger);
  } catch (const spdlog::spdlog_ex& error) {
    throw Error{Exit::storage,
                {.what = fmt::format("cannot open the log file: {}", error.what()),
                 .where = file.string(),
                 .fix = "check the folder's permissions and the free space"}};
  }
}

} // namespace quill
