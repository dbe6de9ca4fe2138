// How much this machine can calculate.
#pragma once

#include "quill/model/network.hpp"

namespace quill::train {

/// Operations a second of a large matrix product where the network lies and in its type: the most
/// that training could reach. Measured, in about a tenth of a second.
[[nodiscard]] double machine_peak(const model::Network& network);

} // namespace quill::train
