// Who answers: addresses, default models, keys and prices of the providers, from a data file.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "quill/llm/client.hpp"

namespace quill::llm {

struct Price {
  double prompt = 0, completion = 0; ///< USD per million tokens
  std::optional<double> cached = {}; ///< of prompt tokens read from the provider's cache
};

/// One entry of data/providers.json.
struct Provider {
  Api api = Api::openai;
  std::string base_url = {};
  std::string model = {};                   ///< default; "" when the user must name one
  std::string key = {};                     ///< name of the secret, "" when none is needed
  std::map<std::string, Price> prices = {}; ///< by model; "*" for every model
  JsonAnswers json = JsonAnswers::none;
  Json extra = Json::object(); ///< members of every request body
  std::string prices_as_of = {};
};

/// `file`, or the shipped one when it is empty.
[[nodiscard]] std::filesystem::path providers_file(const std::filesystem::path& file);
/// In the order of the file. \throws Error{usage} on a file that is wrong
[[nodiscard]] std::vector<std::string> provider_names(const std::filesystem::path& file = {});
/// \throws Error{usage} on a file that is wrong, or has no such provider
[[nodiscard]] Provider load_provider(const std::string& name,
                                     const std::filesystem::path& file = {});

/// What `model` costs; nullopt when unknown.
[[nodiscard]] std::optional<Price> price_of(const Provider& provider, const std::string& model);
/// Cost of one reply; null when the price or the tokens are not known.
[[nodiscard]] std::optional<double> cost_usd(const Provider& provider, const std::string& model,
                                             const Usage& usage);

} // namespace quill::llm
