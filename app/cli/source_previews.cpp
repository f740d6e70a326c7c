#include "app/cli/source_previews.h"

#include <fmt/format.h>

#include <cstdio>

#include "engine/ingest/preview.h"

namespace millrace::cli {

bool printSourcePreviews(const scenario::Scenario& scenario) {
    bool isReadable = true;
    for (const scenario::SourcePlan& source : scenario.sources) {
        if (source.kind != scenario::SourcePlan::Kind::File) {
            continue;
        }
        const auto preview = ingest::previewFile(source.path, {0, 0});
        if (!preview) {
            fmt::print(stderr, "{}: sources.{}.path: {}: {}\n", scenario.file, source.name, preview.error().where,
                       preview.error().message);
            isReadable = false;
            continue;
        }
        fmt::print("source {}: {}: {}; {}\n", source.name, source.path, preview->traits.text(), preview->formatText());
        for (const std::string& note : preview->notes()) {
            fmt::print("source {}: {}\n", source.name, note);
        }
    }
    return isReadable;
}

}  // namespace millrace::cli
