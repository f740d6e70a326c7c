#include "tests/scenarios/random_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/storm/collections.h"
#include "engine/scenario/sections/zookeeper/collections.h"
#include "engine/scenario/shape/shape.h"
#include "engine/scenario/units.h"
#include "tests/scenarios/random_batches.h"
#include "tests/scenarios/random_feeds.h"
#include "tests/scenarios/random_guarantees.h"
#include "tests/scenarios/random_ingestion.h"
#include "tests/scenarios/random_readings.h"
#include "tests/scenarios/random_streaming.h"

namespace millrace::swarm {

using scenario::ConfigScope;

namespace {

/// Where processes stand.
enum class Layout : std::uint8_t { OwnHosts, SharedHosts, OneHost };

class ScenarioMaker {
public:
    explicit ScenarioMaker(std::uint64_t seed)
        : m_seed(seed),
          m_machines(seed, "machines"),
          m_data(seed, "data"),
          m_work(seed, "work"),
          m_harm(seed, "harm"),
          m_systems(seed, "systems"),
          m_ingestion(seed, "ingestion") {
        m_draft.hostFor = [this](const std::string& role) { return hostFor(role); };
        m_draft.addRestart = [this](Json& entry, const std::vector<std::string>& path) { addRestart(entry, path); };
        m_draft.boldness = m_harm.chance(0.15) ? Boldness::Wild : Boldness::Moderate;
        m_draft.comesToItsEnd = m_draft.boldness == Boldness::Moderate;
    }

    RandomScenario make() {
        m_draft.isDrained = m_work.chance(0.4);
        m_draft.seconds = m_work.between(10, m_draft.isDrained ? 40 : 70);
        const Systems systems = m_systems.pick(
            {Systems{.kafka = true}, Systems{.kafka = true}, Systems{.kafka = true, .spark = true},
             Systems{.kafka = true, .spark = true}, Systems{.spark = true}, Systems{.spark = true},
             Systems{.hadoop = true}, Systems{.hadoop = true}, Systems{.kafka = true, .spark = true, .hadoop = true}});
        addMachines(systems);
        if (systems.kafka) {
            addTopics();
            addSources();
            addGroups();
        }
        if (systems.kafka && m_work.chance(0.5)) {
            addStorm();
        }
        if (systems.spark) {
            addSpark(m_systems, m_draft);
        }
        if (systems.hadoop) {
            addHadoop(m_systems, m_draft);
        }
        if (systems.spark && systems.hadoop) {
            keepStreamsInHdfs();
        }
        if (m_ingestion.chance(0.25)) {
            addIngestion(m_ingestion, m_draft);
        }
        addLinks();
        RandomFaults faults = randomFaults(m_harm, m_draft.things, m_draft.seconds);
        // A topology that is handed in while Nimbus has no room on its disk is refused, and nobody hands it in again.
        const bool maySubmissionFail = m_draft.parts.contains("topologies") && faults.fillsDisks;
        m_draft.comesToItsEnd = m_draft.comesToItsEnd && faults.allEnd && !maySubmissionFail && !refusesMembers() &&
                                !mayMasterForget(m_draft.parts, faults.list);
        return {document(std::move(faults)), m_draft.readsFile ? lines() : std::string()};
    }

private:
    struct Systems {
        bool kafka = false;  ///< and half of the time Storm
        bool spark = false;
        bool hadoop = false;
    };

    std::string document(RandomFaults faults) {
        Json run = Json::object({{"seed", m_work.between(0, 1'000'000)}});
        // What a sink refuses because its disk is full for good is replayed, all of it every few seconds, until nothing
        // has come nearer to its end for a quarter of an hour: a load that no bound on processor time fits. So is what
        // waits in a window for tuples that do not come.
        const bool isReplayedForEver =
            m_draft.holdsTuples || (m_draft.hasSmallDisk && m_draft.parts.contains("topologies"));
        // So is what asks again as fast as it is answered, or has hours of patience, where the run has no end.
        // Batches are made, and cost what they cost, whether something comes or not.
        const bool isDear =
            !m_draft.comesToItsEnd && (m_draft.hasBatchesBelow(shortBatchMillis) || isDearForEver(m_draft.parts));
        if (!m_draft.isDrained || isReplayedForEver || isDear) {
            // A task of MapReduce takes seconds, a dead node minutes to be noticed.
            const int longer = m_draft.parts.contains("hadoop") ? m_systems.pick({2, 5, 20}) : 1;
            run["duration"] = fmt::format("{}s", m_draft.seconds * longer);
            if (longer > 1) {
                boundEndless();
            }
        }
        giveTrackersTime();
        Json whole = Json::object({{"millrace", 1},
                                   {"title", fmt::format("Swarm, seed {}", m_seed)},
                                   {"about", fmt::format("A random scenario.{}{}", m_draft.comesToItsEnd ? " " : "",
                                                         m_draft.comesToItsEnd ? mustDrainMark : "")},
                                   {"run", run}});
        for (const char* part : {"hosts", "links", "cluster", "topics", "sources", "clients", "storm", "topologies",
                                 "spark", "streaming", "hadoop", "jobs", "ingestion", "sinks"}) {
            if (m_draft.parts.contains(part)) {
                whole[part] = m_draft.parts[part];
            }
        }
        whole["faults"] = std::move(faults.list);
        return whole.dump(1, ' ', false, Json::error_handler_t::replace);
    }

