#include "catch.hpp"

#include <fmt/format.h>

#include "model/files.hpp"
#include "quill/core/files.hpp"
#include "quill/model/safetensors.hpp"

using namespace quill;
using namespace quill::model;
using quill::model::test::refusal;
using quill::model::test::safetensors;

namespace {

SafetensorsHeader parse(const std::string& file) {
  return parse_safetensors(std::as_bytes(std::span(file)), "f");
}
std::string refused(const std::string& file) {
  return refusal([&] { (void)parse(file); });
}
std::string refused_entry(const std::string& entry, std::size_t data_bytes = 8) {
  return refused(safetensors("{\"t\":" + entry + "}", data_bytes));
}

} // namespace

TEST_CASE("what is written reads back, larger elements first", "[model]") {
  const ScratchFolder folder;
  const std::vector<float> floats = {1.5F, -2, 3, 4, 5, 6};
  const std::vector<std::uint8_t> bytes = {7, 8, 9};
  const auto path = folder.path() / "model.safetensors";
  write_safetensors(path, {{"b", DType::u8, {3}, std::as_bytes(std::span(bytes))},
                           {"a", DType::f32, {2, 3}, std::as_bytes(std::span(floats))}});
  const Checkpoint checkpoint(folder.path());
  REQUIRE(checkpoint.tensors().size() == 2);
  const TensorView* a = checkpoint.find("a");
  REQUIRE(a != nullptr);
  CHECK(a->dtype == DType::f32);
  CHECK(a->shape == std::vector<std::int64_t>{2, 3});
  CHECK(std::memcmp(a->bytes.data(), floats.data(), 24) == 0);
  CHECK(checkpoint.find("b")->bytes.data() == a->bytes.data() + 24); // 6 floats of 4 bytes
  CHECK(reinterpret_cast<std::uintptr_t>(a->bytes.data()) % 8 == 0);
  CHECK(checkpoint.find("c") == nullptr);
}

TEST_CASE("a tensor without elements and one without dimensions are fine", "[model]") {
  const auto header = parse(safetensors(
      R"({"__metadata__":{"format":"pt"},"none":{"dtype":"F32","shape":[0,4],"data_offsets":[0,0]},)"
      R"("one":{"dtype":"F64","shape":[],"data_offsets":[0,8]}})",
      8));
  REQUIRE(header.tensors.size() == 2);
  CHECK(header.metadata.at("format") == "pt");
  CHECK(header.tensors[0].elements() == 0);
  CHECK(header.tensors[1].elements() == 1);
}

TEST_CASE("a damaged safetensors file is refused with the value and what is allowed", "[model]") {
  CHECK(refused("1234567") == "a file of 7 bytes has no safetensors header; allowed: 8 and more|f");
  std::string far(8, '\xFF');
  CHECK(refused(far) == "the header's length is 18446744073709551615 bytes; allowed: 2 to 0|f");
  CHECK(refused(far + std::string(100, ' ')) ==
        "the header's length is 18446744073709551615 bytes; allowed: 2 to 100|f");
  CHECK(refused(safetensors("", 0)) == "the header's length is 0 bytes; allowed: 2 to 0|f");
  CHECK(refused(safetensors("[]", 0)).find("f") != std::string::npos);
  CHECK(refused(safetensors("{\"a\":", 0)).starts_with("not valid JSON"));
  CHECK(refused(safetensors("{\"a\":{},\"a\":{}}", 0))
            .starts_with("not valid JSON: key \"a\" appears twice"));
  CHECK(refused(safetensors("{}", 5)) == "5 bytes of data belong to no tensor; allowed: 0|f");
  CHECK(refused(safetensors(R"({"__metadata__":{"a":1}})", 0)) ==
        "\"a\" is 1; allowed: a string|f, \"__metadata__\"");
}

