#include <fmt/format.h>

#include <algorithm>

#include "engine/observe/object_id.h"
#include "engine/run/report/report.h"

namespace millrace::run {

namespace {

/// In characters, as a terminal counts.
std::size_t widthOf(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Rows of equal meaning under one another; the first column to the left, the others to the right.
class Table {
public:
    explicit Table(std::vector<std::string> head) { m_rows.push_back(std::move(head)); }

    void add(std::vector<std::string> row) { m_rows.push_back(std::move(row)); }
    [[nodiscard]] bool empty() const { return m_rows.size() == 1; }

    [[nodiscard]] std::string text() const {
        std::vector<std::size_t> widths(m_rows.front().size(), 0);
        for (const auto& row : m_rows) {
            for (std::size_t i = 0; i < row.size(); ++i) {
                widths[i] = std::max(widths[i], widthOf(row[i]));
            }
        }
        std::string text;
        for (const auto& row : m_rows) {
            text += "  ";
            for (std::size_t i = 0; i < row.size(); ++i) {
                const std::string blanks(widths[i] - widthOf(row[i]), ' ');
                text += i == 0 ? row[i] + blanks : "  " + blanks + row[i];
            }
            text += "\n";
        }
        return text;
    }

private:
    std::vector<std::vector<std::string>> m_rows;
};

std::string numbers(const std::vector<std::int32_t>& all) {
    return fmt::format("{}", fmt::join(all, ","));
}

/// An en dash for what nobody knows.
std::string numberOrDash(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : "\u2013";
}

std::string section(std::string_view title, const Table& table) {
    return table.empty() ? std::string() : fmt::format("\n{}\n{}", title, table.text());
}

std::string stoppedText(const Report& report) {
    switch (report.stopped) {
        case Stop::Drained: {
            const bool isWhole = observe::shortcomingsText(report.origins).empty();
            return isWhole ? "everything that came in has been dealt with" : "nothing is left to be done";
        }
        case Stop::Until:
            return "the time asked for has come";
        case Stop::Invariant:
            return "a rule that must always hold was broken";
        case Stop::Failed:
            return "the program itself failed; this is what was known until then";
        case Stop::Stuck:
            return report.isDurationOver ? "its duration (run.duration) was over before all was done" : "it got stuck";
    }
    return {};
}

std::string headText(const Report& report) {
    const std::string shortcomings = observe::shortcomingsText(report.origins);
    std::string text = fmt::format("{}: {}{}{}\n", report.scenario, stoppedText(report),
                                   shortcomings.empty() ? "" : ", but ", shortcomings);
    for (const std::string& each : report.waitingFor) {
        text += fmt::format("  waits for {}\n", each);
    }
    for (const std::string& each : report.standstills) {
        text += fmt::format("  {}\n", each);
    }
    const double simulated = seconds(report.simulated);
    text += fmt::format("  {} of simulated time in {:.2f} s", millrace::toText(report.simulated), report.wallSeconds);
    text += report.wallSeconds > 0 ? fmt::format(", {:.0f} times as fast\n", simulated / report.wallSeconds) : "\n";
    return text +
           fmt::format("  {} events, seed {}, fingerprint {:016x}\n", report.events, report.seed, report.fingerprint);
}

std::string brokersText(const Report& report) {
    Table table({"broker", "host", "state", "controller"});
    for (const observe::BrokerView& broker : report.cluster.brokers) {
        const std::string number(observe::nameOf(broker.id));
        table.add({number, std::string(observe::nameOf(broker.host)), std::string(observe::toText(broker.state)),
                   number == std::to_string(report.cluster.controller) ? "yes" : ""});
    }
    return section("Brokers", table);
}

std::string topicsText(const Report& report) {
    Table table({"partition", "leader", "epoch", "replicas", "in sync", "first", "high watermark", "end"});
    for (const observe::TopicView& topic : report.cluster.topics) {
        if (topic.name.starts_with("__")) {
            continue;
        }
        for (const observe::PartitionView& each : topic.partitions) {
            const bool isKnown = !isOffline(report.cluster, each);
            const auto ifKnown = [&](std::int64_t number) {
                return numberOrDash(isKnown ? std::optional(number) : std::nullopt);
            };
            table.add({fmt::format("{}-{}", topic.name, each.partition), std::to_string(each.leader),
                       std::to_string(each.leaderEpoch), numbers(each.replicas), numbers(each.inSync),
                       ifKnown(each.logStartOffset), ifKnown(each.highWatermark), ifKnown(each.logEndOffset)});
        }
    }
    return section("Topics", table);
}

std::string clientsText(const Report& report) {
    Table producers({"producer", "sent", "acknowledged", "failed", "sent again"});
    for (const observe::ProducerView& each : report.cluster.producers) {
        producers.add({std::string(observe::nameOf(each.id)), std::to_string(each.sent), std::to_string(each.acked),
                       std::to_string(each.failed), std::to_string(each.retried)});
    }
    Table groups({"group", "state", "members", "generation", "lag"});
    for (const observe::GroupView& each : report.cluster.groups) {
        groups.add({each.name, each.state, std::to_string(each.members.size()), std::to_string(each.generation),
                    std::to_string(each.lag)});
    }
    return section("Producers", producers) + section("Consumer groups", groups);
}

std::string topologiesText(const Report& report) {
    std::string text;
    for (const observe::TopologyView& topology : report.storm.topologies) {
        Table table({"component", "executors", "executed", "emitted", "acked", "failed", "capacity", "execute ms",
                     "complete ms"});
        for (const observe::ComponentView& each : topology.components) {
            table.add({each.name, std::to_string(each.executors), std::to_string(each.executed),
                       std::to_string(each.emitted), std::to_string(each.acked), std::to_string(each.failed),
                       fmt::format("{:.3f}", each.capacity),
                       fmt::format("{:.3f}", static_cast<double>(each.executeLatency.count()) / 1e6),
                       fmt::format("{:.3f}", static_cast<double>(each.completeLatency.count()) / 1e6)});
        }
        text += section(fmt::format("Topology {} ({})", topology.name, topology.status), table);
    }
    return text;
}

std::string endsText(const Report& report) {
    Table sinks({"sink", "kind", "written"});
    for (const observe::SinkView& each : report.sinks) {
        sinks.add({each.name, each.kind, std::to_string(each.written)});
    }
    std::string text = section("Sinks", sinks);
    if (report.rejected > 0) {
        text += fmt::format("  {} {} rejected\n", report.rejected, report.rejected == 1 ? "line was" : "lines were");
        for (const RejectedGroup& group : report.rejectedGroups) {
            text += fmt::format("    {} x {}\n", group.count, group.reason);
            for (const RejectedSample& sample : group.samples) {
                const std::string at = sample.file.empty() ? fmt::format("{} at {}", sample.source, sample.position)
                                                           : fmt::format("{}:{}", sample.file, sample.position + 1);
                text += fmt::format("      {}: {}\n", at, sample.text);
            }
        }
    }
    return text;
}

std::string lossesText(const Report& report) {
    Table losses({"producer", "partition", "records", "offsets", "cause"});
    for (const observe::LossView& each : report.origins.losses) {
        losses.add({each.producer, fmt::format("{}-{}", each.topic, each.partition), std::to_string(each.records),
                    fmt::format("{}..{}", each.fromOffset, each.toOffset), each.cause});
    }
    Table givenUp({"source", "records", "positions", "why"});
    for (const observe::OriginView& origin : report.origins.sources) {
        for (const observe::GivenUpView& each : origin.givenUp) {
            const bool isOne = each.firstPosition == each.lastPosition;
            givenUp.add({origin.source, std::to_string(each.records),
                         isOne ? std::to_string(each.firstPosition)
                               : fmt::format("{}..{}", each.firstPosition, each.lastPosition),
                         each.reason});
        }
    }
    return section("Acknowledged and lost", losses) + section("Given up", givenUp);
}

std::string faultsText(const Report& report) {
    Table faults({"fault", "target", "from", "until"});
    for (const observe::FaultBar& each : report.faults) {
        faults.add({each.kind, each.target, millrace::toText(each.at),
                    each.until == SimTime::max() ? "" : millrace::toText(each.until)});
    }
    return section("Faults", faults);
}

std::string invariantsText(const Report& report) {
    Table table({"what must always hold", "checked", "holds"});
    std::string violations;
    for (const observe::InvariantView& each : report.invariants) {
        table.add({each.name, std::to_string(each.checked), each.holds ? "yes" : "NO"});
        if (!each.holds) {
            violations += fmt::format("  {}: {}\n", each.name, each.firstViolation);
        }
    }
    return section("Invariants", table) + violations;
}

std::string notModelledText(const Report& report) {
    std::string text = report.notModelled.empty() ? "" : "\nNot modelled\n";
    for (const std::string& each : report.notModelled) {
        text += "  " + each + "\n";
    }
    return text;
}

}  // namespace

bool Report::hasBrokenPromises() const {
    return std::any_of(origins.losses.begin(), origins.losses.end(),
                       [](const observe::LossView& loss) { return loss.wasPromised; });
}

std::string reportText(const Report& report) {
    return headText(report) + brokersText(report) + topicsText(report) + clientsText(report) + topologiesText(report) +
           endsText(report) + lossesText(report) + faultsText(report) + invariantsText(report) +
           notModelledText(report);
}

}  // namespace millrace::run
