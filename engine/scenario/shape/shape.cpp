#include "engine/scenario/shape/shape.h"

#include <algorithm>

#include "engine/base/faults.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/shape/operator_fields.h"

namespace millrace::scenario {

namespace {

const Field kindField(std::string_view help, std::vector<std::string_view> kinds) {
    return {.key = "kind", .type = FieldType::Choice, .help = help, .isRequired = true, .choices = std::move(kinds)};
}

const Field hostField(std::string_view help, bool isRequired) {
    return {.key = "host",
            .type = FieldType::Reference,
            .help = help,
            .isRequired = isRequired,
            .collection = Collection::Hosts};
}

const Field configField(ConfigScope scope, std::string_view help) {
    return {.key = "config", .type = FieldType::Config, .help = help, .scope = scope};
}

// One line a field: these are tables.
// clang-format off

const Shape& restartShape() {
    static const Shape shape{"restart", {
        {.key = "policy", .type = FieldType::Choice, .help = "on-failure: a process that ends by itself is started again; no: it stays down. What a fault ends is the fault's.", .defaultText = "on-failure", .choices = {"on-failure", "no"}},
        {.key = "delay", .type = FieldType::Duration, .help = "Time between its end and the new start, at least 1 ms.", .defaultText = "5s", .least = 0.001},
        {.key = "limit", .type = FieldType::Integer, .help = "Tries in a row; a run of a minute counts anew. Without it, no limit.", .least = 0, .most = 1'000'000, .blank = "no limit"},
    }};
    return shape;
}

Field restartField() {
    return {.key = "restart", .type = FieldType::Object, .help = "What a service manager does when the process ends by itself.", .shape = &restartShape()};
}

const Shape& runShape() {
    static const Shape shape{"run", {
        {.key = "seed", .type = FieldType::Integer, .help = "Two runs with one seed are the same run.", .defaultText = "1", .least = 0},
        {.key = "start", .type = FieldType::Instant, .help = "The date that the simulated clocks show at time 0.", .defaultText = "2026-01-01T00:00:00Z"},
        {.key = "duration", .type = FieldType::Duration, .help = "The run ends at this simulated time.", .blank = "endless"},
        {.key = "open_at", .type = FieldType::Duration, .help = "The window opens at this instant: what comes before runs at full speed.", .defaultText = "0s"},
    }};
    return shape;
}

const Shape& diskShape() {
    static const Shape shape{"disk", {
        {.key = "capacity", .type = FieldType::Size, .help = "How much fits.", .defaultText = "256GiB"},
        {.key = "write_rate", .type = FieldType::ByteRate, .help = "Bytes a second to the medium.", .defaultText = "500MiB/s"},
        {.key = "read_rate", .type = FieldType::ByteRate, .help = "Bytes a second from the medium.", .defaultText = "500MiB/s"},
        {.key = "flush_latency", .type = FieldType::Duration, .help = "Time of one flush, beside the time for its bytes.", .defaultText = "160us"},
        {.key = "writeback", .type = FieldType::Duration, .help = "Pages older than this have been written by the operating system.", .defaultText = "30s"},
    }};
    return shape;
}

const Shape& hostShape() {
    static const Shape shape{"host", {
        {.key = "cores", .type = FieldType::Integer, .help = "Processor cores.", .defaultText = "4", .least = 1, .most = 1024},
        {.key = "speed", .type = FieldType::Number, .help = "Speed of a core; 1 is the core that the cost tables speak of.", .defaultText = "1", .least = 0.001, .most = 1000},
        {.key = "memory", .type = FieldType::Size, .help = "Main memory.", .defaultText = "16GiB"},
        {.key = "disk", .type = FieldType::Object, .help = "The disk of the host.", .shape = &diskShape()},
        {.key = "card", .type = FieldType::ByteRate, .help = "What the network card sends in a second.", .defaultText = "1Gbit/s"},
        {.key = "rack", .type = FieldType::Text, .help = "The rack in which the host stands.", .blank = "none"},
    }};
    return shape;
}

const Shape& linkShape() {
    static const Shape shape{"link", {
        {.key = "between", .type = FieldType::TextList, .help = "The two hosts, if the link's name is not HOST-HOST."},
        {.key = "latency", .type = FieldType::Duration, .help = "Time of one way.", .defaultText = "250us"},
        {.key = "rate", .type = FieldType::ByteRate, .help = "Bytes a second on the way; without it only the sender's card limits.", .blank = "no limit of its own"},
    }};
    return shape;
}

const Shape& serverShape() {
    static const Shape shape{"server", {
        hostField("Where the server runs.", true),
        configField(ConfigScope::ZooKeeper, "Settings of this server by ZooKeeper's names."),
        restartField(),
    }};
    return shape;
}

const Shape& brokerShape() {
    static const Shape shape{"broker", {
        hostField("Where the broker runs.", true),
        configField(ConfigScope::Broker, "Settings of this broker by Kafka's names."),
        restartField(),
    }};
    return shape;
}

const Shape& ensembleShape() {
    static const Shape shape{"zookeeper", {
        configField(ConfigScope::ZooKeeper, "Settings of all servers by ZooKeeper's names."),
    }};
    return shape;
}

const Shape& clusterShape() {
    static const Shape shape{"cluster", {
        {.key = "coordination", .type = FieldType::Choice, .help = "Who keeps the cluster's metadata.", .defaultText = "zookeeper", .choices = {"zookeeper"}},
        {.key = "profile", .type = FieldType::Choice, .help = "course takes the older defaults that the course text describes: for brokers and topics replica.lag.time.max.ms 10000, unclean.leader.election.enable true, zookeeper.session.timeout.ms 6000; for producers acks 1, retries 0; for consumers auto.commit.interval.ms 60000, fetch.max.wait.ms 100, session.timeout.ms 10000.", .defaultText = "current", .choices = {"current", "course"}},
        {.key = "servers", .type = FieldType::Map, .help = "The ZooKeeper servers: 1, 3 or 5.", .shape = &serverShape()},
        {.key = "zookeeper", .type = FieldType::Object, .help = "What holds for all ZooKeeper servers.", .shape = &ensembleShape()},
        {.key = "brokers", .type = FieldType::Map, .help = "The brokers by their numbers.", .most = 1000, .shape = &brokerShape()},
        configField(ConfigScope::Broker, "Settings of all brokers by Kafka's names."),
    }};
    return shape;
}

const Shape& topicShape() {
    static const Shape shape{"topic", {
        {.key = "partitions", .type = FieldType::Integer, .help = "Into how many logs the topic is divided.", .defaultText = "1", .least = 1, .most = 200'000},
        {.key = "replicas", .type = FieldType::Integer, .help = "How many brokers keep a copy of each partition.", .defaultText = "1", .least = 1, .most = 1000},
        configField(ConfigScope::Topic, "Settings of the topic by Kafka's names."),
    }};
    return shape;
}

/// First its kind's own fields, then what holds for every one of its sort.
Shape shapeOfKinds(std::string_view name, flow::NodeKind node, std::string_view help, std::vector<Field> common) {
    Shape shape{name, {kindFieldOf(node, help)}};
    for (Field& field : operatorFields(node)) {
        shape.fields.push_back(std::move(field));
    }
    for (Field& field : common) {
        shape.fields.push_back(std::move(field));
    }
    return shape;
}

const Shape& sourceShape() {
    static const Shape shape = shapeOfKinds("source", flow::NodeKind::Source, "file reads lines, generator makes records up.", {
        hostField("Where it runs; without one, on a host of its own.", false),
        configField(ConfigScope::Producer, "Settings of its producer by Kafka's names."),
        restartField(),
    });
    return shape;
}

const Shape& producerShape() {
    static const Shape shape{"producer", {
        hostField("Where it runs; without one, on a host of its own.", false),
        {.key = "source", .type = FieldType::Reference, .help = "What it sends.", .isRequired = true, .collection = Collection::Sources},
        {.key = "topic", .type = FieldType::Reference, .help = "Where it sends to.", .isRequired = true, .collection = Collection::Topics},
        configField(ConfigScope::Producer, "Settings by Kafka's names."),
        restartField(),
    }};
    return shape;
}

const Shape& groupShape() {
    static const Shape shape{"group", {
        hostField("Where its members run; without one, each on a host of its own.", false),
        {.key = "topics", .type = FieldType::TextList, .help = "What the group reads.", .isRequired = true},
        {.key = "members", .type = FieldType::Integer, .help = "Consumers in the group.", .defaultText = "1", .least = 1, .most = 1000},
        {.key = "work", .type = FieldType::Duration, .help = "Processor time that a member takes for each record.", .defaultText = "2us"},
        configField(ConfigScope::Consumer, "Settings by Kafka's names."),
        restartField(),
    }};
    return shape;
}

const Shape& clientsShape() {
    static const Shape shape{"clients", {
        {.key = "producers", .type = FieldType::Map, .help = "Producers besides those of the sources.", .shape = &producerShape()},
        {.key = "groups", .type = FieldType::Map, .help = "Consumer groups.", .most = 1000, .shape = &groupShape()},
    }};
    return shape;
}

const Shape& nimbusShape() {
    static const Shape shape{"nimbus", {
        hostField("Where Nimbus runs.", true),
        restartField(),
    }};
    return shape;
}

const Shape& supervisorShape() {
    static const Shape shape{"supervisor", {
        hostField("Where the supervisor and its workers run.", true),
        {.key = "slots", .type = FieldType::Integer, .help = "How many workers it can run.", .defaultText = "4", .least = 1, .most = 1000},
        configField(ConfigScope::Storm, "Settings of this supervisor by Storm's names."),
        restartField(),
    }};
    return shape;
}

const Shape& stormShape() {
    static const Shape shape{"storm", {
        {.key = "profile", .type = FieldType::Choice, .help = "Storm's daemons have kept the defaults that the course text describes, so course changes nothing here; topologies have a profile of their own.", .defaultText = "current", .choices = {"current", "course"}},
        {.key = "nimbus", .type = FieldType::Object, .help = "The master.", .isRequired = true, .shape = &nimbusShape()},
        {.key = "supervisors", .type = FieldType::Map, .help = "The nodes that run workers.", .isRequired = true, .most = 1000, .shape = &supervisorShape()},
        configField(ConfigScope::Storm, "Settings of all daemons by Storm's names."),
    }};
    return shape;
}

const Shape& inputShape() {
    static const Shape shape{"input", {
        {.key = "from", .type = FieldType::Text, .help = "The spout or bolt whose tuples come in.", .isRequired = true},
        {.key = "stream", .type = FieldType::Text, .help = "Which of its streams.", .defaultText = "default"},
        {.key = "grouping", .type = FieldType::Choice, .help = "How tuples are dealt out to the tasks. shuffle prefers tasks of the same worker while they keep up (Storm's load-aware shuffle), none draws a task for each tuple, local-or-shuffle never leaves a worker that has one.", .defaultText = "shuffle", .choices = {"shuffle", "fields", "all", "global", "none", "local-or-shuffle"}},
        {.key = "fields", .type = FieldType::TextList, .help = "For the fields grouping: equal values go to one task."},
    }};
    return shape;
}

Field executorsField() {
    return {.key = "executors", .type = FieldType::Integer, .help = "Threads that run it.", .defaultText = "1", .least = 1, .most = 10000};
}

Field tasksField() {
    return {.key = "tasks", .type = FieldType::Integer, .help = "Instances of it; without a number, one for each executor.", .least = 1, .most = 10000, .blank = "one for each executor"};
}

const Shape& spoutShape() {
    static const Shape shape = shapeOfKinds("spout", flow::NodeKind::Spout, "Where its tuples begin.", {
        executorsField(),
        tasksField(),
        configField(ConfigScope::Consumer, "Settings of its consumer by Kafka's names."),
    });
    return shape;
}

const Shape& boltShape() {
    static const Shape shape = shapeOfKinds("bolt", flow::NodeKind::Bolt, "What it does with a tuple.", {
        executorsField(),
        tasksField(),
        {.key = "inputs", .type = FieldType::List, .help = "Where its tuples come from.", .isRequired = true, .most = 1000, .shape = &inputShape()},
        configField(ConfigScope::Storm, "Settings of this component by Storm's names."),
    });
    return shape;
}

const Shape& topologyShape() {
    static const Shape shape{"topology", {
        {.key = "workers", .type = FieldType::Integer, .help = "Worker processes.", .defaultText = "1", .least = 1, .most = 10000},
        {.key = "profile", .type = FieldType::Choice, .help = "course takes the older defaults that the course text describes: shuffles without regard to load and place (topology.disable.loadaware.messaging), and those of the spouts' consumers.", .defaultText = "current", .choices = {"current", "course"}},
        {.key = "submit_at", .type = FieldType::Duration, .help = "When it is handed to Nimbus.", .defaultText = "0s"},
        {.key = "spouts", .type = FieldType::Map, .help = "Where tuples begin.", .most = 1000, .shape = &spoutShape()},
        {.key = "bolts", .type = FieldType::Map, .help = "What is done with them.", .most = 1000, .shape = &boltShape()},
        configField(ConfigScope::Storm, "Settings of the topology by Storm's names."),
    }};
    return shape;
}

const Shape& tableShape() {
    static const Shape shape{"table", {
        {.key = "kind", .type = FieldType::Choice, .help = "rows adds a row for each tuple, counts adds one to the count of its key.", .defaultText = "rows", .choices = {"rows", "counts"}},
        {.key = "columns", .type = FieldType::TextList, .help = "Name and type of each column, as in \"status INTEGER\"; types are INTEGER, REAL and TEXT. Counts have one, the key.", .isRequired = true},
    }};
    return shape;
}

const Shape& sinkShape() {
    static const Shape shape = shapeOfKinds("sink", flow::NodeKind::Sink, "sqlite writes rows of a database, file lines of text.", {
        hostField("Where its database or file stands; without one, on a host of its own.", false),
        {.key = "tables", .type = FieldType::Map, .help = "The tables of the database; without them, those of the web log audit.", .most = 64, .forKinds = {"sqlite"}, .shape = &tableShape()},
    });
    return shape;
}

/// What says how strong a fault is, each for the kinds that say it so.
std::vector<Field> faultQuantities() {
    std::vector<Field> fields;
    for (const FaultRow& row : faults::rows) {
        if (!row.quantity) {
            continue;
        }
        const auto isIt = [&](const Field& each) { return each.key == row.quantity->key && each.help == row.quantity->help; };
        auto known = std::find_if(fields.begin(), fields.end(), isIt);
        if (known == fields.end()) {
            Field field{.key = row.quantity->key, .type = FieldType::Duration, .help = row.quantity->help, .isRequired = true};
            if (row.quantity->form != FaultQuantity::Form::Duration) {
                field.type = FieldType::Number;
                field.least = row.quantity->least;
                field.most = row.quantity->most;
            }
            known = fields.insert(fields.end(), std::move(field));
        }
        known->forKinds.push_back(row.name);
    }
    return fields;
}

Shape makeFaultShape() {
    Field kind = kindField("What happens.", {});
    for (const FaultRow& row : faults::rows) {
        kind.choices.push_back(row.name);
    }
    Shape shape{"fault", {
        {.key = "at", .type = FieldType::Duration, .help = "When it strikes.", .isRequired = true},
        std::move(kind),
        {.key = "target", .type = FieldType::Text, .help = "Whom it hits, as in broker:2, leader:access-0, host:h4, link:h1-h2.", .isRequired = true},
        {.key = "for", .type = FieldType::Duration, .help = "It is undone after this time; without it, it stays."},
    }};
    for (Field& field : faultQuantities()) {
        shape.fields.push_back(std::move(field));
    }
    return shape;
}

const Shape& faultShape() {
    static const Shape shape = makeFaultShape();
    return shape;
}

// clang-format on

}  // namespace

const Field* Shape::find(std::string_view key) const {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return each.key == key; });
    return found != fields.end() ? &*found : nullptr;
}

