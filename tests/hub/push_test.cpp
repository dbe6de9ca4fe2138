// Uploads to a Hub on loopback, which follows the protocol of the real one: repositories, upload
// modes, large files by LFS in one piece or in parts, commits.
#include "quill/hub/push.hpp"

#include <fstream>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "catch.hpp"
#include "quill/core/base64.hpp"
#include "quill/core/files.hpp"
#include "quill/core/git_hash.hpp"
#include "quill/hub/card.hpp"
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

const std::string kCommit(40, 'd');
const std::string kConfig = R"({"model_type": "qwen2"})";

/// A Hub with one repository, and the store beside it that large files are put into.
class FakeHub {
 public:
  std::int64_t part_bytes = 0;              ///< 0: large files in one piece
  int failures = 0;                         ///< of the store: so many answers of 500 come first
  std::map<std::string, std::string> there; ///< name -> hash of what the repository has
  std::string commit_status_body;           ///< not "": the commit is refused with 403 and this

  [[nodiscard]] Endpoint endpoint() const {
    return {.url = hub_.url(), .token = "hf_secret_token"};
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> lines;
    for (const FakeRequest& request : hub_.requests())
      lines.push_back(request.method + " " + request.path);
    return lines;
  }
  [[nodiscard]] const FakeHttpServer& hub() const { return hub_; }
  [[nodiscard]] const FakeHttpServer& store() const { return store_; }
  /// What the last request to this path said.
  [[nodiscard]] std::string said(const std::string& path) const {
    std::string body;
    for (const FakeRequest& request : hub_.requests())
      if (request.path == path)
        body = request.body;
    return body;
  }

 private:
  void answer(const FakeRequest& request, const FakeConnection& out) {
    const std::lock_guard lock(mutex_);
    const std::string& path = request.path;
    if (path == "/api/repos/create")
      out.send(http_reply(409, R"({"error": "You already created this model repo"})"));
    else if (path.starts_with("/api/models/org/small/preupload/"))
      out.send(http_reply(200, modes(parse_json(request.body, "test"))));
    else if (path == "/org/small.git/info/lfs/objects/batch")
      out.send(http_reply(200, orders(parse_json(request.body, "test"))));
    else if (path.starts_with("/api/models/org/small/commit/") && !commit_status_body.empty())
      out.send(http_reply(403, commit_status_body));
    else if (path.starts_with("/api/models/org/small/commit/"))
      out.send(http_reply(200, dump_json({{"success", true}, {"commitOid", kCommit}})));
    else
      out.send(http_reply(200, ""));
  }

  [[nodiscard]] std::string modes(const Json& asked) const {
    Json files = Json::array();
    for (const Json& each : asked["files"]) {
      const std::string name = each["path"];
      const auto found = there.find(name);
      files.push_back({{"path", name},
                       {"uploadMode", name.ends_with(".safetensors") ? "lfs" : "regular"},
                       {"shouldIgnore", false},
                       {"oid", found == there.end() ? Json() : Json(found->second)}});
    }
    return dump_json({{"files", files}});
  }

  [[nodiscard]] std::string orders(const Json& asked) const {
    Json objects = Json::array();
    for (const Json& each : asked["objects"]) {
      Json header = Json::object();
      const std::int64_t bytes = each["size"];
      if (part_bytes > 0) {
        header["chunk_size"] = std::to_string(part_bytes);
        for (std::int64_t part = 1; (part - 1) * part_bytes < bytes; ++part)
          header[std::to_string(part)] = store_.url("/part" + std::to_string(part) + "?sig=x");
      }
      const std::string href = part_bytes > 0 ? hub_.url("/complete") : store_.url("/whole?sig=x");
      objects.push_back({{"oid", each["oid"]},
                         {"size", bytes},
                         {"actions",
                          {{"upload", {{"href", href}, {"header", header}}},
                           {"verify", {{"href", hub_.url("/verify")}}}}}});
    }
    return dump_json({{"transfer", "basic"}, {"objects", objects}});
  }

