#include "engine/worker/engine_service.hpp"

#include <cstdio>
#include <new>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "engine/worker/alarm.hpp"
#include "engine/worker/row_hash.hpp"
#include "engine/worker_exit.hpp"
#include "quill/sql/parse.hpp"

namespace quill::engine {
namespace {

bool is_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

struct Pages {
  unsigned long long mapped = 0;
  unsigned long long resident = 0;
};

Pages own_pages() {
  Pages pages;
  if (auto* statm = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(statm, "%llu %llu", &pages.mapped, &pages.resident) != 2)
      pages = {};
    (void)std::fclose(statm);
  }
  return pages;
}

std::uint64_t bytes_of(unsigned long long pages) {
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

TextAnswer parse_tree(std::string_view sql) {
  const auto tree = sql::local_grammar()(sql);
  return tree.ok() ? TextAnswer{true, tree.value()} : TextAnswer{false, tree.failure().what};
}

std::variant<std::monostate, OpenFile, OpenScript> opening_in(const Socket::Received& received) {
  if (OpenFile file; received.ask == Ask::open_file && decode_whole(received.payload, file) &&
                     file.hash_secret.size() == kHashSecretBytes)
    return file;
  if (OpenScript script; received.ask == Ask::open_script &&
                         decode_whole(received.payload, script) &&
                         script.hash_secret.size() == kHashSecretBytes)
    return script;
  return {};
}

std::uint64_t address_space() {
  return bytes_of(own_pages().mapped);
}

std::uint64_t resident_bytes() {
  return bytes_of(own_pages().resident);
}

void allow_deep_recursion() {
  constexpr rlim_t kStackBytes = 64U << 20U;
  rlimit stack{};
  if (::getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur < kStackBytes) {
    stack.rlim_cur = stack.rlim_max < kStackBytes ? stack.rlim_max : kStackBytes;
    ::setrlimit(RLIMIT_STACK, &stack);
  }
}

int serve_parent(const char* name, const std::function<void(Socket&)>& serve) {
  if (!is_socket(kWorkerSocket)) {
    (void)std::fprintf(stderr, "error: %s is started by quill, not by hand\n", name);
    return 2;
  }
  try {
    Socket socket(kWorkerSocket);
    serve(socket);
  } catch (const std::bad_alloc&) {
    ::_exit(kExitOutOfMemory);
  }
  ::_exit(0); // the parent is gone: nothing to save, nothing to free
}

void EngineService::serve() {
  auto received = socket_.receive();
  while (received && received->ask == Ask::version) {
    socket_.answer(Answer::version, TextAnswer{true, version()});
    received = socket_.receive();
  }
  if (!received || !open(*received))
    return;
  while ((received = socket_.receive()))
    if (!dispatch(*received))
      return;
}

void EngineService::answer_opened(Opened opened, const Walls& walls) {
  opened.landlock_abi = walls.landlock_abi;
  opened.seccomp = walls.seccomp;
  socket_.answer(Answer::opened, opened);
}

bool EngineService::dispatch(const Socket::Received& received) {
  switch (received.ask) {
  case Ask::stop:
    return true; // nothing is in flight any more
  case Ask::schema:
    socket_.answer(Answer::schema, schema());
    return true;
  case Ask::suppose:
    return answer_supposition(received.payload);
  case Ask::load:
    return answer_load(received.payload);
  case Ask::hashes:
    return answer_hashes(received.payload);
  case Ask::run:
  case Ask::sample:
  case Ask::plan:
  case Ask::analyze:
  case Ask::grammar:
    return answer_statement(received.ask, received.payload);
  default:
    return false; // not a question to this engine
  }
}

Plan EngineService::suppose(const Supposition&) {
  Plan plan;
  plan.message = "this engine does not plan with indexes that are not there";
  return plan;
}

bool EngineService::answer_supposition(std::string_view payload) {
  Supposition supposition;
  if (!decode_whole(payload, supposition))
    return false;
  const Alarm alarm(supposition.statement.limits, supposition.indexes.size() + 1, 0);
  socket_.answer(Answer::plan, suppose(supposition));
  return true;
}

bool EngineService::answer_load(std::string_view payload) {
  LoadRequest request;
  if (!decode_whole(payload, request))
    return false;
  const Alarm alarm({}, 2, 0);
  rows_ = std::move(request.tables);
  reversed_ = false;
  socket_.answer(Answer::loaded, load(rows_, false));
  return true;
}

void EngineService::turn_to(Side side) {
  const bool reversed = side == Side::reversed;
  if (rows_.empty() || reversed == reversed_)
    return;
  (void)load(rows_, reversed); // what was kept the first time is kept again
  reversed_ = reversed;
}

/// Those of one side first, so that the rows are turned once.
bool EngineService::answer_hashes(std::string_view payload) {
  HashRequest request;
  if (!decode_whole(payload, request))
    return false;
  const Alarm alarm(request.limits, request.statements.size() + 2, 0);
  HashAnswer answer;
  answer.samples.resize(request.statements.size());
  const auto first = reversed_ ? Side::reversed : Side::base;
  const auto second = reversed_ ? Side::base : Side::reversed;
  for (const auto side : {first, second})
    for (std::size_t i = 0; i < request.statements.size(); ++i)
      if (const auto& asked = request.statements[i];
          (asked.side == Side::reversed) == (side == Side::reversed)) {
        turn_to(side);
        answer.samples[i] = hash({asked.sql, request.limits, side, 0});
      }
  socket_.answer(Answer::hashes, answer);
  return true;
}

bool EngineService::answer_statement(Ask ask, std::string_view payload) {
  Statement statement;
  if (!decode_whole(payload, statement))
    return false;
  const Alarm alarm(statement.limits, 1, statement.sample_ms_min);
  turn_to(statement.side);
  if (ask == Ask::run) {
    const auto send = [this](const Encoder& rows) { socket_.send(Answer::rows, rows.bytes()); };
    socket_.answer(Answer::execution, run(statement, send));
  } else if (ask == Ask::sample) {
    socket_.answer(Answer::sample, sample(statement));
  } else if (ask == Ask::grammar) {
    socket_.answer(Answer::grammar, parse_tree(statement.sql));
  } else {
    socket_.answer(Answer::plan, plan(statement, ask == Ask::analyze));
  }
  return true;
}

} // namespace quill::engine