// clang-format off
const Shape& scenarioShape() {
    static const Shape shape{"scenario", {
        {.key = "millrace", .type = FieldType::Integer, .help = "Version of this form of documents.", .isRequired = true, .least = 1, .most = 1},
        {.key = "title", .type = FieldType::Text, .help = "Name of the scenario."},
        {.key = "about", .type = FieldType::Text, .help = "What it shows.", .most = 20000},
        {.key = "run", .type = FieldType::Object, .help = "Seed, date and length.", .shape = &runShape()},
        {.key = "hosts", .type = FieldType::Map, .help = "The machines.", .shape = &hostShape()},
        {.key = "links", .type = FieldType::Map, .help = "The ways between hosts, by the name HOST-HOST; default holds for all others.", .shape = &linkShape()},
        {.key = "cluster", .type = FieldType::Object, .help = "Kafka and ZooKeeper.", .shape = &clusterShape()},
        {.key = "topics", .type = FieldType::Map, .help = "What records are sorted into.", .shape = &topicShape()},
        {.key = "sources", .type = FieldType::Map, .help = "Where records come from.", .shape = &sourceShape()},
        {.key = "clients", .type = FieldType::Object, .help = "Producers and consumer groups.", .shape = &clientsShape()},
        {.key = "storm", .type = FieldType::Object, .help = "Nimbus and supervisors.", .shape = &stormShape()},
        {.key = "topologies", .type = FieldType::Map, .help = "What Storm runs.", .most = 1000, .shape = &topologyShape()},
        {.key = "sinks", .type = FieldType::Map, .help = "Where results go.", .most = 1000, .shape = &sinkShape()},
        {.key = "faults", .type = FieldType::List, .help = "What goes wrong, and when.", .shape = &faultShape()},
        {.key = "canvas", .type = FieldType::Any, .help = "Positions, colours and notes of the drawing."},
        {.key = "lesson", .type = FieldType::Any, .help = "The lesson that goes with it."},
        {.key = "experiment", .type = FieldType::Any, .help = "What is varied and measured."},
    }};
    return shape;
}
// clang-format on

