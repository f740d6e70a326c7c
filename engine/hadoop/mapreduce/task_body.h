#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/hdfs/dfs_client.h"
#include "engine/hadoop/mapreduce/job.h"
#include "engine/hadoop/mapreduce/protocol.h"
#include "engine/sim/context.h"
#include "engine/sim/link.h"

namespace millrace::hadoop {

struct TaskTimer final : sim::MessageBase<TaskTimer> {
    static constexpr std::string_view Name = "hadoop.TaskTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"report", "end of a piece of work", "next fetch",
                                                     "time-out of a fetch", "flush"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t { Report, Work, Fetch, FetchSilent, Flushed };
    Purpose purpose;
    std::uint64_t argument;
    explicit TaskTimer(Purpose what, std::uint64_t about = 0) : purpose(what), argument(about) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(argument);
    }
};

/// Where a task runs and to whom it reports.
struct TaskPlace {
    NodeIndex tracker = noNode;
    sim::HostId host = sim::noHost;  ///< of its parent: the TaskTracker, on YARN the ApplicationMaster
    sim::Port port{0};
    bool isContainer = false;  ///< its output goes to the NodeManager of its machine, not to its parent
};

/// What every task's JVM has: the umbilical to its parent, over which it reports every 3 s and without which it ends;
/// a client of HDFS; and work that it does piece by piece, so that it goes on reporting meanwhile.
class TaskBody {
public:
    static constexpr SimDuration reportEvery = std::chrono::seconds{3};

    TaskBody(ClusterRef cluster, const TaskPlace& place, AttemptId id, JobRef job);

    void start(sim::Context& context);
    /// Whether the message was of the umbilical, a report's or a piece of work's timer, or HDFS's, whose events are
    /// added.
    bool handle(sim::Context& context, const sim::Message& message, std::vector<DfsEvent>& events);

    void work(sim::Context& context, CpuTime time);
    /// So much is to be done; a timer of purpose Work comes when it is.
    void begin(sim::Context& context, CpuTime time);
    /// The share of what was begun that is done.
    [[nodiscard]] double workProgress() const;

    void report(sim::Context& context);
    void succeed(sim::Context& context, Ref<const MapOutput> output = nullptr);
    void fail(sim::Context& context, std::string why);
    /// After `fail` or `succeed` nothing happens any more until the tracker ends the JVM.
    [[nodiscard]] bool hasEnded() const { return status.hasEnded(); }

    [[nodiscard]] const ClusterConfig& cluster() const { return *m_cluster; }
    [[nodiscard]] const JobSpec& job() const { return *m_job; }
    [[nodiscard]] const AttemptId& id() const { return status.id; }
    [[nodiscard]] NodeIndex tracker() const { return m_place.tracker; }

    TaskStatus status;
    DfsClient dfs;
    bool mayCommit = false;
    std::vector<MapEvent> news;  ///< of maps, that nobody has looked at yet

private:
    void tell(sim::Context& context, Ref<const MapOutput> output);
    void onNode(sim::Context& context, const sim::Message& message);

    ClusterRef m_cluster;
    TaskPlace m_place;
    JobRef m_job;
    sim::Link m_umbilical{sim::LinkWatch::FirstOfConnection};
    sim::Link m_node{sim::LinkWatch::FirstOfConnection};  ///< while a container's output is handed over
    CpuTime m_left{0};
    CpuTime m_begun{0};
    CpuTime m_spent{0};
};

}  // namespace millrace::hadoop
