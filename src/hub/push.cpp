#include "quill/hub/push.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "hub/large_upload.hpp"
#include "hub/session.hpp"
#include "quill/core/base64.hpp"
#include "quill/core/files.hpp"
#include "quill/core/git_hash.hpp"
#include "quill/core/log.hpp"
#include "quill/hub/pull.hpp"
#include "quill/model/safetensors.hpp"

namespace quill::hub {

namespace {

namespace fs = std::filesystem;

constexpr long kConflict = 409; // it is there already
constexpr std::size_t kSampleBytes = 512;
constexpr std::size_t kFilesAnAsk = 256;
constexpr std::uint64_t kRegularBytesMax = 64U << 20U; // sent inside the commit's own text

std::string content_of(const LocalFile& file) {
  return file.path.empty() ? file.text : read_file(file.path, kRegularBytesMax);
}

/// The first bytes, by which the Hub tells text from binary.
std::string sample_of(const LocalFile& file) {
  if (file.path.empty())
    return file.text.substr(0, kSampleBytes);
  if (file.bytes == 0)
    return "";
  const model::MappedFile mapped(file.path);
  const std::size_t size = std::min(kSampleBytes, mapped.bytes().size());
  return {reinterpret_cast<const char*>(mapped.bytes().data()), size};
}

std::string git_id_of(const LocalFile& file) {
  return file.path.empty() ? git_blob_id_of(file.text) : git_blob_id(file.path);
}

/// A file and what the Hub says of it.
struct Planned {
  const LocalFile* file = nullptr;
  bool large = false;
  std::string sha256 = {}; ///< of large ones
};

class Pusher {
 public:
  Pusher(const PushTarget& target, Session& session,
         const std::function<void(std::int64_t, std::int64_t)>& on_bytes)
      : target_(target), session_(session), on_bytes_(on_bytes) {}

  PushSummary run(const std::vector<LocalFile>& files) {
    summary_.url = session_.url("/" + target_.repository.name);
    create();
    const auto planned = plan(files);
    for (const LocalFile& file : files) {
      ++summary_.files;
      summary_.bytes += file.bytes;
    }
    send_large(planned);
    if (!planned.empty())
      commit(planned);
    if (!target_.tag.empty())
      tag();
    return summary_;
  }

 private:
  [[nodiscard]] std::string api(const std::string& verb, const std::string& revision) const {
    return session_.url(
        fmt::format("/api/models/{}/{}/{}", target_.repository.name, verb, url_path(revision)));
  }

  void create() {
    const std::string& name = target_.repository.name;
    const std::size_t slash = name.find('/');
    (void)session_.post(session_.url("/api/repos/create"),
                        {{"name", name.substr(slash + 1)},
                         {"organization", name.substr(0, slash)},
                         {"type", "model"},
                         {"visibility", target_.is_private ? "private" : "public"}},
                        {kConflict});
    if (target_.repository.revision != "main")
      (void)session_.post(api("branch", target_.repository.revision), Json::object(), {kConflict});
  }

  /// Those of `files` that the Hub has not got as they are.
  std::vector<Planned> plan(const std::vector<LocalFile>& files) {
    std::vector<Planned> planned;
    for (std::size_t at = 0; at < files.size(); at += kFilesAnAsk) {
      const std::span some =
          std::span(files).subspan(at).first(std::min(kFilesAnAsk, files.size() - at));
      const auto said = ask_modes(some);
      for (const LocalFile& file : some)
        if (const auto mode = said.find(file.name); mode == said.end())
          throw Error{Exit::outside,
                      {.what = fmt::format("the Hub says nothing of \"{}\"", file.name),
                       .where = api("preupload", target_.repository.revision),
                       .fix = "check HF_ENDPOINT"}};
        else
          add(file, mode->second, planned);
    }
    return planned;
  }

  struct Mode {
    bool large = false, ignored = false;
    std::string there; ///< the hash of the file of that name in the repository
  };

  std::map<std::string, Mode> ask_modes(std::span<const LocalFile> files) {
    Json list = Json::array();
    for (const LocalFile& file : files)
      list.push_back(
          {{"path", file.name}, {"sample", base64(sample_of(file))}, {"size", file.bytes}});
    const std::string url = api("preupload", target_.repository.revision);
    const Json answer = session_.post(url, {{"files", list}});
    return read_answer([&] {
      std::map<std::string, Mode> modes;
      for (const Json& each : JsonObject(answer, url).at("files")) {
        const JsonObject file(each, url);
        modes[file.text("path")] = {
            .large = file.text("uploadMode") == "lfs",
            .ignored = file.boolean_or("shouldIgnore", false),
            .there = file.has("oid") && file.at("oid").is_string() ? file.text("oid") : ""};
      }
      return modes;
    });
  }