    /// Half of the applications that write checkpoints write them there.
    void keepStreamsInHdfs() {
        for (Json& application : m_draft.parts["streaming"]) {
            if (application.value("checkpoint", false) && m_systems.chance(0.5)) {
                application["storage"] = "hdfs";
                m_draft.comesToItsEnd = false;  // Without its DataNodes it waits for ever.
            }
        }
    }

    /// A core starts one JVM after the other, 3 s each: for so long the trackers beside it are silent, and where they
    /// are given up sooner no job comes on.
    void giveTrackersTime() {
        if (!m_draft.parts.contains("hadoop") || !m_draft.parts["hadoop"].contains("tasktrackers")) {
            return;
        }
        Json& hadoop = m_draft.parts["hadoop"];
        constexpr const char* key = "mapred.tasktracker.expiry.interval";
        std::map<std::string, double> starts;  // seconds by host, all of its slots at once
        for (const Json& tracker : hadoop["tasktrackers"]) {
            const Json own = tracker.value("config", Json::object());
            const int slots = own.value("mapred.tasktracker.map.tasks.maximum", 2) +
                              own.value("mapred.tasktracker.reduce.tasks.maximum", 2);
            const std::string name = tracker["host"].get<std::string>();
            const Json& host = m_draft.parts["hosts"][name];
            constexpr double jvmStart = 3;
            starts[name] += slots * jvmStart / host["cores"].get<double>() / host.value("speed", 1.0);
        }
        constexpr double soon = 7;  // of the 10 s, the rest is a heartbeat's
        const bool isLate =
            std::any_of(starts.begin(), starts.end(), [&](const auto& each) { return each.second > soon; });
        if (isLate && hadoop["config"].contains(key)) {
            hadoop["config"][key] = 60'000;
        }
    }

    /// Whether a setting somewhere makes each second of a run dear, or a run that stands still long.
    static bool isDearForEver(const Json& part) {
        const auto number = [&](const char* key) -> std::optional<std::int64_t> {
            const bool isSet = part.is_object() && part.contains(key) && part[key].is_number();
            return isSet ? std::optional(part[key].get<std::int64_t>()) : std::nullopt;
        };
        const auto isLong = [&](const char* key) {
            constexpr SimDuration most = std::chrono::minutes{1};
            const auto duration = part.is_object() && part.contains(key)
                                      ? scenario::parseDuration(part[key].get<std::string>())
                                      : scenario::Parsed<SimDuration>(tl::unexpected(std::string()));
            return duration && *duration > most;
        };
        const bool isReplay = part.is_object() && part.value("kind", Json()) == Json("replay");
        return isReplay || isLong("late_by") || isLong("duplicate_after") || number("fetch.min.bytes") == 0 ||
               number("fetch.max.wait.ms").value_or(500) < 10 ||
               number("max.poll.interval.ms").value_or(0) > 3'000'000 ||
               std::any_of(part.begin(), part.end(),
                           [](const Json& each) { return each.is_structured() && isDearForEver(each); });
    }

    /// A group whose session is too short or too long for the brokers is refused for good, and its members end.
    [[nodiscard]] bool refusesMembers() const {
        if (!m_draft.parts.contains("clients") || !m_draft.parts["clients"].contains("groups")) {
            return false;
        }
        const Json& cluster = m_draft.parts["cluster"];
        const int usual = cluster.contains("profile") ? 10'000 : 45'000;
        const int least = cluster["config"].value("group.min.session.timeout.ms", 6000);
        const int most = cluster["config"].value("group.max.session.timeout.ms", 1'800'000);
        const Json& groups = m_draft.parts["clients"]["groups"];
        return std::any_of(groups.begin(), groups.end(), [&](const Json& group) {
            const int session = group["config"].value("session.timeout.ms", usual);
            return session < least || session > most;
        });
    }

    // --- machines

