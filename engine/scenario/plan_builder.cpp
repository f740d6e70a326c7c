#include "engine/scenario/plan_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/base/check.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/references.h"
#include "engine/scenario/shape/check_shape.h"
#include "engine/scenario/units.h"

namespace millrace::scenario {

namespace {

/// One object of the document, read by key.
class Reader {
public:
    explicit Reader(const Value* object) : m_object(object) {}

    [[nodiscard]] const Value* find(std::string_view key) const {
        return m_object != nullptr ? m_object->find(key) : nullptr;
    }
    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
    [[nodiscard]] Reader object(std::string_view key) const { return Reader(find(key)); }
    [[nodiscard]] std::span<const Member> members(std::string_view key) const {
        return has(key) ? find(key)->members() : std::span<const Member>();
    }
    [[nodiscard]] std::span<const Value> items(std::string_view key) const {
        return has(key) ? find(key)->items() : std::span<const Value>();
    }
    [[nodiscard]] std::string text(std::string_view key, std::string otherwise = {}) const {
        return has(key) ? find(key)->asText() : std::move(otherwise);
    }
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t otherwise) const {
        return has(key) ? find(key)->asInteger() : otherwise;
    }
    [[nodiscard]] std::int32_t count(std::string_view key, std::int32_t otherwise) const {
        return static_cast<std::int32_t>(integer(key, otherwise));
    }
    [[nodiscard]] double number(std::string_view key, double otherwise) const {
        return has(key) ? find(key)->asNumber() : otherwise;
    }
    [[nodiscard]] SimDuration duration(std::string_view key, SimDuration otherwise) const {
        return has(key) ? quantity(parseDuration(find(key)->asText())) : otherwise;
    }
    [[nodiscard]] ByteCount size(std::string_view key, ByteCount otherwise) const {
        return has(key) ? quantity(parseSize(find(key)->asText())) : otherwise;
    }
    [[nodiscard]] ByteCount byteRate(std::string_view key, ByteCount otherwise) const {
        return has(key) ? quantity(parseByteRate(find(key)->asText())) : otherwise;
    }
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const {
        std::vector<std::string> all;
        for (const Value& each : items(key)) {
            all.push_back(each.asText());
        }
        return all;
    }
    [[nodiscard]] sim::RestartPolicy restart() const {
        const Reader object = this->object("restart");
        sim::RestartPolicy policy;
        policy.isOn = object.text("policy", "on-failure") == "on-failure";
        policy.delay = object.duration("delay", policy.delay);
        if (object.has("limit")) {
            policy.limit = static_cast<std::uint32_t>(object.integer("limit", 0));
        }
        return policy;
    }
    [[nodiscard]] Profile profile() const { return text("profile") == "course" ? Profile::Course : Profile::Current; }
    [[nodiscard]] Settings settings(ConfigScope scope, Profile profile) const {
        Settings settings(scope, profile);
        for (const Member& each : members("config")) {
            settings.set(each.key, settingText(each.value));
        }
        return settings;
    }

    [[nodiscard]] flow::ParameterValues valuesFor(const flow::Operator& row) const { return valuesOf(*m_object, row); }

private:
    template <typename T>
    static T quantity(const Parsed<T>& parsed) {
        MILLRACE_CHECK(parsed.has_value(), parsed.error());
        return *parsed;
    }

    const Value* m_object;
};

class PlanBuilder {
public:
    PlanBuilder(const Value& document, const std::map<std::string, std::string>& paths)
        : m_document(document), m_root(&document), m_paths(paths) {}

    Scenario build() {
        m_plan.document = m_document;
        m_plan.title = m_root.text("title");
        m_plan.about = m_root.text("about");
        readRun();
        readHosts();
        readLinks();
        readCluster();
        readTopics();
        readSources();
        readClients();
        readStorm();
        readTopologies();
        readSinks();
        readFaults();
        return std::move(m_plan);
    }

private:
    void readRun() {
        const Reader run = m_root.object("run");
        m_plan.run.seed = static_cast<std::uint64_t>(run.integer("seed", 1));
        if (run.has("start")) {
            m_plan.run.startMillis = *parseInstant(run.text("start"));
        }
        if (run.has("duration")) {
            m_plan.run.duration = run.duration("duration", {});
        }
        m_plan.run.openAt = run.duration("open_at", SimDuration::zero());
    }

