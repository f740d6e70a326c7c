#include <fmt/format.h>
#include <sys/stat.h>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <functional>
#include <nlohmann/json.hpp>

#include "engine/flow/condition.h"
#include "engine/scenario/build.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/scenario_reader.h"
#include "engine/scenario/shape/shape.h"
#include "engine/scenario/units.h"
#include "engine/zookeeper/server_actor.h"

using namespace millrace;
using namespace millrace::scenario;

namespace {

/// A small whole scenario; tests change one thing of it.
constexpr const char* whole = R"({
  "millrace": 1,
  "title": "Small",
  "run": {"seed": 7, "duration": "60s", "open_at": "15s"},
  "hosts": {
    "h1": {"cores": 2, "memory": "8GiB", "disk": {"capacity": "10GiB"}},
    "h2": {},
    "h-3": {"card": "10Gbit/s"}
  },
  "links": {"default": {"latency": "300us"}, "h1-h2": {"latency": "2ms", "rate": "1MiB/s"}},
  "cluster": {
    "coordination": "zookeeper",
    "servers": {"zk1": {"host": "h1"}},
    "brokers": {"2": {"host": "h2", "config": {"min.insync.replicas": 1}}, "1": {"host": "h1"}},
    "config": {"zookeeper.session.timeout.ms": 6000, "min.insync.replicas": 2, "offsets.topic.replication.factor": 2}
  },
  "topics": {"access": {"partitions": 6, "replicas": 2}},
  "sources": {"numbers": {"kind": "generator", "topic": "access", "rate": "400/s", "count": 1000, "config": {"acks": "1"}}},
  "clients": {"groups": {"readers": {"topics": ["access"], "members": 2}}},
  "storm": {"nimbus": {"host": "h1"}, "supervisors": {"s1": {"host": "h-3", "slots": 2}},
            "config": {"topology.message.timeout.secs": 20}},
  "topologies": {"audit": {
    "workers": 2,
    "spouts": {"lines": {"kind": "kafka", "topic": "access"}},
    "bolts": {
      "parse": {"kind": "extract", "format": "combined", "executors": 2, "tasks": 4, "inputs": [{"from": "lines"}]},
      "save": {"kind": "sqlite", "sink": "audit", "table": "errors",
               "inputs": [{"from": "parse", "grouping": "fields", "fields": ["status"]}]}
    }
  }},
  "sinks": {"audit": {"kind": "sqlite", "path": "audit.db"}},
  "faults": [{"at": "5s", "kind": "crash", "target": "leader:access-0", "for": "15s"},
             {"at": "6s", "kind": "delay", "target": "link:h1-h-3", "by": "50ms"}],
  "canvas": {"anything": [1, 2]}
})";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    return at == std::string::npos ? std::string("the text to change is not there: ") + what
                                   : text.replace(at, what.size(), with);
}

std::string complaintsOf(const std::string& text, std::vector<Setting> settings = {}) {
    const ScenarioReading reading = readScenario(text, {"s.json", std::move(settings), {}});
    std::string all;
    for (const std::string& each : reading.complaintTexts("s.json")) {
        all += (all.empty() ? "" : "\n") + each;
    }
    return all;
}

std::string complaintsAfter(const std::string& what, const std::string& with) {
    return complaintsOf(replaced(whole, what, with));
}

}  // namespace

class TestScenarioReader : public QObject {
    Q_OBJECT

private slots:
    void wholeScenarioBecomesAPlan() {
        const ScenarioReading reading = readScenario(std::string_view(whole), {"tests/s.json", {}, {}});
        QCOMPARE(reading.complaints.all().size(), std::size_t{0});
        const Scenario& plan = *reading.scenario;
        QCOMPARE(plan.name(), std::string("s"));
        QCOMPARE(plan.run.seed, std::uint64_t{7});
        QCOMPARE(plan.run.openAt, SimDuration(std::chrono::seconds(15)));
        QCOMPARE(plan.hosts.size(), std::size_t{3});
        QCOMPARE(plan.hosts[0].disk.capacity, ByteCount{10} << 30);
        QCOMPARE(plan.hosts[2].cardRate, ByteCount{1250000000});
        QCOMPARE(plan.defaultLatency, SimDuration(std::chrono::microseconds(300)));
        QCOMPARE(plan.links[0].b, std::string("h2"));
        QCOMPARE(plan.cluster.brokers[0].id, 1);
        QCOMPARE(plan.cluster.brokers[0].config.integer("min.insync.replicas"), 2);
        QCOMPARE(plan.cluster.brokers[1].config.integer("min.insync.replicas"), 1);
        QCOMPARE(plan.cluster.brokers[1].config.integer("zookeeper.session.timeout.ms"), 6000);
        QCOMPARE(plan.producers[0].config.text("acks"), std::string("1"));
        QCOMPARE(*plan.sources[0].rate, 400.0);
        QVERIFY(plan.sources[0].isFinite());
        QCOMPARE(plan.storm->supervisors[0].slotCount, 2);
        QCOMPARE(plan.topologies[0].config.integer("topology.message.timeout.secs"), 20);
        QCOMPARE(plan.topologies[0].spouts[0].group, std::string("audit-lines"));
        QCOMPARE(plan.topologies[0].bolts[0].tasks, 4);
        QCOMPARE(plan.topologies[0].bolts[1].inputs[0].fields, std::vector<std::string>{"status"});
        QCOMPARE(plan.sinks[0].path, std::string("tests/audit.db"));
        QCOMPARE(plan.faults[0].spec.target, std::string("leader:access-0"));
        QCOMPARE(plan.faults[1].spec.value, 0.05);
    }

    void theLargestWholeNumberIsTakenAndOneMoreIsNot() {
        QCOMPARE(complaintsOf(replaced(whole, "\"seed\": 7", "\"seed\": 9223372036854775807")), std::string{});
        QVERIFY(complaintsOf(replaced(whole, "\"seed\": 7", "\"seed\": 9223372036854775808")).find("run.seed") !=
                std::string::npos);
    }

