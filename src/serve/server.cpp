#include "quill/serve/server.hpp"

#include <chrono>
#include <deque>
#include <map>

#include <fmt/format.h>
#include <sys/resource.h>

#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/core/random.hpp"
#include "quill/core/thread_pool.hpp"
#include "quill/model/generator.hpp"
#include "serve/exchange.hpp"
#include "serve/http.hpp"
#include "serve/mailbox.hpp"

namespace quill::serve {

namespace {

using ExchangePointer = std::shared_ptr<Exchange>;

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

std::string token_in(const std::filesystem::path& file) {
  if (file.empty())
    return {};
  const std::string bytes = read_file(file, 1U << 16U);
  std::string token = bytes.substr(0, bytes.find_first_of("\r\n"));
  if (token.size() < 16)
    refuse("the token has less than 16 characters", file.string(),
           "write a long random text into its first line");
  return token;
}

/// As many connections as the system allows.
void raise_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

std::int64_t seconds_now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

timeval duration_of(double seconds) {
  const auto whole = static_cast<time_t>(seconds);
  return {whole, static_cast<suseconds_t>((seconds - static_cast<double>(whole)) * 1e6)};
}

} // namespace

/// Everything but submit() and the watches runs on the thread of run().
class Server::Impl {
 public:
  Impl(const ServeConfig& config, model::ChatFormat format, std::unique_ptr<model::Decoder> decoder)
      : config_(config), name_(config.served_name()), token_(token_in(config.token_file)),
        format_(std::move(format)), random_(static_cast<std::uint64_t>(config.seed)),
        base_(event_base_new()), http_(evhttp_new(base_.get())),
        generator_(std::move(decoder), format_.tokenizer, config.batch), reader_(1) {
    raise_descriptors();
    evhttp_set_max_body_size(http_.get(), config.body_kb_max << 10);
    evhttp_set_max_headers_size(http_.get(), kHeaderBytesMax);
    const timeval idle = duration_of(config.idle_s);
    evhttp_set_timeout_tv(http_.get(), &idle);
    evhttp_set_allowed_methods(http_.get(), EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD);
    evhttp_set_gencb(
        http_.get(),
        [](evhttp_request* request, void* self) { static_cast<Impl*>(self)->answer(request); },
        this);
    bound_ = evhttp_bind_socket_with_handle(http_.get(), config.host.c_str(),
                                            static_cast<std::uint16_t>(config.port));
    if (bound_ == nullptr)
      refuse(fmt::format("cannot listen on {}:{}", config.host, config.port), "serve.port",
             "another program may have it: choose another port, or 0 for one that is free");
  }

  [[nodiscard]] int port() const { return port_of(evhttp_bound_socket_get_fd(bound_)); }