namespace {

/// The field at the end of the steps, or null; `isName` when the last step is a free name inside a Map or a list's
/// index.
struct Found {
    const Field* field = nullptr;
    bool isName = false;
};

bool isList(FieldType type) {
    return type == FieldType::List || type == FieldType::TextList;
}

Found findInShape(const std::vector<std::string>& steps) {
    const Shape* shape = &scenarioShape();
    Found found;
    for (const std::string& step : steps) {
        if (shape != nullptr) {
            found = {shape->find(step), false};
            if (found.field == nullptr) {
                return {};
            }
            shape = found.field->type == FieldType::Object ? found.field->shape : nullptr;
        } else if (found.field->type == FieldType::Any) {
            continue;
        } else if (found.isName) {
            return {};
        } else if (isList(found.field->type) && !indexOf(step)) {
            return {};
        } else if (found.field->type == FieldType::Map || found.field->type == FieldType::List) {
            shape = found.field->shape;
            found.isName = true;
        } else if (found.field->type == FieldType::Config) {
            if (findConfigKey(found.field->scope, step) == nullptr) {
                return {};
            }
            found.isName = true;
        } else if (found.field->type == FieldType::TextList) {
            found.isName = true;
        } else {
            return {};
        }
    }
    return found;
}

}  // namespace

bool isPathOfShape(const std::vector<std::string>& steps) {
    return !steps.empty() && findInShape(steps).field != nullptr;
}

const Field* fieldAt(const std::vector<std::string>& steps) {
    const Found found = findInShape(steps);
    return found.isName ? nullptr : found.field;
}

const Shape* shapeAt(const std::vector<std::string>& steps) {
    if (steps.empty()) {
        return &scenarioShape();
    }
    const Found found = findInShape(steps);
    const bool isMember = found.isName && found.field != nullptr &&
                          (found.field->type == FieldType::Map || found.field->type == FieldType::List);
    const bool isObject = !found.isName && found.field != nullptr && found.field->type == FieldType::Object;
    return isMember || isObject ? found.field->shape : nullptr;
}

}  // namespace millrace::scenario
