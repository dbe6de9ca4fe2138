// SQLite's file layer under observation: every operation is noted, so that a power cut can be
// played at any of them, and any of them can be made to fail.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "quill/core/random.hpp"

namespace quill::test {

struct DiskOperation {
  enum class Kind { create, write, truncate, sync, remove };
  Kind kind;
  std::string file;
  std::int64_t offset = 0; ///< of a write; new size of a truncate
  std::string bytes = {};
  bool durable = true; ///< a removal whose folder was synced
};

/// The default file layer while it lives.
class WatchedDisk {
 public:
  WatchedDisk() : real_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *real_;
    vfs_.pNext = nullptr;
    vfs_.zName = "watched";
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = &open;
    vfs_.xDelete = &remove;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~WatchedDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  WatchedDisk(const WatchedDisk&) = delete;
  WatchedDisk& operator=(const WatchedDisk&) = delete;

  std::vector<DiskOperation> operations;
  long calls = 0;
  long fail_at = 0; ///< the call that fails; 0: none
  bool for_ever = false;
  int failure = SQLITE_OK; ///< SQLITE_OK: what fits the call

 private:
  struct File {
    sqlite3_file base;
    WatchedDisk* disk;
    std::string* name;
    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static WatchedDisk& of(sqlite3_vfs* vfs) { return *static_cast<WatchedDisk*>(vfs->pAppData); }
  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

  /// SQLITE_OK: go on.
  int due(int fitting) {
    ++calls;
    const bool fails = fail_at != 0 && (for_ever ? calls >= fail_at : calls == fail_at);
    return !fails ? SQLITE_OK : failure == SQLITE_OK ? fitting : failure;
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    WatchedDisk& disk = of(vfs);
    File& mine = of(file);
    mine.base.pMethods = nullptr;
    if (const int code = disk.due(SQLITE_CANTOPEN); code != SQLITE_OK)
      return code;
    const int code = disk.real_->xOpen(disk.real_, name, mine.real(), flags, out);
    if (code != SQLITE_OK)
      return code;
    mine.disk = &disk;
    mine.name =
        new std::string(name == nullptr ? "" : std::filesystem::path(name).filename().string());
    mine.base.pMethods = methods();
    if ((flags & SQLITE_OPEN_CREATE) != 0)
      disk.operations.push_back({DiskOperation::Kind::create, *mine.name});
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    WatchedDisk& disk = of(vfs);
    if (const int code = disk.due(SQLITE_IOERR_DELETE); code != SQLITE_OK)
      return code;
    disk.operations.push_back({.kind = DiskOperation::Kind::remove,
                               .file = std::filesystem::path(name).filename().string(),
                               .durable = sync_folder != 0});
    return disk.real_->xDelete(disk.real_, name, sync_folder);
  }
  static int close(sqlite3_file* file) {
    File& mine = of(file);
    delete mine.name;
    return mine.real()->pMethods->xClose(mine.real());
  }
  static int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
    File& mine = of(file);
    if (const int code = mine.disk->due(SQLITE_IOERR_READ); code != SQLITE_OK)
      return code;
    return mine.real()->pMethods->xRead(mine.real(), bytes, size, offset);
  }
  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    File& mine = of(file);
    if (const int code = mine.disk->due(SQLITE_IOERR_WRITE); code != SQLITE_OK)
      return code;
    mine.disk->operations.push_back(
        {.kind = DiskOperation::Kind::write,
         .file = *mine.name,
         .offset = offset,
         .bytes = std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size))});
    return mine.real()->pMethods->xWrite(mine.real(), bytes, size, offset);
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    File& mine = of(file);
    if (const int code = mine.disk->due(SQLITE_IOERR_TRUNCATE); code != SQLITE_OK)
      return code;
    mine.disk->operations.push_back(
        {.kind = DiskOperation::Kind::truncate, .file = *mine.name, .offset = size});
    return mine.real()->pMethods->xTruncate(mine.real(), size);
  }
  static int sync(sqlite3_file* file, int flags) {
    File& mine = of(file);
    if (const int code = mine.disk->due(SQLITE_IOERR_FSYNC); code != SQLITE_OK)
      return code;
    mine.disk->operations.push_back({DiskOperation::Kind::sync, *mine.name});
    return mine.real()->pMethods->xSync(mine.real(), flags);
  }
  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return of(file).real()->pMethods->xFileSize(of(file).real(), size);
  }
  static int lock(sqlite3_file* file, int level) {
    return of(file).real()->pMethods->xLock(of(file).real(), level);
  }
  static int unlock(sqlite3_file* file, int level) {
    return of(file).real()->pMethods->xUnlock(of(file).real(), level);
  }
  static int check_lock(sqlite3_file* file, int* held) {
    return of(file).real()->pMethods->xCheckReservedLock(of(file).real(), held);
  }
  static int control(sqlite3_file* file, int operation, void* argument) {
    return of(file).real()->pMethods->xFileControl(of(file).real(), operation, argument);
  }
  static int sector_size(sqlite3_file* file) {
    return of(file).real()->pMethods->xSectorSize(of(file).real());
  }
  static int characteristics(sqlite3_file* file) {
    return of(file).real()->pMethods->xDeviceCharacteristics(of(file).real());
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods all = [] {
      sqlite3_io_methods made{};
      made.iVersion = 1;
      made.xClose = &close;
      made.xRead = &read;
      made.xWrite = &write;
      made.xTruncate = &truncate;
      made.xSync = &sync;
      made.xFileSize = &file_size;
      made.xLock = &lock;
      made.xUnlock = &unlock;
      made.xCheckReservedLock = &check_lock;
      made.xFileControl = &control;
      made.xSectorSize = &sector_size;
      made.xDeviceCharacteristics = &characteristics;
      return made;
    }();
    return &all;
  }

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
};

