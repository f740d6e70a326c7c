#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "engine/scenario/catalog/config_catalog.h"
#include "tests/scenarios/dice.h"

namespace millrace::swarm {

/// Its objects keep their members where they are, whatever else is added.
using Json = nlohmann::json;

/// Whether settings stay near their defaults, or take the ends of what is allowed too.
enum class Boldness : std::uint8_t { Moderate, Wild };

/// A value for any setting of the catalogs that Millrace models, or nothing where chance has none to give.
[[nodiscard]] std::optional<Json> randomValue(Dice& dice, const ConfigKey& key, Boldness boldness);

/// Adds up to `most` settings of a scope that are not there yet.
void addRandomSettings(Dice& dice, Json& config, scenario::ConfigScope scope, int most, Boldness boldness);

}  // namespace millrace::swarm
