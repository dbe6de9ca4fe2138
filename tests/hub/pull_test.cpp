// Models fetched from a Hub on loopback, which answers as the real one does: a description with
// hashes, redirects of large files to another host, ranges.
#include "quill/hub/pull.hpp"

#include <fstream>

#include <fmt/format.h>

#include "catch.hpp"
#include "quill/core/files.hpp"
#include "quill/core/git_hash.hpp"
#include "quill/core/log.hpp"
#include "refusal.hpp"
#include "support/fake_http_server.hpp"

using namespace quill;
using namespace quill::hub;
using quill::test::refusal;
using quill::tests::FakeConnection;
using quill::tests::FakeHttpServer;
using quill::tests::FakeRequest;
using quill::tests::http_reply;

namespace {

namespace fs = std::filesystem;

const std::string kCommit(40, 'c');
const std::string kConfig = R"({"model_type": "qwen2"})";

/// The part that a Range header asks for, with status 206.
std::string part_of(const std::string& content, const FakeRequest& request) {
  const std::size_t at = request.head.find("Range: bytes=");
  if (at == request.head.npos)
    return http_reply(200, content);
  std::size_t begin = 0, end = 0;
  REQUIRE(std::sscanf(request.head.c_str() + at, "Range: bytes=%zu-%zu", &begin, &end) == 2);
  return http_reply(206, content.substr(begin, end - begin + 1));
}

/// A Hub with one model, and the host that large files lie on.
class FakeHub {
 public:
  explicit FakeHub(std::string weights, std::string hash = "")
      : weights_(std::move(weights)), hash_(hash.empty() ? sha256_hex(weights_) : std::move(hash)) {
  }

  [[nodiscard]] Endpoint endpoint() const {
    return {.url = hub_.url(), .token = "hf_secret_token"};
  }
  [[nodiscard]] const FakeHttpServer& hub() const { return hub_; }
  [[nodiscard]] const FakeHttpServer& store() const { return store_; }

 private:
  [[nodiscard]] Json description() const {
    return {{"sha", kCommit},
            {"siblings",
             {{{"rfilename", "config.json"}, {"size", kConfig.size()}, {"blobId", git_id()}},
              {{"rfilename", "onnx/model.onnx"}, {"size", 9}, {"blobId", std::string(40, 'a')}},
              {{"rfilename", "model.safetensors"},
               {"size", weights_.size()},
               {"blobId", std::string(40, 'b')},
               {"lfs", {{"sha256", hash_}, {"size", weights_.size()}}}}}}};
  }

  [[nodiscard]] static std::string git_id() {
    const ScratchFolder folder;
    std::ofstream(folder.path() / "f") << kConfig;
    return git_blob_id(folder.path() / "f");
  }

  void answer(const FakeRequest& request, const FakeConnection& out) const {
    if (request.path == "/api/models/org/small/revision/main?blobs=true")
      out.send(http_reply(200, dump_json(description())));
    else if (request.path == "/org/small/resolve/" + kCommit + "/config.json")
      out.send(part_of(kConfig, request));
    else if (request.path == "/org/small/resolve/" + kCommit + "/model.safetensors")
      out.send(http_reply(302, "", "Location: " + store_.url("/blob") + "\r\n"));
    else
      out.send(http_reply(404, "no"));
  }

  std::string weights_, hash_;
  FakeHttpServer store_{[this](const FakeRequest& request, const FakeConnection& out) {
    out.send(part_of(weights_, request));
  }};
  FakeHttpServer hub_{
      [this](const FakeRequest& request, const FakeConnection& out) { answer(request, out); }};
};

PullSummary pulled(const FakeHub& hub, const fs::path& cache) {
  const auto http = make_http_client();
  const Cancel cancel;
  return pull({.name = "org/small"}, hub.endpoint(), cache, *http, cancel);
}

} // namespace

