// The Hub as this process's environment names it.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "quill/hub/endpoint.hpp"
#include "quill/hub/push.hpp"
#include "quill/model/cache.hpp"

namespace quill::cli {

/// HF_ENDPOINT of the environment alone (a project's file may not send a key elsewhere), HF_TOKEN.
[[nodiscard]] hub::Endpoint hub_endpoint(const Context& context);
/// \throws Error{usage} for a text that names no model of the Hub
[[nodiscard]] model::ModelId hub_id(const std::string& text);

/// A model's page, from its folder and, where the folder lies in a training run's, from that run.
[[nodiscard]] std::string card_of(const std::filesystem::path& folder, const model::ModelId& id);
/// Uploads what is in `folder` beside a card of its own.
hub::PushSummary push_folder(const Context& context, const std::filesystem::path& folder,
                             const hub::PushTarget& target);

} // namespace quill::cli
