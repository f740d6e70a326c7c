#include "app/cli/source_previews.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/ingest/preview.h"
#include "engine/scenario/document/edit.h"

namespace millrace::cli {

std::string endlessSource(const scenario::Scenario& scenario) {
    const auto endless = std::find_if(scenario.sources.begin(), scenario.sources.end(),
                                      [](const scenario::SourcePlan& source) { return !source.isFinite(); });
    return scenario.run.duration || endless == scenario.sources.end() ? std::string() : endless->name;
}

SourcePreviews previewSources(const scenario::Scenario& scenario, const scenario::Value& document) {
    SourcePreviews previews;
    if (const std::string endless = endlessSource(scenario); !endless.empty()) {
        const std::string field = "sources." + endless;
        previews.refused.warning(scenario::placeOf(document, field), field,
                                 "it has no end and the scenario no run.duration: say how far a run goes, --until 60s");
    }
    for (const scenario::SourcePlan& source : scenario.sources) {
        if (source.kind != scenario::SourcePlan::Kind::File && source.kind != scenario::SourcePlan::Kind::Replay) {
            continue;
        }
        const auto preview = ingest::previewFile(source.path, {0, 0});
        if (!preview) {
            const std::string field = fmt::format("sources.{}.path", source.name);
            previews.refused.error(scenario::placeOf(document, field), field,
                                   fmt::format("{}: {}", preview.error().where, preview.error().message),
                                   scenario::codeOf(preview.error()));
            continue;
        }
        previews.lines.push_back(fmt::format("source {}: {}: {}; {}", source.name, source.path, preview->traits.text(),
                                             preview->formatText()));
        for (const std::string& note : preview->notes()) {
            previews.lines.push_back(fmt::format("source {}: {}", source.name, note));
        }
    }
    return previews;
}

}  // namespace millrace::cli
