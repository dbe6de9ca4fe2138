// libevent's HTTP server in this room's words. One thread.
#pragma once

#include <memory>
#include <string>

#include <event2/event.h>
#include <event2/http.h>

namespace quill::serve {

constexpr int kOk = 200, kBadRequest = 400, kUnauthorised = 401, kNotFound = 404,
              kNoSuchMethod = 405, kServerError = 500, kUnavailable = 503;

struct FreeBase {
  void operator()(event_base* base) const { event_base_free(base); }
};
struct FreeHttp {
  void operator()(evhttp* http) const { evhttp_free(http); }
};
struct FreeEvent {
  void operator()(event* one) const { event_free(one); }
};
using BasePointer = std::unique_ptr<event_base, FreeBase>;
using HttpPointer = std::unique_ptr<evhttp, FreeHttp>;
using EventPointer = std::unique_ptr<event, FreeEvent>;

/// The port that a listening socket has.
[[nodiscard]] int port_of(int socket);
/// Without query and fragment; "" when the line cannot be read.
[[nodiscard]] std::string path_of(const evhttp_request* request);
[[nodiscard]] std::string body_of(evhttp_request* request);
/// Compared in the same time whatever is wrong.
[[nodiscard]] bool has_token(evhttp_request* request, const std::string& token);

/// The client has closed its end: nobody will read an answer.
[[nodiscard]] bool has_left(evhttp_connection* connection);

/// A whole answer. The request is libevent's afterwards.
void send_whole(evhttp_request* request, int status, const char* type, const std::string& body);
/// The head of a stream of events, and a piece of one.
void start_events(evhttp_request* request);
void send_chunk(evhttp_request* request, const std::string& bytes);

} // namespace quill::serve
