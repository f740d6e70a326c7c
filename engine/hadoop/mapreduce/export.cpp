#include "engine/hadoop/mapreduce/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/hadoop/cost.h"

namespace millrace::hadoop {

namespace {

struct LookAgain final : sim::MessageBase<LookAgain> {
    static constexpr std::string_view Name = "hadoop.LookAgain";
    void digest(Digest&) const override {}
};

constexpr SimDuration lookEvery = std::chrono::seconds{1};
constexpr CpuTime exportedLine{1'000};  // a line parsed, a row bound to a statement

}  // namespace

void ExportClient::start(sim::Context& context) {
    m_dfs.start(context, m_cluster, "export/" + m_spec->name);
    m_client = ingest::SinkClient(m_spec->client);
    look(context);
}

/// For the marker that a job leaves when it has committed everything.
void ExportClient::look(sim::Context& context) {
    m_token = m_dfs.status(context, m_spec->folder + "/_SUCCESS");
}

void ExportClient::handle(sim::Context& context, const sim::Message& message) {
    std::vector<DfsEvent> events;
    ingest::SinkClient::Outcome outcome;
    if (m_client.handle(context, message, outcome)) {
        settle(context, outcome);
    } else if (m_dfs.handle(context, message, events)) {
        for (const DfsEvent& event : events) {
            if (event.token == m_token && !hasEnded()) {
                onDfs(context, event);
            }
        }
    } else if (message.as<LookAgain>() != nullptr && m_state == State::Waiting) {
        look(context);
    }
}

void ExportClient::onDfs(sim::Context& context, const DfsEvent& event) {
    if (m_state == State::Waiting && !m_isListing) {
        if (event.kind == DfsEvent::Kind::Failed) {
            context.arm(lookEvery, makeRef<LookAgain>());
        } else {
            m_isListing = true;
            m_token = m_dfs.list(context, m_spec->folder);
        }
        return;
    }
    switch (event.kind) {
        case DfsEvent::Kind::Answered:
            for (const FileStatus& file : event.files) {
                if (!file.isDirectory && !file.path.ends_with("/_SUCCESS") && file.length > 0) {
                    m_parts.push_back(file.path);
                }
            }
            std::sort(m_parts.begin(), m_parts.end());
            m_state = State::Reading;
            readNext(context);
            return;
        case DfsEvent::Kind::Data:
            take(context, event.data.text());
            return;
        case DfsEvent::Kind::End:
            if (!m_rest.empty()) {
                write(context, m_rest);
                m_rest.clear();
            }
            ++m_part;
            readNext(context);
            return;
        case DfsEvent::Kind::Failed:
            fail(context, reasonOf(event.error));
            return;
        case DfsEvent::Kind::Flushed:
        case DfsEvent::Kind::Closed:
            return;
    }
}

void ExportClient::readNext(sim::Context& context) {
    m_line = 0;
    if (m_part < m_parts.size()) {
        m_token = m_dfs.read(context, m_parts[m_part]);
        return;
    }
    m_token = 0;
    settle(context, {});
}

void ExportClient::take(sim::Context& context, std::string_view text) {
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        m_rest += text.substr(0, end);
        write(context, m_rest);
        m_rest.clear();
        text.remove_prefix(end + 1);
    }
    m_rest += text;
}

void ExportClient::write(sim::Context& context, std::string_view line) {
    context.spend(exportedLine);
    auto row = ingest::tableRowIn(line, m_spec->sink->tables);
    if (!row) {
        ++m_unknown;
        ++m_line;
        return;
    }
    ingest::SinkWrite write;
    write.table = row->table;
    write.origin = {fmt::format("{}#{}", m_spec->name, m_part), m_line++, 0};
    write.values = std::move(row->values);
    const bool isCount = m_spec->sink->tables[row->table].kind == ingest::SinkTable::Kind::Counts;
    write.increment = isCount ? row->number : 1;
    const std::int64_t rows = isCount ? 1 : row->number;
    for (std::int64_t i = 0; i < rows; ++i) {
        write.origin.part = static_cast<std::uint32_t>(i);
        m_writes.emplace(m_next, write);
        m_client.add(context, write, m_next);
        ++m_next;
    }
}

/// What a connection took with it may be committed or not: it is written once more.
void ExportClient::settle(sim::Context& context, const ingest::SinkClient::Outcome& outcome) {
    for (const auto token : outcome.committed) {
        m_written += m_writes.erase(token);
    }
    for (const auto token : outcome.failed) {
        if (const auto found = m_writes.find(token); found != m_writes.end()) {
            m_client.add(context, found->second, token);
        }
    }
    if (m_state == State::Reading && m_part == m_parts.size() && m_writes.empty()) {
        m_state = State::Done;
        context.journal({"hadoop.exported",
                         m_unknown > 0 ? sim::Severity::Warning : sim::Severity::Notice,
                         m_unknown > 0
                             ? fmt::format("{} rows of {} stand in {}, {} lines are rows of no table", m_written,
                                           m_spec->folder, m_spec->sink->id, m_unknown)
                             : fmt::format("{} rows of {} stand in {}", m_written, m_spec->folder, m_spec->sink->id),
                         {{"path", m_spec->folder}}});
    }
}

void ExportClient::fail(sim::Context& context, std::string_view why) {
    m_state = State::Failed;
    context.journal({"hadoop.export-failed",
                     sim::Severity::Error,
                     fmt::format("{} could not be exported: {}", m_spec->folder, why),
                     {{"path", m_spec->folder}}});
}

namespace {

class ExportBlueprint final : public sim::Blueprint {
public:
    ExportBlueprint(ClusterRef cluster, Ref<const ExportSpec> spec)
        : m_cluster(std::move(cluster)), m_spec(std::move(spec)), m_name("export/" + m_spec->name) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        context.addActor("client", makeRef<ExportClient>(m_cluster, m_spec));
    }

private:
    ClusterRef m_cluster;
    Ref<const ExportSpec> m_spec;
    std::string m_name;
};

}  // namespace

Ref<const sim::Blueprint> makeExportBlueprint(ClusterRef cluster, Ref<const ExportSpec> spec) {
    return makeRef<ExportBlueprint>(std::move(cluster), std::move(spec));
}

}  // namespace millrace::hadoop