TEST_CASE("an entry that does not fit is refused before its bytes are touched", "[model]") {
  const std::string where = "|f, tensor \"t\"";
  CHECK(refused_entry(R"({"dtype":"F33","shape":[2],"data_offsets":[0,8]})")
            .starts_with("\"dtype\" is \"F33\"; allowed: F64, F32, F16, BF16"));
  CHECK(refused_entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})") ==
        "\"shape\" [3] of F32 takes more than the 8 bytes of data there are" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[0,8]})") ==
        "\"data_offsets\" span 8 bytes, but [1] of F32 takes 4" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[-1],"data_offsets":[0,8]})") ==
        "\"shape\" holds -1; allowed: 0 to 9223372036854775807" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[1.5],"data_offsets":[0,8]})") ==
        "\"shape\" holds 1.5; allowed: 0 to 9223372036854775807" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]})") ==
        "\"shape\" holds 18446744073709551615; allowed: 0 to 9223372036854775807" + where);
  CHECK(refused_entry(
            R"({"dtype":"U8","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]})")
            .ends_with("takes more than the 8 bytes of data there are" + where));
  CHECK(refused_entry(R"({"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,8]})") ==
        "\"data_offsets\" span 8 bytes, but [0, 9223372036854775807] of F32 takes 0" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,8]})") ==
        "\"shape\" is [1,1,1,1,1,1,1,1,1]; allowed: a list of at most 8 integers" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":"2","data_offsets":[0,8]})") ==
        "\"shape\" is \"2\"; allowed: a list of at most 8 integers" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})") ==
        "\"data_offsets\" [0]; allowed: [begin, end] within 0 to 8" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})") ==
        "\"data_offsets\" [8, 0]; allowed: [begin, end] within 0 to 8" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[4,12]})") ==
        "\"data_offsets\" [4, 12]; allowed: [begin, end] within 0 to 8" + where);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[2]})").find("data_offsets") != std::string::npos);
  CHECK(refused_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1})").find("\"x\"") !=
        std::string::npos);
  CHECK(refused_entry("7") != "");
}

TEST_CASE("holes and overlaps are refused", "[model]") {
  const auto two = [](int begin, int end) {
    return refused(
        safetensors(fmt::format(R"({{"a":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}},)"
                                R"("b":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}}}})",
                                end - begin, begin, end),
                    8));
  };
  CHECK(two(4, 8).empty());
  CHECK(two(5, 8) == "tensor \"b\" begins at byte 5; allowed: 4, where the one before ends|f");
  CHECK(two(2, 8) == "tensor \"b\" begins at byte 2; allowed: 4, where the one before ends|f");
  CHECK(two(4, 7) == "1 bytes of data belong to no tensor; allowed: 0|f");
}

TEST_CASE("a sharded checkpoint is read through its index", "[model]") {
  const ScratchFolder folder;
  const std::vector<float> values = {1, 2};
  const auto bytes = std::as_bytes(std::span(values));
  write_safetensors(folder.path() / "x-1.safetensors", {{"a", DType::f32, {2}, bytes}});
  write_safetensors(folder.path() / "x-2.safetensors", {{"b", DType::f32, {2}, bytes}});
  const auto index = [&](const std::string& weight_map) {
    real_disk().write_atomic(folder.path() / "model.safetensors.index.json",
                             "{\"metadata\":{\"total_size\":16},\"weight_map\":" + weight_map +
                                 "}");
    return refusal([&] { (void)Checkpoint(folder.path()); });
  };
  CHECK(index(R"({"a":"x-1.safetensors","b":"x-2.safetensors"})").empty());
  CHECK(Checkpoint(folder.path()).tensors().size() == 2);
  CHECK(
      index(R"({"a":"../x-1.safetensors"})")
          .starts_with("tensor \"a\" lies in \"../x-1.safetensors\"; allowed: the name of a file"));
  CHECK(index(R"({"a":".."})").starts_with("tensor \"a\" lies in \"..\""));
  CHECK(index(R"({"a":7})").starts_with("tensor \"a\" lies in 7"));
  CHECK(index(R"({"c":"x-1.safetensors"})")
            .starts_with("the index says that tensor \"c\" is here, and it is not|"));
  CHECK(index(R"({"a":"x-9.safetensors"})").starts_with("cannot read the file: No such file"));
}

TEST_CASE("a folder without weights names what it lacks", "[model]") {
  const ScratchFolder folder;
  CHECK(refusal([&] { (void)Checkpoint(folder.path(), "adapter_model"); })
            .starts_with("there is no adapter_model.safetensors and no "
                         "adapter_model.safetensors.index.json|"));
}
