#include "engine/storm/operators/rejects.h"

#include <fmt/format.h>

#include "engine/ingest/facts.h"
#include "engine/ingest/web_log.h"

namespace millrace::storm {

void Rejecting::reject(BoltOutput& output, const TupleView& tuple, std::uint8_t stream, std::string_view reason,
                       std::string_view line, const std::string& component,
                       const std::map<std::string, std::string>& sourceFiles) {
    ++m_rejected;
    const SourceRecord& record = tuple.record();
    const bool hasOrigin = !record.source.empty() && record.position >= 0;
    const std::string place = fmt::format("{}-{}", record.topic, record.partition);
    const auto file = hasOrigin ? sourceFiles.find(std::string{record.source}) : sourceFiles.end();
    const ingest::RejectedLine rejected{hasOrigin ? record.source : std::string_view{place},
                                        file != sourceFiles.end() ? std::string_view{file->second} : std::string_view{},
                                        hasOrigin ? record.position : record.offset, reason, line};
    sim::JournalDraft draft = ingest::lineRejected(rejected);
    draft.fields.emplace_back("bolt", component);
    output.context().journal(std::move(draft));
    if (output.context().isListenedTo()) {
        output.context().tell(makeRef<ingest::LineRejected>(rejected));
    }
    output.emitTuple(stream, {Value::ofText(reason), Value::ofText(line)});
}

}  // namespace millrace::storm