    void addMachines(const Systems& systems) {
        m_layout = m_machines.chance(0.5) ? Layout::OwnHosts
                                          : (m_machines.chance(0.7) ? Layout::SharedHosts : Layout::OneHost);
        m_hasRacks = m_machines.chance(0.4);
        m_shared = m_machines.between(2, 5);
        if (systems.kafka) {
            addServers();
            addBrokers();
        }
    }

    /// The host of one more process, made if it is new. Several ZooKeeper servers may share a host like all others.
    std::string hostFor(const std::string& role) {
        std::string name = role;
        if (m_layout == Layout::OneHost) {
            name = "box";
        } else if (m_layout == Layout::SharedHosts) {
            name = fmt::format("h{}", m_machines.between(1, m_shared));
        }
        if (!m_draft.parts["hosts"].contains(name)) {
            m_draft.parts["hosts"][name] = host();
            m_draft.things.hosts.push_back(name);
        }
        return name;
    }

    /// What a service manager does when the process ends by itself, now and then said for an entry that may say it.
    void addRestart(Json& entry, const std::vector<std::string>& path) {
        const scenario::Shape* shape = scenario::shapeAt(path);
        if (shape == nullptr || shape->find("restart") == nullptr || !m_harm.chance(0.1)) {
            return;
        }
        Json& restart = entry["restart"];
        restart["policy"] = m_harm.pick<std::string>({"on-failure", "on-failure", "no"});
        m_draft.comesToItsEnd = m_draft.comesToItsEnd && restart["policy"] != "no";
        if (m_harm.chance(0.5)) {
            restart["delay"] = m_harm.pick<std::string>({"1ms", "100ms", "5s", "30s"});
        }
        if (m_harm.chance(0.3)) {
            restart["limit"] = m_harm.between(1, 3);
            m_draft.comesToItsEnd = false;
        }
    }

    Json host() {
        Json host = Json::object();
        const bool isCrowded = m_layout == Layout::OneHost;
        host["cores"] = isCrowded ? 16 : m_machines.pick({1, 2, 4, 8});
        if (m_machines.chance(0.3)) {
            const double speed = m_machines.pick({0.2, 0.5, 1.0, 2.0, 5.0});
            host["speed"] = speed;
            m_draft.comesToItsEnd = m_draft.comesToItsEnd && speed >= 0.5;
        }
        if (m_machines.chance(0.3)) {
            host["disk"] = disk();
        }
        if (m_machines.chance(0.15)) {
            host["card"] = m_machines.pick<std::string>({"10Mbit/s", "100Mbit/s", "10Gbit/s"});
        }
        if (m_hasRacks) {
            host["rack"] = m_machines.pick<std::string>({"A", "B", "C"});
        }
        return host;
    }

    Json disk() {
        Json disk = Json::object();
        if (m_machines.chance(0.5)) {
            disk["flush_latency"] = m_machines.pick<std::string>({"50us", "5ms", "100ms"});
        }
        if (m_machines.chance(0.4)) {
            disk["write_rate"] = m_machines.pick<std::string>({"1MiB/s", "20MiB/s", "2GiB/s"});
        }
        if (m_machines.chance(0.4)) {
            disk["read_rate"] = m_machines.pick<std::string>({"1MiB/s", "20MiB/s", "2GiB/s"});
        }
        if (m_machines.chance(0.3)) {
            disk["writeback"] = m_machines.pick<std::string>({"1s", "5s", "60s"});
        }
        if (m_machines.chance(0.1)) {
            disk["capacity"] = m_machines.pick<std::string>({"200KiB", "2MiB", "20MiB"});
            m_draft.hasSmallDisk = true;
            m_draft.comesToItsEnd = false;
        }
        return disk;
    }

    void addLinks() {
        if (m_machines.chance(0.2)) {
            m_draft.parts["links"]["default"] =
                Json::object({{"latency", m_machines.pick<std::string>({"10us", "1ms", "20ms"})}});
        }
        const std::vector<std::string>& hosts = m_draft.things.hosts;
        for (int i = m_machines.pick({0, 0, 0, 1, 2}); i > 0 && hosts.size() > 1; --i) {
            const std::size_t at = static_cast<std::size_t>(m_machines.between(0, static_cast<int>(hosts.size()) - 2));
            const std::string name = hosts[at] + "-" + hosts[at + 1];
            Json& link = m_draft.parts["links"][name];
            link["latency"] = m_machines.pick<std::string>({"50us", "8ms", "150ms"});
            if (m_machines.chance(0.3)) {
                link["rate"] = m_machines.pick<std::string>({"1MiB/s", "100MiB/s"});
            }
            // Three jobs a batch, each with stages and messages one after the other: over 150 ms they take seconds.
            constexpr int slowBatchMillis = 5001;
            m_draft.comesToItsEnd =
                m_draft.comesToItsEnd && !(link["latency"] == "150ms" && m_draft.hasBatchesBelow(slowBatchMillis));
        }
    }

