// Bytes of the worker protocol in both directions: heads of frames, every message, rows. A worker
// that was taken over may send anything.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "engine/protocol.hpp"
#include "engine/row_receiver.hpp"

using namespace quill::engine;

namespace {

/// What decodes must encode to the same bytes: no message has two readings.
template <class T> void decode_and_encode(std::string_view bytes) {
  T value;
  if (!decode_whole(bytes, value))
    return;
  Encoder out;
  encode(out, value);
  if (out.bytes() != bytes)
    __builtin_trap();
}

void receive_rows(std::string_view bytes) {
  const Limits limits{.rows = 100, .result_mb = 1};
  const std::function<bool(Row&&)> no_sink;
  RowReceiver receiver(limits, no_sink);
  if (receiver.take(bytes) && receiver.count() > limits.rows)
    __builtin_trap();
}

using Reader = void (*)(std::string_view);
constexpr Reader kReaders[] = {
    decode_and_encode<OpenFile>,
    decode_and_encode<OpenScript>,
    decode_and_encode<Opened>,
    decode_and_encode<Refused>,
    decode_and_encode<Statement>,
    decode_and_encode<IndexRequest>,
    decode_and_encode<TextAnswer>,
    decode_and_encode<SchemaAnswer>,
    decode_and_encode<Execution>,
    decode_and_encode<Sample>,
    decode_and_encode<IndexBuild>,
    decode_and_encode<Plan>,
    receive_rows,
    decode_and_encode<OpenServer>,
    decode_and_encode<LoadRequest>,
    decode_and_encode<Loaded>,
    decode_and_encode<HashRequest>,
    decode_and_encode<HashAnswer>,
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  FrameHead head;
  if (decode_head(bytes, head) && head.payload_bytes >= kFrameMax)
    __builtin_trap();
  kReaders[data[0] % std::size(kReaders)](bytes);
  return 0;
}
