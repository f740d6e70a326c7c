#pragma once

#include <QString>

namespace millrace::studio {

/// The folder of the shipped scenarios: ../share/millrace/scenarios beside the program, in the build folder as
/// installed.
[[nodiscard]] QString scenariosFolder();

}  // namespace millrace::studio
