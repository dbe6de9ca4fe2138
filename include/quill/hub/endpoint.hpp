// Which Hub, and as whom.
#pragma once

#include <string>

namespace quill::hub {

struct Endpoint {
  std::string url = "https://huggingface.co";
  std::string token = {}; ///< "": as nobody. Goes to this host alone
};

} // namespace quill::hub