  void run(const Cancel& cancel) {
    const EventPointer letters =
        watch(mailbox_.fd(), EV_READ | EV_PERSIST, [](Impl& self) { self.mailbox_.empty(); });
    event_add(letters.get(), nullptr);
    cancel_ = &cancel;
    const EventPointer clock = watch(-1, EV_PERSIST, [](Impl& self) {
      self.drop_departed();
      self.look_at_cancel();
    });
    const timeval tick{0, 100'000};
    event_add(clock.get(), &tick);
    event_base_dispatch(base_.get());
    for (const auto& [connection, exchange] : open_)
      exchange->gone = true;
  }

 private:
  static constexpr int kHeaderBytesMax = 16 << 10;
  EventPointer watch(int fd, short what, void (*body)(Impl&)) {
    bodies_.push_back({this, body});
    return EventPointer(event_new(
        base_.get(), fd, what,
        [](evutil_socket_t, short, void* both) {
          const auto* bound = static_cast<Bound*>(both);
          bound->body(*bound->self);
        },
        &bodies_.back()));
  }

  /// libevent does not read while an answer is being written, so it would not see them go.
  void drop_departed() {
    std::vector<evhttp_connection*> departed;
    for (const auto& [connection, exchange] : open_)
      if (has_left(connection))
        departed.push_back(connection);
    for (evhttp_connection* connection : departed)
      evhttp_connection_free(connection); // calls forget()
  }

  /// A stop: no new connections, then the end once nothing is being written or time is up.
  void look_at_cancel() {
    if (!cancel_->requested())
      return;
    const double now = system_clock().now_ms();
    if (bound_ != nullptr) {
      log_info(fmt::format("stopping: {} request(s) under way", open_.size()));
      evhttp_del_accept_socket(http_.get(), bound_);
      bound_ = nullptr;
      stop_by_ms_ = now + config_.drain_s * 1000;
    }
    if (open_.empty() || now > stop_by_ms_)
      event_base_loopbreak(base_.get());
  }

  void answer(evhttp_request* request) {
    const std::string path = path_of(request);
    const bool get = evhttp_request_get_command(request) != EVHTTP_REQ_POST;
    if (path == "/health" && get)
      return send(request, kOk, {{"status", "ok"}, {"model", name_}});
    if (!token_.empty() && !has_token(request, token_))
      return refuse_request(request, kUnauthorised, "the bearer token is missing or wrong",
                            "invalid_api_key");
    if (path == "/metrics" && get)
      return send_text(request, kOk, "text/plain; version=0.0.4", metrics());
    if (path == "/v1/models" && get)
      return send(request, kOk, {{"object", "list"}, {"data", Json::array({model_json()})}});
    if (path == "/v1/models/" + name_ && get)
      return send(request, kOk, model_json());
    if (path == "/v1/chat/completions" && !get)
      return take_chat(request);
    const bool known = path == "/v1/chat/completions" || path == "/health" || path == "/metrics" ||
                       path == "/v1/models";
    refuse_request(
        request, known ? kNoSuchMethod : kNotFound,
        fmt::format("{} {} is not served here", get ? "GET" : "POST", path.substr(0, 200)),
        "not_found");
  }

  [[nodiscard]] Json model_json() const {
    return {{"id", name_}, {"object", "model"}, {"created", started_}, {"owned_by", "quill"}};
  }

  /// In the text format of Prometheus.
  [[nodiscard]] std::string metrics() const {
    const auto counts = generator_.counts();
    std::string text;
    const auto add = [&](const char* name, const char* type, std::int64_t value) {
      text += fmt::format("# TYPE quill_{0} {1}\nquill_{0} {2}\n", name, type, value);
    };
    add("answers_running", "gauge", counts.running);
    add("answers_waiting", "gauge", counts.waiting);
    add("requests_open", "gauge", static_cast<std::int64_t>(open_.size()));
    add("answers_total", "counter", counts.answers);
    add("completion_tokens_total", "counter", counts.tokens);
    add("prompts_total", "counter", counts.prompts);
    add("prompt_tokens_total", "counter", counts.prompt_tokens);
    text += "# TYPE quill_responses_total counter\n";
    for (const auto& [status, count] : responses_)
      text += fmt::format("quill_responses_total{{status=\"{}\"}} {}\n", status, count);
    return text;
  }

  void send(evhttp_request* request, int status, const Json& document) {
    send_text(request, status, "application/json", dump_json(document));
  }

  void send_text(evhttp_request* request, int status, const char* type, const std::string& text) {
    ++responses_[status];
    send_whole(request, status, type, text);
  }

  void refuse_request(evhttp_request* request, int status, const std::string& what,
                      const std::string& code, const std::string& param = "") {
    const char* type = status >= kServerError ? "server_error" : "invalid_request_error";
    send(request, status, error_json(what, type, param, code));
  }

  /// Body to exchange. Parsing and tokenising are the reader's, so that /health never waits for it.
  void take_chat(evhttp_request* request) {
    if (generator_.counts().waiting >= config_.queue_max)
      return refuse_request(request, kUnavailable, "too many answers are waiting: try again later",
                            "overloaded");
    auto exchange = std::make_shared<Exchange>();
    exchange->request = request;
    exchange->head = {
        .id = fmt::format("chatcmpl-{}", ++number_), .model = name_, .created = seconds_now()};
    evhttp_connection* connection = evhttp_request_get_connection(request);
    open_[connection] = exchange;
    evhttp_connection_set_closecb(
        connection,
        [](evhttp_connection* gone, void* self) { static_cast<Impl*>(self)->forget(gone); }, this);
    const std::uint64_t seed = random_.child("request", number_).next();
    (void)reader_.submit(
        [this, exchange, seed, body = body_of(request)] { read_chat(exchange, body, seed); });
  }

  /// The connection is gone, and its request with it.
  void forget(evhttp_connection* connection) {
    const auto found = open_.find(connection);
    if (found == open_.end())
      return;
    found->second->request = nullptr;
    found->second->gone = true;
    open_.erase(found);
  }

  /// On the reader's thread.
  void read_chat(const ExchangePointer& exchange, const std::string& body, std::uint64_t seed) {
    try {
      exchange->asked = parse_chat_request(parse_json(body, "body"), config_.tokens_max);
      ChatRequest& asked = exchange->asked;
      if (asked.model != name_) {
        const std::string what = fmt::format("the model \"{}\" does not exist; there is \"{}\"",
                                             asked.model.substr(0, 200), name_);
        mailbox_.put([this, exchange, what] {
          end_with_error(*exchange, kNotFound, what, "model_not_found", "model");
        });
        return;
      }
      if (!asked.seeded)
        asked.wanted.sampling.seed = seed;
      submit(exchange);
    } catch (const Error& error) {
      mailbox_.put([this, exchange, text = error.text()] {
        end_with_error(*exchange, kBadRequest, text.what, "invalid_value", text.where);
      });
    }
  }

  /// On the reader's thread.
  void submit(const ExchangePointer& exchange) {
    const model::Generation generation =
        format_.generation(exchange->asked.messages, exchange->asked.wanted);
    const auto samples = static_cast<std::size_t>(generation.samples);
    exchange->prompt_tokens = generation.prompt.size();
    exchange->answers.resize(samples);
    exchange->left = samples;
    exchange->passed.resize(samples);
    generator_.submit(generation,
                      [this, exchange](std::int64_t sample, const model::Answer& answer) {
                        pass_on(exchange, sample, answer);
                        return !exchange->gone;
                      });
  }

  /// On the generator's thread: what is new goes to the thread of the connections.
  void pass_on(const ExchangePointer& exchange, std::int64_t sample, const model::Answer& answer) {
    const bool ended = !answer.finish_reason.empty();
    if (exchange->gone || (answer.ids.empty() && !ended))
      return;
    std::vector<Json> chunks;
    if (exchange->asked.stream)
      chunks = fresh_chunks(*exchange, sample, answer, format_.tokenizer);
    if (chunks.empty() && !ended)
      return;
    mailbox_.put([this, exchange, sample, chunks = std::move(chunks),
                  whole = ended ? answer : model::Answer()] {
      take_news(*exchange, sample, chunks, whole);
    });
  }

  void take_news(Exchange& exchange, std::int64_t sample, const std::vector<Json>& chunks,
                 const model::Answer& whole) {
    if (exchange.request == nullptr)
      return;
    for (const Json& chunk : chunks)
      send_event(exchange, dump_json(chunk));
    if (whole.finish_reason.empty())
      return;
    if (whole.finish_reason == "cancelled" && !exchange.started)
      return end_with_error(exchange, kUnavailable, "the model stopped while it wrote", "stopped");
    exchange.answers[static_cast<std::size_t>(sample)] = whole;
    if (--exchange.left == 0)
      end(exchange);
  }

  void send_event(Exchange& exchange, const std::string& data) {
    if (!exchange.started) {
      ++responses_[kOk];
      start_events(exchange.request);
    }
    exchange.started = true;
    send_chunk(exchange.request, "data: " + data + "\n\n");
  }

  void end(Exchange& exchange) {
    if (!exchange.asked.stream) {
      evhttp_request* request = release(exchange);
      return send(request, kOk,
                  model::chat_completion(exchange.head, exchange.prompt_tokens, exchange.answers,
                                         format_.tokenizer));
    }
    if (exchange.asked.stream_usage)
      send_event(exchange, dump_json(usage_chunk(exchange)));
    send_event(exchange, "[DONE]");
    evhttp_send_reply_end(release(exchange));
  }

  static Json usage_chunk(const Exchange& exchange) {
    std::size_t tokens = 0;
    for (const model::Answer& answer : exchange.answers)
      tokens += answer.ids.size();
    Json chunk = model::chat_chunk(exchange.head, 0, Json::object(), "");
    chunk["choices"] = Json::array();
    chunk["usage"] = model::usage_json(exchange.prompt_tokens, tokens);
    return chunk;
  }

  void end_with_error(Exchange& exchange, int status, const std::string& what,
                      const std::string& code, const std::string& param = "") {
    exchange.gone = true;
    if (exchange.request == nullptr)
      return;
    evhttp_request* request = release(exchange);
    if (exchange.started)
      evhttp_send_reply_end(request);
    else
      refuse_request(request, status, what, code, param);
  }

  /// The request leaves the exchange: it is answered now.
  evhttp_request* release(Exchange& exchange) {
    evhttp_request* request = std::exchange(exchange.request, nullptr);
    evhttp_connection* connection = evhttp_request_get_connection(request);
    evhttp_connection_set_closecb(connection, nullptr, nullptr);
    open_.erase(connection);
    return request;
  }

  struct Bound {
    Impl* self;
    void (*body)(Impl&);
  };

  ServeConfig config_;
  std::string name_, token_;
  model::ChatFormat format_;
  Rng random_;
  std::deque<Bound> bodies_;
  evhttp_bound_socket* bound_ = nullptr; ///< http_'s; null once a stop is asked
  Mailbox mailbox_;
  const Cancel* cancel_ = nullptr;
  double stop_by_ms_ = 0;
  std::int64_t started_ = seconds_now();
  std::uint64_t number_ = 0;
  std::map<evhttp_connection*, ExchangePointer> open_;
  std::map<int, std::int64_t> responses_;
  BasePointer base_;
  HttpPointer http_;           ///< its end closes connections, which leave open_
  model::Generator generator_; ///< ends before what its watches use
  ThreadPool reader_;          ///< ends before the generator it submits to
};

Server::Server(const ServeConfig& config, model::ChatFormat format,
               std::unique_ptr<model::Decoder> decoder)
    : impl_(std::make_unique<Impl>(config, std::move(format), std::move(decoder))) {}

Server::~Server() = default;

int Server::port() const {
  return impl_->port();
}

void Server::run(const Cancel& cancel) {
  impl_->run(cancel);
}

} // namespace quill::serve