  std::mutex mutex_;
  FakeHttpServer store_{[this](const FakeRequest& request, const FakeConnection& out) {
    const std::lock_guard lock(mutex_);
    if (failures-- > 0)
      out.send(http_reply(500, "no"));
    else
      out.send(http_reply(200, "", "ETag: \"of " + request.path.substr(1, 5) + "\"\r\n"));
  }};
  FakeHttpServer hub_{
      [this](const FakeRequest& request, const FakeConnection& out) { answer(request, out); }};
};

class Folder {
 public:
  explicit Folder(const std::string& weights) {
    std::ofstream(path() / "config.json") << kConfig;
    std::ofstream(path() / "model.safetensors") << weights;
    std::ofstream(path() / "notes.txt") << "of nobody's business";
  }
  [[nodiscard]] const fs::path& path() const { return scratch_.path(); }

 private:
  ScratchFolder scratch_;
};

PushSummary pushed(const FakeHub& hub, const fs::path& folder, const PushTarget& target) {
  const auto http = make_http_client();
  const Cancel cancel;
  return push(files_to_push(folder, "# card\n"), target, hub.endpoint(), *http, cancel);
}

const PushTarget kTarget{.repository = {.name = "org/small"}};

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> lines;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1)
    lines.push_back(parse_json(text.substr(at, end - at), "commit"));
  return lines;
}

} // namespace

