#include "tests/hadoop/hadoop_world.h"

#include <algorithm>

#include "engine/base/random.h"
#include "engine/hadoop/hdfs/placement.h"

namespace millrace::hadoop::testing {

void Probe::handle(sim::Context& context, const sim::Message& message) {
    if (dfs.handle(context, message, events)) {
        return;
    }
    const auto* order = message.as<Order>();
    if (order == nullptr) {
        return;
    }
    using What = Order::What;
    switch (order->what) {
        case What::Create:
            files[order->path] = dfs.create(context, order->path, order->options);
            break;
        case What::Append:
            dfs.append(context, files.at(order->path), Slice(order->bytes));
            break;
        case What::Flush:
            dfs.flush(context, files.at(order->path));
            break;
        case What::Close:
            dfs.close(context, files.at(order->path));
            break;
        case What::Read:
            (void)dfs.read(context, order->path);
            break;
        case What::Remove:
            (void)dfs.remove(context, order->path);
            break;
        case What::Rename:
            (void)dfs.rename(context, order->path, order->target);
            break;
        case What::List:
            (void)dfs.list(context, order->path);
            break;
        case What::RecoverLease:
            (void)dfs.recoverLease(context, order->path);
            break;
    }
}

namespace {

struct OrderInput final : sim::Input {
    sim::ActorId actor;
    sim::MessageRef message;
    void apply(sim::World& world) const override { world.deliver(actor, message); }
    void digest(Digest& digest) const override { digest.add(message->contentDigest()); }
    std::string summary() const override { return "order"; }
};

class ProbeBlueprint final : public sim::Blueprint {
public:
    ProbeBlueprint(std::string name, ClusterRef cluster) : m_name("probe/" + name), m_cluster(std::move(cluster)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("probe", makeRef<Probe>(m_cluster)); }

private:
    std::string m_name;
    ClusterRef m_cluster;
};

sim::WorldSpec specOf(std::uint64_t seed) {
    sim::WorldSpec spec;
    spec.seed = seed;
    return spec;
}

}  // namespace

HadoopWorld::HadoopWorld(int nodes, std::vector<StoredFile> files, const Adjust& adjust, std::uint64_t seed)
    : world(specOf(seed)) {
    auto config = makeRef<ClusterConfig>();
    const auto host = [&](const std::string& name, const std::string& rack) {
        sim::HostSpec spec;
        spec.name = name;
        spec.rack = rack;
        return world.addHost(spec);
    };
    const sim::HostId master = host("master", "A");
    (void)host("edge", "Z");
    config->nameNode = {"namenode", master, "A", sim::Port{8020}};
    config->jobTracker = DaemonAddress{"jobtracker", master, "A", sim::Port{8021}};
    for (int i = 1; i <= nodes; ++i) {
        const std::string rack(1, static_cast<char>('A' + (i - 1) / 3));
        const sim::HostId id = host("n" + std::to_string(i), rack);
        config->dataNodes.push_back({"dn" + std::to_string(i), id, rack, sim::Port{50010}});
        config->trackers.push_back({"tt" + std::to_string(i), id, rack, sim::Port{50060}});
    }
    config->files = std::move(files);
    config->hdfs.safeModeExtension = 1s;
    if (adjust) {
        adjust(*config);
    }
    config->blocks = placeStored(*config, seed);
    cluster = config;
    world.addProcess(master, makeNameNodeBlueprint(cluster));
    world.addProcess(master,
                     cluster->isYarn() ? makeResourceManagerBlueprint(cluster) : makeJobTrackerBlueprint(cluster));
    for (NodeIndex i = 0; i < cluster->dataNodes.size(); ++i) {
        world.addProcess(cluster->dataNodes[i].host, makeDataNodeBlueprint(cluster, i));
        world.addProcess(cluster->trackers[i].host, cluster->isYarn() ? makeNodeManagerBlueprint(cluster, i)
                                                                      : makeTaskTrackerBlueprint(cluster, i));
    }
}

bool HadoopWorld::runUntil(const std::function<bool()>& holds, SimDuration limit, SimDuration step) {
    const SimTime end = world.now() + limit;
    while (!holds()) {
        if (world.now() >= end) {
            return false;
        }
        run(step);
    }
    return true;
}

void HadoopWorld::fault(sim::FaultKind kind, const std::string& target, double value) {
    sim::FaultSpec spec;
    spec.kind = kind;
    spec.target = target;
    spec.value = value;
    world.injectFault(spec);
}

JobRef HadoopWorld::submit(const std::string& name, const std::string& kind,
                           const std::function<void(JobSpec&)>& adjust, JobOrder order, SimDuration at) {
    auto job = makeRef<JobSpec>();
    job->name = name;
    job->kind = findJobKind(kind);
    job->input = "/in";
    job->output = "/out/" + name;
    job->reduces = 2;
    job->combines = job->kind->canCombine;
    if (adjust) {
        adjust(*job);
    }
    world.addProcess(world.findHost("edge"), makeJobBlueprint(cluster, job, std::move(order)),
                     std::max(world.now(), SimTime{at}));
    return job;
}

const JobClient* HadoopWorld::client(const std::string& job) const {
    return world.findActor<JobClient>("jobclient/" + job + "/client");
}

bool HadoopWorld::runJob(const std::string& job, SimDuration limit) {
    return runUntil([&] { return client(job) != nullptr && client(job)->hasEnded(); }, limit) &&
           client(job)->state() == JobClient::State::Succeeded;
}

void HadoopWorld::addProbe(const std::string& name, const std::string& host) {
    world.addProcess(world.findHost(host), makeRef<ProbeBlueprint>(name, cluster), world.now());
    run(1ms);
}

void HadoopWorld::order(const std::string& probe, Ref<Order> order) {
    OrderInput input;
    input.actor = world.findActorId("probe/" + probe + "/probe");
    input.message = std::move(order);
    world.apply(input);
}

void HadoopWorld::write(const std::string& probe, const std::string& path, const std::string& text,
                        WriteOptions options) {
    for (const Order::What what : {Order::What::Create, Order::What::Append, Order::What::Close}) {
        auto each = makeRef<Order>();
        each->what = what;
        each->path = path;
        each->options = options;
        each->bytes = makeRef<Bytes>(text);
        order(probe, each);
        run(0s);
    }
}

const Probe* HadoopWorld::probe(const std::string& name) const {
    return world.findActor<Probe>("probe/" + name + "/probe");
}
const NameNode* HadoopWorld::nameNode() const {
    return world.findActor<NameNode>("namenode/namenode");
}
const DataNode* HadoopWorld::dataNode(int number) const {
    return world.findActor<DataNode>("datanode/dn" + std::to_string(number) + "/datanode");
}
const JobTracker* HadoopWorld::jobTracker() const {
    return world.findActor<JobTracker>("jobtracker/jobtracker");
}
const TaskTracker* HadoopWorld::tracker(int number) const {
    return world.findActor<TaskTracker>("tasktracker/tt" + std::to_string(number) + "/tasktracker");
}

const JobInProgress* HadoopWorld::job(const std::string& name) const {
    const JobInProgress* found = nullptr;
    if (const JobTracker* tracker = jobTracker()) {
        for (const auto& [id, job] : tracker->jobs()) {
            found = job->spec().name == name ? job.get() : found;
        }
    }
    return found;
}

std::string HadoopWorld::content(const std::string& path) const {
    const FileNode* file = nameNode()->space().find(path);
    if (file == nullptr) {
        return "no such file";
    }
    std::string text;
    for (const Block& block : file->blocks) {
        std::string found = "?";
        for (std::size_t i = 0; i < cluster->dataNodes.size(); ++i) {
            const sim::ProcessId id = world.findProcess("datanode/" + cluster->dataNodes[i].name);
            const sim::File* replica = world.diskOf(id).find("current/blk_" + std::to_string(block.id));
            const DataNode* node = dataNode(static_cast<int>(i) + 1);
            if (replica == nullptr || node == nullptr || !node->replicas().contains(block.id)) {
                continue;
            }
            std::string own;
            for (const sim::ChunkRef& chunk : replica->chunks()) {
                own += static_cast<const BlockChunk&>(*chunk).data().text();
            }
            found = found == "?" || found == own ? own : "replicas differ";
        }
        text += found;
    }
    return text;
}

std::vector<std::string> HadoopWorld::paths(const std::string& folder) const {
    return nameNode()->space().childrenOf(folder);
}

std::vector<std::string> HadoopWorld::output(const std::string& folder) const {
    std::string text;
    for (const std::string& path : paths(folder)) {
        if (path.find("/part-") != std::string::npos) {
            text += content(path);
        }
    }
    return sortedLines(text);
}

std::size_t HadoopWorld::leastReplicas(const std::string& path) const {
    std::size_t least = ~std::size_t{0};
    for (const Block& block : nameNode()->space().find(path)->blocks) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < cluster->dataNodes.size(); ++i) {
            const DataNode* node = dataNode(static_cast<int>(i) + 1);
            count += node != nullptr && node->replicas().contains(block.id) && node->replicas().at(block.id).isFinal;
        }
        least = std::min(least, count);
    }
    return least;
}