    void whatIsWrongIsToldWithPlaceFieldAndRemedy_data() {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("with");
        QTest::addColumn<QByteArray>("complaint");
        const auto row = [](const char* name, const char* what, const char* with, const char* complaint) {
            QTest::newRow(name) << QByteArray(what) << QByteArray(with) << QByteArray(complaint);
        };
        row("unknown key", "\"cores\": 2", "\"coers\": 2",
            "s.json:6:12: hosts.h1.coers: unknown key \"coers\"; did you mean \"cores\"?");
        row("a repair with an end", "\"kind\": \"crash\", \"target\": \"leader:access-0\"",
            "\"kind\": \"restart\", \"target\": \"leader:access-0\"",
            "s.json:32:82: faults[0].for: \"restart\" has no end: \"for\" belongs to the fault that it repairs");
        row("look-ahead in a pattern", "\"kind\": \"extract\", \"format\": \"combined\"",
            "\"kind\": \"extract\", \"format\": \"pattern\", \"fields\": [\"a\"], \"pattern\": \"(a)(?=b)\"",
            "s.json:26:85: topologies.audit.bolts.parse.pattern: this cannot be used as a regular expression: at "
            "character 4: (?= is look-around, which would need more than one pass over the text; match what stands "
            "around too and take a group, or use a second filter (the syntax is RE2's)");
        row("a bolt's setting that is its topology's", "\"format\": \"combined\"",
            "\"format\": \"combined\", \"config\": {\"topology.message.timeout.secs\": 5}",
            "s.json:26:69: topologies.audit.bolts.parse.config.topology.message.timeout.secs: this is a setting of the "
            "whole topology: set it in topologies.audit.config");
        row("a bolt's setting that is a daemon's", "\"format\": \"combined\"",
            "\"format\": \"combined\", \"config\": {\"nimbus.task.timeout.secs\": 5}",
            "s.json:26:69: topologies.audit.bolts.parse.config.nimbus.task.timeout.secs: this is a setting of Storm's "
            "daemons: set it in storm.config");
        row("a bolt's tasks twice", "\"format\": \"combined\"",
            "\"format\": \"combined\", \"config\": {\"topology.tasks\": 5}",
            "s.json:26:69: topologies.audit.bolts.parse.config.topology.tasks: the bolt has \"tasks\" already: set one "
            "of "
            "the two");
        row("a spout that commits by itself", "\"kind\": \"kafka\", \"topic\": \"access\"",
            "\"kind\": \"kafka\", \"topic\": \"access\", \"config\": {\"enable.auto.commit\": true}",
            "s.json:24:73: topologies.audit.spouts.lines.config.enable.auto.commit: a Kafka spout commits what is "
            "acked "
            "by itself, every 30 s (offsetCommitPeriodMs), and refuses this key");
        row("repeated key", "\"h2\": {}", "\"h2\": {}, \"h1\": {}",
            "s.json:7:15: hosts.h1: this key already stands at line 6");
        row("wrong type", "\"seed\": 7", "\"seed\": \"7\"",
            "s.json:4:19: run.seed: this is text, and a whole number is expected");
        row("bad duration", "\"60s\"", "\"60 seconds\"",
            "s.json:4:34: run.duration: \"60 seconds\" is not a duration; write a number and ns, us, ms, s, m, h or d, "
            "as in "
            "\"250ms\"");
        row("bad size", "\"8GiB\"", "\"8 gigs\"",
            "s.json:6:34: hosts.h1.memory: \"8 gigs\" is not a size; write a number and B, KiB, MiB, GiB, KB, MB or "
            "GB, as in "
            "\"64MiB\"");
        row("bad rate", "\"400/s\"", "\"400\"",
            "s.json:18:75: sources.numbers.rate: \"400\" is not a rate; write a number and /s, as in \"5000/s\"");
        row("unknown host", "\"host\": \"h2\"", "\"host\": \"h22\"",
            "s.json:14:31: cluster.brokers.2.host: there is no host \"h22\"; did you mean \"h2\"?");
        row("a restart without a pause", "\"brokers\": {\"2\": {",
            "\"brokers\": {\"2\": {\"restart\": {\"delay\": \"0s\"}, ",
            "s.json:14:44: cluster.brokers.2.restart.delay: 0s is less than 0.001 s, the least that makes sense here");
        row("an unknown restart policy", "\"brokers\": {\"2\": {",
            "\"brokers\": {\"2\": {\"restart\": {\"policy\": \"always\"}, ",
            "s.json:14:45: cluster.brokers.2.restart.policy: \"always\" is not one of on-failure, no");
        row("unknown topic", "\"topics\": [\"access\"]", "\"topics\": [\"acess\"]",
            "s.json:19:49: clients.groups.readers.topics[0]: there is no topic \"acess\"; did you mean \"access\"?");
        row("unknown sink", "\"sink\": \"audit\"", "\"sink\": \"adit\"",
            "s.json:27:42: topologies.audit.bolts.save.sink: there is no sink \"adit\"; did you mean \"audit\"?");
        row("unknown table", "\"table\": \"errors\"", "\"table\": \"eror\"",
            "s.json:27:60: topologies.audit.bolts.save.table: there is no table \"eror\"; did you mean \"errors\"?");
        row("unknown component", "\"from\": \"parse\"", "\"from\": \"prase\"",
            "s.json:28:36: topologies.audit.bolts.save.inputs[0].from: there is no spout or bolt \"prase\"; did you "
            "mean "
            "\"parse\"?");
        row("too many replicas", "\"replicas\": 2", "\"replicas\": 3",
            "s.json:17:54: topics.access.replicas: 3 replicas need 3 brokers, and the cluster has 2");
        row("even ensemble", "\"zk1\": {\"host\": \"h1\"}", "\"zk1\": {\"host\": \"h1\"}, \"zk2\": {\"host\": \"h1\"}",
            "s.json:13:16: cluster.servers: an ensemble has 1, 3 or 5 servers, and here are 2");
        row("unknown setting", "\"acks\": \"1\"", "\"ack\": \"1\"",
            "s.json:18:110: sources.numbers.config.ack: Kafka producer has no setting \"ack\"; did you mean \"acks\"?");
        row("bad value of a setting", "\"acks\": \"1\"", "\"acks\": \"most\"",
            "s.json:18:118: sources.numbers.config.acks: \"most\" is not one of all, -1, 0, 1");
        row("setting that would change results", "\"acks\": \"1\"", "\"enable.idempotence\": true",
            "s.json:18:132: sources.numbers.config.enable.idempotence: Kafka producer knows \"enable.idempotence\", "
            "and "
            "Millrace does not model it yet; only Millrace's stand-in can stand here (false: retries may duplicate, "
            "and "
            "reorder with several requests in flight); Kafka's own default is true");
        row("setting without effect", "\"acks\": \"1\"", "\"client.id\": \"x\"",
            "s.json:18:123: sources.numbers.config.client.id: warning: Millrace does not model \"client.id\"; it "
            "changes "
            "nothing");
        row("fields missing", "\"grouping\": \"fields\", \"fields\": [\"status\"]", "\"grouping\": \"fields\"",
            "s.json:28:27: topologies.audit.bolts.save.inputs[0].fields: \"fields\" is missing: by which values tuples "
            "are "
            "grouped");
        row("key of another kind", "\"format\": \"combined\"", "\"format\": \"combined\", \"sink\": \"audit\"",
            "s.json:26:58: topologies.audit.bolts.parse.sink: \"sink\" means nothing for the kind \"extract\"; it is "
            "for "
            "sqlite, file");
        row("sinks of another kind", "\"kind\": \"sqlite\", \"path\"", "\"kind\": \"file\", \"path\"",
            "s.json:27:42: topologies.audit.bolts.save.sink: this is a bolt of kind sqlite, and the sink \"audit\" is "
            "of "
            "kind file");
        row("fault without a target", "leader:access-0", "leader:access-6",
            "s.json:32:54: faults[0].target: the topic \"access\" has the partitions 0 to 5");
        row("fault of a wrong target", "leader:access-0", "host:h1",
            "s.json:32:54: faults[0].target: \"crash\" happens to a process, such as broker:1");
        row("fault without quantity", ", \"by\": \"50ms\"", "",
            "s.json:33:14: faults[1].by: \"by\" is missing: How much longer a packet takes.");
        row("unknown stream", "\"from\": \"parse\"", "\"from\": \"parse\", \"stream\": \"broken\"",
            "s.json:28:55: topologies.audit.bolts.save.inputs[0].stream: 'parse' has no stream 'broken'");
        row("field of a grouping", "[\"status\"]", "[\"status\", \"colour\"]",
            "s.json:28:88: topologies.audit.bolts.save.inputs[0].fields[1]: stream 'default' of 'parse' has no field "
            "'colour'; it has host, time, request, method, path, protocol, status, bytes, referrer, agent, line");
        row("one stream twice", "{\"from\": \"lines\"}", "{\"from\": \"lines\"}, {\"from\": \"lines\"}",
            "s.json:26:125: topologies.audit.bolts.parse.inputs[1].from: stream 'default' of 'lines' is an input "
            "twice");
        row("inputs from a sink", "{\"from\": \"parse\", \"grouping\": \"fields\", \"fields\": [\"status\"]}",
            "{\"from\": \"parse\"}]}, \"last\": {\"kind\": \"count\", \"field\": \"word\", \"inputs\": [{\"from\": "
            "\"save\"}",
            "s.json:28:102: topologies.audit.bolts.last.inputs[0].stream: 'save' has no stream 'default'");
        row("column that no field has", "{\"kind\": \"sqlite\", \"path\"",
            "{\"kind\": \"sqlite\", \"tables\": {\"errors\": {\"columns\": [\"colour TEXT\"]}}, \"path\"",
            "s.json:27:60: topologies.audit.bolts.save.table: 'errors' has a column 'colour', the input has only host, "
            "time, request, method, path, protocol, status, bytes, referrer, agent, line");
        row("field that no input has", "\"format\": \"combined\"", "\"format\": \"combined\", \"field\": \"text\"",
            "s.json:26:67: topologies.audit.bolts.parse.field: the input has no field 'text', only topic, partition, "
            "offset, key, value");
        row("unknown process", "leader:access-0", "process:nope",
            "s.json:32:54: faults[0].target: there is no process \"nope\"; processes look like zookeeper/zk1, "
            "broker/1, sink/audit, ingestion/nightly, producer/log, group/readers/1, supervisor/s1");
        row("member that is not there", "leader:access-0", "process:group/readers/3",
            "s.json:32:54: faults[0].target: there is no process \"group/readers/3\"; processes look like "
            "zookeeper/zk1, "
            "broker/1, sink/audit, ingestion/nightly, producer/log, group/readers/1, supervisor/s1");
        row("racks for some", "\"h1\": {", "\"h1\": {\"rack\": \"A\", ",
            "s.json:14:17: cluster.brokers.2: warning: this broker has no rack, and others have one: Kafka then "
            "creates "
            "no topic (INVALID_REPLICA_ASSIGNMENT); give all brokers a rack, or none");
        row("duration without a digit before its point", "\"open_at\": \"15s\"", "\"open_at\": \".5s\"",
            "s.json:4:52: run.open_at: \".5s\" is not a duration; write a number and ns, us, ms, s, m, h or d, as in "
            "\"250ms\"");
        row("link that joins nothing", "\"h1-h2\"", "\"h1-h9\"",
            "s.json:10:46: links.h1-h9: a link is named by its two hosts, as in \"h1-h2\", or says \"between\": "
            "[\"h1\", "
            "\"h2\"]");
        row("version", "\"millrace\": 1", "\"millrace\": 2",
            "s.json:2:15: millrace: 2 is more than 1, the most that makes sense here");
        row("number that is too large", "\"seed\": 7", "\"seed\": 99999999999999999999",
            "s.json:4:19: run.seed: this is more than 9223372036854775807, the most that a whole number can be here");
        row("number with a fraction", "\"seed\": 7", "\"seed\": 7.5",
            "s.json:4:19: run.seed: this is a number, and a whole number is expected");
        row("no replicas", "\"replicas\": 2", "\"replicas\": 0, \"config\": {\"min.insync.replicas\": 1}",
            "s.json:17:54: topics.access.replicas: 0 is less than 1, the least that makes sense here");
        row("unknown fault", "\"kind\": \"crash\"", "\"kind\": \"explode\"",
            "s.json:32:35: faults[0].kind: \"explode\" is not one of crash, stop, restart, power, power-on, pause, "
            "resume, slow-cpu, slow-disk, full-disk, free-disk, cut, heal, delay, loss, duplicate, skew, revive");
        row("fault of nothing", "leader:access-0", "", "s.json:32:54: faults[0].target: this is empty");
        row("fault of an unknown noun", "\"crash\", \"target\": \"leader:access-0\"",
            "\"power\", \"target\": \"machine:h1\"",
            "s.json:32:54: faults[0].target: \"machine:h1\" is not a target; targets look like server:zk2, "
            "broker:2, leader:access-0, controller, sink:audit, ingestion:nightly, producer:log, namenode, "
            "datanode:dn1, jobtracker, tasktracker:tt1, resourcemanager, "
            "nodemanager:nm1, appmaster:wordcount, export:words, nimbus, supervisor:s1, worker:audit/1, "
            "spark-master, spark-worker:w1, driver:words, "
            "executor:words/0, receiver:words/1, host:h4, disk:h1, link:h1-h2, all");
        row("fault of a worker without a number", "leader:access-0", "worker:audit/x",
            "s.json:32:54: faults[0].target: a worker is named by its topology and its number from 1, as in "
            "worker:audit/1");
        row("fault of a link to itself", "link:h1-h-3", "link:h1-h1",
            "s.json:33:54: faults[1].target: a link joins two different hosts");
        row("heartbeats that are no more often than the session", "\"members\": 2",
            "\"members\": 2, \"config\": {\"heartbeat.interval.ms\": 45000}",
            "s.json:19:110: clients.groups.readers.config.heartbeat.interval.ms: 45000 is not less than "
            "session.timeout.ms, 45000: Kafka's consumer does not start with these");
        row("a delivery that is over before a request", "{\"acks\": \"1\"}",
            "{\"acks\": \"1\", \"delivery.timeout.ms\": 30000, \"linger.ms\": 5}",
            "s.json:18:146: sources.numbers.config.delivery.timeout.ms: 30000 is less than linger.ms, 5, and "
            "request.timeout.ms, 30000, together: Kafka's producer does not start with these");
        row("heartbeats that are no more often than the session, as text", "\"members\": 2",
            R"("members": 2, "config": {"heartbeat.interval.ms": "41000", "session.timeout.ms": "40000"})",
            "s.json:19:110: clients.groups.readers.config.heartbeat.interval.ms: 41000 is not less than "
            "session.timeout.ms, 40000: Kafka's consumer does not start with these");
        row("a delivery that is over before a request, as text", "{\"acks\": \"1\"}",
            R"({"acks": "1", "delivery.timeout.ms": "30000", "linger.ms": "5"})",
            "s.json:18:146: sources.numbers.config.delivery.timeout.ms: 30000 is less than linger.ms, 5, and "
            "request.timeout.ms, 30000, together: Kafka's producer does not start with these");
        row("a delivery that is over before the longest linger", "{\"acks\": \"1\"}",
            R"({"acks": "1", "delivery.timeout.ms": 2147483646, "linger.ms": 2147483647})",
            "s.json:18:146: sources.numbers.config.delivery.timeout.ms: 2147483646 is less than linger.ms, 2147483647, "
            "and request.timeout.ms, 30000, together: Kafka's producer does not start with these");
        row("more ackers than executors can be, as text", "\"workers\": 2,",
            R"("workers": 2, "config": {"topology.acker.executors": "10000"},)",
            "s.json:22:17: topologies: 10004 executors (ackers, one a worker, included) in all; a scenario has at most "
            "10000");
        row("a group that reads nothing", "\"topics\": [\"access\"]", "\"topics\": []",
            "s.json:19:48: clients.groups.readers.topics: this group reads nothing: Kafka's consumer refuses to poll "
            "without a topic");
        row("two topics that metrics take for one", "\"replicas\": 2}}",
            "\"replicas\": 2}, \"a.b_c\": {\"partitions\": 1}, \"a_b.c\": {\"partitions\": 1}}",
            "s.json:17:86: topics.a_b.c: Kafka refuses this name beside \"a.b_c\": its metrics take a dot for an "
            "underscore");
        row("a broker whose number Kafka keeps for itself", "\"2\": {\"host\": \"h2\"", "\"1001\": {\"host\": \"h2\"",
            "s.json:14:17: cluster.brokers.1001: a broker whose number is above reserved.broker.max.id, 1000, does not "
            "start: numbers above it are given out by Kafka itself");
        const auto withReceiver = [&](const char* name, const QByteArray& spark, const char* complaint) {
            const QByteArray streaming =
                R"( "streaming": {"app": {"host": "h1", "batch": "1s", "inputs": {"in": {"kind": "reliable", "source": "fed"}},)"
                R"( "outputs": {"out": {"kind": "print", "from": ["in"]}}}},)"
                R"( "sources": {"fed": {"kind": "generator", "rate": "5/s", "count": 50, "host": "h1"},)";
            row(name, "\"sources\": {", (spark + streaming).constData(), complaint);
        };
        withReceiver(
            "a log of received records without a place for it",
            R"("spark": {"master": {"host": "h1"}, "workers": {"w1": {"host": "h2", "cores": 2}},)"
            R"( "config": {"spark.streaming.receiver.writeAheadLog.enable": true}},)",
            "s.json:18:175: streaming.app.checkpoint: a write-ahead log of received records needs checkpoint: true, "
            "since "
            "it is kept beside the checkpoints (or set spark.streaming.receiver.writeAheadLog.enable to false)");
        withReceiver(
            "executors larger than any worker",
            R"("spark": {"master": {"host": "h1"}, "workers": {"w1": {"host": "h2", "cores": 3}}, "config": {"spark.executor.cores": 4}},)",
            "s.json:18:121: spark.config.spark.executor.cores: an executor takes 4 cores and no worker has more than "
            "3: "
            "none is "
            "ever launched and batches queue for ever; ask for 3 or fewer, or give a worker more cores");
        withReceiver(
            "executors of more cores than the application may have",
            R"("spark": {"master": {"host": "h1"}, "workers": {"w1": {"host": "h2", "cores": 8}}, "config": {"spark.executor.cores": 4, "spark.cores.max": 3}},)",
            "s.json:18:143: spark.config.spark.cores.max: an executor takes 4 cores (spark.executor.cores) and the "
            "application "
            "may have 3: none is ever launched and batches queue for ever; let it have 4 or more");
        withReceiver(
            "executors of more memory than any worker",
            R"("spark": {"master": {"host": "h1"}, "workers": {"w1": {"host": "h2", "cores": 8}}, "config": {"spark.executor.memory": "16g"}},)",
            "s.json:18:122: spark.config.spark.executor.memory: an executor takes 16384 MiB and no worker has more "
            "than "
            "8192 MiB: "
            "none is ever launched and batches queue for ever; ask for less, or give a worker more memory");
        withReceiver(
            "a receiver that keeps the only core",
            R"("spark": {"master": {"host": "h1"}, "workers": {"w1": {"host": "h2", "cores": 1}}, "config": {}},)",
            "s.json:18:162: streaming.app.inputs: each receiver keeps a core for good: of the 1 that its executors get "
            "its "
            "receiver takes all, and no task of a batch ever runs; 2 or more let it begin");
        withReceiver(
            "a limit that leaves receivers no core beside theirs",
            R"("spark": {"master": {"host": "h1"}, "workers": {"w1": {"host": "h2", "cores": 4}}, "config": {"spark.cores.max": 1}},)",
            "s.json:18:116: spark.config.spark.cores.max: each receiver keeps a core for good: of the 1 that its "
            "executors get its "
            "receiver takes all, and no task of a batch ever runs; 2 or more let it begin");
        withReceiver(
            "so few executors that receivers keep all of their cores",
            R"("spark": {"master": {"host": "h1"}, "workers": {"w1": {"host": "h2", "cores": 4}}, "config": {"spark.executor.cores": 1, "spark.executor.instances": 1}},)",
            "s.json:18:152: spark.config.spark.executor.instances: each receiver keeps a core for good: of the 1 that "
            "its "
            "executors get its receiver takes all, and no task of a batch ever runs; 2 or more let it begin");
        row("missing", "\"millrace\": 1,", "",
            "s.json:1:1: millrace: \"millrace\" is missing: Version of this form of documents.");
    }
    void quantitiesAreWrittenAsTheSchemaSays() {
        for (const char* wrong :
             {".5s", "1.s", "-0s", "+1s", "1e3s", "1..5s", "5 s ", " 5s", "5  s", "0x5s", "s", ""}) {
            QVERIFY2(complaintsAfter("\"60s\"", std::string("\"") + wrong + "\"").find("run.duration: ") !=
                         std::string::npos,
                     wrong);
        }
        for (const char* right : {"0s", "0.5s", "5 s", "1.50min", "2d"}) {
            QCOMPARE(complaintsAfter("\"60s\"", std::string("\"") + right + "\""), std::string());
        }
    }

