// quill against workers that are not ours: missing, silent, lying. A shell script plays each.
#include "catch.hpp"

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

#include <fmt/core.h>

#include "engine/fixtures.hpp"
#include "engine/protocol.hpp"
#include "quill/engine/session.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

namespace {

/// Makes `quill-worker` another program while it lives.
class OtherWorker {
 public:
  explicit OtherWorker(const std::string& script) {
    if (!script.empty()) {
      const auto program = folder_.path() / "quill-worker";
      std::ofstream(program) << "#!/bin/sh\n" << script << "\n";
      ::chmod(program.c_str(), 0700);
    }
    if (const char* old = std::getenv("QUILL_LIBEXEC"))
      old_ = old;
    ::setenv("QUILL_LIBEXEC", folder_.path().c_str(), 1);
  }
  ~OtherWorker() {
    if (old_)
      ::setenv("QUILL_LIBEXEC", old_->c_str(), 1);
    else
      ::unsetenv("QUILL_LIBEXEC");
  }
  OtherWorker(const OtherWorker&) = delete;
  OtherWorker& operator=(const OtherWorker&) = delete;

 private:
  ScratchFolder folder_;
  std::optional<std::string> old_;
};

/// For printf of the shell.
std::string octal(std::string_view bytes) {
  std::string text;
  for (const char c : bytes)
    text += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  return text;
}

template <class T> std::string frame(Answer kind, const T& value) {
  Encoder out;
  encode(out, value);
  return encode_head(static_cast<std::uint8_t>(kind), out.size()) + out.bytes();
}

std::string say(std::string_view bytes) {
  return fmt::format("printf '{}' >&3", octal(bytes));
}

std::string opened() {
  return say(frame(Answer::opened, Opened{"sqlite 0", 4096, 1 << 30, 7, true}));
}

std::string what_of_opening() {
  return error_of([] { (void)open_sqlite_script(""); }).text().what;
}

} // namespace

TEST_CASE("a worker that leaves, or talks nonsense at once, is an error", "[engine]") {
  {
    const OtherWorker worker("exit 3");
    CHECK(what_of_opening() == "cannot open the database: the worker left (exit code 3)");
  }
  {
    const OtherWorker worker("kill -SEGV $$");
    CHECK(what_of_opening() == "cannot open the database: the worker died (signal 11)");
  }
  {
    const OtherWorker worker("echo nonsense, and more of it >&3; exec sleep 60");
    CHECK(what_of_opening() == "cannot open the database: the worker broke the protocol");
  }
  {
    const OtherWorker worker(say(frame(Answer::plan, Plan{})) + "; exec sleep 60");
    CHECK(error_of([] { (void)open_sqlite_script(""); }).exit() == Exit::usage);
  }
}

TEST_CASE("a worker that lies later is an error verdict", "[engine]") {
  const auto message_of = [](const std::string& lie) {
    const OtherWorker worker(opened() + "\n" + lie + "\nexec sleep 60");
    const auto session = open_sqlite_script("");
    const auto execution = session->run("SELECT 1", {});
    CHECK(execution.status == Status::error);
    CHECK(execution.rows.empty());
    return execution.message;
  };
  const std::string huge = "\xff\xff\xff\x7f\x03"; // 2 GB of rows announced
  CHECK(message_of(say(huge)) == "the worker broke the protocol");
  CHECK(message_of(say(frame(Answer::plan, Plan{}))) == "the worker broke the protocol");
  CHECK(message_of(say(encode_head(static_cast<std::uint8_t>(Answer::execution), 3) + "abc")) ==
        "the worker broke the protocol");
  CHECK(message_of(say(encode_head(static_cast<std::uint8_t>(Answer::rows), 3) + "abc")) ==
        "the worker broke the protocol");
  Execution more;
  more.status = Status::ok;
  more.row_count = 5; // none of which came
  CHECK(message_of(say(frame(Answer::execution, more))) == "the worker broke the protocol");
}

TEST_CASE("a worker that never answers is a timeout", "[engine]") {
  const OtherWorker worker(opened() + "\nexec sleep 60");
  const auto session = open_sqlite_script("");
  Limits limits;
  limits.timeout_ms = 50;
  CHECK(session->run("SELECT 1", limits).status == Status::timeout);
}

TEST_CASE("a worker that is not there is an error that says where it is looked for", "[engine]") {
  const OtherWorker worker("");
  const auto error = error_of([] { (void)open_sqlite_script(""); });
  CHECK_FALSE(error.text().fix.empty());
}
