#include "store/record.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "store/schema.hpp"

namespace quill::store {

namespace {

RunHeader read_header(Connection& connection) {
  RunHeader header;
  Statement row(connection, "SELECT key, value FROM meta");
  while (row.step()) {
    const std::string key = row.text(0);
    if (key == "config")
      header.config = parse_json(row.text(1), connection.path().string() + ":config");
    else if (key == "command_line")
      header.command_line = row.text(1);
    else if (key == "version")
      header.version = row.text(1);
  }
  return header;
}

std::vector<std::pair<std::string, std::string>> read_problems(Connection& connection) {
  std::vector<std::pair<std::string, std::string>> problems;
  Statement row(connection, "SELECT id, problem FROM problem ORDER BY position");
  while (row.step())
    problems.emplace_back(row.text(0), row.text(1));
  return problems;
}

std::vector<CandidateRow> read_candidates(Connection& connection) {
  std::vector<CandidateRow> candidates;
  Statement row(connection,
                "SELECT iteration, position, problem, fingerprint, candidate, kept, duplicate, "
                "verdict FROM candidate LEFT JOIN verdict USING (iteration, position) "
                "ORDER BY iteration, position");
  while (row.step()) {
    candidates.push_back({.iteration = row.integer(0),
                          .position = row.integer(1),
                          .problem = row.text(2),
                          .fingerprint = row.text(3),
                          .candidate = row.text(4),
                          .verdict = std::nullopt,
                          .kept = row.integer(5) != 0,
                          .duplicate = row.integer(6) != 0});
    if (!row.null(7))
      candidates.back().verdict = row.text(7);
  }
  return candidates;
}

std::vector<ExampleRow> read_examples(Connection& connection) {
  std::vector<ExampleRow> examples;
  Statement row(connection, "SELECT iteration, position, fingerprint, example FROM example "
                            "ORDER BY iteration, position");
  while (row.step())
    examples.push_back({row.integer(0), row.integer(1), row.text(2), row.text(3)});
  return examples;
}

std::vector<IterationRow> read_iterations(Connection& connection) {
  std::vector<IterationRow> iterations;
  Statement row(connection, "SELECT iteration, metrics, elapsed_ms FROM iteration ORDER BY 1");
  while (row.step())
    iterations.push_back({row.integer(0), row.text(1), row.real(2)});
  return iterations;
}

/// A killed run leaves a journal; only a connection that may write can roll it back.
OpenMode reading_mode(const std::filesystem::path& file) {
  const bool writable =
      access(file.c_str(), W_OK) == 0 &&
      access(file.parent_path().empty() ? "." : file.parent_path().c_str(), W_OK) == 0;
  return writable ? OpenMode::write : OpenMode::read;
}

} // namespace

RunRecord read_record(Connection& connection) {
  Transaction snapshot(connection, "BEGIN");
  RunRecord record{.header = read_header(connection),
                   .problems = read_problems(connection),
                   .candidates = read_candidates(connection),
                   .examples = read_examples(connection),
                   .iterations = read_iterations(connection)};
  snapshot.commit();
  return record;
}

std::optional<Response> read_response(Connection& connection, std::string_view key) {
  Statement found(connection, "SELECT status, body, usable FROM response JOIN call "
                              "ON call.id = response.call_id WHERE key = ?1");
  if (!found.bind(1, key).step())
    return std::nullopt;
  return Response{
      .status = found.integer(0), .body = found.text(1), .usable = found.integer(2) != 0};
}

void read_answers(Connection& connection, const AnswerReader& look) {
  Statement row(connection, "SELECT request, status, body, usable FROM response JOIN call "
                            "ON call.id = response.call_id ORDER BY call_id");
  while (row.step())
    if (!look(row.text(0),
              {.status = row.integer(1), .body = row.text(2), .usable = row.integer(3) != 0}))
      return;
}

std::unique_ptr<Connection> open_to_read(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "run.db";
  if (!has_run(folder))
    throw Error{Exit::usage,
                {.what = fmt::format("there is no run in \"{}\"", folder.string()),
                 .where = file.string(),
                 .fix = "`quill restem --out FOLDER` makes one"}};
  auto connection = std::make_unique<Connection>(file, reading_mode(file));
  check_run_file(*connection, run_migrations());
  return connection;
}

RunRecord read_run(const std::filesystem::path& folder) {
  return read_record(*open_to_read(folder));
}

} // namespace quill::store
