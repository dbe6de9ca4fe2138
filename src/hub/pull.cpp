#include "quill/hub/pull.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "hub/session.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/git_hash.hpp"

namespace quill::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPieceBytes = 8 << 20; // asked for at a time, and held in memory

[[noreturn]] void refuse(const std::string& what, const std::string& where,
                         const std::string& fix) {
  throw Error{Exit::outside, {.what = what, .where = where, .fix = fix}};
}

/// A relative path that stays inside, of printable characters.
bool stays_inside(const std::string& name) {
  const fs::path path(name);
  return !name.empty() && path.is_relative() && name.find('\\') == name.npos &&
         std::none_of(path.begin(), path.end(),
                      [](const fs::path& part) { return part == ".." || part.empty(); }) &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c >= ' ' && c != 127; });
}

bool is_hex(const std::string& text, std::size_t size) {
  return text.size() == size && text.find_first_not_of("0123456789abcdef") == text.npos;
}

RemoteFile file_of(const Json& value, const std::string& where) {
  constexpr std::size_t kSha1 = 40, kSha256 = 64;
  const JsonObject object(value, where);
  RemoteFile file{.name = object.text("rfilename"),
                  .bytes = object.integer_or("size", 0),
                  .hash = object.text_or("blobId", "")};
  if (object.has("lfs") && object.at("lfs").is_object()) {
    const JsonObject large(object.at("lfs"), where);
    file.hash = large.text("sha256");
    file.bytes = large.integer("size");
    file.large = true;
  }
  if (!stays_inside(file.name) || file.bytes < 0 ||
      !is_hex(file.hash, file.large ? kSha256 : kSha1))
    refuse(fmt::format("the Hub names a file \"{}\" of {} bytes with hash \"{}\"", file.name,
                       file.bytes, file.hash),
           where, "check HF_ENDPOINT; nothing was written");
  return file;
}

std::int64_t size_of(const fs::path& path) {
  std::error_code absent;
  const auto size = fs::file_size(path, absent);
  return absent ? 0 : static_cast<std::int64_t>(size);
}

void append(const fs::path& path, const std::string& bytes, bool anew) {
  std::ofstream file(path, std::ios::binary | (anew ? std::ios::trunc : std::ios::app));
  file << bytes;
  file.close();
  if (!file)
    throw Error{Exit::storage,
                {.what = "cannot write what was fetched",
                 .where = path.string(),
                 .fix = "free some space, or set HF_HOME; then run again: it goes on from here"}};
}

/// A link beside others, replaced whole.
void link(const fs::path& target, const fs::path& place) {
  make_folder(place.parent_path());
  std::error_code failed;
  const fs::path relative = fs::relative(target, place.parent_path(), failed);
  fs::remove(place, failed);
  fs::create_symlink(relative, place, failed);
  if (failed)
    throw Error{Exit::storage,
                {.what = fmt::format("cannot link the file: {}", failed.message()),
                 .where = place.string(),
                 .fix = "the cache's file system must have symbolic links: set HF_HOME"}};
}

class Puller {
 public:
  Puller(const model::ModelId& id, Session& session, const fs::path& cache,
         std::function<void(std::int64_t, std::int64_t)> on_bytes)
      : id_(id), session_(session), folder_(model::cached_repository(cache, id.name)),
        on_bytes_(std::move(on_bytes)) {}

  PullSummary run() {
    make_folder(folder_ / "blobs");
    const FileLock lock(folder_ / "quill.lock", "this model's download");
    Repository repository = describe();
    std::erase_if(repository.files, [](const RemoteFile& file) { return !is_wanted(file.name); });
    if (repository.files.empty())
      refuse("the repository has no file that Quill reads", session_.url(id_.name),
             "name one with config.json, tokenizer.json and safetensors");
    summary_.commit = repository.commit;
    summary_.folder = folder_ / "snapshots" / repository.commit;
    for (const RemoteFile& file : repository.files) {
      ++summary_.files;
      summary_.bytes += file.bytes;
    }
    for (const RemoteFile& file : repository.files)
      link(blob(file), summary_.folder / file.name);
    make_folder(folder_ / "refs");
    real_disk().write_atomic(folder_ / "refs" / id_.revision, repository.commit);
    return summary_;
  }

 private:
  Repository describe() {
    const std::string path =
        fmt::format("/api/models/{}/revision/{}?blobs=true", id_.name, id_.revision);
    const std::string where = session_.url(path);
    return read_answer(
        [&] { return parse_repository(parse_json(session_.get(where, {}).body, where), where); });
  }

