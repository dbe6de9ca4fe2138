// Log lines: to stderr (the conversation) and to a run's rotating quill.log, keys redacted.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace quill {

enum class LogLevel { debug, info, warn, error, off };

/// Thread-safe. Lines below the level of stderr still reach the file.
void log_debug(std::string_view line);
void log_info(std::string_view line);
void log_warn(std::string_view line);
void log_error(std::string_view line);

void set_log_level(LogLevel stderr_level);
/// Adds `folder`/quill.log (rotating, 3 x 5 MB). \throws Error{storage}
void log_to_folder(const std::filesystem::path& folder);

/// Every later line has `secret` replaced by "***" in plain, URL-encoded, JSON-escaped and base64
/// form. Secrets shorter than 8 bytes are ignored.
void redact_in_logs(std::string_view secret);
/// The redaction itself, for texts that go elsewhere (error lines, stored replies).
[[nodiscard]] std::string redacted(std::string_view text);

} // namespace quill
