#pragma once

#include <string>

namespace millrace::scenario {

/// The folder of the shipped scenarios: ../share/millrace/scenarios of the program, or ./scenarios.
[[nodiscard]] std::string shippedScenarios();

/// Where shipped scenarios are looked for, in words.
[[nodiscard]] std::string placesOfShippedScenarios();

/// Whether the file lies where scenarios are installed for everybody: not everybody can write beside it.
[[nodiscard]] bool isInstalledScenario(const std::string& file);

/// The file that a person means: a name alone, as `millrace list` prints it, is the shipped scenario of that name
/// unless a file is called so.
[[nodiscard]] std::string scenarioFileOf(const std::string& given);

}  // namespace millrace::scenario