    void tuplesThatCanComeBackAreWarnedOf() {
        const std::string complaints = complaintsAfter("\"inputs\": [{\"from\": \"lines\"}]",
                                                       "\"inputs\": [{\"from\": \"lines\"}, {\"from\": \"save\"}]");
        QVERIFY2(complaints.find("topologies.audit.bolts.parse: warning: tuples can come back to this bolt") !=
                     std::string::npos,
                 complaints.c_str());
    }

    void namesAndTextsAreBoundedAndSoAreComplaintsAboutThem() {
        const std::string endless(200'000, 'x');
        for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
                 {"\"h2\": {}", "\"" + endless + "\": {}"},
                 {"\"title\": \"Small\"", "\"title\": \"" + endless + "\""},
                 {"\"millrace\": 1,", "\"millrace\": 1, \"" + endless + "\": 1,"},
                 {"\"60s\"", "\"" + endless + "\""},
                 {"leader:access-0", endless},
                 {"\"host\": \"h2\"", "\"host\": \"" + endless + "\""},
                 {"\"acks\": \"1\"", "\"" + endless + "\": 1"},
                 {"\"from\": \"parse\"", "\"from\": \"" + endless + "\""},
                 {"\"kind\": \"crash\"", "\"kind\": \"" + endless + "\""}}) {
            const ScenarioReading reading = readScenario(replaced(whole, what, with), {"s.json", {}, {}});
            QVERIFY2(!reading.scenario, what.c_str());
            for (const std::string& each : reading.complaintTexts("s.json")) {
                QVERIFY2(each.size() < 1600 && each.find('\n') == std::string::npos, each.substr(0, 200).c_str());
            }
        }
        QVERIFY(
            complaintsAfter("\"h2\": {}", "\"" + endless + "\": {}").find("has 200000 bytes; names have at most 249") !=
            std::string::npos);
        QVERIFY(complaintsAfter("\"h2\": {}", "\"h\\u0007\": {}").find("a character that cannot be seen") !=
                std::string::npos);
    }

    void sizesOfTheWholeAreBounded_data() {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("with");
        QTest::addColumn<QByteArray>("complaint");
        const auto row = [](const char* name, const std::string& what, const std::string& with, const char* complaint) {
            QTest::newRow(name) << QByteArray::fromStdString(what) << QByteArray::fromStdString(with)
                                << QByteArray(complaint);
        };
        const auto many = [](int count, const std::string& stem, const std::string& value) {
            std::string all;
            for (int i = 0; i < count; ++i) {
                all += "\"" + stem + std::to_string(i) + "\": " + value + ", ";
            }
            return all;
        };
        const std::string hosts = "\"hosts\": {";
        const std::string topics = "\"topics\": {";
        row("as many partitions as a cluster takes", topics,
            topics + many(19, "t", R"({"partitions": 10000})") + R"("u": {"partitions": 9994}, )", "");
        row("one partition more", topics,
            topics + many(19, "t", R"({"partitions": 10000})") + R"("u": {"partitions": 9995}, )",
            "topics: 200001 partitions in all; a scenario has at most 200000");
        row("ten million partitions", topics, topics + many(1000, "t", R"({"partitions": 10000})"),
            "topics: 10000006 partitions in all; a scenario has at most 200000");
        row("hosts", hosts, hosts + many(20'000, "m", "{}"), "hosts: 20003 entries; there can be at most 10000");
        row("hosts of clients", "\"groups\": {",
            "\"groups\": {" + many(11, "g", R"({"topics": ["access"], "members": 1000})"),
            "hosts: 11007 hosts (clients that name none have one each) in all; a scenario has at most 10000");
        row("brokers", "\"brokers\": {", "\"brokers\": {" + many(1000, "1", R"({"host": "h1"})"),
            "cluster.brokers: 1002 entries; there can be at most 1000");
        row("executors", "\"executors\": 2, \"tasks\": 4", "\"executors\": 9999",
            "topologies: 10003 executors (ackers, one a worker, included) in all; a scenario has at most 10000");
        row("listeners of a host", "\"supervisors\": {",
            "\"supervisors\": {" + many(60, "x", R"({"host": "h1", "slots": 900})"),
            "hosts.h1: 54064 listen here, and a host has ports for 50000: use more hosts");
    }
    void sizesOfTheWholeAreBounded() {
        QFETCH(QByteArray, what);
        QFETCH(QByteArray, with);
        QFETCH(QByteArray, complaint);
        const std::string complaints = complaintsAfter(what.toStdString(), with.toStdString());
        QVERIFY2(
            complaint.isEmpty() ? complaints.empty() : complaints.find(complaint.toStdString()) != std::string::npos,
            complaints.substr(0, 2000).c_str());
    }

    void elementsOfListsAreSetByTheirPlaces() {
        const auto planAfter = [](std::vector<Setting> settings) {
            return readScenario(std::string_view(whole), {"s.json", std::move(settings), {}}).scenario.value();
        };
        QCOMPARE(*planAfter({{"faults[0].for", "9s"}}).faults[0].spec.duration, SimDuration(std::chrono::seconds(9)));
        QCOMPARE(planAfter({{"faults[1].target", "link:h1-h2"}}).faults[1].spec.target, std::string("link:h1-h2"));
        QCOMPARE(planAfter({{"topologies.audit.bolts.save.inputs[0].fields[0]", "path"}})
                     .topologies[0]
                     .bolts[1]
                     .inputs[0]
                     .fields,
                 std::vector<std::string>{"path"});
        QCOMPARE(planAfter({{"faults[2]", R"({"at": "1s", "kind": "crash", "target": "broker:1"})"}}).faults.size(),
                 std::size_t{3});
        QCOMPARE(
            complaintsOf(whole, {{"faults[7].for", "9s"}}),
            std::string("s.json: faults[7].for: --set: faults has 2 entries, numbered from 0: there is no faults[7]"));
        QCOMPARE(complaintsOf(whole, {{"faults[3]", "{}"}}),
                 std::string("s.json: faults[3]: --set: faults has 2 entries, numbered from 0: there is no faults[3]"));
        QCOMPARE(complaintsOf(whole, {{"faults.first.for", "9s"}}),
                 std::string("s.json: faults.first.for: --set: no scenario has this field"));
        QVERIFY(complaintsOf(whole, {{"faults[0].fro", "9s"}}).find("did you mean \"for\"?") != std::string::npos);
    }

    void aRecordThatNoRequestCanHoldIsRefused() {
        QCOMPARE(complaintsOf(whole, {{"sources.numbers.size", "100MiB"}}), std::string());
        QCOMPARE(complaintsOf(whole, {{"sources.numbers.size", "100GB"}}),
                 std::string("s.json: sources.numbers.size: 100GB is too much; it can be at most 104857600 bytes"));
    }

    void whatIsNoOrdinaryFileIsRefusedAtOnce() {
        const QTemporaryDir folder;
        const std::string pipe = folder.path().toStdString() + "/pipe";
        QCOMPARE(mkfifo(pipe.c_str(), 0600), 0);
        const auto readingOf = [](const std::string& file) {
            return readScenarioFile({file, {}, {}}).complaintTexts("f").front();
        };
        QCOMPARE(readingOf(pipe), std::string("f: this is a pipe, and a scenario file is expected"));
        QCOMPARE(readingOf("/dev/zero"), std::string("f: this is a device, and a scenario file is expected"));
        QCOMPARE(readingOf("/proc/self/mem"),
                 std::string("f: this is a file that the kernel makes up, and a scenario file is expected"));
        const auto withSink = [](const std::string& path) { return complaintsOf(whole, {{"sinks.audit.path", path}}); };
        QCOMPARE(withSink(pipe), "s.json: sinks.audit.path: " + pipe + " is a pipe, and a file is expected");
        QCOMPARE(withSink("/dev/null"),
                 std::string("s.json: sinks.audit.path: /dev/null is a device, and a file is expected"));
        for (const char* name : {"/proc/o.db", "/sys/kernel/o.db"}) {
            QCOMPARE(withSink(name), fmt::format("s.json: sinks.audit.path: {} is a file that the kernel makes up, and "
                                                 "a file is expected",
                                                 name));
        }
        QCOMPARE(withSink("/dev/full"), std::string());  // stands for a full disk, which is the machine's matter
    }

    void tablesThatSqliteWouldRefuseAreToldAtTheirPlace_data() {
        QTest::addColumn<QByteArray>("tables");
        QTest::addColumn<QByteArray>("complaint");
        const QByteArray rows = R"({"kind": "rows", "columns": ["a TEXT"]})";
        QTest::newRow("reserved") << "\"SQLite_x\": " + rows
                                  << QByteArray("SQLite_x: SQLite keeps names that begin with sqlite_ for itself");
        QTest::newRow("taken") << "\"Seen\": " + rows
                               << QByteArray("Seen: a sink that writes once has a table of its own with this name");
        QTest::newRow("the same twice") << "\"users\": " + rows + ", \"USERS\": " + rows
                                        << QByteArray("USERS: SQLite takes this table and one above it for the same");
        QTest::newRow("a column twice") << QByteArray(R"("t": {"kind": "rows", "columns": ["a TEXT", "A INTEGER"]})")
                                        << QByteArray("t.columns[1]: the table has this column already");
        QTest::newRow("a key named count") << QByteArray(R"("t": {"kind": "counts", "columns": ["Count TEXT"]})")
                                           << QByteArray("t.columns[0]: the count of a table of counts has this name");
    }
    void tablesThatSqliteWouldRefuseAreToldAtTheirPlace() {
        QFETCH(QByteArray, tables);
        QFETCH(QByteArray, complaint);
        const std::string said = complaintsAfter(
            R"("path": "audit.db")",
            R"("path": "audit.db", "write": "once", "tables": {"errors": {"kind": "rows", "columns": ["l TEXT"]}, )" +
                tables.toStdString() + "}");
        QVERIFY2(said.find("sinks.audit.tables." + complaint.toStdString()) != std::string::npos, said.c_str());
        QVERIFY2(said.starts_with("s.json:"), said.c_str());
    }

    void settingsAreTextButForNamesOfFiles() {
        const std::string said = complaintsOf(whole, {{"hosts.h1.rack", "\x80"}});
        QVERIFY2(said.find("the value is no UTF-8") != std::string::npos, said.c_str());
        QCOMPARE(complaintsOf(whole, {{"sinks.audit.path", "lat\xeds.db"}}), std::string());
    }

    void aSinkThatIsAnotherKindOfFileIsRefused() {
        const QTemporaryDir folder;
        const std::string notes = folder.path().toStdString() + "/notes.txt";
        QFile file(QString::fromStdString(notes));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("do not touch\n") > 0);
        file.close();
        QCOMPARE(complaintsOf(whole, {{"sinks.audit.path", notes}}),
                 "s.json: sinks.audit.path: " + notes + " is no database, and is not replaced: name another file");
    }

    void whatIsWrongIsToldWithPlaceFieldAndRemedy() {
        QFETCH(QByteArray, what);
        QFETCH(QByteArray, with);
        QFETCH(QByteArray, complaint);
        QCOMPARE(QByteArray::fromStdString(complaintsAfter(what.toStdString(), with.toStdString())), complaint);
    }

    void whatChangesNothingIsSaid_data() {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("with");
        QTest::addColumn<QByteArray>("complaint");
        const auto row = [](const char* name, const char* what, const char* with, const char* complaint) {
            QTest::newRow(name) << QByteArray(what) << QByteArray(with) << QByteArray(complaint);
        };
        constexpr const char* source = R"("rate": "400/s", "count": 1000)";
        row("names without a pattern", R"("format": "combined")", R"("format": "combined", "fields": ["a"])",
            "bolts.parse.fields: warning: this changes nothing: \"fields\" is read only when format is pattern");
        row("a pattern without its format", R"("format": "combined")", R"~("format": "combined", "pattern": "(a)")~",
            "bolts.parse.pattern: warning: this changes nothing: \"pattern\" is read only when format is pattern");
        row("tries of what stays down", R"("1": {"host": "h1"})",
            R"("1": {"host": "h1", "restart": {"policy": "no", "delay": "3s", "limit": 0}})",
            "brokers.1.restart.limit: warning: this changes nothing: \"limit\" is read only when policy is on-failure");
        row("how late, and none is", source, R"("rate": "400/s", "count": 1000, "flaws": {"late": 0, "late_by": "3s"})",
            "sources.numbers.flaws.late_by: warning: this changes nothing: \"late_by\" is read only with late");
        row("uneven, as fast as it goes", source, R"("rate": "max", "count": 1000, "jitter": 0.5)",
            "sources.numbers.jitter: warning: this changes nothing: \"jitter\" is read only when rate is not max");
        row("uneven by default", source, R"("count": 1000, "jitter": 0.5)",
            "sources.numbers.jitter: warning: this changes nothing: \"jitter\" is read only when rate is not max");
        row("how often of what is never done", R"("members": 2)",
            R"("members": 2, "config": {"enable.auto.commit": false, "auto.commit.interval.ms": 900})",
            "config.auto.commit.interval.ms: warning: this changes nothing: enable.auto.commit is false");
        row("hours beside milliseconds", R"("config": {"zookeeper.session.timeout.ms": 6000,)",
            R"("config": {"log.retention.ms": 60000, "log.retention.hours": 2, "zookeeper.session.timeout.ms": 6000,)",
            "cluster.config.log.retention.hours: warning: this changes nothing: log.retention.ms is 60000");
        row("Zipf's exponent of an even law", source, R"("count": 1000, "keys": {"count": 5, "exponent": 2})",
            "sources.numbers.keys.exponent: warning: this changes nothing: \"exponent\" is read only when distribution "
            "is zipf");
    }
    void whatChangesNothingIsSaid() {
        QFETCH(QByteArray, what);
        QFETCH(QByteArray, with);
        QFETCH(QByteArray, complaint);
        const std::string said = complaintsAfter(what.toStdString(), with.toStdString());
        QVERIFY2(said.find(complaint.toStdString()) != std::string::npos, said.c_str());
        QVERIFY2(readScenario(replaced(whole, what.toStdString(), with.toStdString()), {"s.json", {}, {}}).scenario,
                 said.c_str());
    }

    /// Only a damage that lasts has a length; and where nothing is damaged, no damage is read and so no length.
    void whatDependsOnWhatIsNotReadIsNotReadEither() {
        const auto said = [](const char* flaws) {
            return complaintsOf(fmt::format(R"({{"millrace": 1, "hosts": {{"a": {{}}}}, "sources": {{"s": {{
"kind": "temperature", "host": "a", "devices": 2, "every": "1s", "count": 100, "flaws": {{{}}}}}}}}})",
                                            flaws));
        };
        const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
        QVERIFY(has(said(R"("damaged": 0.1, "damage": "spike", "damage_for": "8s")"),
                    "\"damage_for\" is read only when damage is any or stuck or drift"));
        // What lacks is named, not what holds by default.
        QVERIFY(has(said(R"("damage_for": "8s")"), "\"damage_for\" is read only with damaged"));
        QVERIFY(!has(said(R"("damaged": 0.1, "damage_for": "8s")"), "changes nothing"));
        QVERIFY(!has(said(R"("damaged": 0.1, "damage": "drift", "damage_for": "8s")"), "changes nothing"));
    }

    /// Whether a field is read is asked along them, to the end.
    void conditionsDoNotGoInCircles() {
        std::vector<const Shape*> open{&scenarioShape()};
        int seen = 0;
        while (!open.empty()) {
            const Shape* shape = open.back();
            open.pop_back();
            for (const Field& field : shape->fields) {
                if (field.shape != nullptr) {
                    open.push_back(field.shape);
                }
                std::vector<std::string_view> way{field.key};
                const std::function<void(const Field&)> follow = [&](const Field& from) {
                    for (const flow::Condition& each : from.readWhen) {
                        ++seen;
                        QVERIFY2(std::find(way.begin(), way.end(), each.key) == way.end(),
                                 std::string(field.key).c_str());
                        way.push_back(each.key);
                        for (const Field& next : shape->fields) {
                            if (next.key == each.key) {
                                follow(next);
                            }
                        }
                        way.pop_back();
                    }
                };
                follow(field);
            }
        }
        QVERIFY(seen > 30);
    }

    void fieldsOfASparkStreamDifferWhateverItIsMadeOf() {
        const auto said = [](const char* from, const char* field) {
            return complaintsOf(fmt::format(R"({{"millrace": 1, "hosts": {{"a": {{}}}},
"sources": {{"s": {{"kind": "generator", "count": 100}}}},
"spark": {{"master": {{"host": "a"}}, "workers": {{"w": {{"host": "a"}}}}}},
"streaming": {{"app": {{"host": "a", "batch": "1s", "inputs": {{"in": {{"kind": "socket", "source": "s"}}}},
"operators": {{"n": {{"kind": "reduceByKey", "key": "value", "from": ["in"]}},
"many": {{"kind": "reduceByKey", "key": "count", "from": ["n"]}},
"two": {{"kind": "join", "from": ["n", "n"]}}, "four": {{"kind": "join", "from": ["two", "two"]}},
"some": {{"kind": "filter", "pattern": ".", "from": ["{}"], "field": "{}"}}}},
"outputs": {{"out": {{"kind": "print", "from": ["some"]}}}}}}}}}})",
                                            from, field));
        };
        for (const auto& [from, field] :
             {std::pair("many", "count_2"), std::pair("two", "right_count"), std::pair("four", "right_right_count")}) {
            const std::string text = said(from, field);
            QVERIFY2(text.find("some.field") == std::string::npos, text.c_str());
        }
        QVERIFY(said("two", "count_2").find("some.field") != std::string::npos);
    }

    void howSparkWritesGoesByTheSink() {
        const auto said = [](const char* sink, const char* how) {
            return complaintsOf(fmt::format(R"({{"millrace": 1, "hosts": {{"a": {{}}}},
"sources": {{"s": {{"kind": "generator", "count": 100}}}},
"spark": {{"master": {{"host": "a"}}, "workers": {{"w": {{"host": "a"}}}}}},
"sinks": {{"out": {{"host": "a", {}}}}},
"streaming": {{"app": {{"host": "a", "batch": "1s", "inputs": {{"in": {{"kind": "socket", "source": "s"}}}},
"outputs": {{"save": {{"kind": "foreachRDD", "from": ["in"], "sink": "out", {}}}}}}}}}}})",
                                            sink, how));
        };
        const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
        constexpr const char* table = R"("kind": "sqlite", "tables": {"t": {"columns": ["value TEXT"]}})";
        QVERIFY(has(said(R"("kind": "file")", R"("table": "t")"), "save.table: warning: this changes nothing: a file"));
        QVERIFY(has(said(table, R"("line": "value")"), "save.line: warning: this changes nothing: rows go"));
        QVERIFY(!has(said(R"("kind": "file")", R"("line": "value")"), "changes nothing"));
        QVERIFY(!has(said(table, R"("table": "t")"), "changes nothing"));
        QVERIFY(has(said(R"("kind": "file")", R"("line": "nosuch")"), "save.line: the input has no field 'nosuch'"));
    }

    /// Of a switch of which the document nowhere speaks its default holds.
    void whatIsOffByDefaultNeedsNoParameters() {
        const auto said = [](const char* cluster, const char* application) {
            return complaintsOf(fmt::format(R"({{"millrace": 1, "hosts": {{"a": {{}}}},
"sources": {{"s": {{"kind": "generator", "count": 100}}}},
"spark": {{"master": {{"host": "a"}}, "workers": {{"w": {{"host": "a"}}}}, "config": {{{}}}}},
"streaming": {{"app": {{"host": "a", "batch": "1s", "config": {{{}}}, "inputs": {{"in": {{"kind": "socket", "source": "s"}}}},
"outputs": {{"out": {{"kind": "print", "from": ["in"]}}}}}}}}}})",
                                            cluster, application));
        };
        constexpr const char* multiplier = R"("spark.speculation.multiplier": 3)";
        const auto isIdle = [](const std::string& text) {
            return text.find("this changes nothing: spark.speculation is false") != std::string::npos;
        };
        QVERIFY(isIdle(said("", multiplier)));
        QVERIFY(!isIdle(said(R"("spark.speculation": true)", multiplier)));
        QVERIFY(!isIdle(said("", R"("spark.speculation": true, "spark.speculation.multiplier": 3)")));
        QVERIFY(isIdle(said("", R"("spark.speculation": false, "spark.speculation.multiplier": 3)")));
    }

    void aConditionIsMetByWhatIsSaid() {
        const auto isMet = [](const flow::Conditions& conditions, const std::optional<std::string>& said) {
            return conditions.front().isMetBy(said);
        };
        QVERIFY(isMet(flow::when("a", {"x", "y"}), "y") && !isMet(flow::when("a", {"x", "y"}), "z"));
        QVERIFY(!isMet(flow::when("a", {"x"}), std::nullopt) && isMet(flow::unless("a", {"x"}), std::nullopt));
        QVERIFY(isMet(flow::with("a"), "0") && !isMet(flow::with("a"), std::nullopt));
        QVERIFY(isMet(flow::without("a"), std::nullopt) && !isMet(flow::without("a"), "x"));
        QCOMPARE(flow::textOf({{"time"}, {"idle"}}), std::string("with time or with idle"));
        QCOMPARE(flow::textOf(flow::unless("kind", {"a", "b"})), std::string("when kind is not a or b"));
    }

    /// A window that is closed by rest looks every so often, whether it goes by the time of events or by number.
    void whatAWindowReadsIsNotCalledIdle() {
        const auto window = [](const char* more) {
            return complaintsAfter(R"("save": {"kind")",
                                   std::string(R"("w": {"kind": "window", "inputs": [{"from": "parse"}], )") + more +
                                       R"(}, "save": {"kind")");
        };
        QCOMPARE(window(R"("tuples": 9, "idle": "5s", "watermark_every": "100ms")"), std::string());
        QVERIFY(window(R"("length": "9s", "watermark_every": "100ms")").find("is read only with time or with idle") !=
                std::string::npos);
    }

    /// The published schema and the reader take the same texts.
    void quantitiesHaveOneForm() {
        const auto patternOf = [](const char* part) {
            const nlohmann::json schema = nlohmann::json::parse(scenarioSchemaText());
            std::string found;
            const std::function<void(const nlohmann::json&)> look = [&](const nlohmann::json& at) {
                if (at.is_object() && at.contains("pattern") && at["pattern"].is_string() &&
                    at["pattern"].get<std::string>().find(part) != std::string::npos) {
                    found = at["pattern"].get<std::string>();
                }
                for (const nlohmann::json& each : at.is_structured() ? at : nlohmann::json::array()) {
                    look(each);
                }
            };
            look(schema);
            return QRegularExpression(QString::fromStdString(found));
        };
        const QRegularExpression rate = patternOf("/(s|ms|m|min|h)$");
        const QRegularExpression duration = patternOf("(ns|us|ms|s|m|min|h|d)$");
        for (const char* text : {"5/s", "1.5k/s", "2M/min", "5 /s", "5 k/s", "5k", "k/s", "5G/s", "5", "-5/s", "5K/s",
                                 "5kk/s", ".5/s", "5./s", "5e3/s", "10/day"}) {
            QVERIFY2(rate.match(QString::fromLatin1(text)).hasMatch() == parseRate(text).has_value(), text);
        }
        for (const char* text : {"5s", "5 ms", "1.5h", "5", "5k", "-5s", "1.5.5s", "5 d", "5sec", "7min"}) {
            QVERIFY2(duration.match(QString::fromLatin1(text)).hasMatch() == parseDuration(text).has_value(), text);
        }
    }

    void whatIsReadIsNotCalledIdle() {
        for (const char* with : {R"("rate": "400/s", "count": 1000, "jitter": 0.5)",
                                 R"("rate": "4/s", "count": 1000, "flaws": {"late": 0.1, "late_by": "3s"})",
                                 R"("count": 1000, "keys": {"count": 5, "distribution": "zipf", "exponent": 2})",
                                 R"("count": 1000, "rate": "5/s", "bursts": {"law": "sine", "every": "3s"})"}) {
            QCOMPARE(QByteArray::fromStdString(complaintsAfter(R"("rate": "400/s", "count": 1000)", with)),
                     QByteArray());
        }
    }

    void namesForGroupsAreAsManyAsTheGroupsAndDiffer() {
        const auto said = [](const char* pattern, const char* names) {
            return complaintsAfter(R"("format": "combined")",
                                   fmt::format(R"("pattern": "{}", "fields": {})", pattern, names));
        };
        const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
        QVERIFY(
            has(said("(x)(y)(z)?", R"(["status"])"),
                "bolts.parse.fields: 1 name for 3 groups of the pattern: each group has a name, and (?:...) is none"));
        QVERIFY(has(said("(x)", R"(["status", "b"])"), "bolts.parse.fields: 2 names for 1 group of the pattern"));
        QVERIFY(
            has(said("(x)(y)", R"(["status", "status"])"), "bolts.parse.fields: 'status' is the name of two fields"));
        QVERIFY(has(said("(x)(y)", R"(["status", "line"])"), "'line' is the name of two fields: the whole line"));
        QCOMPARE(said("(x)(?:y)", R"(["status"])"), std::string());
    }

    void aJobThatFindsNoRoomBesideItsMasterIsRefused() {
        const auto said = [](const char* nodes, const char* job) {
            return complaintsOf(fmt::format(
                R"({{"millrace": 1, "hosts": {{"a": {{}}, "b": {{}}}},
"sources": {{"s": {{"kind": "generator", "count": 100}}}},
"hadoop": {{"namenode": {{"host": "a"}}, "datanodes": {{"d": {{"host": "a"}}}}, "config": {{"dfs.replication": 1}},
"yarn": {{"resource_manager": {{"host": "a"}}, "node_managers": {{{}}}}},
"files": {{"f": {{"path": "/in/f", "source": "s"}}}}}},
"jobs": {{"j": {{"kind": "wordcount", "input": "/in", "output": "/out", {}}}}}}})",
                nodes, job));
        };
        constexpr const char* one = R"("n": {"host": "a", "config": {"yarn.nodemanager.resource.memory-mb": 3072}})";
        constexpr const char* two = R"("n": {"host": "a", "config": {"yarn.nodemanager.resource.memory-mb": 3072}},
