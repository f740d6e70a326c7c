#include "engine/ingest/source_words.h"

#include <fmt/format.h>

#include "engine/ingest/journal_kinds.h"

namespace millrace::ingest {

sim::JournalDraft rateWasSet(const std::string& source, double recordsPerSecond) {
    sim::JournalDraft draft;
    draft.kind = happened::rateSet;
    draft.severity = sim::Severity::Notice;
    draft.text = fmt::format("Source {} is read at {:g} records a second from now on", source, recordsPerSecond);
    draft.fields = {{"source", source}, {"records_per_second", fmt::format("{:g}", recordsPerSecond)}};
    return draft;
}

}  // namespace millrace::ingest
