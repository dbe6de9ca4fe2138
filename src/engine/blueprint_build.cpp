// From a blueprint to a file: made beside its place, synced, and put there by one rename.
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "engine/blueprint_cells.hpp"
#include "engine/blueprint_database.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/progress.hpp"

namespace quill::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kRowsBetweenLooks = 1'024; ///< at cancel and progress

[[noreturn]] void refuse_storage(const fs::path& out, std::string_view step, int error) {
  const char* fix = error == ENOENT || error == ENOTDIR ? "create the folder first"
                    : error == EACCES || error == EROFS || error == EPERM
                        ? "choose a folder that you may write in"
                    : error == ENOSPC || error == EDQUOT ? "free some space"
                                                         : "check the disk";
  throw Error{Exit::storage,
              {.what = fmt::format("cannot write the database: {}: {}", step, std::strerror(error)),
               .where = out.string(),
               .fix = fix}};
}

/// Refuses places where the new file would harm or be harmed by what is there.
void check_place(const fs::path& out, bool overwrite) {
  std::error_code ignored;
  if (out.filename().empty() || fs::is_directory(out, ignored))
    throw Error{Exit::usage,
                {.what = "the database needs a file name, and this is a folder",
                 .where = out.string(),
                 .fix = "name a file in it, such as test.db"}};
  if (fs::exists(fs::symlink_status(out, ignored)) && !overwrite)
    throw Error{Exit::usage,
                {.what = "the file is already there",
                 .where = out.string(),
                 .fix = "choose another --out, or replace it with --force"}};
  // SQLite would roll a leftover journal of the old file back into the new one.
  for (const char* suffix : {"-journal", "-wal"})
    if (fs::exists(out.string() + suffix, ignored))
      throw Error{Exit::usage,
                  {.what = fmt::format("a database of that name is in use or was left unfinished: "
                                       "its \"{}\" file is there",
                                       suffix),
                   .where = out.string() + suffix,
                   .fix = "end the program that uses it, or open it once with sqlite3"}};
}

/// An empty file beside `out`, removed by the destructor unless it was renamed away.
class PartialFile {
 public:
  explicit PartialFile(const fs::path& out) : out_(out) { create(); }
  ~PartialFile() {
    if (!placed_)
      ::unlink(path_.c_str());
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

  void sync() const {
    const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0)
      refuse_storage(out_, "open", errno);
    const bool failed = ::fsync(fd) != 0;
    const int error = errno;
    ::close(fd);
    if (failed)
      refuse_storage(out_, "fsync", error);
  }

  /// Without `overwrite` a file that came meanwhile stays: link() refuses where rename() would not.
  void place(bool overwrite) {
    if (overwrite) {
      if (::rename(path_.c_str(), out_.c_str()) != 0)
        refuse_storage(out_, "rename", errno);
      placed_ = true;
    } else if (::link(path_.c_str(), out_.c_str()) != 0) {
      place_without_links(errno);
    }
    sync_folder();
  }

 private:
  void create() {
    static std::atomic<unsigned> counter{0};
    constexpr int kTriesMax = 100; // leftovers of a killed process that had this pid
    for (int i = 0; i < kTriesMax; ++i) {
      path_ = out_.parent_path() / fmt::format(".quill-seed-{}-{}.tmp", ::getpid(), counter++);
      const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd >= 0) {
        ::close(fd);
        return;
      }
      if (errno != EEXIST)
        break;
    }
    placed_ = true; // nothing to remove
    refuse_storage(out_, "open", errno);
  }

  /// File systems without hard links say EPERM or ENOTSUP.
  void place_without_links(int error) {
    if (error != EPERM && error != ENOTSUP && error != ENOSYS && error != EMLINK)
      refuse_storage(out_, "link", error);
    if (::rename(path_.c_str(), out_.c_str()) != 0)
      refuse_storage(out_, "rename", errno);
    placed_ = true;
  }

  void sync_folder() const {
    const fs::path folder = out_.has_parent_path() ? out_.parent_path() : fs::path(".");
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
      refuse_storage(out_, "open of the folder", errno);
    const bool failed = ::fsync(fd) != 0;
    const int error = errno;
    ::close(fd);
    if (failed && error != EINVAL) // EINVAL: a file system that has no fsync for folders
      refuse_storage(out_, "fsync of the folder", error);
  }

  const fs::path& out_;
  fs::path path_;
  bool placed_ = false;
};

void stop_if_asked(const Cancel& cancel, const fs::path& out) {
  if (cancel.requested())
    throw Error{cancel.exit(),
                {.what = "stopped before the database was finished; nothing was left behind",
                 .where = out.string(),
                 .fix = "run the same command again"}};
}

void fill_table(seed::BulkDatabase& database, const seed::CellMaker& maker,
                const seed::Table& table, std::size_t position, std::int64_t rows,
                const std::function<void(std::int64_t)>& look) {
  seed::BulkDatabase::Inserter inserter(database, table);
  std::vector<seed::Cell> cells;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (row % kRowsBetweenLooks == 0)
      look(row);
    maker.make(position, row, cells);
    inserter.insert(cells);
  }
}

void fill(seed::BulkDatabase& database, const Blueprint& blueprint, std::uint64_t seed,
          const std::vector<std::int64_t>& sizes, const std::function<void(std::int64_t)>& look) {
  const auto& tables = blueprint.model().tables;
  const seed::CellMaker maker(blueprint.model(), sizes, seed);
  database.run(blueprint.ddl());
  database.run("BEGIN");
  std::int64_t done = 0;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    fill_table(database, maker, tables[t], t, sizes[t],
               [&](std::int64_t row) { look(done + row); });
    done += sizes[t];
  }
  look(done);
  // Indexes last: sorting once is quicker than keeping trees in order, and packs them.
  for (const auto& table : tables)
    for (const auto& index : table.indexes)
      database.run(seed::create_index(table, index));
  database.run("COMMIT");
}

} // namespace

SeedReport build_database(const Blueprint& blueprint, std::uint64_t seed, const fs::path& out,
                          bool overwrite, const Cancel& cancel, Progress* progress) {
  const double start_ms = system_clock().now_ms();
  const auto sizes = seed::resolved_sizes(blueprint.model().tables, blueprint.model().where);
  seed::check_parents(blueprint.model(), sizes);
  check_place(out, overwrite);
  if (out.has_parent_path())
    make_folder(out.parent_path());
  PartialFile file(out);
  seed::BulkDatabase database(file.path(), out);
  fill(database, blueprint, seed, sizes, [&](std::int64_t done) {
    stop_if_asked(cancel, out);
    if (progress != nullptr)
      progress->advance(done);
  });
  database.close();
  file.sync();
  SeedReport report{
      .path = out, .rows = blueprint.sizes(), .bytes = 0, .elapsed_ms = 0, .sha256 = {}};
  report.bytes = static_cast<std::int64_t>(fs::file_size(file.path()));
  report.sha256 = sha256_file(file.path());
  stop_if_asked(cancel, out);
  file.place(overwrite);
  report.elapsed_ms = system_clock().now_ms() - start_ms;
  return report;
}

} // namespace quill::engine
