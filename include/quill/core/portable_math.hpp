// Arithmetic that gives the same bits on every machine: +, -, *, / and exact scaling only, since
// the C library's exp and log differ in the last bit from one version to the next. (No fused
// multiply-add either: cmake/settings.cmake.)
#pragma once

namespace quill {

/// Natural logarithm of a positive normal number, within about 1e-15 relative.
[[nodiscard]] double portable_log(double x);
/// e^x for |x| <= 700, within about 1e-15 relative; beyond, the value at the end of that range.
[[nodiscard]] double portable_exp(double x);

} // namespace quill
