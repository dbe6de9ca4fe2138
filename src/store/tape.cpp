#include "quill/store/tape.hpp"

#include <mutex>

#include "store/record.hpp"

namespace quill::store {

namespace {

std::optional<llm::Recorded> recorded(const std::optional<Response>& response) {
  if (!response)
    return std::nullopt;
  return llm::Recorded{.raw = response->body, .usable = response->usable};
}

class RunTape final : public llm::Tape {
 public:
  explicit RunTape(Run& run) : run_(run) {}

  std::optional<llm::Recorded> find(const std::string& key) override {
    return recorded(run_.response(key));
  }
  void put(const llm::Request& request, const llm::Recorded& answer) override {
    const Call call = run_.intend(request.key(), 0, dump_json(request.json()));
    run_.put_response(call, {.status = 200, .body = answer.raw, .usable = answer.usable});
  }
  void each_request(const std::function<bool(const std::string&)>& look) override {
    run_.each_answer([&](const std::string& request, const Response&) { return look(request); });
  }

 private:
  Run& run_;
};

/// Thread-safe as one reader at a time.
class ReadTape final : public llm::Tape {
 public:
  explicit ReadTape(const std::filesystem::path& folder) : connection_(open_to_read(folder)) {}

  std::optional<llm::Recorded> find(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    return recorded(read_response(*connection_, key));
  }
  void put(const llm::Request&, const llm::Recorded&) override {
    raise_bug("put", __FILE__, __LINE__, "a recording is only read");
  }
  void each_request(const std::function<bool(const std::string&)>& look) override {
    const std::lock_guard lock(mutex_);
    read_answers(*connection_,
                 [&](const std::string& request, const Response&) { return look(request); });
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
};

} // namespace

std::unique_ptr<llm::Tape> tape_of(Run& run) {
  return std::make_unique<RunTape>(run);
}

Recording open_recording(const std::filesystem::path& folder) {
  return {.tape = std::make_unique<ReadTape>(folder), .config = read_run(folder).header.config};
}

} // namespace quill::store
