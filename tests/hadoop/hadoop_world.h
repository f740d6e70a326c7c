#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "engine/hadoop/daemons.h"
#include "engine/hadoop/describe.h"
#include "engine/hadoop/hdfs/data_node.h"
#include "engine/hadoop/hdfs/dfs_client.h"
#include "engine/hadoop/hdfs/name_node.h"
#include "engine/hadoop/hdfs/put.h"
#include "engine/hadoop/mapreduce/job_client.h"
#include "engine/hadoop/mapreduce/job_kinds.h"
#include "engine/hadoop/mapreduce/job_tracker.h"
#include "engine/hadoop/mapreduce/task_tracker.h"
#include "engine/hadoop/yarn/app_master.h"
#include "engine/hadoop/yarn/node_manager.h"
#include "engine/hadoop/yarn/resource_manager.h"
#include "engine/sim/world.h"

namespace millrace::hadoop::testing {

using namespace std::chrono_literals;

/// A process "probe/<name>" that holds one DfsClient, does what it is told and keeps all that it is told back.
class Probe final : public sim::ActorBase<Probe> {
public:
    explicit Probe(ClusterRef cluster) : m_cluster(std::move(cluster)) {}
    void start(sim::Context& context) override { dfs.start(context, m_cluster, "probe"); }
    void handle(sim::Context& context, const sim::Message& message) override;

    DfsClient dfs;
    std::vector<DfsEvent> events;
    std::map<std::string, DfsClient::Token> files;  ///< open for writing

private:
    ClusterRef m_cluster;
};

struct Order final : sim::MessageBase<Order> {
    static constexpr std::string_view Name = "test.HadoopOrder";
    enum class What { Create, Append, Flush, Close, Read, Remove, Rename, List, RecoverLease };
    What what = What::Read;
    std::string path;
    std::string target;
    BytesRef bytes;
    WriteOptions options;
    void digest(Digest& digest) const override { digest.add(path); }
};

/// Machines "master" and "n1" .. with a DataNode and a TaskTracker each, in racks of three ("A", "B" ...), and "edge"
/// for clients.
class HadoopWorld {
public:
    using Adjust = std::function<void(ClusterConfig&)>;
    explicit HadoopWorld(int nodes, std::vector<StoredFile> files = {}, const Adjust& adjust = {},
                         std::uint64_t seed = 1);

    void run(SimDuration duration) { world.run(world.now() + duration); }
    bool runUntil(const std::function<bool()>& holds, SimDuration limit = 60min, SimDuration step = 1s);
    void fault(sim::FaultKind kind, const std::string& target, double value = 0);

    JobRef submit(const std::string& name, const std::string& kind, const std::function<void(JobSpec&)>& adjust = {},
                  JobOrder order = {}, SimDuration at = 0s);
    [[nodiscard]] const JobClient* client(const std::string& job) const;
    bool runJob(const std::string& job, SimDuration limit = 120min);

    void addProbe(const std::string& name, const std::string& host = "edge");
    void order(const std::string& probe, Ref<Order> order);
    void write(const std::string& probe, const std::string& path, const std::string& text, WriteOptions options = {});
    [[nodiscard]] const Probe* probe(const std::string& name) const;

    [[nodiscard]] const NameNode* nameNode() const;
    [[nodiscard]] const DataNode* dataNode(int number) const;
    [[nodiscard]] const JobTracker* jobTracker() const;
    [[nodiscard]] const TaskTracker* tracker(int number) const;
    [[nodiscard]] const ResourceManager* resourceManager() const;
    [[nodiscard]] const NodeManager* nodeManager(int number) const;
    [[nodiscard]] const AppMaster* appMaster(const std::string& job) const;
    [[nodiscard]] const JobInProgress* job(const std::string& name) const;
    /// A file's bytes as the disks of live DataNodes have them; "?" where a block has no replica.
    [[nodiscard]] std::string content(const std::string& path) const;
    /// The lines of all parts of a job's output, in order of lines.
    [[nodiscard]] std::vector<std::string> output(const std::string& folder) const;
    [[nodiscard]] std::vector<std::string> paths(const std::string& folder) const;
    /// Replicas that live DataNodes have of a file's blocks: the least of them.
    [[nodiscard]] std::size_t leastReplicas(const std::string& path) const;
    [[nodiscard]] std::vector<const sim::JournalEntry*> entries(std::string_view kind) const;
    [[nodiscard]] std::string journalText() const;
    /// As much of its end as a message of a test has room for.
    [[nodiscard]] std::string journalEnd() const;

    sim::World world;
    ClusterRef cluster;
};

/// A ResourceManager and NodeManagers "nm1" .. in the place of JobTracker and TaskTrackers.
void onYarn(ClusterConfig& cluster);
[[nodiscard]] StoredFile stored(const std::string& path, std::string text, ByteCount blockSize = 64 << 10,
                                std::uint32_t replication = 3);
/// Lines of words of a small vocabulary, the same for a seed.
[[nodiscard]] std::string words(std::size_t bytes, std::uint64_t seed = 7, std::uint32_t vocabulary = 500);
[[nodiscard]] std::vector<std::string> sortedLines(std::string_view text);

}  // namespace millrace::hadoop::testing
