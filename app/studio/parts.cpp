#include "app/studio/parts.h"

#include <QCoreApplication>

namespace millrace::studio {

using observe::ObjectKind;
using widgets::Part;

std::vector<Part> parts() {
    const auto tr = [](const char* text) { return QCoreApplication::translate("Parts", text); };
    const auto part = [&](const char* name, const char* title, const char* group, const char* help, ObjectKind kind) {
        return Part{QString::fromLatin1(name), tr(title), tr(group), tr(help), kind};
    };
    return {
        part("source/generator", "Generator", "Sources", "Makes up records of words at a rate.", ObjectKind::Source),
        part("source/file", "File lines", "Sources", "Sends the lines of a file, one record each.", ObjectKind::Source),
        part("topic", "Topic", "Kafka", "Keeps records in partitions on the brokers.", ObjectKind::Topic),
        part("spout/kafka", "Kafka spout", "Storm", "Reads a topic into the topology.", ObjectKind::Spout),
        part("bolt/split", "Split", "Storm", "Makes a tuple of each word of a line.", ObjectKind::Bolt),
        part("bolt/filter", "Filter", "Storm", "Lets pass what matches a regular expression.", ObjectKind::Bolt),
        part("bolt/extract", "Extract fields", "Storm", "Takes a line of a web server's log apart.", ObjectKind::Bolt),
        part("bolt/count", "Count", "Storm", "Counts how often each value occurs.", ObjectKind::Bolt),
        part("bolt/sqlite", "Write to SQLite", "Storm", "Writes tuples into a SQLite sink.", ObjectKind::Bolt),
        part("bolt/file", "Write to file", "Storm", "Writes tuples into a file sink.", ObjectKind::Bolt),
        part("sink/sqlite", "SQLite", "Sinks", "A database file for results.", ObjectKind::Sink),
        part("sink/file", "File", "Sinks", "A text file for results.", ObjectKind::Sink),
        part("host", "Host", "Cluster", "A machine with four cores.", ObjectKind::Host),
        part("broker", "Broker", "Cluster", "A Kafka broker on a host of its own.", ObjectKind::Broker),
        part("server", "ZooKeeper server", "Cluster", "One more server of the ensemble; it has 1, 3 or 5.",
             ObjectKind::Server),
        part("supervisor", "Supervisor", "Cluster", "A Storm node with four slots on a host of its own.",
             ObjectKind::Supervisor),
    };
}

}  // namespace millrace::studio
