#include "app/cli/source_previews.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/ingest/file_content.h"
#include "engine/ingest/preview.h"
#include "engine/ingest/replay.h"
#include "engine/lab/compare/variants.h"
#include "engine/scenario/document/edit.h"

namespace millrace::cli {

SourcePreviews previewSources(const scenario::Scenario& scenario, const scenario::Value& document) {
    SourcePreviews previews;
    if (const std::string endless = lab::endlessSource(scenario); !endless.empty()) {
        const std::string field = "sources." + endless;
        previews.refused.warning(scenario::placeOf(document, field), field,
                                 "it has no end and the scenario no run.duration: say how far a run goes, --until 60s");
    }
    for (const scenario::SourcePlan& source : scenario.sources) {
        if (source.kind == scenario::SourcePlan::Kind::Generator && source.generator.recordBytes > ingest::recordMax) {
            const std::string field = fmt::format("sources.{}.size", source.name);
            previews.refused.warning(scenario::placeOf(document, field), field,
                                     fmt::format("{} bytes are more than a record may have (max.request.size, "
                                                 "message.max.bytes, {} unless set): its producer gives it up",
                                                 source.generator.recordBytes, ingest::recordMax));
        }
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
        if (source.kind == scenario::SourcePlan::Kind::Replay) {
            const auto content = ingest::readFile(source.path);
            const auto plan = content ? ingest::replayPlan(*content, source.values.text("time"))
                                      : tl::make_unexpected(content.error().message);
            if (!plan) {
                const std::string field = fmt::format("sources.{}.time", source.name);
                previews.refused.error(scenario::placeOf(document, field), field, plan.error());
                continue;
            }
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
