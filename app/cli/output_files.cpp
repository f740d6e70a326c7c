#include "app/cli/output_files.h"

#include <fmt/format.h>

#include "engine/run/engine.h"
#include "engine/scenario/files.h"

namespace millrace::cli {

Result<void> checkOutputFiles(const std::vector<OutputFile>& files, const scenario::Scenario& plan) {
    std::vector<std::pair<std::string, std::string>> taken = {{"the scenario", plan.file}};
    for (const scenario::SourcePlan& source : plan.sources) {
        taken.emplace_back(fmt::format("the source \"{}\"", source.name), source.path);
    }
    for (const scenario::SinkPlan& sink : plan.sinks) {
        taken.emplace_back(fmt::format("the sink \"{}\"", sink.name), sink.path);
    }
    for (const auto& [option, file] : files) {
        for (const auto& [by, path] : taken) {
            if (!file.empty() && !path.empty() && scenario::isSameFile(file, path)) {
                return failure(fmt::format("{} is the file of {}; write to another one", file, by), option);
            }
        }
        taken.emplace_back(option, file);
    }
    return {};
}

void sayKeptAside(const run::Engine& engine) {
    for (const std::string& each : engine.keptAside()) {
        fmt::print(stderr, "{}\n", each);
    }
}

}  // namespace millrace::cli
