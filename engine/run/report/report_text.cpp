#include <fmt/format.h>

#include <algorithm>

#include "engine/run/report/report.h"
#include "engine/scenario/report_values.h"
#include "engine/scenario/sections.h"

namespace millrace::run {

namespace {

std::string stoppedText(const Report& report, bool isWhole) {
    switch (report.stopped) {
        case Stop::Drained:
            return isWhole ? "everything that came in has been dealt with" : "nothing is left to be done";
        case Stop::Until:
            return report.isIdle        ? "nothing would happen any more"
                   : report.isToldToEnd ? "it was told to end"
                                        : "the time asked for has come";
        case Stop::Invariant:
            return "a rule that must always hold was broken";
        case Stop::Failed:
            return "it could not go on; this is what was known until then";
        case Stop::Signal:
            return "it was told to end";
        case Stop::Stuck:
            return report.isDurationOver ? "its duration (run.duration) was over before all was done" : "it got stuck";
    }
    return {};
}

/// A run that was ended by its time has everything under way yet: the first of it says enough to people.
std::string waitsText(const Report& report) {
    constexpr std::size_t most = 8;
    const bool isCut = report.stopped == Stop::Until && report.waitingFor.size() > most;
    const std::size_t told = isCut ? most : report.waitingFor.size();
    std::string text;
    for (std::size_t i = 0; i < told; ++i) {
        text += fmt::format("  {} {}\n", report.stopped == Stop::Until ? "still waits for" : "waits for",
                            report.waitingFor[i]);
    }
    return text + (isCut ? fmt::format("  and {} more, which --report json names\n", report.waitingFor.size() - most)
                         : std::string());
}

std::string headText(const Report& report) {
    const std::string shortcomings = report.shortcomings();
    std::string text = fmt::format("{}: {}{}{}\n", report.scenario, stoppedText(report, shortcomings.empty()),
                                   shortcomings.empty() ? "" : ", but ", shortcomings);
    text += waitsText(report);
    for (const std::string& each : report.standstills) {
        text += fmt::format("  {}\n", each);
    }
    const double simulated = seconds(report.simulated);
    text += fmt::format("  {} of simulated time in {:.2f} s", millrace::toText(report.simulated), report.wallSeconds);
    text += report.wallSeconds > 0 ? fmt::format(", {:.0f} times as fast\n", simulated / report.wallSeconds) : "\n";
    return text +
           fmt::format("  {} events, seed {}, fingerprint {:016x}\n", report.events, report.seed, report.fingerprint);
}

std::string systemsText(const Report& report) {
    std::string text;
    for (const scenario::ReportStage stage : {scenario::ReportStage::Inside, scenario::ReportStage::Ends}) {
        for (const scenario::Section* section : scenario::sections()) {
            text += section->reportText(stage, report);
        }
    }
    return text;
}

std::string rejectedText(const Report& report) {
    std::string text;
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

/// What a metric says of itself is all that is known of it here.
std::string figuresText(const Report& report) {
    scenario::ReportTable table({"figure", "of", "value"});
    for (const observe::FigureView& figure : report.figures) {
        table.add(
            {fmt::format("{}{}{}", figure.metric->name(), figure.label.empty() ? "" : " ", figure.label),
             observe::titleOf(figure.object),
             fmt::format("{:.6g}{}{}", figure.value, figure.metric->unit.empty() ? "" : " ", figure.metric->unit)});
    }
    return table.under("Figures");
}

std::string lossesText(const Report& report) {
    scenario::ReportTable losses({"producer", "partition", "records", "offsets", "cause"});
    for (const observe::LossView& each : report.origins.losses) {
        losses.add({each.producer, fmt::format("{}-{}", each.topic, each.partition), std::to_string(each.records),
                    fmt::format("{}..{}", each.fromOffset, each.toOffset), each.cause});
    }
    scenario::ReportTable givenUp({"source", "records", "positions", "why"});
    for (const observe::OriginView& origin : report.origins.sources) {
        for (const observe::GivenUpView& each : origin.givenUp) {
            const bool isOne = each.firstPosition == each.lastPosition;
            givenUp.add({origin.source, std::to_string(each.records),
                         isOne ? std::to_string(each.firstPosition)
                               : fmt::format("{}..{}", each.firstPosition, each.lastPosition),
                         each.reason});
        }
    }
    return losses.under("Acknowledged and lost") + givenUp.under("Given up");
}

/// Against the truth: only sources with a model or flaws have one.
std::string scorecardText(const Report& report) {
    scenario::ReportTable sources({"source", "readings", "missing", "gone", "records", "damaged", "late", "copied",
                                   "anomalies", "lateness 95 %", "sends again"});
    scenario::ReportTable sinks(
        {"source", "sink", "completeness", "validity", "duplicates", "anomalies", "freshness mean", "95 %", "longest"});
    for (const observe::ScoreView& score : report.origins.scores) {
        sources.add({score.source, std::to_string(score.readings), std::to_string(score.missing),
                     std::to_string(score.gone), std::to_string(score.records), std::to_string(score.damaged),
                     std::to_string(score.late), std::to_string(score.copied), std::to_string(score.anomalies),
                     millrace::toText(score.lateness.high), score.canSendAgain ? "yes" : "no"});
        for (const observe::SinkScore& sink : score.sinks) {
            sinks.add({score.source, sink.sink, fmt::format("{:.2f} %", 100 * sink.completeness(score.readings)),
                       fmt::format("{:.2f} %", 100 * sink.validity()), std::to_string(sink.duplicates),
                       std::to_string(sink.anomalies), millrace::toText(sink.freshness.mean),
                       millrace::toText(sink.freshness.high), millrace::toText(sink.freshness.longest)});
        }
    }
    return sources.under("Scorecard of the sources") + sinks.under("Scorecard at the sinks");
}

std::string faultsText(const Report& report) {
    scenario::ReportTable faults({"fault", "target", "from", "until"});
    for (const observe::FaultBar& each : report.faults) {
        const std::string until = each.hasMissed                 ? "hit nothing"
                                  : each.until == SimTime::max() ? ""
                                                                 : millrace::toText(each.until);
        faults.add({each.kind, each.target, millrace::toText(each.at), until});
    }
    return faults.under("Faults");
}

std::string invariantsText(const Report& report) {
    scenario::ReportTable table({"what must always hold", "checked", "holds"});
    std::string violations;
    for (const observe::InvariantView& each : report.invariants) {
        table.add({each.name, std::to_string(each.checked), each.holds ? "yes" : "NO"});
        if (!each.holds) {
            violations += fmt::format("  {}: {}\n", each.name, each.firstViolation);
        }
    }
    return table.under("Invariants") + violations;
}

std::string notModelledText(const Report& report) {
    std::string text = report.notModelled.empty() ? "" : "\nNot modelled\n";
    for (const std::string& each : report.notModelled) {
        text += "  " + each + "\n";
    }
    return text;
}

}  // namespace

std::string shortcomingsOf(const observe::OriginsView& origins, const observe::SystemViews& views) {
    std::string text = observe::shortcomingsText(origins);
    for (const scenario::Section* section : scenario::sections()) {
        if (const std::string more = section->shortcomings(views); !more.empty()) {
            text += (text.empty() ? "" : ", ") + more;
        }
    }
    return text;
}

bool Report::hasBrokenPromises() const {
    return std::any_of(origins.losses.begin(), origins.losses.end(),
                       [](const observe::LossView& loss) { return loss.wasPromised; });
}

std::string reportText(const Report& report) {
    return headText(report) + systemsText(report) + rejectedText(report) + figuresText(report) + scorecardText(report) +
           lossesText(report) + faultsText(report) + invariantsText(report) + notModelledText(report);
}

}  // namespace millrace::run
