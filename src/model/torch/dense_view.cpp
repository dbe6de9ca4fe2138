#include "model/torch/dense_view.hpp"

namespace quill::model {

namespace {

/// Takes pointers as long as every tensor is plain.
class Viewer {
 public:
  const float* pointer(const torch::Tensor& x) {
    const bool plain =
        x.defined() && x.is_cpu() && x.scalar_type() == torch::kFloat32 && x.is_contiguous();
    all_plain_ = all_plain_ && plain;
    return plain ? x.const_data_ptr<float>() : nullptr;
  }

  DenseLinear linear(const Linear& map) {
    DenseLinear view{.weight = pointer(map.weight),
                     .bias = map.bias.defined() ? pointer(map.bias) : nullptr,
                     .out = map.out(),
                     .in = map.in()};
    if (map.adapter != nullptr && map.adapter->enabled) {
      view.a = pointer(map.adapter->a);
      view.b = pointer(map.adapter->b);
      view.rank = map.adapter->a.size(0);
      view.scale = static_cast<float>(map.adapter->scale);
    }
    return view;
  }

  DenseBlock block(const Block& each) {
    return {.attention_norm = pointer(each.attention_norm),
            .mlp_norm = pointer(each.mlp_norm),
            .q = linear(each.q),
            .k = linear(each.k),
            .v = linear(each.v),
            .o = linear(each.o),
            .gate = linear(each.gate),
            .up = linear(each.up),
            .down = linear(each.down),
            .keys = nullptr,
            .values = nullptr};
  }

  [[nodiscard]] bool all_plain() const { return all_plain_; }

 private:
  bool all_plain_ = true;
};

} // namespace

std::optional<DenseNetwork> dense_view(const Network& network) {
  Viewer viewer;
  DenseNetwork view{.embedding = viewer.pointer(network.embedding()),
                    .norm = viewer.pointer(network.norm()),
                    .output = viewer.linear({network.output()}),
                    .blocks = {}};
  view.blocks.reserve(network.blocks().size());
  for (const Block& each : network.blocks())
    view.blocks.push_back(viewer.block(each));
  return viewer.all_plain() ? std::optional(std::move(view)) : std::nullopt;
}

} // namespace quill::model
