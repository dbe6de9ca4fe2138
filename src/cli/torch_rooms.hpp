// What the rooms behind LibTorch give to commands: quill-torch has it, quill has not.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "quill/model/generate.hpp"
#include "quill/model/merge.hpp"
#include "quill/train/dpo.hpp"
#include "quill/train/grpo.hpp"
#include "quill/train/ppo.hpp"
#include "quill/train/sft.hpp"

namespace quill::cli {

struct TorchRooms {
  std::function<std::unique_ptr<model::Decoder>(const std::filesystem::path& folder,
                                                const std::filesystem::path& adapter,
                                                const model::Arithmetic&)>
      open_decoder;
  std::function<model::MergeSummary(const std::filesystem::path& folder,
                                    const std::filesystem::path& adapter,
                                    const std::filesystem::path& out)>
      merge;
  std::function<train::TrainSummary(const train::SftConfig&, const train::TrainContext&)> train_sft;
  std::function<train::TrainSummary(const train::GrpoConfig&, const train::TrainContext&)>
      train_grpo;
  std::function<train::TrainSummary(const train::DpoConfig&, const train::TrainContext&)> train_dpo;
  std::function<train::TrainSummary(const train::PpoConfig&, const train::TrainContext&)> train_ppo;
};

/// Replaces this process by quill-torch with the same words. \throws Error{usage} when this
/// installation has none
[[noreturn]] void become_torch(const std::vector<std::string>& words);

} // namespace quill::cli
