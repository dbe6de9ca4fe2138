// Who proposes: addresses, default models, keys and prices of the providers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "quill/llm/client.hpp"
#include "quill/loop/restem.hpp"

namespace quill::loop {

struct Price {
  double prompt = 0, completion = 0; ///< USD per million tokens
  std::optional<double> cached = {}; ///< of prompt tokens read from the provider's cache
};

/// One entry of data/providers.json.
struct Provider {
  llm::Api api = llm::Api::openai;
  std::string base_url = {}, model = {};
  std::string key = {};                     ///< name of the secret, "" when none is needed
  std::map<std::string, Price> prices = {}; ///< by model; "*" for every model
  Json extra = Json::object();              ///< members of every request body
};

/// What --provider takes, "rules" first.
[[nodiscard]] std::vector<std::string> provider_names();
/// \throws Error{usage} on a data file that is wrong
[[nodiscard]] Provider load_provider(const std::string& name);

/// Cost of one reply; null when the price or the tokens are not known.
[[nodiscard]] std::optional<double> cost_usd(const Provider& provider, const std::string& model,
                                             const llm::Usage& usage);

/// Address, model and key to use. A base URL from a project file receives no key.
/// \throws Error{usage} when the provider wants a key and there is none it may have
struct Access {
  llm::Endpoint endpoint;
  std::string model;
};
[[nodiscard]] Access resolve_access(const RestemConfig& config, const RestemContext& context,
                                    const Provider& provider);

} // namespace quill::loop
