#include "serve/http.hpp"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace quill::serve {

namespace {

struct FreeBuffer {
  void operator()(evbuffer* buffer) const { evbuffer_free(buffer); }
};
using BufferPointer = std::unique_ptr<evbuffer, FreeBuffer>;

BufferPointer buffer_of(const std::string& bytes) {
  BufferPointer buffer(evbuffer_new());
  evbuffer_add(buffer.get(), bytes.data(), bytes.size());
  return buffer;
}

void set_header(evhttp_request* request, const char* name, const char* value) {
  evhttp_add_header(evhttp_request_get_output_headers(request), name, value);
}

} // namespace

int port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 0;
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

std::string path_of(const evhttp_request* request) {
  const evhttp_uri* uri = evhttp_request_get_evhttp_uri(request);
  const char* path = uri != nullptr ? evhttp_uri_get_path(uri) : nullptr;
  return path != nullptr ? path : "";
}

std::string body_of(evhttp_request* request) {
  evbuffer* input = evhttp_request_get_input_buffer(request);
  std::string body(evbuffer_get_length(input), '\0');
  evbuffer_copyout(input, body.data(), body.size());
  return body;
}

bool has_token(evhttp_request* request, const std::string& token) {
  const char* sent = evhttp_find_header(evhttp_request_get_input_headers(request), "Authorization");
  const std::string given = sent != nullptr ? sent : "";
  const std::string wanted = "Bearer " + token;
  unsigned differences = given.size() == wanted.size() ? 0 : 1;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    differences |= static_cast<unsigned>((i < given.size() ? given[i] : '\0') ^ wanted[i]);
  return differences == 0;
}

bool has_left(evhttp_connection* connection) {
  const int socket = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
  char byte = 0;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void send_whole(evhttp_request* request, int status, const char* type, const std::string& body) {
  set_header(request, "Content-Type", type);
  const BufferPointer buffer = buffer_of(body);
  evhttp_send_reply(request, status, nullptr, buffer.get());
}

void start_events(evhttp_request* request) {
  set_header(request, "Content-Type", "text/event-stream; charset=utf-8");
  set_header(request, "Cache-Control", "no-cache");
  evhttp_send_reply_start(request, kOk, nullptr);
}

void send_chunk(evhttp_request* request, const std::string& bytes) {
  const BufferPointer buffer = buffer_of(bytes);
  evhttp_send_reply_chunk(request, buffer.get());
}

} // namespace quill::serve