    void addServers() {
        Json& cluster = m_draft.parts["cluster"];
        cluster["coordination"] = "zookeeper";
        if (m_machines.chance(0.15)) {
            cluster["profile"] = "course";
        }
        const int count = m_machines.pick({1, 3, 3, 5});
        for (int i = 1; i <= count; ++i) {
            const std::string name = fmt::format("zk{}", i);
            cluster["servers"][name] = Json::object({{"host", hostFor(name)}});
            addRestart(cluster["servers"][name], {"cluster", "servers", name});
            m_draft.things.servers.push_back(name);
        }
        Json config = Json::object();
        addRandomSettings(m_harm, config, scenario::zooKeeperScope, m_harm.chance(0.2) ? 3 : 0, m_draft.boldness);
        if (!config.empty()) {
            cluster["zookeeper"]["config"] = config;
        }
    }

    void addBrokers() {
        Json& cluster = m_draft.parts["cluster"];
        const int count = m_machines.between(1, 6);
        const int first = m_machines.pick({0, 1, 1, 1, 7});
        for (int i = 0; i < count; ++i) {
            const std::string id = std::to_string(first + i * (first == 7 ? 3 : 1));
            Json broker = Json::object({{"host", hostFor("b" + id)}});
            addRestart(broker, {"cluster", "brokers", id});
            if (m_hasRacks) {
                broker["config"] = Json::object({{"broker.rack", m_machines.pick<std::string>({"A", "B", "C"})}});
            }
            cluster["brokers"][id] = broker;
            m_draft.things.brokers.push_back(id);
        }
        Json& config = cluster["config"];
        config["offsets.topic.replication.factor"] = m_machines.between(1, std::min(count, 3));
        config["offsets.topic.num.partitions"] = m_machines.pick({1, 3, 10, 50});
        config["zookeeper.session.timeout.ms"] = m_machines.pick({6000, 6000, 18000});
        if (m_machines.chance(0.3)) {
            config["min.insync.replicas"] = m_machines.between(1, 3);
        }
        if (m_machines.chance(0.3)) {
            config["replica.lag.time.max.ms"] = m_machines.pick({3000, 10000});
        }
        addRandomSettings(m_harm, config, scenario::brokerScope, m_harm.chance(0.4) ? 4 : 0, m_draft.boldness);
    }

    // --- data

    void addTopics() {
        const int count = m_data.pick({1, 1, 1, 2, 3});
        const int brokers = static_cast<int>(m_draft.things.brokers.size());
        for (int i = 0; i < count; ++i) {
            const std::string name = fmt::format("t{}", i);
            const int partitions = m_data.pick({1, 2, 3, 6, 12, 25});
            const int replicas = m_data.between(1, std::min(brokers, 4));
            Json config = Json::object();
            if (m_data.chance(0.5)) {
                config["min.insync.replicas"] = m_data.between(1, replicas);
            }
            if (m_data.chance(0.15)) {
                config["unclean.leader.election.enable"] = true;
            }
            addRandomSettings(m_harm, config, scenario::topicScope, m_harm.chance(0.3) ? 3 : 0, m_draft.boldness);
            m_draft.parts["topics"][name] =
                Json::object({{"partitions", partitions}, {"replicas", replicas}, {"config", config}});
            m_draft.things.topics.emplace_back(name, partitions);
        }
    }

    void addSources() {
        const int count = m_data.pick({1, 1, 2, 3});
        for (int i = 0; i < count; ++i) {
            const std::string name = fmt::format("s{}", i);
            Json source = m_data.chance(0.3) ? fileSource() : generator();
            if (m_systems.chance(0.3)) {
                source = randomFeed(m_systems, m_draft, 4000);
            }
            const bool hasTimes = source.contains("rate") && source["rate"] != "max";
            if (hasTimes && (!columnsOf(source).empty() || m_systems.chance(0.15))) {
                addRandomFlaws(m_systems, source);
            }
            if (m_data.chance(0.5)) {
                source["host"] = hostFor("client");
            }
            if (m_data.chance(0.3)) {
                source["start_at"] = fmt::format("{}ms", m_data.between(0, m_draft.seconds * 500));
            }
            addRestart(source, {"sources", name});
            addProducer(name, source);
            m_draft.parts["sources"][name] = source;
            m_draft.things.producers.push_back(name);
        }
    }

