// What a query's prompts are made of, prepared and kept with its state.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "optimize/explains.hpp"
#include "optimize/prompts.hpp"
#include "quill/optimize/batch.hpp"

namespace quill::optimize {

[[nodiscard]] std::filesystem::path brief_file(const Suite& suite, int state, std::string_view id);
[[nodiscard]] std::filesystem::path steps_file(const Suite& suite, int state, std::string_view id);
[[nodiscard]] std::filesystem::path answer_file(const Suite& suite, int state, std::string_view id);
[[nodiscard]] std::filesystem::path validation_file(const Suite& suite, int state,
                                                    std::string_view id);
[[nodiscard]] std::filesystem::path learnings_file(const Suite& suite, int state,
                                                   std::string_view id);
/// The suite's own explains; of a later state those of its baselines.
[[nodiscard]] std::filesystem::path explains_folder(const Suite& suite, int state);

/// \throws Error{usage} when prep has not been there
[[nodiscard]] Brief read_brief(const Suite& suite, int state, std::string_view id);

/// Prepares the queries that `wanted` says yes to.
PrepReport prep_queries(const BatchPlace& at, const PrepConfig& config,
                        const std::function<bool(std::size_t)>& wanted);

} // namespace quill::optimize
