#pragma once

#include <QString>
#include <filesystem>
#include <vector>

namespace millrace::studio {

/// The folder of the shipped scenarios: ../share/millrace/scenarios beside the program, in the build folder as
/// installed.
[[nodiscard]] QString scenariosFolder();

/// The scenarios in it, by name.
[[nodiscard]] std::vector<std::filesystem::path> shippedFiles();

/// What is shipped with the program stays as it is.
[[nodiscard]] bool isExample(const QString& file);

}  // namespace millrace::studio
