// The protocol is git-lfs's batch API with the Hub's transfer "multipart": numbered addresses of
// parts, then a list of the parts' ETags (huggingface_hub, src/huggingface_hub/lfs.py).
#include "hub/large_upload.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "quill/model/safetensors.hpp"

namespace quill::hub {

namespace {

constexpr std::size_t kFilesABatch = 256;

Headers lfs_headers() {
  constexpr const char* kType = "application/vnd.git-lfs+json";
  return {{"Accept", kType}, {"Content-Type", kType}};
}

[[noreturn]] void refuse(const std::string& what, const std::string& where) {
  throw Error{Exit::outside,
              {.what = what, .where = where, .fix = "run the command again: it goes on from here"}};
}

/// What the Hub wants done with one file.
struct Order {
  std::string href;            ///< "": it is there already
  std::int64_t part_bytes = 0; ///< 0: in one piece
  std::map<std::int64_t, std::string> parts;
  std::string verify; ///< "": no
};

/// The header of a multipart upload: chunk_size, and addresses under "1", "2" …
void read_parts(const Json& header, const std::string& where, Order& order) {
  const JsonObject object(header, where);
  if (!object.has("chunk_size"))
    return;
  const Json& size = object.at("chunk_size");
  order.part_bytes =
      size.is_string() ? std::atoll(size.get<std::string>().c_str()) : object.integer("chunk_size");
  for (const auto& [key, url] : header.items())
    if (!key.empty() && key.size() < 7 && key.find_first_not_of("0123456789") == key.npos)
      order.parts[std::stoll(key)] = object.text(key);
}

Order read_order(const Json& answer, std::int64_t bytes, const std::string& where) {
  const JsonObject object(answer, where);
  if (object.has("error"))
    refuse("the Hub refuses a file: " + JsonObject(object.at("error"), where).text("message"),
           where);
  Order order;
  if (!object.has("actions") || object.at("actions").is_null())
    return order;
  const JsonObject actions(object.at("actions"), where);
  const JsonObject upload(actions.at("upload"), where);
  order.href = upload.text("href");
  if (upload.has("header") && upload.at("header").is_object())
    read_parts(upload.at("header"), where, order);
  if (actions.has("verify") && actions.at("verify").is_object())
    order.verify = JsonObject(actions.at("verify"), where).text("href");
  const std::int64_t parts =
      order.part_bytes > 0 ? (bytes + order.part_bytes - 1) / order.part_bytes : 0;
  if (order.href.empty() || order.part_bytes < 0 ||
      parts != static_cast<std::int64_t>(order.parts.size()))
    refuse(fmt::format("the Hub names {} parts of {} bytes for a file of {}", order.parts.size(),
                       order.part_bytes, bytes),
           where);
  return order;
}

class Upload {
 public:
  Upload(Session& session, const LargeFile& file, const std::function<void(std::int64_t)>& on_bytes)
      : session_(session), file_(file), on_bytes_(on_bytes), mapped_(file.file->path),
        bytes_(reinterpret_cast<const char*>(mapped_.bytes().data()), mapped_.bytes().size()) {}

  void run(const Order& order) {
    if (order.parts.empty())
      (void)put(order.href, bytes_);
    else
      put_parts(order);
    if (!order.verify.empty())
      (void)session_.post(order.verify, {{"oid", file_.sha256}, {"size", bytes_.size()}});
  }

 private:
  HttpReply put(const std::string& url, std::string_view bytes) {
    // A type that the address was not signed with is one the store may refuse: none is sent.
    HttpReply reply = session_.send(
        {.method = "PUT", .url = url, .headers = {{"Content-Type", ""}}, .body = bytes});
    on_bytes_(static_cast<std::int64_t>(bytes.size()));
    return reply;
  }

  void put_parts(const Order& order) {
    Json parts = Json::array();
    const auto size = static_cast<std::size_t>(order.part_bytes);
    for (const auto& [number, url] : order.parts) {
      const auto etag = put(url, bytes_.substr(parts.size() * size, size)).header("etag");
      if (!etag || etag->empty())
        refuse(fmt::format("part {} came to no ETag", number), file_.file->name);
      parts.push_back({{"partNumber", parts.size() + 1}, {"etag", *etag}});
    }
    (void)session_.post(order.href, {{"oid", file_.sha256}, {"parts", parts}}, {}, lfs_headers());
  }

  Session& session_;
  const LargeFile& file_;
  const std::function<void(std::int64_t)>& on_bytes_;
  model::MappedFile mapped_;
  std::string_view bytes_;
};

/// Orders by SHA-256.
std::map<std::string, Json> ask_orders(Session& session, const model::ModelId& repository,
                                       const std::vector<LargeFile>& files,
                                       const std::string& url) {
  Json objects = Json::array();
  for (const LargeFile& each : files)
    objects.push_back({{"oid", each.sha256}, {"size", each.file->bytes}});
  const Json answer = session.post(url,
                                   {{"operation", "upload"},
                                    {"transfers", {"basic", "multipart"}},
                                    {"objects", objects},
                                    {"hash_algo", "sha256"},
                                    {"ref", {{"name", repository.revision}}}},
                                   {}, lfs_headers());
  std::map<std::string, Json> orders;
  for (const Json& each : JsonObject(answer, url).at("objects"))
    orders[JsonObject(each, url).text("oid")] = each;
  return orders;
}

std::int64_t upload_batch(Session& session, const model::ModelId& repository,
                          const std::vector<LargeFile>& files,
                          const std::function<void(std::int64_t)>& on_bytes) {
  const std::string url =
      session.url(fmt::format("/{}.git/info/lfs/objects/batch", repository.name));
  const auto orders = read_answer([&] { return ask_orders(session, repository, files, url); });
  std::int64_t sent = 0;
  for (const LargeFile& each : files) {
    const auto found = orders.find(each.sha256);
    if (found == orders.end())
      refuse(fmt::format("the Hub says nothing of \"{}\"", each.file->name), url);
    const Order order =
        read_answer([&] { return read_order(found->second, each.file->bytes, url); });
    if (order.href.empty()) {
      on_bytes(each.file->bytes);
      continue;
    }
    Upload(session, each, on_bytes).run(order);
    sent += each.file->bytes;
  }
  return sent;
}

} // namespace

std::int64_t upload_large(Session& session, const model::ModelId& repository,
                          const std::vector<LargeFile>& files,
                          const std::function<void(std::int64_t)>& on_bytes) {
  std::int64_t sent = 0;
  for (std::size_t at = 0; at < files.size(); at += kFilesABatch) {
    const auto begin = files.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = static_cast<std::ptrdiff_t>(std::min(kFilesABatch, files.size() - at));
    sent += upload_batch(session, repository, {begin, begin + count}, on_bytes);
  }
  return sent;
}

} // namespace quill::hub
