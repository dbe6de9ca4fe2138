// quill: the program the user types.
#include "cli/application.hpp"

int main(int argc, char** argv) {
  try {
    return static_cast<int>(quill::cli::run_application({argv + (argc > 0 ? 1 : 0), argv + argc}));
  } catch (...) {
    return static_cast<int>(quill::cli::report_exception());
  }
}
