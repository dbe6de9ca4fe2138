#include "loop/example_database.hpp"

#include <fmt/format.h>

#include <vector>

#include "quill/core/error.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> candidates(const DatabasePlaces& places, const std::string& name) {
  if (name.empty())
    return places.db.empty() ? std::vector{places.run / "database.db"} : std::vector{places.db};
  const std::string file = name + ".db";
  if (!places.databases.empty())
    return {places.databases / file};
  return {places.run / "databases" / file};
}

} // namespace

fs::path find_database(const DatabasePlaces& places, const std::string& name) {
  for (const fs::path& file : candidates(places, name))
    if (fs::exists(file))
      return file;
  return {};
}

fs::path need_database(const DatabasePlaces& places, const std::string& name) {
  fs::path found = find_database(places, name);
  if (!found.empty())
    return found;
  throw Error{Exit::usage,
              {.what = name.empty() ? "the database of the examples is not there"
                                    : fmt::format("the database \"{}\" is not there", name),
               .where = candidates(places, name).front().string(),
               .fix = name.empty() ? "give it with --db FILE"
                                   : "give the folder that holds it with --databases FOLDER"}};
}

} // namespace quill::loop
