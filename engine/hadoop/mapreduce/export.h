#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/hdfs/dfs_client.h"
#include "engine/ingest/row_graph.h"
#include "engine/ingest/sink_client.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// From where to where: the output folder of a job, and the sink that its lines go to.
struct ExportSpec final : Counted {
    std::string name;
    std::string folder;
    Ref<const ingest::SinkSpec> sink;
    ingest::SinkClientConfig client;
};

/// Waits until a job has committed its output, reads its parts and writes their lines into the tables of a sink, as an
/// export of Sqoop does, then ends. Lines are those of `ingest::tableLine` with the number of the reduce behind them. A
/// row is known by its part and its place there, which are the same at each repetition: what a restart or a connection
/// that broke makes it write once more is doubled in a sink that appends, and dropped by one that writes once.
/// Left out: the maps in which Sqoop does it. One client reads part after part.
class ExportClient final : public sim::ActorBase<ExportClient> {
public:
    enum class State : std::uint8_t { Waiting, Reading, Done, Failed };

    ExportClient(ClusterRef cluster, Ref<const ExportSpec> spec)
        : m_cluster(std::move(cluster)), m_spec(std::move(spec)) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool hasEnded() const { return m_state >= State::Done; }
    [[nodiscard]] std::uint64_t written() const { return m_written; }
    [[nodiscard]] std::uint64_t waiting() const { return m_writes.size(); }

private:
    void look(sim::Context& context);
    void onDfs(sim::Context& context, const DfsEvent& event);
    void readNext(sim::Context& context);
    void take(sim::Context& context, std::string_view text);
    void write(sim::Context& context, std::string_view line);
    void settle(sim::Context& context, const ingest::SinkClient::Outcome& outcome);
    void fail(sim::Context& context, std::string_view why);

    ClusterRef m_cluster;
    Ref<const ExportSpec> m_spec;
    State m_state = State::Waiting;
    DfsClient m_dfs;
    DfsClient::Token m_token = 0;
    bool m_isListing = false;
    std::vector<std::string> m_parts;
    std::size_t m_part = 0;  ///< the one that is read
    std::string m_rest;      ///< of a line whose end has not come
    std::int64_t m_line = 0;
    ingest::SinkClient m_client;
    std::map<ingest::SinkClient::Token, ingest::SinkWrite> m_writes;  ///< not committed yet
    ingest::SinkClient::Token m_next = 1;
    std::uint64_t m_written = 0;
    std::uint64_t m_unknown = 0;  ///< lines that are no rows of a table
};

/// The process "export/<name>".
[[nodiscard]] Ref<const sim::Blueprint> makeExportBlueprint(ClusterRef cluster, Ref<const ExportSpec> spec);

}  // namespace millrace::hadoop
