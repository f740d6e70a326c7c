#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/scenario/scenario_reader.h"

namespace millrace::lab {

/// One column of a comparison: a scenario that runs.
struct Variant {
    std::string name;
    std::string engine;                ///< of the scenario's pipelines; empty: the scenario as it is
    scenario::Value document;          ///< as it runs
    scenario::ScenarioSource source;   ///< how the document is read
    std::vector<std::string> leftOut;  ///< faults that can hit nothing here, in words
    std::string scenario = {};         ///< where it comes from, for people: its title
};

/// What a scenario is compared as: its pipelines on one engine after the other where it has such that run on several,
/// else itself. What only other engines need is not there: their daemons, and faults that hit those.
[[nodiscard]] std::vector<Variant> variantsOf(const scenario::Value& document, const scenario::ScenarioSource& source);

/// Behind those that are there; of a name that stands there already the next has a number.
void addVariants(std::vector<Variant>& all, std::vector<Variant> more);

/// A source without an end in a scenario without a duration: a run of it must be told how far it goes. Its name, or
/// nothing.
[[nodiscard]] std::string endlessSource(const scenario::Scenario& scenario);
/// A source without an end in a scenario without one: its field and why it cannot be compared.
[[nodiscard]] std::optional<Error> troubleWithEnd(const scenario::Scenario& scenario);

}  // namespace millrace::lab
