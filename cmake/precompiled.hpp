// Parsed once a build instead of once a file: the JSON of core's doors and what nearly every file
// includes. No file may lean on it: the preset "includes" builds without.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