    void readHosts() {
        for (const Member& member : m_root.members("hosts")) {
            const Reader host(&member.value);
            sim::HostSpec spec;
            spec.name = member.key;
            spec.cores = static_cast<std::uint32_t>(host.integer("cores", spec.cores));
            spec.speed = host.number("speed", spec.speed);
            spec.memory = host.size("memory", spec.memory);
            spec.cardRate = host.byteRate("card", spec.cardRate);
            spec.rack = host.text("rack");
            readDisk(host.object("disk"), spec.disk);
            m_plan.hosts.push_back(std::move(spec));
        }
    }

    static void readDisk(const Reader& disk, sim::DiskSpec& spec) {
        spec.capacity = disk.size("capacity", spec.capacity);
        spec.writeRate = disk.byteRate("write_rate", spec.writeRate);
        spec.readRate = disk.byteRate("read_rate", spec.readRate);
        spec.flushLatency = disk.duration("flush_latency", spec.flushLatency);
        spec.writeback = disk.duration("writeback", spec.writeback);
    }

    [[nodiscard]] bool isHost(const std::string& name) const {
        return std::any_of(m_plan.hosts.begin(), m_plan.hosts.end(),
                           [&](const sim::HostSpec& each) { return each.name == name; });
    }

    /// The two ends that a link's own name joins; names of hosts may have hyphens of their own.
    [[nodiscard]] std::pair<std::string, std::string> endsIn(const std::string& name) const {
        for (std::size_t dash = name.find('-'); dash != std::string::npos; dash = name.find('-', dash + 1)) {
            if (isHost(name.substr(0, dash)) && isHost(name.substr(dash + 1))) {
                return {name.substr(0, dash), name.substr(dash + 1)};
            }
        }
        return {};
    }

    void readLinks() {
        for (const Member& member : m_root.members("links")) {
            const Reader link(&member.value);
            LinkPlan plan;
            plan.name = member.key;
            plan.spec.latency = link.duration("latency", plan.spec.latency);
            plan.spec.rate = link.byteRate("rate", plan.spec.rate);
            if (member.key == "default") {
                m_plan.defaultLatency = plan.spec.latency;
                continue;
            }
            const std::vector<std::string> between = link.texts("between");
            std::tie(plan.a, plan.b) = between.size() == 2 ? std::pair(between[0], between[1]) : endsIn(member.key);
            m_plan.links.push_back(std::move(plan));
        }
    }

    void readCluster() {
        const Reader cluster = m_root.object("cluster");
        const Profile profile = cluster.profile();
        m_plan.cluster.profile = profile;
        const Settings ensemble = cluster.object("zookeeper").settings(ConfigScope::ZooKeeper, profile);
        for (const Member& member : cluster.members("servers")) {
            const Reader server(&member.value);
            ServerPlan plan{member.key, server.text("host"), ensemble, server.restart()};
            plan.config.overlay(server.settings(ConfigScope::ZooKeeper, profile));
            m_plan.cluster.servers.push_back(std::move(plan));
        }
        const Settings shared = cluster.settings(ConfigScope::Broker, profile);
        for (const Member& member : cluster.members("brokers")) {
            const Reader broker(&member.value);
            BrokerPlan plan{std::atoi(member.key.c_str()), broker.text("host"), shared, broker.restart()};
            plan.config.overlay(broker.settings(ConfigScope::Broker, profile));
            m_plan.cluster.brokers.push_back(std::move(plan));
        }
        std::sort(m_plan.cluster.brokers.begin(), m_plan.cluster.brokers.end(),
                  [](const BrokerPlan& a, const BrokerPlan& b) { return a.id < b.id; });
    }

    void readTopics() {
        for (const Member& member : m_root.members("topics")) {
            const Reader topic(&member.value);
            m_plan.topics.push_back({member.key, topic.count("partitions", 1), topic.count("replicas", 1),
                                     topic.settings(ConfigScope::Topic, m_plan.cluster.profile)});
        }
    }

