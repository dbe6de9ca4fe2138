#include "quill/core/error.hpp"
#include "quill/serve/server.hpp"

namespace quill::serve {

void ServeConfig::fields(FieldList& list) {
  list.add("model", &model, "folder of the model").needed();
  list.add("adapter", &adapter, "folder of a LoRA adapter, as PEFT writes it");
  list.add("name", &name, "what clients call the model; default: the folder's name");
  list.add("host", &host, "address to listen on; one that is not loopback needs --token-file");
  list.add("port", &port, "port to listen on, 0 for one that is free").range(0, 65'535);
  list.add("token_file", &token_file,
           "file whose first line clients must send: Authorization: Bearer TOKEN");
  list.add("batch", &batch, "answers written at a time").range(1, 1024);
  list.add("queue_max", &queue_max, "answers that may wait; more are refused with 503")
      .range(1, 1'000'000);
  list.add("max_tokens", &tokens_max, "longest answer when the request does not say")
      .in("tokens")
      .range(1, 1 << 20);
  list.add("body_kb_max", &body_kb_max, "longest request").in("KB").range(1, 65'536);
  list.add("idle_s", &idle_s, "a connection that moves nothing for so long is closed")
      .in("s")
      .range(0.1, 3600);
  list.add("drain_s", &drain_s, "how long a stop waits for answers that are being written")
      .in("s")
      .range(0, 3600);
  list.add("seed", &seed, "makes sampling repeatable where requests give no seed").at_least(0);
  list.add("dtype", &arithmetic.dtype, "arithmetic").one_of({"auto", "float32", "bfloat16"});
  list.add("device", &arithmetic.device,
           "cpu, cuda or cuda:N; auto: a GPU where build and machine have one");
  list.add("threads", &arithmetic.threads, "threads, 0 for one a core").range(0, 1024);
}

void ServeConfig::check() const {
  const bool loopback = host == "127.0.0.1" || host == "::1" || host == "localhost";
  if (!loopback && token_file.empty())
    throw Error{
        Exit::usage,
        {.what = "others can reach the address \"" + host + "\", and nothing keeps them out",
         .where = "serve.host",
         .fix = "give --token-file FILE, or listen on 127.0.0.1"}};
}

std::string ServeConfig::served_name() const {
  if (!name.empty())
    return name;
  const auto folder = std::filesystem::weakly_canonical(model).filename().string();
  return folder.empty() ? "local" : folder;
}

} // namespace quill::serve
