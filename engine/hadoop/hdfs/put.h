#pragma once

#include <string>

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/hdfs/dfs_client.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// Writes one file of its machine to HDFS, as `hadoop fs -put` does, and ends.
class PutClient final : public sim::ActorBase<PutClient> {
public:
    enum class State : std::uint8_t { Writing, Done, Failed };

    PutClient(ClusterRef cluster, std::string name, StoredFile file)
        : m_cluster(std::move(cluster)), m_name(std::move(name)), m_file(std::move(file)) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] const DfsClient& dfs() const { return m_dfs; }

private:
    ClusterRef m_cluster;
    std::string m_name;
    StoredFile m_file;
    DfsClient m_dfs;
    DfsClient::Token m_token = 0;
    State m_state = State::Writing;
};

}  // namespace millrace::hadoop