    void readSources() {
        for (const Member& member : m_root.members("sources")) {
            const Reader source(&member.value);
            SourcePlan plan;
            plan.name = member.key;
            plan.kind = source.text("kind") == "generator" ? SourcePlan::Kind::Generator : SourcePlan::Kind::File;
            const auto path = m_paths.find(fmt::format("sources.{}.path", member.key));
            plan.path = path != m_paths.end() ? path->second : std::string();
            plan.startAt = source.duration("start_at", SimDuration::zero());
            if (source.has("rate") && source.text("rate") != "max") {
                plan.rate = *parseRate(source.text("rate"));
            }
            readGenerator(source, plan.generator);
            m_plan.sources.push_back(std::move(plan));
            if (source.has("topic")) {
                m_plan.producers.push_back({member.key, member.key, source.text("topic"), source.text("host"),
                                            source.settings(ConfigScope::Producer, m_plan.cluster.profile),
                                            source.restart()});
            }
        }
    }

    static void readGenerator(const Reader& source, GeneratorPlan& plan) {
        plan.jitter = source.number("jitter", 0);
        if (source.has("count")) {
            plan.count = source.integer("count", 0);
        }
        plan.recordBytes = source.size("size", plan.recordBytes);
        const Reader keys = source.object("keys");
        plan.keys = keys.integer("count", 0);
        plan.keyExponent = keys.text("distribution") == "zipf" ? keys.number("exponent", 1) : 0;
        const Reader words = source.object("words");
        plan.vocabulary = words.integer("vocabulary", 0);
        plan.wordsPerRecord = words.integer("per_record", 0);
        plan.wordExponent = words.number("exponent", 1);
    }

    void readClients() {
        const Reader clients = m_root.object("clients");
        for (const Member& member : clients.members("producers")) {
            const Reader producer(&member.value);
            m_plan.producers.push_back(
                {member.key, producer.text("source"), producer.text("topic"), producer.text("host"),
                 producer.settings(ConfigScope::Producer, m_plan.cluster.profile), producer.restart()});
        }
        for (const Member& member : clients.members("groups")) {
            const Reader group(&member.value);
            m_plan.groups.push_back({member.key, group.texts("topics"), group.count("members", 1), group.text("host"),
                                     group.settings(ConfigScope::Consumer, m_plan.cluster.profile),
                                     group.duration("work", std::chrono::microseconds{2}), group.restart()});
        }
    }

    void readStorm() {
        const Reader storm = m_root.object("storm");
        if (!m_root.has("storm")) {
            return;
        }
        StormPlan plan;
        plan.profile = storm.profile();
        plan.nimbusHost = storm.object("nimbus").text("host");
        plan.nimbusRestart = storm.object("nimbus").restart();
        plan.config = storm.settings(ConfigScope::Storm, plan.profile);
        for (const Member& member : storm.members("supervisors")) {
            const Reader supervisor(&member.value);
            SupervisorPlan each{member.key, supervisor.text("host"), supervisor.count("slots", 4), plan.config,
                                supervisor.restart()};
            each.config.overlay(supervisor.settings(ConfigScope::Storm, plan.profile));
            plan.supervisors.push_back(std::move(each));
        }
        m_plan.storm = std::move(plan);
    }

    void readTopologies() {
        for (const Member& member : m_root.members("topologies")) {
            const Reader topology(&member.value);
            TopologyPlan plan;
            plan.name = member.key;
            plan.profile = topology.profile();
            plan.config = Settings(ConfigScope::Storm, plan.profile);
            if (m_plan.storm) {
                plan.config.overlay(m_plan.storm->config);
            }
            plan.config.overlay(topology.settings(ConfigScope::Storm, plan.profile));
            plan.workers =
                topology.count("workers", static_cast<std::int32_t>(plan.config.integer("topology.workers")));
            plan.submitAt = topology.duration("submit_at", SimDuration::zero());
            for (const Member& spout : topology.members("spouts")) {
                plan.spouts.push_back(spoutPlan(plan, spout.key, Reader(&spout.value)));
            }
            for (const Member& bolt : topology.members("bolts")) {
                plan.bolts.push_back(boltPlan(plan, bolt.key, Reader(&bolt.value)));
            }
            m_plan.topologies.push_back(std::move(plan));
        }
    }

