#include "hub/session.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/log.hpp"

namespace quill::hub {

namespace {

constexpr int kTries = 5;
constexpr int kRedirectsMax = 5;
constexpr long kOk = 200, kRedirect = 300, kUnauthorized = 401, kForbidden = 403, kNotFound = 404,
               kTooMany = 429, kServer = 500;

/// "https://host:port" of a URL.
std::string origin_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == url.npos ? "" : url.substr(0, url.find_first_of("/?#", scheme + 3));
}

/// Without the query, which at other hosts is a signature.
std::string place_of(const std::string& url) {
  return url.substr(0, url.find('?'));
}

std::string resolved(const std::string& location, const std::string& from) {
  return location.starts_with('/') ? origin_of(from) + location : location;
}

/// Only these two keep what is sent.
bool keeps_method(long status) {
  return status == 307 || status == 308;
}

bool is_redirect(long status, const Ask& ask) {
  return keeps_method(status) ||
         (ask.method == "GET" && (status == 301 || status == 302 || status == 303));
}

bool is_answer(long status, const Ask& ask) {
  return (status >= kOk && status < kRedirect) ||
         std::find(ask.also_fine.begin(), ask.also_fine.end(), status) != ask.also_fine.end();
}

/// What the Hub says of it: {"error": "…"}.
std::string reason_of(const std::string& body) {
  constexpr std::size_t kReasonMax = 300;
  try {
    const Json document = parse_json(body, "answer");
    return ": " + JsonObject(document, "answer").text("error").substr(0, kReasonMax);
  } catch (const Error&) {
    return "";
  }
}

std::string fix_of(long status, const Ask& ask) {
  const bool key = status == kUnauthorized || status == kForbidden;
  if (key && ask.method != "GET")
    return "set HF_TOKEN to one that may write to this repository";
  if (key)
    return "set HF_TOKEN, and accept the model's terms on its page";
  return status == kNotFound ? "check the name and the revision; a private model needs HF_TOKEN"
                             : "try again later: what is there is kept";
}

[[noreturn]] void refuse_reply(const HttpReply& reply, const Ask& ask) {
  throw Error{
      Exit::outside,
      {.what = fmt::format("the Hub answers with status {}{}", reply.status, reason_of(reply.body)),
       .where = place_of(ask.url),
       .fix = fix_of(reply.status, ask)}};
}

[[noreturn]] void stop(const Cancel& cancel) {
  throw Error{cancel.exit(),
              {.what = "stopped",
               .where = "the Hub",
               .fix = "run the same command again: it goes on from here"}};
}

/// Half a second, then twice as long each time; ends early when a stop is asked.
void pause(int tries, const Cancel& cancel) {
  using namespace std::chrono_literals;
  for (int i = 0; i < (10 << tries) && !cancel.requested(); ++i)
    std::this_thread::sleep_for(50ms);
}

} // namespace

std::string url_path(const std::string& name) {
  constexpr std::string_view kPlain = "-_.~/";
  std::string path;
  for (const unsigned char c : name)
    if (std::isalnum(c) != 0 || kPlain.find(static_cast<char>(c)) != kPlain.npos)
      path += static_cast<char>(c);
    else
      path += fmt::format("%{:02X}", c);
  return path;
}

Session::Session(const Endpoint& endpoint, HttpClient& http, const Cancel& cancel)
    : endpoint_(endpoint), http_(http), cancel_(cancel) {
  if (!endpoint.token.empty())
    redact_in_logs(endpoint.token);
}

std::string Session::url(const std::string& path) const {
  std::string base = endpoint_.url;
  while (base.ends_with('/'))
    base.pop_back();
  return base + path;
}

Result<HttpReply, HttpFailure> Session::send_to(const std::string& url, const Ask& ask) {
  constexpr double kBytesPerMs = 50; // a slower line is given up: 0.4 Mbit/s
  HttpRequest request;
  request.method = ask.method;
  request.url = url;
  request.headers = ask.headers;
  request.lent_body = ask.body;
  request.timeout_ms += static_cast<double>(ask.body.size()) / kBytesPerMs;
  request.headers.emplace_back("User-Agent", "quill/" QUILL_VERSION);
  if (!endpoint_.token.empty() && origin_of(url) == origin_of(endpoint_.url))
    request.headers.emplace_back("Authorization", "Bearer " + endpoint_.token);
  return http_.send(request, cancel_);
}

HttpReply Session::get(const std::string& url, const Headers& headers) {
  return send({.url = url, .headers = headers});
}

Json Session::post(const std::string& url, const Json& document, std::vector<long> also_fine,
                   Headers headers) {
  const std::string body = dump_json(document);
  if (headers.empty())
    headers.emplace_back("Content-Type", "application/json");
  const HttpReply reply = send({.method = "POST",
                                .url = url,
                                .headers = std::move(headers),
                                .body = body,
                                .also_fine = std::move(also_fine)});
  return read_answer([&] { return reply.body.empty() ? Json() : parse_json(reply.body, url); });
}

HttpReply Session::send(const Ask& ask) {
  for (int tries = 0;; ++tries) {
    const bool last = tries + 1 == kTries || !ask.repeats;
    try {
      HttpReply reply = followed(ask);
      if (is_answer(reply.status, ask))
        return reply;
      const bool passes = reply.status == kTooMany || reply.status >= kServer;
      if (!passes || last)
        refuse_reply(reply, ask);
      log_warn(fmt::format("the Hub answers with status {}; trying again", reply.status));
    } catch (const HttpFailure& failure) {
      if (cancel_.requested())
        stop(cancel_);
      if (last || failure.kind == HttpFailure::Kind::refused_url)
        throw Error{Exit::outside,
                    {.what = failure.what,
                     .where = place_of(ask.url),
                     .fix = "check the network and HF_ENDPOINT; what is there is kept"}};
      log_warn(fmt::format("{}; trying again", failure.what));
    }
    pause(tries, cancel_);
    if (cancel_.requested())
      stop(cancel_);
  }
}

HttpReply Session::followed(const Ask& ask) {
  std::string at = ask.url;
  for (int i = 0; i <= kRedirectsMax; ++i) {
    auto result = send_to(at, ask);
    if (!result)
      throw HttpFailure(result.failure());
    HttpReply reply = std::move(result).value();
    const auto location = reply.header("location");
    if (!is_redirect(reply.status, ask) || !location)
      return reply;
    at = resolved(*location, at);
  }
  throw Error{Exit::outside,
              {.what = fmt::format("more than {} redirects", kRedirectsMax),
               .where = place_of(ask.url),
               .fix = "check HF_ENDPOINT"}};
}

} // namespace quill::hub
