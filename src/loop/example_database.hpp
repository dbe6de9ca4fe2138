// Which database an example belongs to.
#pragma once

#include <filesystem>
#include <string>

namespace quill::loop {

struct DatabasePlaces {
  std::filesystem::path run;       ///< a run folder
  std::filesystem::path db;        ///< of examples without a name
  std::filesystem::path databases; ///< folder of NAME.db; "": the run's own
};

/// The file of the database called `name`; "" when there is none.
[[nodiscard]] std::filesystem::path find_database(const DatabasePlaces& places,
                                                  const std::string& name);
/// The same. \throws Error{usage} naming what was looked for
[[nodiscard]] std::filesystem::path need_database(const DatabasePlaces& places,
                                                  const std::string& name);

} // namespace quill::loop