    /// topology.tasks, of a component or of the whole topology.
    static std::int32_t tasksByKey(const Settings& settings, std::int32_t otherwise) {
        return static_cast<std::int32_t>(settings.optionalInteger("topology.tasks").value_or(otherwise));
    }

    static SpoutPlan spoutPlan(const TopologyPlan& topology, const std::string& name, const Reader& spout) {
        SpoutPlan plan;
        plan.name = name;
        plan.topic = spout.text("topic");
        plan.group = spout.text("group", fmt::format("{}-{}", topology.name, name));
        plan.executors = spout.count("executors", 1);
        plan.tasks = spout.count("tasks", tasksByKey(topology.config, plan.executors));
        plan.startsAtLatest = spout.text("first_poll_offset_strategy") == "UNCOMMITTED_LATEST";
        plan.config = spout.settings(ConfigScope::Consumer, topology.profile);
        return plan;
    }

    static BoltPlan boltPlan(const TopologyPlan& topology, const std::string& name, const Reader& bolt) {
        BoltPlan plan;
        plan.name = name;
        plan.kind = bolt.text("kind");
        plan.executors = bolt.count("executors", 1);
        plan.config = bolt.settings(ConfigScope::Storm, topology.profile);
        plan.tasks = bolt.count("tasks", tasksByKey(plan.config, tasksByKey(topology.config, plan.executors)));
        const flow::Operator* row = findOperator(flow::NodeKind::Bolt, plan.kind);
        MILLRACE_CHECK(row != nullptr, plan.kind);
        plan.parameters = bolt.valuesFor(*row);
        for (const Value& value : bolt.items("inputs")) {
            const Reader input(&value);
            plan.inputs.push_back({input.text("from"), input.text("stream", "default"),
                                   input.text("grouping", "shuffle"), input.texts("fields")});
        }
        return plan;
    }

    void readSinks() {
        for (const Member& member : m_root.members("sinks")) {
            const Reader sink(&member.value);
            const auto path = m_paths.find(fmt::format("sinks.{}.path", member.key));
            m_plan.sinks.push_back({member.key, sink.text("kind"), sink.text("host"),
                                    path != m_paths.end() ? path->second : sink.text("path"),
                                    sink.text("write") == "once", tablesOf(sink)});
        }
    }

    static std::vector<TablePlan> tablesOf(const Reader& sink) {
        std::vector<TablePlan> tables;
        for (const Member& member : sink.members("tables")) {
            const Reader table(&member.value);
            TablePlan plan{member.key, table.text("kind") == "counts", {}};
            for (const std::string& column : table.texts("columns")) {
                const std::optional<ColumnPlan> parsed = parseColumn(column);
                MILLRACE_CHECK(parsed.has_value(), column);
                plan.columns.push_back(*parsed);
            }
            tables.push_back(std::move(plan));
        }
        return tables;
    }

    void readFaults() {
        for (const Value& value : m_root.items("faults")) {
            const Reader fault(&value);
            FaultPlan plan;
            plan.at = fault.duration("at", SimDuration::zero());
            const FaultRow* row = findFault(fault.text("kind"));
            MILLRACE_CHECK(row != nullptr, fault.text("kind"));
            plan.spec.kind = row->kind;
            plan.spec.target = fault.text("target");
            if (row->quantity) {
                const bool isDuration = row->quantity->form == FaultQuantity::Form::Duration;
                plan.spec.value =
                    isDuration ? seconds(fault.duration(row->quantity->key, {})) : fault.number(row->quantity->key, 0);
            }
            if (fault.has("for")) {
                plan.spec.duration = fault.duration("for", {});
            }
            m_plan.faults.push_back(std::move(plan));
        }
    }

    const Value& m_document;
    Reader m_root;
    const std::map<std::string, std::string>& m_paths;
    Scenario m_plan;
};

}  // namespace

Scenario buildPlan(const Value& document, const std::map<std::string, std::string>& paths) {
    return PlanBuilder(document, paths).build();
}

}  // namespace millrace::scenario
