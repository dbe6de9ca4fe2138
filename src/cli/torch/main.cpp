// quill-torch: quill with LibTorch behind the commands that need a model.
#include "cli/application.hpp"
#include "cli/torch_rooms.hpp"

int main(int argc, char** argv) {
  try {
    const quill::cli::TorchRooms rooms{.open_decoder = quill::model::open_decoder,
                                       .merge = quill::model::merge_adapter,
                                       .train_sft = quill::train::train_sft,
                                       .train_grpo = quill::train::train_grpo,
                                       .train_dpo = quill::train::train_dpo,
                                       .train_ppo = quill::train::train_ppo};
    return static_cast<int>(
        quill::cli::run_application({argv + (argc > 0 ? 1 : 0), argv + argc}, &rooms));
  } catch (...) {
    return static_cast<int>(quill::cli::report_exception());
  }
}
