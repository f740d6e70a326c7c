#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/mapreduce/job.h"
#include "engine/hadoop/mapreduce/job_in_progress.h"
#include "engine/hadoop/mapreduce/protocol.h"
#include "engine/sim/message.h"

/// What ResourceManager, NodeManagers, ApplicationMasters and clients tell each other: ResourceTracker,
/// ContainerManagementProtocol, ApplicationMasterProtocol and ApplicationClientProtocol of Hadoop 2.4.
namespace millrace::hadoop {

/// How long NodeManagers and ApplicationMasters wait for an answer of the ResourceManager's.
inline constexpr SimDuration answerPatience = std::chrono::seconds{60};

/// "container_1_000007" of a ResourceManager's first incarnation: its upper bits are the incarnation.
using ContainerId = std::uint64_t;
[[nodiscard]] std::string containerText(ContainerId container);

/// What containers are for: the smaller number is served first. Source: RMContainerAllocator.
enum class ContainerUse : std::uint8_t { AppMaster = 0, FailedMap = 5, Reduce = 10, Map = 20 };

/// A place on a node that an application may start something in.
struct Container {
    ContainerId id = 0;
    NodeIndex node = noNode;
    std::uint32_t memory = 0;  ///< MB
    ContainerUse use = ContainerUse::Map;

    void digest(Digest& digest) const {
        digest.add(id);
        digest.add(node);
        digest.add(memory);
    }
};

/// How many containers an application still wants, and where: it counts all that it has not been given.
struct ContainerWish {
    ContainerUse use = ContainerUse::Map;
    std::uint32_t memory = 1024;  ///< MB of each
    std::uint32_t count = 0;
    std::map<sim::HostId, std::uint32_t> byHost;  ///< where their data are; empty: anywhere
    std::map<std::string, std::uint32_t> byRack;

    void digest(Digest& digest) const {
        digest.add(static_cast<std::uint32_t>(use));
        digest.add(memory);
        digest.add(count);
    }
};

/// A container in which nothing runs any more.
struct ContainerEnd {
    ContainerId id = 0;
    bool isLost = false;  ///< with its node, or by the ResourceManager's will: not the fault of what ran in it
    std::string why;

    void digest(Digest& digest) const {
        digest.add(id);
        digest.add(isLost);
        digest.add(why);
    }
};

/// What is to be started in a container: a task, or the ApplicationMaster itself.
struct StartContainer final : sim::MessageBase<StartContainer> {
    static constexpr std::string_view Name = "hadoop.StartContainer";
    Container container;
    JobId app = 0;
    JobRef job;
    std::uint32_t appAttempt = 1;
    bool isAppMaster = false;
    AttemptId attempt;  ///< of a task
    sim::HostId masterHost = sim::noHost;
    sim::Port masterPort{0};  ///< where a task finds its ApplicationMaster
    [[nodiscard]] ByteCount wireSize() const override { return 900; }
    void digest(Digest& digest) const override {
        container.digest(digest);
        digest.add(app);
        digest.add(appAttempt);
        attempt.digest(digest);
    }
};
using StartContainerRef = Ref<const StartContainer>;

struct StopContainer final : sim::MessageBase<StopContainer> {
    static constexpr std::string_view Name = "hadoop.StopContainer";
    ContainerId container;
    explicit StopContainer(ContainerId which) : container(which) {}
    [[nodiscard]] ByteCount wireSize() const override { return 120; }
    void digest(Digest& digest) const override { digest.add(container); }
};

// --- nodes ----------------------------------------------------------------------------------------------------------

struct NodeHeartbeat final : sim::MessageBase<NodeHeartbeat> {
    static constexpr std::string_view Name = "hadoop.NodeHeartbeat";
    NodeIndex node = 0;
    std::uint64_t answered = 0;  ///< number of the last orders
    bool isFirst = false;        ///< it registers
    std::vector<ContainerId> running;
    std::vector<ContainerEnd> ended;  ///< until their end is answered
    [[nodiscard]] ByteCount wireSize() const override {
        return static_cast<ByteCount>(250 + 60 * running.size() + 150 * ended.size());
    }
    void digest(Digest& digest) const override {
        digest.add(node);
        digest.add(answered);
        digest.add(isFirst);
        for (const ContainerId each : running) {
            digest.add(each);
        }
        for (const ContainerEnd& each : ended) {
            each.digest(digest);
        }
    }
};

struct NodeOrders final : sim::MessageBase<NodeOrders> {
    static constexpr std::string_view Name = "hadoop.NodeOrders";
    std::uint64_t number = 0;
    bool resyncs = false;  ///< it is not known: everything in its containers ends, and it registers
    std::vector<StartContainerRef> starts;
    std::vector<ContainerId> cleanups;
    std::vector<JobId> endedApps;
    [[nodiscard]] ByteCount wireSize() const override {
        return static_cast<ByteCount>(120 + 900 * starts.size() + 60 * (cleanups.size() + endedApps.size()));
    }
    void digest(Digest& digest) const override {
        digest.add(number);
        digest.add(resyncs);
        for (const StartContainerRef& each : starts) {
            each->digest(digest);
        }
        for (const ContainerId each : cleanups) {
            digest.add(each);
        }
        for (const JobId each : endedApps) {
            digest.add(each);
        }
    }
};

// --- ApplicationMasters ---------------------------------------------------------------------------------------------

struct AppHeartbeat final : sim::MessageBase<AppHeartbeat> {
    static constexpr std::string_view Name = "hadoop.AppHeartbeat";
    JobId app = 0;
    std::uint32_t appAttempt = 0;
    std::uint64_t answered = 0;
    sim::HostId host = sim::noHost;  ///< where clients find it
    sim::Port port{0};
    std::vector<ContainerWish> wishes;
    std::vector<ContainerId> released;
    std::vector<NodeIndex> banned;  ///< nodes from which it wants no containers
    bool isLast = false;            ///< it unregisters
    Ref<const JobAnswer> report;
    Ref<const JobInProgress> history;  ///< of the last: what Hadoop's history server would find in the job's folder
    [[nodiscard]] ByteCount wireSize() const override {
        std::size_t places = 0;
        for (const ContainerWish& each : wishes) {
            places += each.byHost.size() + each.byRack.size() + 1;
        }
        return static_cast<ByteCount>(300 + 70 * places + 60 * released.size());
    }
    void digest(Digest& digest) const override {
        digest.add(app);
        digest.add(appAttempt);
        digest.add(answered);
        digest.add(isLast);
        for (const ContainerWish& each : wishes) {
            each.digest(digest);
        }
    }
};

struct AppOrders final : sim::MessageBase<AppOrders> {
    static constexpr std::string_view Name = "hadoop.AppOrders";
    std::uint64_t number = 0;
    bool isUnknown = false;  ///< the ResourceManager does not know it: it has to end
    std::vector<Container> allocated;
    std::vector<ContainerEnd> ended;
    std::vector<NodeIndex> lostNodes;
    [[nodiscard]] ByteCount wireSize() const override {
        return static_cast<ByteCount>(120 + 200 * allocated.size() + 120 * ended.size());
    }
    void digest(Digest& digest) const override {
        digest.add(number);
        digest.add(isUnknown);
        for (const Container& each : allocated) {
            each.digest(digest);
        }
        for (const ContainerEnd& each : ended) {
            each.digest(digest);
        }
        for (const NodeIndex each : lostNodes) {
            digest.add(each);
        }
    }
};

}  // namespace millrace::hadoop