"m": {"host": "b", "config": {"yarn.nodemanager.resource.memory-mb": 2048}})";
        QCOMPARE(said(one, R"("reduces": 1)"), std::string());  // 2048 and 1024
        std::string text = said(one, R"("config": {"mapreduce.map.memory.mb": 1100})");
        QVERIFY2(text.find("jobs.j.config.mapreduce.map.memory.mb: the container of a map has 2048 MB, and beside the "
                           "job's ApplicationMaster with 2048 MB no NodeManager has so much") != std::string::npos,
                 text.c_str());
        QCOMPARE(said(two, R"("config": {"mapreduce.map.memory.mb": 1100})"), std::string());
        text = said(two, R"("config": {"mapreduce.reduce.memory.mb": 4000})");
        QVERIFY2(text.find("mapreduce.reduce.memory.mb: the container of a reduce has 4096 MB") != std::string::npos,
                 text.c_str());
        text = said(two, R"("reduces": 0, "config": {"mapreduce.reduce.memory.mb": 4000})");
        QVERIFY2(text.find("mapreduce.reduce.memory.mb") == std::string::npos, text.c_str());
    }

    void aLinkWhoseNameCanBeReadTwiceIsRefused() {
        const std::string hosts = replaced(whole, R"("h2": {},)", R"("h2": {}, "h": {}, "3-h2": {},)");
        const std::string named = replaced(hosts, R"("h1-h2": {"latency")", R"("h-3-h2": {"latency")");
        std::string said = complaintsOf(named);
        QVERIFY2(said.find("links.h-3-h2: this can be h and 3-h2, or h-3 and h2; say \"between\": [\"h\", \"3-h2\"]") !=
                     std::string::npos,
                 said.c_str());
        said = complaintsOf(
            replaced(named, R"("h-3-h2": {"latency")", R"("h-3-h2": {"between": ["h-3", "h2"], "latency")"));
        QCOMPARE(said, std::string());
        said = complaintsOf(replaced(hosts, "link:h1-h-3", "link:h-3-h2"));
        QVERIFY2(said.find("faults[1].target: this can be h and 3-h2, or h-3 and h2: give one") != std::string::npos,
                 said.c_str());
        QCOMPARE(complaintsOf(replaced(hosts, "link:h1-h-3", "link:h-3>3-h2")), std::string());
    }

    void aLinkOfMirroredNamesIsOneLink() {
        const std::string hosts = replaced(whole, R"("h2": {},)", R"("h2": {}, "h2-h2": {},)");
        QCOMPARE(complaintsOf(replaced(hosts, R"("h1-h2": {"latency")", R"("h2-h2-h2": {"latency")")), std::string());
    }

    void aWorkerThatTheTopologyHasNotIsNoTarget() {
        constexpr const char* leader = R"("target": "leader:access-0", "for": "15s")";
        QCOMPARE(complaintsAfter(leader, R"("target": "worker:audit/2")"), std::string());
        const std::string said = complaintsAfter(leader, R"("target": "worker:audit/3")");
        QVERIFY2(said.find("faults[0].target: the topology audit has 2 workers") != std::string::npos, said.c_str());
        const std::string byConfig =
            replaced(replaced(whole, R"("workers": 2,)", R"("config": {"topology.workers": 3},)"), leader,
                     R"("target": "worker:audit/3")");
        QCOMPARE(complaintsOf(byConfig), std::string());
    }

    void whatKafkaStartsWithIsNotRefused_data() {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("with");
        const auto row = [](const char* name, const char* what, const char* with) {
            QTest::newRow(name) << QByteArray(what) << QByteArray(with);
        };
        constexpr const char* broker = R"("2": {"host": "h2", "config": {)";
        row("a session of more than a heartbeat, as text", R"("members": 2)",
            R"("members": 2, "config": {"session.timeout.ms": "60000", "heartbeat.interval.ms": 50000})");
        row("requests that a delivery leaves time for, as text", R"({"acks": "1"})",
            R"({"acks": "1", "request.timeout.ms": "10000", "delivery.timeout.ms": 20000})");
        row("a broker's number that is not kept", broker,
            R"("1001": {"host": "h2", "config": {"reserved.broker.max.id": 2000, )");
        row("a broker's number that is not kept, as text", broker,
            R"("1001": {"host": "h2", "config": {"reserved.broker.max.id": "2000", )");
        row("a broker's number where Kafka gives none out", broker,
            R"("1001": {"host": "h2", "config": {"broker.id.generation.enable": false, )");
        row("a broker's number where Kafka gives none out, as text", broker,
            R"("1001": {"host": "h2", "config": {"broker.id.generation.enable": "false", )");
        row("the longest delivery and linger", R"({"acks": "1"})",
            R"({"acks": "1", "delivery.timeout.ms": 2147483647, "linger.ms": 2147483647})");
        row("the longest delivery and a linger that Kafka shortens to it", R"({"acks": "1"})",
            R"({"acks": "1", "delivery.timeout.ms": 2147483647, "linger.ms": 9223372036854775807})");
        row("the longest delivery and request", R"({"acks": "1"})",
            R"({"acks": "1", "delivery.timeout.ms": 2147483647, "linger.ms": 5, "request.timeout.ms": 2147483647})");
    }
    void whatKafkaStartsWithIsNotRefused() {
        QFETCH(QByteArray, what);
        QFETCH(QByteArray, with);
        QCOMPARE(complaintsAfter(what.toStdString(), with.toStdString()), std::string{});
    }

    void whoLooksAfterAProcessIsReadWhereverThereIsOne() {
        const auto planOf = [](const std::string& text) { return *readScenario(text, {"s.json", {}, {}}).scenario; };
        const Scenario usual = planOf(whole);
        QVERIFY(usual.cluster.brokers[0].restart.isOn);
        QVERIFY(usual.cluster.brokers[0].restart.delay == std::chrono::seconds(5));
        QVERIFY(!usual.cluster.brokers[0].restart.limit);
        std::string text = whole;
        for (const char* place : {"\"zk1\": {", "\"brokers\": {\"2\": {", "\"s1\": {", "\"nimbus\": {",
                                  "\"numbers\": {", "\"readers\": {"}) {
            text = replaced(text, place,
                            std::string(place) + R"("restart": {"policy": "no", "delay": "250ms", "limit": 3}, )");
        }
        const Scenario set = planOf(text);
        for (const sim::RestartPolicy& policy :
             {set.cluster.servers[0].restart, set.cluster.brokers[1].restart, set.storm->supervisors[0].restart,
              set.storm->nimbusRestart, set.producers[0].restart, set.groups[0].restart}) {
            QVERIFY(!policy.isOn);
            QVERIFY(policy.delay == std::chrono::milliseconds(250));
            QCOMPARE(policy.limit.value_or(0), 3U);
        }
    }

    void whatKafkaWouldDoWithoutAWordIsWarnedOf() {
        const auto warns = [](const std::string& what, const std::string& with, const char* words) {
            return complaintsAfter(what, with).find(words) != std::string::npos;
        };
        QCOMPARE(complaintsOf(whole), std::string{});
        QVERIFY(warns("\"h1\": {", "\"h1\": {\"rack\": \"A\", ", "this broker has no rack, and others have one"));
        QVERIFY(warns("\"offsets.topic.replication.factor\": 2", "\"offsets.topic.replication.factor\": 3",
                      "needs 3 brokers alive, and the cluster has 2"));
        QVERIFY(warns(", \"offsets.topic.replication.factor\": 2", "", "it counts as 2, as in the server.properties"));
        QVERIFY(warns("\"replicas\": 2}", "\"replicas\": 2, \"config\": {\"min.insync.replicas\": 3}}",
                      "the smaller of the two counts, so acks=all waits for 2"));
        QVERIFY(warns("\"members\": 2", "\"members\": 2, \"config\": {\"session.timeout.ms\": 5000}",
                      "5000 is not between the brokers' group.min.session.timeout.ms, 6000"));
        QVERIFY(warns("\"kind\": \"kafka\", ", "\"kind\": \"kafka\", \"group\": \"readers\", ",
                      "the coordinator refuses what this spout commits (error 25, UNKNOWN_MEMBER_ID)"));
        QVERIFY(warns("\"offsets.topic.replication.factor\": 2", "\"offsets.topic.replication.factor\": \"3\"",
                      "needs 3 brokers alive, and the cluster has 2"));
        QVERIFY(warns("\"replicas\": 2}", "\"replicas\": 2, \"config\": {\"min.insync.replicas\": \"3\"}}",
                      "the smaller of the two counts, so acks=all waits for 2"));
        QVERIFY(warns("\"members\": 2", "\"members\": 2, \"config\": {\"session.timeout.ms\": \"5000\"}",
                      "5000 is not between the brokers' group.min.session.timeout.ms, 6000"));
        QVERIFY(warns("\"members\": 2", "\"members\": 2, \"config\": {\"fetch.min.bytes\": \"00\"}",
                      "with 0 a broker answers at once even when it has nothing"));
        const std::string shortest = "\"group.min.session.timeout.ms\": 12000, \"offsets.topic.replication.factor\": 2";
        QVERIFY(!warns("\"offsets.topic.replication.factor\": 2", shortest.c_str(), "every member is refused"));
    }

    void eachZooKeeperServerGoesByItsOwnSettings() {
        const Scenario plan =
            *readScenario(
                 replaced(replaced(whole, "\"zk1\": {\"host\": \"h1\"}",
                                   R"("zk1": {"host": "h1", "config": {"tickTime": 1000}}, "zk2": {"host": "h2"},
                                           "zk3": {"host": "h-3", "config": {"maxSessionTimeout": 9000}})"),
                          "\"coordination\": \"zookeeper\",",
                          R"("coordination": "zookeeper", "zookeeper": {"config": {"syncLimit": 7}},)"),
                 {"s.json", {}, {}})
                 .scenario;
        const auto built = buildWorld(plan);
        const auto of = [&](const char* name) {
            sim::World world = built->world;
            world.run(SimTime{std::chrono::milliseconds(1)});
            return world.findActor<zookeeper::Server>(std::string("zookeeper/") + name + "/server")->config();
        };
        QVERIFY(of("zk1").tickTime == std::chrono::milliseconds(1000));
        QVERIFY(of("zk2").tickTime == std::chrono::milliseconds(2000));
        QVERIFY(of("zk2").maxSessionTimeout == SimDuration{0});
        QVERIFY(of("zk3").maxSessionTimeout == std::chrono::milliseconds(9000));
        QCOMPARE(of("zk3").syncLimit, 7U);
    }

    void allComplaintsComeAtOnceInTheOrderOfTheText() {
        std::string text = replaced(whole, "\"cores\": 2", "\"cores\": 0");
        text = replaced(text, "\"replicas\": 2", "\"replicas\": 9");
        text = replaced(text, "\"seed\": 7", "\"sead\": 7");
        QCOMPARE(complaintsOf(text),
                 std::string("s.json:4:11: run.sead: unknown key \"sead\"; did you mean \"seed\"?\n"
                             "s.json:6:21: hosts.h1.cores: 0 is less than 1, the least that makes sense here\n"
                             "s.json:17:54: topics.access.replicas: 9 replicas need 9 brokers, and the cluster has 2"));
    }

    void cutOffFileGetsOneComplaintAndNoMore() {
        const std::string cut = std::string(whole).substr(0, 700);
        const std::string complaints = complaintsOf(cut);
        QVERIFY(complaints.find("cut off") != std::string::npos);
        QCOMPARE(std::count(complaints.begin(), complaints.end(), '\n'), 0);
    }

    void settingsChangeOneFieldEach() {
        const ScenarioReading reading =
            readScenario(std::string_view(whole), {"s.json",
                                                   {{"topics.access.partitions", "12"},
                                                    {"cluster.config.min.insync.replicas", "1"},
                                                    {"run.duration", "5s"},
                                                    {"title", "42"},
                                                    {"faults.0.at", "9s"},
                                                    {"sinks.audit.path", "elsewhere.db"}},
                                                   99});
        QVERIFY2(reading.scenario.has_value(), qPrintable(QString::fromStdString(complaintsOf(whole))));
        const Scenario& plan = *reading.scenario;
        QCOMPARE(plan.topics[0].partitions, 12);
        QCOMPARE(plan.cluster.brokers[0].config.integer("min.insync.replicas"), 1);
        QCOMPARE(*plan.run.duration, SimDuration(std::chrono::seconds(5)));
        QCOMPARE(plan.title, std::string("42"));
        QCOMPARE(plan.faults[0].at, SimDuration(std::chrono::seconds(9)));
        QCOMPARE(plan.run.seed, std::uint64_t{99});
    }

    void pathsOfSettingsStartAtTheWorkingDirectoryAndOthersAtTheFile() {
        const auto pathAfter = [](std::vector<Setting> settings) {
            return readScenario(std::string_view(whole), {"tests/s.json", std::move(settings), {}})
                .scenario->sinks[0]
                .path;
        };
        QCOMPARE(pathAfter({}), std::string("tests/audit.db"));
        QCOMPARE(pathAfter({{"sinks.audit.path", "audit.db"}}), std::string("audit.db"));
        QCOMPARE(pathAfter({{"sinks.audit", R"({"kind": "sqlite", "path": "x.db"})"}}), std::string("x.db"));
    }

    void numberOfTasksIsTheComponentsThenItsTopologys() {
        const auto tasksOf = [](const std::string& what, const std::string& with) {
            const ScenarioReading reading = readScenario(replaced(whole, what, with), {"s.json", {}, {}});
            const TopologyPlan& plan = reading.scenario->topologies.front();
            return std::pair{plan.bolts[0].tasks, plan.bolts[1].tasks};
        };
        QCOMPARE(tasksOf("\"workers\": 2,", "\"workers\": 2,"), (std::pair{4, 1}));
        QCOMPARE(tasksOf("\"workers\": 2,", "\"workers\": 2, \"config\": {\"topology.tasks\": 3},"), (std::pair{4, 3}));
        QCOMPARE(tasksOf("\"table\": \"errors\",", "\"table\": \"errors\", \"config\": {\"topology.tasks\": 2},"),
                 (std::pair{4, 2}));
    }

    void topologysOwnProfileDecidesItsDefaults() {
        const auto isPlain = [](const std::string& with) {
            const ScenarioReading reading = readScenario(replaced(whole, "\"workers\": 2,", with), {"s.json", {}, {}});
            return reading.scenario->topologies.front().config.flag("topology.disable.loadaware.messaging");
        };
        QVERIFY(!isPlain("\"workers\": 2,"));
        QVERIFY(isPlain("\"workers\": 2, \"profile\": \"course\","));
    }

    void theDefaultLinkCanBeSetWhereNoneStands() {
        const std::string text = replaced(whole, "\"default\": {\"latency\": \"300us\"}, ", "");
        const ScenarioReading reading = readScenario(text, {"s.json", {{"links.default.latency", "3ms"}}, {}});
        QVERIFY(reading.scenario.has_value());
        QCOMPARE(reading.scenario->defaultLatency, SimDuration(std::chrono::milliseconds(3)));
    }

    void settingsOfUnknownFieldsAreRefused() {
        QCOMPARE(
            complaintsOf(whole, {{"topics.access.partitons", "3"}}),
            std::string(
                "s.json: topics.access.partitons: --set: no scenario has this field; did you mean \"partitions\"?"));
        QCOMPARE(complaintsOf(whole, {{"topic.access.partitions", "3"}}),
                 std::string(
                     "s.json: topic.access.partitions: --set: no scenario has this field; did you mean \"topics\"?"));
        QCOMPARE(
            complaintsOf(whole, {{"topics.acces.partitions", "3"}}),
            std::string(
                "s.json: topics.acces.partitions: --set: there is no \"acces\" in topics; did you mean \"access\"?"));
        QCOMPARE(
            complaintsOf(whole, {{"cluster.config.min.insync.replica", "3"}}),
            std::string("s.json: cluster.config.min.insync.replica: --set: no scenario has this field; did you mean "
                        "\"min.insync.replicas\"?"));
        QCOMPARE(complaintsOf(whole, {{"", "3"}}), std::string("s.json: --set: no scenario has this field"));
    }

    void sourcesMustBeThereAndReadable() {
        const QTemporaryDir folder;
        const std::string base = folder.path().toStdString();
        const auto withPath = [&](const std::string& path) {
            const std::string text =
                replaced(whole, "\"kind\": \"generator\", \"topic\": \"access\", \"rate\": \"400/s\", \"count\": 1000",
                         "\"kind\": \"file\", \"topic\": \"access\", \"path\": \"" + path + "\"");
            const ScenarioReading reading = readScenario(text, {base + "/s.json", {}, {}});
            return reading.complaints.empty() ? std::string() : reading.complaintTexts("s.json").front();
        };
        QCOMPARE(withPath("none.log"), "s.json:18:70: sources.numbers.path: there is no file " + base + "/none.log");
        QCOMPARE(withPath("."),
                 "s.json:18:70: sources.numbers.path: " + base + "/ is a folder, and a file is expected");
        QCOMPARE(withPath("/dev/zero"),
                 std::string("s.json:18:70: sources.numbers.path: /dev/zero is a device, and a file is expected"));
        QCOMPARE(mkfifo((base + "/pipe").c_str(), 0600), 0);
        QCOMPARE(withPath("pipe"),
                 "s.json:18:70: sources.numbers.path: " + base + "/pipe is a pipe, and a file is expected");
        QFile file(folder.filePath(QStringLiteral("some.log")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(withPath("some.log"), std::string());
    }

    void sinksMustBeAbleToBeWritten() {
        const QTemporaryDir folder;
        const std::string base = folder.path().toStdString();
        QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("audit.db")));
        ScenarioReading reading = readScenario(std::string_view(whole), {base + "/s.json", {}, {}});
        QCOMPARE(reading.complaintTexts("s.json").front(),
                 "s.json:31:49: sinks.audit.path: " + base + "/audit.db is a folder, and a file is expected");
        reading =
            readScenario(std::string_view(whole), {base + "/s.json", {{"sinks.audit.path", base + "/no/x.db"}}, {}});
        QCOMPARE(reading.complaintTexts("s.json").front(),
                 "s.json: sinks.audit.path: there is no folder " + base + "/no");
    }

    void noSinkWritesToWhatIsReadOrWhatAnotherSinkWrites_data() {
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("second");
        QTest::addColumn<QByteArray>("kind");
        QTest::addColumn<QByteArray>("taken");
        for (const char* kind : {"file", "sqlite"}) {
            const auto row = [&](const char* name, const char* first, const char* second, const char* taken) {
                QTest::addRow("%s: %s", kind, name)
                    << QByteArray(first) << QByteArray(second) << QByteArray(kind) << QByteArray(taken);
            };
            row("the source's file", "x.out", "in.log", "the source \"numbers\"");
            row("the source's file by a longer way", "x.out", "sub/../in.log", "the source \"numbers\"");
            row("the source's file by a link", "x.out", "link.log", "the source \"numbers\"");
            row("the scenario itself", "x.out", "s.json", "the scenario");
            row("another sink's", "x.out", "x.out", "the sink \"first\"");
            row("another sink's by a link to its folder", "sub/x.out", "way/x.out", "the sink \"first\"");
        }
    }
    void noSinkWritesToWhatIsReadOrWhatAnotherSinkWrites() {
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, second);
        QFETCH(QByteArray, kind);
        QFETCH(QByteArray, taken);
        const QTemporaryDir folder;
        const std::string base = folder.path().toStdString();
        QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("sub")));
        for (const char* name : {"in.log", "s.json"}) {
            QFile file(folder.filePath(QString::fromLatin1(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
        }
        QVERIFY(QFile::link(folder.filePath(QStringLiteral("in.log")), folder.filePath(QStringLiteral("link.log"))));
        QVERIFY(QFile::link(folder.filePath(QStringLiteral("sub")), folder.filePath(QStringLiteral("way"))));
        const auto complaintsWith = [&](const std::string& path) {
            std::string text =
                replaced(whole, "\"kind\": \"generator\", \"topic\": \"access\", \"rate\": \"400/s\", \"count\": 1000",
                         "\"kind\": \"file\", \"topic\": \"access\", \"path\": \"in.log\"");
            text = replaced(text, "\"sinks\": {",
                            "\"sinks\": {\"first\": {\"kind\": \"" + kind.toStdString() + "\", \"path\": \"" +
                                first.toStdString() + "\"}, \"second\": {\"kind\": \"" + kind.toStdString() +
                                "\", \"path\": \"" + path + "\"}, ");
            std::string all;
            for (const std::string& each : readScenario(text, {base + "/s.json", {}, {}}).complaintTexts("s.json")) {
                all += each + "\n";
            }
            return all;
        };
        QCOMPARE(complaintsWith("other.out"), std::string());
        const std::string complaints = complaintsWith(second.toStdString());
        QVERIFY2(complaints.find("sinks.second.path: ") != std::string::npos && complaints.starts_with("s.json:31:") &&
                     complaints.find(" is the file of " + taken.toStdString() + "; a sink needs a file of its own") !=
                         std::string::npos,
                 complaints.c_str());
        QCOMPARE(std::count(complaints.begin(), complaints.end(), '\n'), 1);
    }

    void fileThatCannotBeReadIsAComplaint() {
        const auto complaint = [](const std::string& file) {
            return readScenarioFile({file, {}, {}}).complaintTexts(file).front();
        };
        QCOMPARE(complaint("no/such.json"), std::string("no/such.json: there is no such file"));
        QCOMPARE(complaint("tests"), std::string("tests: this is a folder, and a scenario file is expected"));
    }

    void idempotenceIsNamedAmongWhatIsNotModelled() {
        const ScenarioReading reading = readScenario(std::string_view(whole), {"s.json", {}, {}});
        QVERIFY(reading.scenario->notModelled.at(0).find("enable.idempotence is false") == 0);
    }

    void publishedSchemaIsThatOfTheCode() {
        QFile file(QStringLiteral("resources/schema/scenario.schema.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY2(file.readAll() == QByteArray::fromStdString(scenarioSchemaText()),
                 "write it anew: millrace check --schema > resources/schema/scenario.schema.json");
    }

    /// Of the type that it may have; each kind with its sentence and with what it needs.
    void whatAnEditorPutsInIsTaken() {
        const nlohmann::json schema = nlohmann::json::parse(scenarioSchemaText());
        int defaults = 0;
        int snippets = 0;
        const std::function<void(const nlohmann::json&)> look = [&](const nlohmann::json& at) {
            if (at.is_object() && at.contains("description") && at["description"].is_string()) {
                if (at.contains("default") && at.contains("type")) {
                    const nlohmann::json types =
                        at["type"].is_array() ? at["type"] : nlohmann::json::array({at["type"]});
                    const nlohmann::json& value = at["default"];
                    const std::string type = value.is_number_integer() ? "integer"
                                             : value.is_number()       ? "number"
                                             : value.is_boolean()      ? "boolean"
                                             : value.is_array()        ? "array"
                                                                       : "string";
                    const bool isTaken =
                        std::find(types.begin(), types.end(), type) != types.end() ||
                        (type == "integer" && std::find(types.begin(), types.end(), "number") != types.end());
                    QVERIFY2(isTaken, at.dump().c_str());
                    ++defaults;
                }
                QVERIFY2(!at.contains("minimum") || at["type"] != "string", at.dump().c_str());
            }
            if (at.is_object() && at.contains("defaultSnippets")) {
                const nlohmann::json& kinds = at["properties"]["kind"];
                QCOMPARE(kinds["enum"].size(), kinds["enumDescriptions"].size());
                QCOMPARE(kinds["enum"].size(), at["defaultSnippets"].size());
                for (const nlohmann::json& each : at["defaultSnippets"]) {
                    for (const nlohmann::json& key : at.value("required", nlohmann::json::array())) {
                        QVERIFY2(each["body"].contains(key.get<std::string>()), each.dump().c_str());
                    }
                    for (const nlohmann::json& ofKinds : at.value("allOf", nlohmann::json::array())) {
                        const nlohmann::json& kindsOfIt = ofKinds["if"]["properties"]["kind"]["enum"];
                        const bool isOfIt =
                            std::find(kindsOfIt.begin(), kindsOfIt.end(), each["label"]) != kindsOfIt.end();
                        QVERIFY2(!isOfIt || each["body"].contains(ofKinds["then"]["required"][0].get<std::string>()),
                                 each.dump().c_str());
                    }
                    ++snippets;
                }
            }
            for (const nlohmann::json& each : at.is_structured() ? at : nlohmann::json::array()) {
                look(each);
            }
        };
        look(schema);
        QVERIFY2(defaults > 900 && snippets > 90, fmt::format("{} {}", defaults, snippets).c_str());
    }

    void everyFieldIsExplained() {
        std::vector<const Shape*> open{&scenarioShape()};
        int fields = 0;
        while (!open.empty()) {
            const Shape* shape = open.back();
            open.pop_back();
            for (const Field& field : shape->fields) {
                QVERIFY2(field.help.size() > 5, std::string(field.key).c_str());
                ++fields;
                if (field.shape != nullptr) {
                    open.push_back(field.shape);
                }
            }
        }
        QVERIFY(fields > 100);
    }
};

QTEST_APPLESS_MAIN(TestScenarioReader)
#include "tst_scenario_reader.moc"