    /// A source has its producer's settings, or a producer of its own under the clients.
    void addProducer(const std::string& name, Json& source) {
        const std::string& topic = m_data.oneOf(m_draft.things.topics).first;
        Json config = producerSettings();
        if (const std::vector<flow::Column> columns = columnsOf(source); !columns.empty()) {
            const std::string kind = source["kind"].get<std::string>();
            const std::string usual = kind == "clicks" ? "combined" : "json";
            m_draft.feeds.push_back({name, topic, kind, source.value("format", usual), columns});
        }
        if (m_data.chance(0.8)) {
            source["topic"] = topic;
            source["config"] = config;
            return;
        }
        m_draft.parts["clients"]["producers"][name] =
            Json::object({{"source", name}, {"topic", topic}, {"config", config}});
    }

    Json generator() {
        Json source = Json::object({{"kind", "generator"}});
        const int rate = m_data.pick({1, 5, 50, 200, 500, 1500});
        const bool isEndless = !m_draft.isDrained && m_data.chance(0.6);
        const bool isFast = !isEndless && m_data.chance(0.15);
        source["rate"] = isFast ? "max" : fmt::format("{}/s", rate);
        const int size = m_data.pick({1, 10, 100, 100, 1000, 5000, 100'000});
        const int bytesMax = 8'000'000;
        if (!isEndless) {
            const int countMax = std::clamp(bytesMax / size, 1, isFast ? 5000 : rate * m_draft.seconds);
            source["count"] = m_data.chance(0.05) ? 0 : m_data.between(1, countMax);
        } else if (std::int64_t{rate} * size * m_draft.seconds > 4 * bytesMax) {
            source["rate"] = "5/s";
        }
        if (m_data.chance(0.2)) {
            source["words"] =
                Json::object({{"vocabulary", m_data.pick({1, 20, 5000})}, {"per_record", m_data.between(1, 8)}});
        } else {
            source["size"] = fmt::format("{}B", size);
        }
        if (m_data.chance(0.4)) {
            source["jitter"] = m_data.pick({0.0, 0.1, 1.0});
        }
        if (m_data.chance(0.5)) {
            source["keys"] = Json::object({{"count", m_data.pick({1, 7, 1000, 100'000})},
                                           {"distribution", m_data.pick<std::string>({"uniform", "zipf"})}});
        }
        return source;
    }

    Json fileSource() {
        m_draft.readsFile = true;
        return Json::object({{"kind", "file"},
                             {"path", linesFile},
                             {"rate", m_data.pick<std::string>({"20/s", "100/s", "400/s", "max"})}});
    }

    std::string lines() {
        std::string text;
        const int count = m_data.between(1, 2000);
        for (int i = 0; i < count; ++i) {
            // A replay looks at the first one for its time.
            text += i > 0 && m_data.chance(0.05)
                        ? m_data.pick<std::string>(
                              {"no log line", "", "\xff\xfe bytes", "\"\\\" [", std::string(3000, 'x')})
                        : fmt::format(
                              "10.0.{}.{} - {} [01/Jan/2026:00:00:{:02} +0000] \"GET /page/{} HTTP/1.1\" {} {} "
                              "\"-\" \"browser {}\"",
                              i % 7, m_data.between(0, 255), m_data.pick<std::string>({"-", "ann", "bob"}), i % 60,
                              m_data.between(1, 50), m_data.pick({200, 200, 200, 304, 404, 500}),
                              m_data.between(0, 9999), m_data.between(1, 5));
            text += '\n';
        }
        return text;
    }

    Json producerSettings() {
        Json config = Json::object({{"acks", m_data.pick<std::string>({"all", "all", "1", "0"})}});
        if (m_data.chance(0.4)) {
            config["linger.ms"] = m_data.pick({0, 5, 50, 500});
        }
        if (m_data.chance(0.3)) {
            config["batch.size"] = m_data.pick({100, 1000, 16'384, 200'000});
        }
        if (m_data.chance(0.4)) {
            config["max.in.flight.requests.per.connection"] = m_data.pick({1, 1, 2, 5});
        }
        if (m_data.chance(0.2)) {
            config["retries"] = m_data.pick({0, 1, 3});
        }
        if (m_data.chance(0.3)) {
            const int request = m_data.pick({500, 2500, 10'000});
            config["request.timeout.ms"] = request;
            config["delivery.timeout.ms"] = request + m_data.pick({1000, 10'000, 60'000});
        }
        if (m_data.chance(0.2)) {
            config["compression.type"] = "lz4";
        }
        addRandomSettings(m_harm, config, scenario::producerScope, m_harm.chance(0.2) ? 3 : 0, m_draft.boldness);
        // A producer that gives a record less time than one request takes does not start.
        const std::int64_t needed = std::min<std::int64_t>(
            config.value("linger.ms", std::int64_t{0}) + config.value("request.timeout.ms", std::int64_t{30'000}),
            std::numeric_limits<std::int32_t>::max());
        if (config.contains("delivery.timeout.ms") && config["delivery.timeout.ms"].get<std::int64_t>() < needed) {
            config["delivery.timeout.ms"] = needed;
        }
        return config;
    }

    Json consumerSettings() {
        Json config = Json::object();
        // With "latest" a group may begin after all has been sent, and with "none" it does not begin at all.
        config["auto.offset.reset"] = m_data.pick<std::string>({"earliest", "earliest", "earliest", "latest"});
        if (m_data.chance(0.03)) {
            config["auto.offset.reset"] = "none";
            m_draft.comesToItsEnd = false;
        }
        addRandomSettings(m_harm, config, scenario::consumerScope, m_harm.chance(0.3) ? 3 : 0, m_draft.boldness);
        // Nor does a consumer whose heartbeats come no sooner than its session ends.
        const std::int64_t session = config.value("session.timeout.ms", std::int64_t{10'000});
        if (config.value("heartbeat.interval.ms", std::int64_t{3'000}) >= session) {
            config["session.timeout.ms"] = std::max<std::int64_t>(session, 2);
            config["heartbeat.interval.ms"] = std::max<std::int64_t>(session / 3, 1);
        }
        return config;
    }

    void addGroups() {
        const int count = m_data.pick({0, 1, 1, 2, 3});
        for (int i = 0; i < count; ++i) {
            Json group = Json::object({{"topics", someTopics()}, {"members", m_data.pick({1, 1, 2, 3, 8})}});
            group["config"] = consumerSettings();
            if (m_data.chance(0.3)) {
                group["work"] = m_data.pick<std::string>({"20us", "1ms", "20ms"});
            }
            if (m_data.chance(0.04)) {
                group["config"]["enable.auto.commit"] = false;
                m_draft.comesToItsEnd = false;
            }
            if (m_data.chance(0.5)) {
                group["host"] = hostFor("client");
            }
            for (int member = 1; member <= group["members"].get<int>(); ++member) {
                m_draft.things.members.push_back(fmt::format("g{}/{}", i, member));
            }
            addRestart(group, {"clients", "groups", "g"});
            m_draft.parts["clients"]["groups"][fmt::format("g{}", i)] = group;
        }
    }

    Json someTopics() {
        Json some = Json::array();
        for (const auto& [name, partitions] : m_draft.things.topics) {
            if (m_data.chance(0.6)) {
                some.push_back(name);
            }
        }
        if (some.empty()) {
            some.push_back(m_draft.things.topics.front().first);
        }
        return some;
    }

    // --- Storm

    void addStorm() {
        Json storm = Json::object();
        storm["nimbus"] = Json::object({{"host", hostFor("master")}});
        addRestart(storm["nimbus"], {"storm", "nimbus"});
        const int count = m_work.between(1, 4);
        int slots = 0;
        for (int i = 1; i <= count; ++i) {
            const std::string name = fmt::format("s{}", i);
            const int own = m_work.between(1, 4);
            storm["supervisors"][name] = Json::object({{"host", hostFor("node" + std::to_string(i))}, {"slots", own}});
            addRestart(storm["supervisors"][name], {"storm", "supervisors", name});
            m_draft.things.supervisors.push_back(name);
            slots += own;
        }
        Json config = Json::object();
        if (m_work.chance(0.5)) {
            config["nimbus.monitor.freq.secs"] = m_work.pick({1, 3});
        }
        addRandomSettings(m_harm, config, scenario::stormScope, m_harm.chance(0.25) ? 3 : 0, m_draft.boldness);
        storm["config"] = config;
        m_draft.parts["storm"] = storm;
        addSinks();
        addTopologies(slots);
    }

    void addSinks() {
        const auto add = [&](const std::string& name, Json sink, const char* ending) {
            sink["write"] = m_work.pick<std::string>({"append", "once"});
            if (m_work.chance(0.5)) {
                sink["host"] = hostFor("db");
            }
            if (m_work.chance(0.8)) {
                sink["path"] = name + ending;
            }
            m_draft.parts["sinks"][name] = sink;
            m_draft.things.sinks.push_back(name);
        };
        Json table = Json::object({{"kind", "counts"}, {"columns", Json::array({"word TEXT"})}});
        Json words = Json::object({{"kind", "sqlite"}});
        words["tables"]["words"] = table;
        add("words", words, ".db");
        add("audit", Json::object({{"kind", "sqlite"}}), ".db");
        add("text", Json::object({{"kind", "file"}}), ".txt");
    }

    void addTopologies(int slots) {
        const int count = m_work.pick({1, 1, 1, 2});
        for (int i = 0; i < count; ++i) {
            const std::string name = fmt::format("p{}", i);
            const int workers = m_work.between(1, std::max(1, slots / count + (m_work.chance(0.1) ? 2 : 0)));
            m_draft.comesToItsEnd = m_draft.comesToItsEnd && workers * count <= slots;
            Json topology = Json::object({{"workers", workers}, {"config", topologySettings()}});
            if (m_work.chance(0.1)) {
                topology["profile"] = "course";
            }
            if (m_work.chance(0.2)) {
                topology["submit_at"] = fmt::format("{}s", m_work.between(0, 15));
            }
            addComponents(topology);
            if (!m_draft.feeds.empty() && m_systems.chance(0.7)) {
                addReadings(m_systems, m_draft, topology);
            }
            m_draft.parts["topologies"][name] = topology;
            m_draft.things.topologies.emplace_back(name, workers);
        }
    }

    Json topologySettings() {
        Json config = Json::object();
        if (m_work.chance(0.4)) {
            config["topology.acker.executors"] = m_work.pick({0, 1, 2, 4});
        }
        if (m_work.chance(0.4)) {
            config["topology.max.spout.pending"] = m_work.pick({1, 10, 100, 1000});
        }
        if (m_work.chance(0.4)) {
            config["topology.message.timeout.secs"] = m_work.pick({5, 10, 60});
        }
        if (m_work.chance(0.03)) {
            config["topology.enable.message.timeouts"] = false;
            m_draft.comesToItsEnd = false;
        }
        addRandomSettings(m_harm, config, scenario::stormScope, m_harm.chance(0.2) ? 2 : 0, m_draft.boldness);
        return config;
    }

    /// What has no end was drawn for the time that the others need: over many times that it would be another load.
    void boundEndless() {
        if (!m_draft.parts.contains("sources")) {
            return;
        }
        for (auto& [name, source] : m_draft.parts["sources"].items()) {
            if (source["kind"] == "generator" && !source.contains("count")) {
                source["count"] = std::stoll(source["rate"].get<std::string>()) * m_draft.seconds;
            }
        }
    }

    /// Each word of a record becomes a tuple, and where a sink takes them too slowly all of them come again.
    void boundWords() {
        constexpr std::int64_t textMost = 1'000'000;
        for (auto& [name, source] : m_draft.parts["sources"].items()) {
            if (!source.contains("size") || !source.contains("count")) {
                continue;
            }
            const std::int64_t size = std::stoll(source["size"].get<std::string>());
            source["count"] = std::min<std::int64_t>(source["count"].get<std::int64_t>(), textMost / size);
        }
    }

    void addComponents(Json& topology) {
        const auto component = [&](Json part) {
            part["executors"] = m_work.pick({1, 1, 2, 3, 4});
            if (m_work.chance(0.2)) {
                part["tasks"] = m_work.between(1, 6);
            }
            return part;
        };
        const auto from = [&](const char* name, const char* field) {
            const std::string grouping = m_work.pick<std::string>(
                {"shuffle", "shuffle", "fields", "fields", "all", "global", "none", "local-or-shuffle"});
            Json input = Json::object({{"from", name}, {"grouping", grouping}});
            if (grouping == "fields") {
                input["fields"] = Json::array({field});
            }
            return Json::array({input});
        };
        Json& spouts = topology["spouts"];
        Json& bolts = topology["bolts"];
        spouts["lines"] = component(
            {{"kind", "kafka"}, {"topic", m_work.oneOf(m_draft.things.topics).first}, {"config", consumerSettings()}});
        if (m_work.chance(0.2)) {
            spouts["lines"]["first_poll_offset_strategy"] =
                m_work.pick<std::string>({"UNCOMMITTED_EARLIEST", "UNCOMMITTED_LATEST"});
        }
        Json inputs = from("lines", "value");
        if (m_work.chance(0.2)) {
            spouts["more"] = component({{"kind", "kafka"},
                                        {"topic", m_work.oneOf(m_draft.things.topics).first},
                                        {"config", consumerSettings()}});
            inputs.push_back(from("more", "key")[0]);
        }
        if (m_work.chance(0.6)) {
            boundWords();
            bolts["split"] = component({{"kind", "split"}, {"field", "value"}, {"inputs", inputs}});
            bolts["count"] = component({{"kind", "count"}, {"field", "word"}, {"inputs", from("split", "word")}});
            bolts["keep"] = component(
                {{"kind", "sqlite"}, {"sink", "words"}, {"table", "words"}, {"inputs", from("count", "word")}});
            if (m_work.chance(0.3)) {
                addFirstOfEach(bolts, from("split", "word"), from("fresh", "word"), from("named", "token"), component);
            }
        }
        if (m_work.chance(0.2)) {
            bolts["first"] = component({{"kind", "extract"},
                                        {"field", "value"},
                                        {"pattern", m_work.pick<std::string>({"^([a-z]+) ", "([0-9]{3}) ", "(.*)$"})},
                                        {"fields", Json::array({"part"})},
                                        {"inputs", inputs}});
            bolts["parts"] = component({{"kind", "count"}, {"field", "part"}, {"inputs", from("first", "part")}});
        }
        if (m_work.chance(0.4)) {
            bolts["parse"] =
                component({{"kind", "extract"}, {"format", "combined"}, {"field", "value"}, {"inputs", inputs}});
            bolts["bad"] = component({{"kind", "filter"},
                                      {"field", "status"},
                                      {"pattern", "[4-5][0-9][0-9]"},
                                      {"keep", m_work.pick<std::string>({"matching", "others"})},
                                      {"inputs", from("parse", "status")}});
            bolts["errors"] = component(
                {{"kind", "sqlite"}, {"sink", "audit"}, {"table", "errors"}, {"inputs", from("bad", "host")}});
            Json rejected = from("parse", "line");
            rejected[0]["stream"] = "rejected";
            bolts["rejected"] =
                component({{"kind", "sqlite"}, {"sink", "audit"}, {"table", "rejected"}, {"inputs", rejected}});
        }
        if (m_work.chance(0.15)) {
            addCycle(bolts, inputs, component);
        }
        if (m_work.chance(0.3) || !topology.contains("bolts") || bolts.is_null()) {
            bolts["write"] = component({{"kind", "file"}, {"sink", "text"}, {"field", "value"}, {"inputs", inputs}});
        }
    }

    /// The first of each word within a time or a count goes into a file under another name.
    void addFirstOfEach(Json& bolts, const Json& words, const Json& fresh, const Json& named, const auto& component) {
        Json first = component({{"kind", "deduplicate"}, {"field", "word"}, {"inputs", words}});
        if (m_work.chance(0.5)) {
            first["within"] = m_work.pick<std::string>({"1ms", "1s", "10s", "1h"});
        }
        if (m_work.chance(0.5)) {
            first["count"] = m_work.pick({1, 3, 1000});
        }
        bolts["fresh"] = first;
        bolts["named"] =
            component({{"kind", "project"}, {"fields", Json::array({"word as token", "word"})}, {"inputs", fresh}});
        bolts["tokens"] = component({{"kind", "file"}, {"sink", "text"}, {"field", "token"}, {"inputs", named}});
    }

    /// A bolt that gets back what it has shortened, by itself or through another, until nothing is left to cut off.
    void addCycle(Json& bolts, const Json& inputs, const auto& component) {
        int longest = 100;
        for (const auto& [name, source] : m_draft.parts["sources"].items()) {
            longest = std::max(longest, std::stoi(source.value("size", std::string("3000B"))));
        }
        constexpr int stepMost = 1000;
        const int step = std::clamp(longest / m_work.pick({1, 3, 20}), 1, stepMost);
        // What takes a hundred rounds reads its record a hundred times.
        constexpr int roundsMost = 20;
        if (longest / step > roundsMost) {
            return;
        }
        const std::string back = m_work.pick<std::string>({"shorten", "pass"});
        Json shorten = component({{"kind", "extract"},
                                  {"field", "value"},
                                  {"pattern", fmt::format("^.{{{}}}(.*)$", step)},
                                  {"fields", Json::array({"value"})},
                                  {"inputs", inputs}});
        shorten["inputs"].push_back(Json::object({{"from", back}, {"grouping", "shuffle"}}));
        bolts["shorten"] = shorten;
        if (back == "pass") {
            bolts["pass"] =
                component({{"kind", "filter"},
                           {"field", "value"},
                           {"pattern", ".*"},
                           {"keep", "matching"},
                           {"inputs", Json::array({Json::object({{"from", "shorten"}, {"grouping", "shuffle"}})})}});
        }
    }

    std::uint64_t m_seed;
    Dice m_machines;
    Dice m_data;
    Dice m_work;
    Dice m_harm;
    Dice m_systems;  ///< feeds, and what came after Kafka and Storm
    Dice m_ingestion;
    Layout m_layout = Layout::OwnHosts;
    bool m_hasRacks = false;
    int m_shared = 2;
    Draft m_draft;
};

}  // namespace

RandomScenario randomScenario(std::uint64_t seed) {
    constexpr std::uint64_t countedEvery = 6;
    if (seed % countedEvery == 0) {
        return {guaranteeScenario(seed), {}};
    }
    return ScenarioMaker(seed).make();
}

}  // namespace millrace::swarm
