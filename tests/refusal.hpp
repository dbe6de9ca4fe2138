// What an action was refused with.
#pragma once

#include "catch.hpp"
#include "quill/core/error.hpp"

namespace quill::test {

/// The error's three lines; the test fails when there is none, or it has another exit code.
template <class Action> ErrorText refusal(Exit exit, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.exit() == exit);
    return error.text();
  }
  FAIL("nothing was refused");
  return {};
}

} // namespace quill::test
