// The rows a scratch was last given: a worker that takes a dead one's place gets them too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/conversation.hpp"
#include "quill/engine/scratch.hpp"

namespace quill::engine {

class ScratchRows {
 public:
  /// Takes the rows of a load; "" or why they are too many.
  std::string take(const std::vector<TableRows>& tables);
  /// Gives them to the worker.
  Loaded load(Conversation& talk);
  /// The worker is another one.
  void lost() noexcept { there_ = !payload_; }
  /// Gives them to the worker where it has not got them; "" or why it cannot take them.
  std::string restore(Conversation& talk);

 private:
  std::optional<std::string> payload_;
  bool there_ = true;
};

/// The statements that are not refused for their length, asked by `ask`, with the others between.
[[nodiscard]] std::vector<Sample>
hashes_of(const std::vector<Asked>& statements,
          const std::function<std::vector<Sample>(const std::vector<Asked>&)>& ask);

} // namespace quill::engine