TEST_CASE("a model is fetched into the Hub's cache, and the id is a folder from then on", "[hub]") {
  const ScratchFolder cache;
  const FakeHub hub(std::string(10'000, 'w'));
  const PullSummary summary = pulled(hub, cache.path());
  CHECK(summary.files == 2); // what Quill does not read stays there
  CHECK(summary.fetched_bytes == 10'000 + 23);
  CHECK(read_file(summary.folder / "config.json") == kConfig);
  CHECK(read_file(summary.folder / "model.safetensors") == std::string(10'000, 'w'));
  CHECK(model::cached_snapshot(cache.path(), {.name = "org/small"}) == summary.folder);
  CHECK(model::cached_snapshot(cache.path(), {"org/small", kCommit}) == summary.folder);
  const std::map<std::string, std::string> environment = {{"HF_HUB_CACHE", cache.path().string()}};
  CHECK(model::model_folder("org/small", environment) == summary.folder);
  CHECK(pulled(hub, cache.path()).fetched_bytes == 0);
}

TEST_CASE("the token goes to the Hub and to no other host", "[hub]") {
  const ScratchFolder cache;
  const FakeHub hub("weights");
  (void)pulled(hub, cache.path());
  for (const FakeRequest& request : hub.hub().requests())
    CHECK(request.has_header("Authorization: Bearer hf_secret_token"));
  REQUIRE(hub.store().requests().size() == 1);
  CHECK(hub.store().requests()[0].head.find("hf_secret_token") == std::string::npos);
}

TEST_CASE("a download that was cut goes on where it was", "[hub]") {
  const ScratchFolder cache;
  const std::string weights = std::string(5'000, 'a') + std::string(5'000, 'b');
  const FakeHub hub(weights);
  const fs::path blobs = cache.path() / "models--org--small/blobs";
  fs::create_directories(blobs);
  std::ofstream(blobs / (sha256_hex(weights) + ".incomplete")) << weights.substr(0, 4'000);
  const PullSummary summary = pulled(hub, cache.path());
  CHECK(summary.fetched_bytes == 6'000 + 23);
  CHECK(hub.store().requests()[0].has_header("Range: bytes=4000-9999"));
  CHECK(read_file(summary.folder / "model.safetensors") == weights);
}

TEST_CASE("bytes with another hash are not kept", "[hub]") {
  const ScratchFolder cache;
  const FakeHub hub("weights", std::string(64, '0'));
  const auto text = refusal(Exit::outside, [&] { (void)pulled(hub, cache.path()); });
  CHECK(text.what == "\"model.safetensors\" came with hash " + sha256_hex("weights") +
                         ", the Hub says " + std::string(64, '0'));
  CHECK(fs::is_empty(cache.path() / "models--org--small/snapshots") == false); // config.json alone
  CHECK_FALSE(fs::exists(cache.path() / "models--org--small/refs/main"));
  CHECK_FALSE(fs::exists(cache.path() / "models--org--small/blobs" / std::string(64, '0')));
}

TEST_CASE("what the Hub refuses is said with the variable that would help", "[hub]") {
  const ScratchFolder cache;
  const FakeHttpServer server(http_reply(401, "no"));
  const auto http = make_http_client();
  const Cancel cancel;
  const Endpoint endpoint{.url = server.url()};
  const auto text = refusal(Exit::outside, [&] {
    (void)pull({.name = "org/secret"}, endpoint, cache.path(), *http, cancel);
  });
  CHECK(text.what == "the Hub answers with status 401");
  CHECK_THAT(text.fix, Catch::StartsWith("set HF_TOKEN"));
}

TEST_CASE("a name that leads out of the folder is refused", "[hub]") {
  for (const char* name : {"../evil", "/etc/passwd", "a/../../b", "", "a\\b", "a\nb"}) {
    const Json answer = {
        {"sha", kCommit},
        {"siblings", {{{"rfilename", name}, {"size", 1}, {"blobId", std::string(40, 'a')}}}}};
    CHECK_THROWS_AS((void)parse_repository(answer, "hub"), Error);
  }
}

TEST_CASE("an id is two plain names and a revision", "[hub]") {
  CHECK(model::parse_model_id("Qwen/Qwen2.5-0.5B")->name == "Qwen/Qwen2.5-0.5B");
  CHECK(model::parse_model_id("a/b")->revision == "main");
  CHECK(model::parse_model_id("a/b@v1.0")->revision == "v1.0");
  for (const char* text : {"a", "a/b/c", "../b", "a/", "/b", "a/b@", "a/b@../x", "a b/c"})
    CHECK_FALSE(model::parse_model_id(text));
}

TEST_CASE("an id that was not fetched says how to", "[hub]") {
  const ScratchFolder cache;
  const std::map<std::string, std::string> environment = {{"HF_HOME", cache.path().string()}};
  const auto text =
      refusal(Exit::usage, [&] { (void)model::model_folder("org/none", environment); });
  CHECK_THAT(text.fix, Catch::StartsWith("fetch it with `quill model pull org/none`; "));
  CHECK(model::model_folder("just-a-folder", environment) == "just-a-folder");
}