  static void add(const LocalFile& file, const Mode& mode, std::vector<Planned>& planned) {
    Planned one{.file = &file, .large = mode.large && file.bytes > 0};
    if (mode.ignored) {
      log_warn(fmt::format("the repository's .gitignore leaves \"{}\" out", file.name));
      return;
    }
    if (one.large)
      one.sha256 = file.path.empty() ? sha256_hex(file.text) : sha256_file(file.path);
    if (mode.there.empty() || mode.there != (one.large ? one.sha256 : git_id_of(file)))
      planned.push_back(std::move(one));
  }

  void send_large(const std::vector<Planned>& planned) {
    std::vector<LargeFile> large;
    std::int64_t total = 0, done = 0;
    for (const Planned& each : planned)
      if (each.large) {
        large.push_back({each.file, each.sha256});
        total += each.file->bytes;
      }
    summary_.sent_bytes += upload_large(session_, target_.repository, large, [&](std::int64_t n) {
      if (on_bytes_)
        on_bytes_(done += n, total);
    });
  }

  void commit(const std::vector<Planned>& planned) {
    std::string lines = line("header", {{"summary", target_.message}, {"description", ""}});
    for (const Planned& each : planned) {
      ++summary_.sent_files;
      if (!each.large)
        summary_.sent_bytes += each.file->bytes;
      lines += operation(each);
    }
    const std::string url = api("commit", target_.repository.revision);
    // Not repeated: one whose answer was lost may have happened. Running again finds out.
    const HttpReply reply = session_.send({.method = "POST",
                                           .url = url,
                                           .headers = {{"Content-Type", "application/x-ndjson"}},
                                           .body = lines,
                                           .repeats = false});
    summary_.commit = read_answer([&] {
      const Json answer = parse_json(reply.body, url);
      return JsonObject(answer, url).text("commitOid");
    });
  }

  static std::string line(const char* key, const Json& value) {
    return dump_json({{"key", key}, {"value", value}}) + "\n";
  }

  static std::string operation(const Planned& each) {
    const LocalFile& file = *each.file;
    if (each.large)
      return line(
          "lfsFile",
          {{"path", file.name}, {"algo", "sha256"}, {"oid", each.sha256}, {"size", file.bytes}});
    return line(
        "file",
        {{"content", base64(content_of(file))}, {"path", file.name}, {"encoding", "base64"}});
  }

  void tag() {
    const std::string& revision =
        summary_.commit.empty() ? target_.repository.revision : summary_.commit;
    const std::string body = dump_json({{"tag", target_.tag}});
    const HttpReply reply = session_.send({.method = "POST",
                                           .url = api("tag", revision),
                                           .headers = {{"Content-Type", "application/json"}},
                                           .body = body,
                                           .also_fine = {kConflict}});
    if (reply.status == kConflict)
      log_warn(fmt::format("there is a tag \"{}\" already; it stays where it is", target_.tag));
  }

  const PushTarget& target_;
  Session& session_;
  const std::function<void(std::int64_t, std::int64_t)>& on_bytes_;
  PushSummary summary_;
};

} // namespace

std::vector<LocalFile> files_to_push(const fs::path& folder, const std::string& card) {
  std::vector<LocalFile> files;
  bool has_weights = false, has_config = false, has_card = false;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || !is_wanted(name))
      continue;
    has_weights |= name.ends_with(".safetensors");
    has_config |= name == "config.json" || name == "adapter_config.json";
    has_card |= name == "README.md";
    files.push_back({name, entry.path(), "", static_cast<std::int64_t>(entry.file_size())});
  }
  if (failed || !has_weights || !has_config)
    throw Error{Exit::usage,
                {.what = "no model and no adapter to upload: config.json or adapter_config.json, "
                         "and safetensors",
                 .where = folder.string(),
                 .fix = "name a folder that `quill train`, `quill merge` or `quill model init` "
                        "wrote"}};
  if (!has_card && !card.empty())
    files.push_back({"README.md", "", card, static_cast<std::int64_t>(card.size())});
  std::sort(files.begin(), files.end(),
            [](const LocalFile& a, const LocalFile& b) { return a.name < b.name; });
  return files;
}

Json to_json(const PushSummary& summary) {
  return {{"url", summary.url},
          {"commit", summary.commit.empty() ? Json() : Json(summary.commit)},
          {"files", summary.files},
          {"bytes", summary.bytes},
          {"sent_files", summary.sent_files},
          {"sent_bytes", summary.sent_bytes}};
}

PushSummary push(const std::vector<LocalFile>& files, const PushTarget& target,
                 const Endpoint& endpoint, HttpClient& http, const Cancel& cancel,
                 const std::function<void(std::int64_t, std::int64_t)>& on_bytes) {
  if (endpoint.token.empty())
    throw Error{Exit::usage,
                {.what = "an upload needs a token",
                 .where = "HF_TOKEN",
                 .fix = "set HF_TOKEN to one that may write to this repository"}};
  Session session(endpoint, http, cancel);
  return Pusher(target, session, on_bytes).run(files);
}

} // namespace quill::hub
