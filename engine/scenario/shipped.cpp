#include "engine/scenario/shipped.h"

#include <filesystem>

namespace millrace::scenario {

namespace fs = std::filesystem;

namespace {

fs::path installedScenarios() {
    std::error_code trouble;
    const fs::path program = fs::read_symlink("/proc/self/exe", trouble);
    return program.parent_path().parent_path() / "share" / "millrace" / "scenarios";
}

}  // namespace

std::string shippedScenarios() {
    std::error_code trouble;
    return fs::is_directory(installedScenarios(), trouble) ? installedScenarios().string() : "scenarios";
}

std::string placesOfShippedScenarios() {
    return installedScenarios().string() + ", then scenarios in the working directory";
}

bool isInstalledScenario(const std::string& file) {
    std::error_code trouble;
    return fs::equivalent(fs::path(file).parent_path(), installedScenarios(), trouble) && !trouble;
}

std::string scenarioFileOf(const std::string& given) {
    std::error_code trouble;
    const fs::path shipped = fs::path(shippedScenarios()) / (given + ".json");
    const bool isName = !given.empty() && given.find_first_of("/.") == std::string::npos;
    return isName && !fs::exists(given, trouble) && fs::exists(shipped, trouble) ? shipped.string() : given;
}

}  // namespace millrace::scenario