std::vector<const sim::JournalEntry*> HadoopWorld::entries(std::string_view kind) const {
    std::vector<const sim::JournalEntry*> found;
    const sim::Journal& journal = world.journal();
    for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
        const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
        if (entry != nullptr && entry->kind == kind) {
            found.push_back(entry);
        }
    }
    return found;
}

std::string HadoopWorld::journalText() const {
    std::string text;
    const sim::Journal& journal = world.journal();
    for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
        if (const sim::JournalEntry* entry = journal.find(sim::JournalId{id})) {
            text += millrace::toText(entry->time) + " " + std::string(entry->kind) + ": " + entry->text + "\n";
        }
    }
    return text;
}

void onYarn(ClusterConfig& cluster) {
    cluster.resourceManager = cluster.jobTracker;
    cluster.resourceManager->name = "resourcemanager";
    cluster.resourceManager->port = sim::Port{8032};
    cluster.jobTracker.reset();
    for (DaemonAddress& node : cluster.trackers) {
        node.name = "nm" + node.name.substr(2);
        node.port = sim::Port{8041};
    }
}

const ResourceManager* HadoopWorld::resourceManager() const {
    return world.findActor<ResourceManager>("resourcemanager/resourcemanager");
}
const NodeManager* HadoopWorld::nodeManager(int number) const {
    return world.findActor<NodeManager>("nodemanager/nm" + std::to_string(number) + "/nodemanager");
}
const AppMaster* HadoopWorld::appMaster(const std::string& job) const {
    const std::string process = appMasterProcess(world, job);
    return process.empty() ? nullptr : world.findActor<AppMaster>(process + "/appmaster");
}

std::string HadoopWorld::journalEnd() const {
    constexpr std::size_t most = 900;
    const std::string text = journalText();
    return text.substr(text.size() - std::min(text.size(), most));
}

StoredFile stored(const std::string& path, std::string text, ByteCount blockSize, std::uint32_t replication) {
    return {path, makeRef<Bytes>(std::move(text)), replication, blockSize};
}

std::string words(std::size_t bytes, std::uint64_t seed, std::uint32_t vocabulary) {
    RandomStream random(seed, "words");
    std::string text;
    text.reserve(bytes + 64);
    std::size_t lineEnd = 0;
    while (text.size() < bytes) {
        const std::uint64_t a = random.below(vocabulary);
        const std::uint64_t b = random.below(vocabulary);
        text += "w" + std::to_string(std::min(a, b));
        if (text.size() - lineEnd > 40 + a % 60) {
            text += '\n';
            lineEnd = text.size();
        } else {
            text += ' ';
        }
    }
    return text;
}

std::vector<std::string> sortedLines(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace millrace::hadoop::testing
