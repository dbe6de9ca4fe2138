// quill serve — a local model behind OpenAI's shape of HTTP.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"
#include "quill/core/log.hpp"
#include "quill/serve/server.hpp"

namespace quill::cli {

namespace {

Exit run_server(Context& context, const serve::ServeConfig& config) {
  config.check();
  auto format = model::ChatFormat::read(config.model);
  serve::Server server(
      config, std::move(format),
      context.torch->open_decoder(config.model, config.adapter, config.arithmetic));
  const std::string url = fmt::format("http://{}:{}/v1", config.host, server.port());
  context.out.result({{"url", url}, {"model", config.served_name()}}, url + "\n");
  log_info(fmt::format("serving \"{}\"; Ctrl-C stops", config.served_name()));
  server.run(context.cancel);
  return Exit::ok;
}

} // namespace

Command serve_command() {
  auto config = std::make_shared<serve::ServeConfig>();
  return {
      .name = "serve",
      .group = "models",
      .summary = "a local model behind OpenAI's shape of HTTP",
      .details =
          "POST /v1/chat/completions (model, messages, max_tokens, temperature, top_p, top_k, "
          "min_p, n, stop, stream, stream_options, seed, logprobs, top_logprobs; what it cannot do "
          "is refused), GET /v1/models, /health, /metrics (Prometheus). Answers of all requests "
          "are written together; a new one joins at the next token.\nThe address is printed on "
          "stdout once requests are taken. Ctrl-C or SIGTERM takes no more connections, ends what "
          "is being written and exits with 0.",
      .examples = {"quill serve --model DIR --adapter ADAPTER --port 8000",
                   "quill serve --model DIR --host 0.0.0.0 --token-file token.txt"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_server(context, *config); },
      .needs_model = [] { return true; },
  };
}

} // namespace quill::cli