TEST_CASE("a folder becomes one commit: large files by LFS, the others inside it", "[hub]") {
  FakeHub hub;
  const std::string weights(10'000, 'w');
  const PushSummary summary = pushed(hub, Folder(weights).path(), kTarget);
  CHECK(summary.commit == kCommit);
  CHECK(summary.url == hub.endpoint().url + "/org/small");
  CHECK(summary.files == 3); // README.md, config.json, model.safetensors
  CHECK(summary.sent_files == 3);
  CHECK(summary.sent_bytes == 10'000 + 23 + 7);
  CHECK(hub.asked() == std::vector<std::string>{
                           "POST /api/repos/create", "POST /api/models/org/small/preupload/main",
                           "POST /org/small.git/info/lfs/objects/batch", "POST /verify",
                           "POST /api/models/org/small/commit/main"});
  REQUIRE(hub.store().requests().size() == 1);
  CHECK(hub.store().requests()[0].method == "PUT");
  CHECK(hub.store().requests()[0].body == weights);
  const auto lines = lines_of(hub.said("/api/models/org/small/commit/main"));
  REQUIRE(lines.size() == 4);
  CHECK(lines[0]["value"]["summary"] == "Upload with Quill");
  CHECK(lines[1]["value"]["content"] == base64("# card\n"));
  CHECK(lines[2]["value"]["path"] == "config.json");
  CHECK(dump_json(lines[3]) == fmt::format(R"({{"key":"lfsFile","value":{{"path":)"
                                           R"("model.safetensors","algo":"sha256","oid":"{}",)"
                                           R"("size":10000}}}})",
                                           sha256_hex(weights)));
}

TEST_CASE("a large file goes in the parts that the Hub names, in their order", "[hub]") {
  FakeHub hub;
  hub.part_bytes = 4'000;
  const std::string weights = std::string(4'000, 'a') + std::string(4'000, 'b') + "c";
  (void)pushed(hub, Folder(weights).path(), kTarget);
  std::map<std::string, std::string> parts;
  for (const FakeRequest& request : hub.store().requests())
    parts[request.path] = request.body;
  CHECK(parts == std::map<std::string, std::string>{{"/part1?sig=x", weights.substr(0, 4'000)},
                                                    {"/part2?sig=x", weights.substr(4'000, 4'000)},
                                                    {"/part3?sig=x", "c"}});
  const Json completion = parse_json(hub.said("/complete"), "test");
  CHECK(completion["oid"] == sha256_hex(weights));
  CHECK(completion["parts"][2] == Json({{"partNumber", 3}, {"etag", "\"of part3\""}}));
}

TEST_CASE("the token goes to the Hub and never to the store", "[hub]") {
  FakeHub hub;
  (void)pushed(hub, Folder("weights").path(), kTarget);
  for (const FakeRequest& request : hub.hub().requests())
    CHECK(request.has_header("Authorization: Bearer hf_secret_token"));
  for (const FakeRequest& request : hub.store().requests()) {
    CHECK(request.head.find("hf_secret_token") == std::string::npos);
    CHECK(request.head.find("Content-Type") == std::string::npos);
  }
}

TEST_CASE("what the repository has is not sent again, and nothing new is no commit", "[hub]") {
  FakeHub hub;
  hub.there = {{"config.json", git_blob_id_of(kConfig)},
               {"model.safetensors", sha256_hex("weights")},
               {"README.md", git_blob_id_of("# card\n")}};
  const PushSummary summary = pushed(hub, Folder("weights").path(), kTarget);
  CHECK(summary.commit.empty());
  CHECK(to_json(summary)["commit"].is_null());
  CHECK(summary.sent_files == 0);
  CHECK(hub.store().requests().empty());
}

TEST_CASE("a store that fails for a while is asked again", "[hub]") {
  FakeHub hub;
  hub.failures = 1;
  CHECK(pushed(hub, Folder("weights").path(), kTarget).sent_files == 3);
  CHECK(hub.store().requests().size() == 2);
}

TEST_CASE("a branch and a tag are made where they are asked for", "[hub]") {
  FakeHub hub;
  (void)pushed(hub, Folder("weights").path(),
               {.repository = {"org/small", "dev"}, .tag = "v1", .is_private = true});
  const auto asked = hub.asked();
  CHECK(asked[1] == "POST /api/models/org/small/branch/dev");
  CHECK(asked.back() == "POST /api/models/org/small/tag/" + kCommit);
  CHECK(hub.said("/api/models/org/small/tag/" + kCommit) == R"({"tag":"v1"})");
  CHECK(parse_json(hub.said("/api/repos/create"), "test")["visibility"] == "private");
}

TEST_CASE("a commit that is refused says why and what would help", "[hub]") {
  FakeHub hub;
  hub.commit_status_body = R"({"error": "Forbidden: read-only token"})";
  const Folder folder("weights");
  const auto text = refusal(Exit::outside, [&] { (void)pushed(hub, folder.path(), kTarget); });
  CHECK(text.what == "the Hub answers with status 403: Forbidden: read-only token");
  CHECK(text.fix == "set HF_TOKEN to one that may write to this repository");
}

TEST_CASE("without a token nothing is asked", "[hub]") {
  const FakeHub hub;
  const auto http = make_http_client();
  const Cancel cancel;
  const Endpoint nobody{.url = hub.hub().url()};
  CHECK(refusal(Exit::usage, [&] { (void)push({}, kTarget, nobody, *http, cancel); }).what ==
        "an upload needs a token");
  CHECK(hub.hub().requests().empty());
}

TEST_CASE("a folder that holds no model is not uploaded", "[hub]") {
  const ScratchFolder empty;
  const auto text = refusal(Exit::usage, [&] { (void)files_to_push(empty.path(), ""); });
  CHECK(text.where == empty.path().string());
}

TEST_CASE("a card tells the Hub what a model is, and its tables stay tables", "[hub]") {
  const std::string card = model_card({.title = "small",
                                       .base = "Qwen/Qwen2.5-0.5B",
                                       .adapter = true,
                                       .settings = {{"rank", "4"}, {"odd", "a|b\n<script>"}},
                                       .figures = {{"loss", "0.25"}}});
  CHECK(card == "---\nlibrary_name: peft\npipeline_tag: text-generation\ntags:\n- quill\n- sql\n"
                "- lora\nbase_model: Qwen/Qwen2.5-0.5B\nbase_model_relation: adapter\n---\n\n"
                "# small\n\nA LoRA adapter, over Qwen/Qwen2.5-0.5B. Trained and uploaded with "
                "Quill.\n\n## Training\n\n| | |\n|---|---|\n| rank | 4 |\n"
                "| odd | a\\|b \\<script> |\n\n## Figures of the run\n\n| | |\n|---|---|\n"
                "| loss | 0.25 |\n");
}

TEST_CASE("base64 is that of RFC 4648", "[hub]") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64(std::string("\0\xff", 2)) == "AP8=");
}
