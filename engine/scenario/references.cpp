#include "engine/scenario/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "engine/scenario/nearest.h"

namespace millrace::scenario {

namespace {

using Names = std::vector<std::string_view>;

Names namesOf(const Value* map) {
    Names names;
    if (map != nullptr) {
        for (const Member& member : map->members()) {
            names.push_back(member.key);
        }
    }
    return names;
}

bool contains(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

const Value* at(const Value& root, std::initializer_list<std::string_view> steps) {
    const Value* here = &root;
    for (const std::string_view step : steps) {
        here = here != nullptr ? here->find(step) : nullptr;
    }
    return here;
}

std::span<const Member> membersAt(const Value& root, std::initializer_list<std::string_view> steps) {
    const Value* map = at(root, steps);
    return map != nullptr ? map->members() : std::span<const Member>();
}

std::string textOf(const Value& object, std::string_view key, std::string_view otherwise = {}) {
    const Value* value = object.find(key);
    return value != nullptr && value->isText() ? value->asText() : std::string(otherwise);
}

class ReferenceChecker {
public:
    ReferenceChecker(const Value& root, Complaints& complaints) : m_root(root), m_complaints(complaints) {
        m_hosts = namesOf(at(root, {"hosts"}));
        m_topics = namesOf(at(root, {"topics"}));
        m_sources = namesOf(at(root, {"sources"}));
        m_sinks = namesOf(at(root, {"sinks"}));
        m_brokers = namesOf(at(root, {"cluster", "brokers"}));
        m_servers = namesOf(at(root, {"cluster", "servers"}));
        m_supervisors = namesOf(at(root, {"storm", "supervisors"}));
        m_topologies = namesOf(at(root, {"topologies"}));
        m_producers = namesOf(at(root, {"clients", "producers"}));
        for (const Member& source : membersAt(root, {"sources"})) {
            if (source.value.find("topic") != nullptr) {
                m_producers.push_back(source.key);
            }
        }
    }

    void checkAll() {
        checkLinks();
        checkCluster();
        checkTopics();
        checkClients();
        checkStorm();
        checkTopologies();
        checkSinks();
        checkFaults();
    }

private:
    void error(Place place, std::string path, std::string message) {
        m_complaints.error(place, std::move(path), std::move(message));
    }

    void refer(const Value& value, std::string_view what, const Names& known, const std::string& path) {
        if (!value.isText() || value.asText().empty() || contains(known, value.asText())) {
            return;
        }
        error(value.place(), path,
              fmt::format("there is no {} \"{}\"{}", what, value.asText(), suggestion(value.asText(), known)));
    }

    void referIfSet(const Value& object, std::string_view key, std::string_view what, const Names& known,
                    const std::string& path) {
        if (const Value* value = object.find(key)) {
            refer(*value, what, known, fmt::format("{}.{}", path, key));
        }
    }

    // --- hosts and links

    std::optional<std::pair<std::string, std::string>> endsOf(const Member& link) {
        if (const Value* between = link.value.find("between")) {
            const auto ends = between->items();
            return ends.size() == 2 ? std::optional(std::pair(ends[0].asText(), ends[1].asText())) : std::nullopt;
        }
        for (std::size_t dash = link.key.find('-'); dash != std::string::npos; dash = link.key.find('-', dash + 1)) {
            const std::string a = link.key.substr(0, dash);
            const std::string b = link.key.substr(dash + 1);
            if (contains(m_hosts, a) && contains(m_hosts, b)) {
                return std::pair(a, b);
            }
        }
        return std::nullopt;
    }

    void checkLinks() {
        std::map<std::pair<std::string, std::string>, std::string> seen;
        for (const Member& link : membersAt(m_root, {"links"})) {
            const std::string path = "links." + link.key;
            if (link.key == "default") {
                continue;
            }
            const auto ends = endsOf(link);
            if (!ends) {
                error(link.keyPlace, path,
                      "a link is named by its two hosts, as in \"h1-h2\", or says \"between\": [\"h1\", \"h2\"]");
                continue;
            }
            checkLinkEnds(link, *ends, path);
            const auto [first, isNew] = seen.emplace(std::minmax(ends->first, ends->second), link.key);
            if (!isNew) {
                error(link.keyPlace, path, fmt::format("the link \"{}\" joins the same two hosts", first->second));
            }
        }
    }

    void checkLinkEnds(const Member& link, const std::pair<std::string, std::string>& ends, const std::string& path) {
        for (const std::string& end : {ends.first, ends.second}) {
            if (!contains(m_hosts, end)) {
                error(link.keyPlace, path, fmt::format("there is no host \"{}\"{}", end, suggestion(end, m_hosts)));
            }
        }
        if (ends.first == ends.second) {
            error(link.keyPlace, path, "a link joins two different hosts");
        }
    }

    // --- cluster and topics

    void checkCluster() {
        const Value* cluster = at(m_root, {"cluster"});
        if (cluster == nullptr || !cluster->isObject()) {
            return;
        }
        const std::size_t servers = m_servers.size();
        if (servers != 1 && servers != 3 && servers != 5) {
            const Value* map = cluster->find("servers");
            error(map != nullptr ? map->place() : cluster->place(), "cluster.servers",
                  fmt::format("an ensemble has 1, 3 or 5 servers, and here are {}", servers));
        }
        if (m_brokers.empty()) {
            error(cluster->place(), "cluster.brokers", "a cluster needs at least one broker");
        }
        for (const Member& server : membersAt(m_root, {"cluster", "servers"})) {
            referIfSet(server.value, "host", "host", m_hosts, "cluster.servers." + server.key);
        }
        for (const Member& broker : membersAt(m_root, {"cluster", "brokers"})) {
            checkBrokerId(broker);
            referIfSet(broker.value, "host", "host", m_hosts, "cluster.brokers." + broker.key);
        }
    }

    void checkBrokerId(const Member& broker) {
        std::int32_t id = -1;
        const char* end = broker.key.data() + broker.key.size();
        const auto [stop, trouble] = std::from_chars(broker.key.data(), end, id);
        const bool isPlain = trouble == std::errc() && stop == end && std::to_string(id) == broker.key;
        if (!isPlain || id < 0) {
            error(broker.keyPlace, "cluster.brokers." + broker.key, "a broker is named by its number, as in \"1\"");
        }
    }

    void checkTopics() {
        for (const Member& topic : membersAt(m_root, {"topics"})) {
            const std::string path = "topics." + topic.key;
            checkTopicName(topic, path);
            const Value* replicas = topic.value.find("replicas");
            const auto brokers = static_cast<std::int64_t>(m_brokers.size());
            if (replicas != nullptr && replicas->isInteger() && replicas->asInteger() > brokers) {
                error(replicas->place(), path + ".replicas",
                      fmt::format("{} replicas need {} brokers, and the cluster has {}", replicas->asInteger(),
                                  replicas->asInteger(), brokers));
            }
            checkMinInSync(topic.value, path);
        }
        if (!m_topics.empty() && m_brokers.empty()) {
            error(at(m_root, {"topics"})->place(), "topics", "topics need a cluster with brokers");
        }
    }

    void checkTopicName(const Member& topic, const std::string& path) {
        constexpr std::size_t nameLengthMax = 249;
        constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
        const bool isLegal = topic.key.size() <= nameLengthMax && topic.key != "." && topic.key != ".." &&
                             topic.key.find_first_not_of(allowed) == std::string::npos;
        if (!isLegal) {
            error(topic.keyPlace, path,
                  "Kafka takes names of up to 249 letters, digits, dots, underscores and hyphens");
        }
    }

    void checkMinInSync(const Value& topic, const std::string& path) {
        const Value* least = at(topic, {"config", "min.insync.replicas"});
        const Value* replicas = topic.find("replicas");
        const std::int64_t count = replicas != nullptr && replicas->isInteger() ? replicas->asInteger() : 1;
        if (least != nullptr && least->isInteger() && least->asInteger() > count) {
            m_complaints.warning(least->place(), path + ".config.min.insync.replicas",
                                 fmt::format("{} replicas can never be in sync, there are {}: nothing can be written "
                                             "with acks=all",
                                             least->asInteger(), count));
        }
    }

    // --- clients

    void checkClients() {
        for (const Member& source : membersAt(m_root, {"sources"})) {
            const std::string path = "sources." + source.key;
            referIfSet(source.value, "topic", "topic", m_topics, path);
            referIfSet(source.value, "host", "host", m_hosts, path);
            checkSourceIsUsed(source, path);
            if (textOf(source.value, "kind") == "file" && source.value.find("path") == nullptr) {
                error(source.value.place(), path + ".path", "\"path\" is missing: the file whose lines are sent");
            }
        }
        for (const Member& producer : membersAt(m_root, {"clients", "producers"})) {
            const std::string path = "clients.producers." + producer.key;
            referIfSet(producer.value, "source", "source", m_sources, path);
            referIfSet(producer.value, "topic", "topic", m_topics, path);
            referIfSet(producer.value, "host", "host", m_hosts, path);
        }
        for (const Member& group : membersAt(m_root, {"clients", "groups"})) {
            const std::string path = "clients.groups." + group.key;
            referIfSet(group.value, "host", "host", m_hosts, path);
            referEach(group.value.find("topics"), "topic", m_topics, path + ".topics");
        }
    }

    void checkSourceIsUsed(const Member& source, const std::string& path) {
        const auto producers = membersAt(m_root, {"clients", "producers"});
        const auto uses = std::count_if(producers.begin(), producers.end(),
                                        [&](const Member& each) { return textOf(each.value, "source") == source.key; });
        const bool hasTopic = source.value.find("topic") != nullptr;
        if (!hasTopic && uses == 0) {
            m_complaints.warning(source.keyPlace, path,
                                 "nothing reads this source: it has no \"topic\" and no producer");
        }
        if (uses + (hasTopic ? 1 : 0) > 1) {
            error(source.keyPlace, path, "only one producer can read a source");
        }
    }

    void referEach(const Value* list, std::string_view what, const Names& known, const std::string& path) {
        std::size_t index = 0;
        for (const Value& each : list != nullptr ? list->items() : std::span<const Value>()) {
            refer(each, what, known, fmt::format("{}[{}]", path, index++));
        }
    }

    // --- Storm

    void checkStorm() {
        if (const Value* nimbus = at(m_root, {"storm", "nimbus"})) {
            referIfSet(*nimbus, "host", "host", m_hosts, "storm.nimbus");
        }
        for (const Member& supervisor : membersAt(m_root, {"storm", "supervisors"})) {
            referIfSet(supervisor.value, "host", "host", m_hosts, "storm.supervisors." + supervisor.key);
        }
        const Value* storm = at(m_root, {"storm"});
        if (storm != nullptr && m_servers.empty()) {
            error(storm->place(), "storm", "Storm needs ZooKeeper: cluster.servers");
        }
    }

    void checkTopologies() {
        for (const Member& topology : membersAt(m_root, {"topologies"})) {
            const std::string path = "topologies." + topology.key;
            if (m_supervisors.empty()) {
                error(topology.keyPlace, path, "a topology needs Storm: storm.nimbus and storm.supervisors");
            }
            if (topology.key.find_first_of("/.:\\") != std::string::npos) {
                error(topology.keyPlace, path, "Storm takes no / . : or \\ in the name of a topology");
            }
            checkComponents(topology.value, path);
        }
    }

    void checkComponents(const Value& topology, const std::string& path) {
        const Names spouts = namesOf(topology.find("spouts"));
        const Names bolts = namesOf(topology.find("bolts"));
        if (spouts.empty()) {
            error(topology.place(), path + ".spouts", "a topology needs at least one spout");
        }
        Names components = spouts;
        components.insert(components.end(), bolts.begin(), bolts.end());
        for (const Member& spout : membersAt(topology, {"spouts"})) {
            const std::string spoutPath = path + ".spouts." + spout.key;
            checkComponentName(spout, spoutPath);
            referIfSet(spout.value, "topic", "topic", m_topics, spoutPath);
            checkTasks(spout.value, spoutPath);
        }
        for (const Member& bolt : membersAt(topology, {"bolts"})) {
            const std::string boltPath = path + ".bolts." + bolt.key;
            checkComponentName(bolt, boltPath);
            if (contains(spouts, bolt.key)) {
                error(bolt.keyPlace, boltPath, "a spout has this name");
            }
            checkBolt(bolt.value, components, boltPath);
        }
        warnOfCycle(topology, path);
    }

    void checkComponentName(const Member& component, const std::string& path) {
        if (component.key.starts_with("__")) {
            error(component.keyPlace, path, "names that begin with __ belong to Storm");
        }
    }

    void checkTasks(const Value& component, const std::string& path) {
        const Value* executors = component.find("executors");
        const Value* tasks = component.find("tasks");
        if (executors != nullptr && tasks != nullptr && executors->asInteger() > tasks->asInteger()) {
            m_complaints.warning(
                executors->place(), path + ".executors",
                fmt::format("{} executors share {} tasks: Storm starts only as many as there are tasks",
                            executors->asInteger(), tasks->asInteger()));
        }
    }

    void require(const Value& bolt, std::string_view key, std::string_view help, const std::string& path) {
        if (bolt.find(key) == nullptr) {
            error(bolt.place(), fmt::format("{}.{}", path, key), fmt::format("\"{}\" is missing: {}", key, help));
        }
    }

    void checkBolt(const Value& bolt, const Names& components, const std::string& path) {
        const std::string kind = textOf(bolt, "kind");
        checkTasks(bolt, path);
        if (kind == "filter") {
            require(bolt, "field", "the field that is looked at", path);
            require(bolt, "pattern", "the regular expression", path);
        }
        if (kind == "count") {
            require(bolt, "field", "the field whose values are counted", path);
        }
        if (kind == "extract" && textOf(bolt, "format", "pattern") == "pattern") {
            require(bolt, "pattern", "the regular expression whose groups are taken", path);
            require(bolt, "fields", "names for the groups", path);
        }
        if (kind == "sqlite" || kind == "file") {
            require(bolt, "sink", "where it writes", path);
            referIfSet(bolt, "sink", "sink", m_sinks, path);
            checkSinkKind(bolt, kind, path);
            checkTableOf(bolt, kind, path);
        }
        checkInputs(bolt, components, path);
    }

    void checkSinkKind(const Value& bolt, const std::string& kind, const std::string& path) {
        const Value* sink = at(m_root, {"sinks", textOf(bolt, "sink")});
        const std::string sinkKind = sink != nullptr ? textOf(*sink, "kind") : std::string();
        if (!sinkKind.empty() && sinkKind != kind) {
            error(bolt.find("sink")->place(), path + ".sink",
                  fmt::format("this is a bolt of kind {}, and the sink \"{}\" is of kind {}", kind,
                              textOf(bolt, "sink"), sinkKind));
        }
    }

    void checkTableOf(const Value& bolt, const std::string& kind, const std::string& path) {
        if (kind != "sqlite") {
            return;
        }
        require(bolt, "table", "the table of the sink that it fills", path);
        const Value* sink = at(m_root, {"sinks", textOf(bolt, "sink")});
        if (sink != nullptr) {
            const Value* tables = sink->find("tables");
            referIfSet(bolt, "table", "table", tables != nullptr ? namesOf(tables) : auditTableNames(), path);
        }
    }

    void checkInputs(const Value& bolt, const Names& components, const std::string& path) {
        const Value* inputs = bolt.find("inputs");
        if (inputs != nullptr && inputs->isList() && inputs->items().empty()) {
            error(inputs->place(), path + ".inputs", "a bolt needs at least one input");
        }
        std::size_t index = 0;
        for (const Value& input : inputs != nullptr ? inputs->items() : std::span<const Value>()) {
            const std::string inputPath = fmt::format("{}.inputs[{}]", path, index++);
            referIfSet(input, "from", "spout or bolt", components, inputPath);
            const Value* fields = input.find("fields");
            const bool needsFields = textOf(input, "grouping") == "fields";
            if (needsFields && (fields == nullptr || fields->items().empty())) {
                error(input.place(), inputPath + ".fields",
                      "\"fields\" is missing: by which values tuples are grouped");
            }
            if (!needsFields && fields != nullptr) {
                error(fields->place(), inputPath + ".fields", "only the grouping \"fields\" has fields");
            }
        }
    }

    void warnOfCycle(const Value& topology, const std::string& path) {
        std::map<std::string, std::vector<std::string>, std::less<>> targets;
        for (const Member& bolt : membersAt(topology, {"bolts"})) {
            const Value* inputs = bolt.value.find("inputs");
            for (const Value& input : inputs != nullptr ? inputs->items() : std::span<const Value>()) {
                targets[textOf(input, "from")].push_back(bolt.key);
            }
        }
        std::set<std::string, std::less<>> done;
        for (const Member& bolt : membersAt(topology, {"bolts"})) {
            if (!done.contains(bolt.key) && reaches(targets, bolt.key, bolt.key, done)) {
                m_complaints.warning(
                    bolt.keyPlace, path + ".bolts." + bolt.key,
                    "tuples can come back to this bolt; Storm allows such a cycle, but under pressure its "
                    "full queues can block one another for good");
                return;
            }
        }
    }

    /// Walks without recursion, since a hostile file may chain thousands of bolts.
    static bool reaches(const std::map<std::string, std::vector<std::string>, std::less<>>& targets,
                        const std::string& from, const std::string& to, std::set<std::string, std::less<>>& done) {
        std::set<std::string, std::less<>> seen;
        std::vector<std::string> open{from};
        while (!open.empty()) {
            const std::string here = open.back();
            open.pop_back();
            const auto next = targets.find(here);
            for (const std::string& each : next != targets.end() ? next->second : std::vector<std::string>()) {
                if (each == to) {
                    return true;
                }
                if (!done.contains(each) && seen.insert(each).second) {
                    open.push_back(each);
                }
            }
        }
        done.insert(from);
        return false;
    }

    void checkSinks() {
        for (const Member& sink : membersAt(m_root, {"sinks"})) {
            referIfSet(sink.value, "host", "host", m_hosts, "sinks." + sink.key);
            for (const Member& table : membersAt(sink.value, {"tables"})) {
                checkTable(table, fmt::format("sinks.{}.tables.{}", sink.key, table.key));
            }
        }
    }

    void checkTable(const Member& table, const std::string& path) {
        const Value* columns = table.value.find("columns");
        std::size_t index = 0;
        for (const Value& each : columns != nullptr ? columns->items() : std::span<const Value>()) {
            if (!parseColumn(each.asText())) {
                error(each.place(), fmt::format("{}.columns[{}]", path, index),
                      "a column is a name and INTEGER, REAL or TEXT, as in \"status INTEGER\"");
            }
            ++index;
        }
        const std::size_t wanted = textOf(table.value, "kind") == "counts" ? 1 : index;
        if (columns != nullptr && columns->isList() && (index == 0 || index != wanted)) {
            error(columns->place(), path + ".columns",
                  index == 0 ? "a table needs a column"
                             : "a table of counts has one column, the key; its count comes by itself");
        }
    }

    // --- faults

    void checkFaults() {
        const Value* faults = m_root.find("faults");
        std::size_t index = 0;
        for (const Value& fault : faults != nullptr ? faults->items() : std::span<const Value>()) {
            const std::string path = fmt::format("faults[{}]", index++);
            const Value* target = fault.find("target");
            if (target != nullptr && target->isText()) {
                if (const auto trouble = troubleWithTarget(target->asText())) {
                    error(target->place(), path + ".target", *trouble);
                }
                checkKindFits(fault, *target, path);
            }
            requireQuantity(fault, path);
        }
    }

    void requireQuantity(const Value& fault, const std::string& path) {
        const std::string kind = textOf(fault, "kind");
        if (kind == "slow-cpu" || kind == "slow-disk") {
            require(fault, "factor", "how many times slower", path);
        } else if (kind == "delay" || kind == "skew") {
            require(fault, "by", "by how much", path);
        } else if (kind == "loss" || kind == "duplicate") {
            require(fault, "share", "share of the packets, from 0 to 1", path);
        }
    }

    void checkKindFits(const Value& fault, const Value& target, const std::string& path) {
        static const std::set<std::string, std::less<>> onLinks = {"cut", "heal", "delay", "loss", "duplicate"};
        static const std::set<std::string, std::less<>> onProcesses = {"crash", "restart", "pause", "resume"};
        const std::string kind = textOf(fault, "kind");
        const std::string noun = target.asText().substr(0, target.asText().find(':'));
        const bool isLink = noun == "link";
        const bool isHost = noun == "host" || noun == "disk";
        const bool fits = onLinks.contains(kind) ? isLink : onProcesses.contains(kind) ? !isLink && !isHost : isHost;
        if (!kind.empty() && !fits) {
            const std::string_view wanted = onLinks.contains(kind)       ? "a link"
                                            : onProcesses.contains(kind) ? "a process, such as broker:1"
                                                                         : "a host";
            error(target.place(), path + ".target", fmt::format("\"{}\" happens to {}", kind, wanted));
        }
    }

    std::optional<std::string> missing(std::string_view what, std::string_view name, const Names& known) {
        if (contains(known, name)) {
            return std::nullopt;
        }
        return fmt::format("there is no {} \"{}\"{}", what, name, suggestion(name, known));
    }

    std::optional<std::string> troubleWithTarget(std::string_view target) {
        if (target == "nimbus") {
            return at(m_root, {"storm", "nimbus"}) != nullptr ? std::nullopt
                                                              : std::optional<std::string>("there is no Nimbus");
        }
        const std::size_t colon = target.find(':');
        const std::string_view noun = target.substr(0, colon);
        const std::string_view name = colon == std::string_view::npos ? std::string_view() : target.substr(colon + 1);
        if (noun == "broker") {
            return missing("broker", name, m_brokers);
        }
        if (noun == "host" || noun == "disk") {
            return missing("host", name, m_hosts);
        }
        if (noun == "server") {
            return missing("ZooKeeper server", name, m_servers);
        }
        if (noun == "supervisor") {
            return missing("supervisor", name, m_supervisors);
        }
        if (noun == "worker") {
            return missing("topology", name.substr(0, name.find('/')), m_topologies);
        }
        if (noun == "leader") {
            return troubleWithLeader(name);
        }
        if (noun == "link") {
            return troubleWithLink(name);
        }
        if (noun == "sink") {
            return missing("sink", name, m_sinks);
        }
        if (noun == "producer") {
            return missing("producer", name, m_producers);
        }
        if (target == "controller" || noun == "process") {
            return std::nullopt;
        }
        static const Names nouns = {"sink",       "producer", "broker", "leader", "host", "nimbus",
                                    "supervisor", "worker",   "server", "link",   "disk"};
        return fmt::format(
            "\"{}\" is not a target; targets look like broker:2, leader:access-0, host:h4, nimbus, "
            "supervisor:s1, worker:audit/1, server:zk2, link:h1-h2, disk:h1{}",
            target, suggestion(noun, nouns));
    }

    std::optional<std::string> troubleWithLeader(std::string_view name) {
        const std::size_t dash = name.rfind('-');
        if (dash == std::string_view::npos) {
            return "a leader is named by topic and partition, as in leader:access-0";
        }
        if (const auto trouble = missing("topic", name.substr(0, dash), m_topics)) {
            return trouble;
        }
        const Value* partitions = at(m_root, {"topics", name.substr(0, dash), "partitions"});
        const std::int64_t count = partitions != nullptr && partitions->isInteger() ? partitions->asInteger() : 1;
        std::int64_t index = -1;
        const auto [stop, trouble] = std::from_chars(name.data() + dash + 1, name.data() + name.size(), index);
        if (trouble != std::errc() || stop != name.data() + name.size() || index < 0 || index >= count) {
            return fmt::format("the topic \"{}\" has the partitions 0 to {}", name.substr(0, dash), count - 1);
        }
        return std::nullopt;
    }

    std::optional<std::string> troubleWithLink(std::string_view name) {
        for (std::size_t mark = name.find_first_of("->"); mark != std::string_view::npos;
             mark = name.find_first_of("->", mark + 1)) {
            if (contains(m_hosts, name.substr(0, mark)) && contains(m_hosts, name.substr(mark + 1))) {
                return std::nullopt;
            }
        }
        return fmt::format("\"{}\" does not name two hosts; write link:h1-h2, or link:h1>h2 for one direction", name);
    }

    const Value& m_root;
    Complaints& m_complaints;
    Names m_hosts;
    Names m_topics;
    Names m_sources;
    Names m_sinks;
    Names m_brokers;
    Names m_servers;
    Names m_supervisors;
    Names m_topologies;
    Names m_producers;
};

}  // namespace

std::optional<ColumnPlan> parseColumn(std::string_view text) {
    constexpr std::string_view nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const std::size_t blank = text.find(' ');
    const std::string_view name = text.substr(0, blank);
    const std::string_view type = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
    const bool isName = !name.empty() && name.find_first_not_of(nameLetters) == std::string_view::npos;
    const bool isType = type == "INTEGER" || type == "REAL" || type == "TEXT";
    return isName && isType ? std::optional(ColumnPlan{std::string(name), std::string(type)}) : std::nullopt;
}

std::vector<std::string_view> auditTableNames() {
    return {"errors", "status_counts", "rejected"};
}

void checkReferences(const Value& root, Complaints& complaints) {
    ReferenceChecker(root, complaints).checkAll();
}

}  // namespace millrace::scenario
