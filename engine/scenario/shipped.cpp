#include "engine/scenario/shipped.h"

#include <filesystem>

namespace millrace::scenario {

namespace fs = std::filesystem;

std::string shippedScenarios() {
    std::error_code trouble;
    const fs::path program = fs::read_symlink("/proc/self/exe", trouble);
    const fs::path installed = program.parent_path().parent_path() / "share" / "millrace" / "scenarios";
    return !trouble && fs::is_directory(installed, trouble) ? installed.string() : "scenarios";
}

std::string scenarioFileOf(const std::string& given) {
    std::error_code trouble;
    const fs::path shipped = fs::path(shippedScenarios()) / (given + ".json");
    const bool isName = !given.empty() && given.find_first_of("/.") == std::string::npos;
    return isName && !fs::exists(given, trouble) && fs::exists(shipped, trouble) ? shipped.string() : given;
}

}  // namespace millrace::scenario
