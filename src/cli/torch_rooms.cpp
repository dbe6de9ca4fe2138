#include "cli/torch_rooms.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill::cli {

namespace {

std::string torch_program() {
  try {
    return sibling_program("quill-torch").string();
  } catch (const Error& error) {
    throw Error{Exit::usage,
                {.what = "this command needs a model, and this installation has no quill-torch",
                 .where = error.text().where,
                 .fix = "run scripts/setup.sh torch and build again: "
                        "`cmake -S . -B build -DQUILL_TORCH=ON && cmake --build build`"}};
  }
}

} // namespace

void become_torch(const std::vector<std::string>& words) {
  std::string program = torch_program();
  std::vector<std::string> copies = words;
  std::vector<char*> argv = {program.data()};
  for (std::string& word : copies)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  throw Error{Exit::usage,
              {.what = fmt::format("cannot start quill-torch: {}", std::strerror(errno)),
               .where = program,
               .fix = "install Quill as a whole"}};
}

} // namespace quill::cli