/// The files a power cut after the first `count` operations may leave: what was synced is there; of
/// what was not, each write is there, is not, or is there in some of its sectors.
class PowerCut {
 public:
  PowerCut(const std::vector<DiskOperation>& operations, std::size_t count, Rng rng) : rng_(rng) {
    for (std::size_t i = 0; i < count; ++i)
      take(operations[i]);
  }

  void write_to(const std::filesystem::path& folder) {
    for (auto& [name, file] : files_) {
      if (!file.durable && rng_.chance(0.5))
        continue; // its name never reached the folder
      for (const DiskOperation& pending : file.pending)
        apply_perhaps(file.content, pending);
      std::ofstream(folder / name, std::ios::binary) << file.content;
    }
    for (const auto& [name, content] : removed_)
      if (!files_.contains(name) && rng_.chance(0.5))
        std::ofstream(folder / name, std::ios::binary) << content;
  }

 private:
  struct Contents {
    std::string content; ///< as synced
    std::vector<DiskOperation> pending;
    bool durable = false; ///< its name is in the folder
  };

  void take(const DiskOperation& operation) {
    using Kind = DiskOperation::Kind;
    switch (operation.kind) {
    case Kind::create:
      files_.try_emplace(operation.file);
      break;
    case Kind::write:
    case Kind::truncate:
      files_[operation.file].pending.push_back(operation);
      break;
    case Kind::sync:
      sync(files_[operation.file]);
      if (operation.file.ends_with("-journal")) // SQLite then syncs the folder, too
        sync_folder();
      break;
    case Kind::remove:
      if (const auto gone = files_.extract(operation.file); gone && !operation.durable)
        removed_[operation.file] = gone.mapped().content;
      if (operation.durable)
        sync_folder();
      break;
    }
  }

  static void sync(Contents& file) {
    for (const DiskOperation& pending : file.pending)
      apply(file.content, pending);
    file.pending.clear();
  }
  /// Names that came and went are then as they are.
  void sync_folder() {
    removed_.clear();
    for (auto& [name, file] : files_)
      file.durable = true;
  }

  static void apply(std::string& content, const DiskOperation& operation) {
    const auto offset = static_cast<std::size_t>(operation.offset);
    if (operation.kind == DiskOperation::Kind::truncate) {
      content.resize(offset);
      return;
    }
    if (content.size() < offset + operation.bytes.size())
      content.resize(offset + operation.bytes.size());
    content.replace(offset, operation.bytes.size(), operation.bytes);
  }

  void apply_perhaps(std::string& content, const DiskOperation& operation) {
    constexpr std::size_t kSector = 512;
    const std::uint64_t fate = rng_.below(3);
    if (fate == 0)
      return;
    if (fate == 1 || operation.kind == DiskOperation::Kind::truncate)
      return apply(content, operation);
    for (std::size_t at = 0; at < operation.bytes.size(); at += kSector)
      if (rng_.chance(0.5))
        apply(content, {.kind = DiskOperation::Kind::write,
                        .file = operation.file,
                        .offset = operation.offset + static_cast<std::int64_t>(at),
                        .bytes = operation.bytes.substr(at, kSector)});
  }

  Rng rng_;
  std::map<std::string, Contents> files_;
  std::map<std::string, std::string> removed_;
};

} // namespace quill::test
