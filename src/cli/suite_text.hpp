// What the commands of suites share: a suite made of queries, and what is said of it.
#pragma once

#include <vector>

#include "cli/command.hpp"
#include "quill/optimize/suite.hpp"

namespace quill::cli {

/// Makes the suite, has its engine prepare each query, and prints what came of it. Exit code 1 when
/// the engine refuses a query.
Exit make_suite(Context& context, const std::filesystem::path& folder, optimize::SuiteHeader header,
                const std::vector<optimize::QueryText>& queries);

} // namespace quill::cli