  /// Where the file's bytes are, fetched if they are not there.
  fs::path blob(const RemoteFile& file) {
    const fs::path place = folder_ / "blobs" / file.hash;
    std::error_code ignored;
    if (!fs::exists(place, ignored)) {
      const fs::path part = fs::path(place) += ".incomplete";
      fetch(file, part);
      check(file, part);
      fs::rename(part, place);
    }
    done_ += file.bytes;
    tell(0);
    return place;
  }

  void fetch(const RemoteFile& file, const fs::path& part) {
    const std::string url = session_.url(
        fmt::format("/{}/resolve/{}/{}", id_.name, summary_.commit, url_path(file.name)));
    if (size_of(part) > file.bytes)
      fs::remove(part);
    if (file.bytes == 0)
      append(part, "", true);
    while (size_of(part) < file.bytes) {
      const std::int64_t begin = size_of(part);
      const std::int64_t end = std::min(begin + kPieceBytes, file.bytes);
      const HttpReply reply =
          session_.get(url, {{"Range", fmt::format("bytes={}-{}", begin, end - 1)}});
      // A server that knows no ranges sends all of a small file.
      const bool whole = reply.status == 200;
      const auto size = static_cast<std::int64_t>(reply.body.size());
      if (size == 0 || size > (whole ? file.bytes : end - begin))
        refuse(fmt::format("{} bytes came where {} to {} were asked for", size, begin, end - 1),
               url, "run the command again: it goes on from here");
      append(part, reply.body, whole);
      summary_.fetched_bytes += size;
      tell(size_of(part));
    }
  }

  void check(const RemoteFile& file, const fs::path& part) const {
    const std::string hash = file.large ? sha256_file(part) : git_blob_id(part);
    if (hash == file.hash)
      return;
    fs::remove(part); // what is wrong inside is not known
    refuse(fmt::format("\"{}\" came with hash {}, the Hub says {}", file.name, hash, file.hash),
           session_.url("/" + id_.name), "run the command again to fetch the file anew");
  }

  void tell(std::int64_t of_file) {
    if (on_bytes_)
      on_bytes_(done_ + of_file, summary_.bytes);
  }

  const model::ModelId& id_;
  Session& session_;
  fs::path folder_;
  std::function<void(std::int64_t, std::int64_t)> on_bytes_;
  PullSummary summary_;
  std::int64_t done_ = 0; ///< bytes of whole files
};

} // namespace

Repository parse_repository(const Json& answer, const std::string& where) {
  constexpr std::size_t kCommit = 40, kFilesMax = 100'000;
  const JsonObject object(answer, where);
  Repository repository{.commit = object.text("sha"), .files = {}};
  const Json& siblings = object.at("siblings");
  if (!is_hex(repository.commit, kCommit) || !siblings.is_array() || siblings.size() > kFilesMax)
    refuse("the Hub's answer names no commit and no files", where, "check HF_ENDPOINT");
  for (const Json& each : siblings)
    repository.files.push_back(file_of(each, where));
  return repository;
}

bool is_wanted(const std::string& name) {
  static const std::set<std::string> kNames = {"config.json",
                                               "generation_config.json",
                                               "tokenizer.json",
                                               "tokenizer_config.json",
                                               "chat_template.jinja",
                                               "special_tokens_map.json",
                                               "added_tokens.json",
                                               "vocab.json",
                                               "merges.txt",
                                               "adapter_config.json",
                                               "model.safetensors.index.json",
                                               "README.md",
                                               "LICENSE"};
  const bool nested = name.find('/') != name.npos; // other formats lie in folders of their own
  return !nested && (kNames.contains(name) || name.ends_with(".safetensors"));
}

Json to_json(const PullSummary& summary) {
  return {{"folder", summary.folder.string()},
          {"commit", summary.commit},
          {"files", summary.files},
          {"bytes", summary.bytes},
          {"fetched_bytes", summary.fetched_bytes}};
}

PullSummary pull(const model::ModelId& id, const Endpoint& endpoint, const fs::path& cache,
                 HttpClient& http, const Cancel& cancel,
                 const std::function<void(std::int64_t, std::int64_t)>& on_bytes) {
  Session session(endpoint, http, cancel);
  return Puller(id, session, cache, on_bytes).run();
}

} // namespace quill::hub
