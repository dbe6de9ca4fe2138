#include "catch.hpp"

#include "model/files.hpp"
#include "model/nf4_file.hpp"
#include "quill/core/files.hpp"

using namespace quill;
using namespace quill::model;
using quill::model::test::refusal;

namespace {

Json state() {
  return {{"quant_type", "nf4"},   {"blocksize", 64},        {"shape", {4, 64}},
          {"nested_blocksize", 2}, {"nested_offset", 0.125}, {"dtype", "float32"}};
}

/// A folder with the matrix "w" of 4 x 64 values: 128 bytes of codes, 4 scales, 2 nested ones.
class Folder {
 public:
  explicit Folder(const Json& says = state(), std::size_t codes = 128, std::size_t scales = 4,
                  std::size_t nested = 2, std::size_t map = 256) {
    const std::string text = dump_json(says);
    const std::vector<std::byte> zeros(4096);
    const auto bytes = [&](std::size_t size) { return std::span(zeros).first(size); };
    const auto count = [](std::size_t size) {
      return std::vector<std::int64_t>{static_cast<std::int64_t>(size)};
    };
    write_safetensors(folder_.path() / "model.safetensors",
                      {{"w", DType::u8, count(codes), bytes(codes)},
                       {"w.absmax", DType::u8, count(scales), bytes(scales)},
                       {"w.nested_absmax", DType::f32, count(nested), bytes(4 * nested)},
                       {"w.nested_quant_map", DType::f32, count(map), bytes(4 * map)},
                       {"w.quant_state.bitsandbytes__nf4", DType::u8, count(text.size()),
                        std::as_bytes(std::span(text))}});
  }
  [[nodiscard]] Checkpoint open() const { return Checkpoint(folder_.path()); }

 private:
  ScratchFolder folder_;
};

std::string refused(const Folder& folder) {
  const Checkpoint checkpoint = folder.open();
  return refusal([&] { (void)find_nf4(checkpoint, "w"); });
}

} // namespace

TEST_CASE("a matrix in four bits is found with its parts", "[model]") {
  const Folder folder;
  const Checkpoint checkpoint = folder.open();
  const auto views = find_nf4(checkpoint, "w");
  REQUIRE(views);
  CHECK(views->shape == std::vector<std::int64_t>{4, 64});
  CHECK(views->nested_offset == 0.125F);
  CHECK(is_nf4_part(checkpoint, "w.absmax"));
  CHECK_FALSE(is_nf4_part(checkpoint, "w"));
  CHECK_FALSE(is_nf4_part(checkpoint, "v.absmax"));
  CHECK_FALSE(find_nf4(checkpoint, "w.absmax"));
}

TEST_CASE("parts that do not fit are refused with the sizes that would", "[model]") {
  const auto with = [](const char* key, const Json& value) {
    auto document = state();
    document[key] = value;
    return refused(Folder(document));
  };
  const std::string where = "|w.quant_state.bitsandbytes__nf4";
  CHECK(with("shape", {4}) == "\"shape\" is [4]; allowed: two sizes from 1 to 16777216" + where);
  CHECK(with("shape", {4, -64}).starts_with("\"shape\" is [4,-64]; allowed:"));
  CHECK(with("shape", {4, 1LL << 40}).starts_with("\"shape\" is [4,1099511627776]; allowed:"));
  CHECK(with("blocksize", 0) == "\"blocksize\" is 0; allowed: 1 to 4096" + where);
  CHECK(with("nested_blocksize", 5000) ==
        "\"nested_blocksize\" is 5000; allowed: 1 to 4096" + where);
  CHECK(with("shape", {8, 64}) ==
        "tensor \"w\" is 128 elements of U8; allowed: 256 of U8|model.safetensors");
  CHECK(refused(Folder(state(), 128, 5)) ==
        "tensor \"w.absmax\" is 5 elements of U8; allowed: 4 of U8|model.safetensors");
  CHECK(refused(Folder(state(), 128, 4, 3)) ==
        "tensor \"w.nested_absmax\" is 3 elements of F32; allowed: 2 of F32|model.safetensors");
  CHECK(
      refused(Folder(state(), 128, 4, 2, 16)) ==
      "tensor \"w.nested_quant_map\" is 16 elements of F32; allowed: 256 of F32|model.safetensors");
  CHECK(refused(Folder(Json::array())) != "");
}
