#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/run/report/report.h"
#include "engine/scenario/sections.h"

namespace millrace::run {

namespace {

using Json = nlohmann::ordered_json;

Json figuresJson(const Report& report) {
    Json figures = Json::array();
    for (const observe::FigureView& figure : report.figures) {
        figures.push_back({{"object", figure.object},
                           {"metric", figure.metric->id},
                           {"label", figure.label},
                           {"kind", millrace::toText(figure.metric->kind)},
                           {"unit", figure.metric->unit},
                           {"value", figure.value}});
    }
    return figures;
}

Json faultsJson(const Report& report) {
    Json faults = Json::array();
    for (const observe::FaultBar& fault : report.faults) {
        Json json = {{"at_ns", nanoseconds(fault.at)}, {"kind", fault.kind}, {"target", fault.target}};
        if (fault.until != SimTime::max()) {
            json["until_ns"] = nanoseconds(fault.until);
        }
        if (fault.hasMissed) {
            json["missed"] = true;
        }
        faults.push_back(json);
    }
    return faults;
}

Json lossesJson(const Report& report) {
    Json losses = Json::array();
    for (const observe::LossView& loss : report.origins.losses) {
        losses.push_back({{"producer", loss.producer},
                          {"topic", loss.topic},
                          {"partition", loss.partition},
                          {"records", loss.records},
                          {"from_offset", loss.fromOffset},
                          {"to_offset", loss.toOffset},
                          {"cause", loss.cause},
                          {"promised", loss.wasPromised},
                          {"at_ns", nanoseconds(loss.at)}});
    }
    return losses;
}

Json originsJson(const Report& report) {
    Json origins = Json::array();
    for (const observe::OriginView& origin : report.origins.sources) {
        Json givenUp = Json::array();
        for (const observe::GivenUpView& each : origin.givenUp) {
            givenUp.push_back({{"reason", each.reason},
                               {"records", each.records},
                               {"first_position", each.firstPosition},
                               {"last_position", each.lastPosition}});
        }
        Json sinks = Json::array();
        for (const observe::OriginAtSink& each : origin.sinks) {
            sinks.push_back({{"sink", each.sink}, {"written", each.written}, {"repeated", each.repeated}});
        }
        origins.push_back({{"source", origin.source},
                           {"producer", origin.producer},
                           {"sent", origin.sent},
                           {"acked", origin.acked},
                           {"stored", origin.stored},
                           {"duplicated", origin.doubled},
                           {"retried", origin.retried},
                           {"failed", origin.failed},
                           {"failed_present", origin.failedPresent},
                           {"acked_lost", origin.lost},
                           {"reordered", origin.reordered},
                           {"vanished", origin.vanished},
                           {"given_up", givenUp},
                           {"sinks", sinks}});
    }
    return origins;
}

double milliseconds(SimDuration duration) {
    return static_cast<double>(duration.count()) / 1e6;
}

Json spreadJson(const observe::SpreadView& spread) {
    return {{"count", spread.count},
            {"mean_ms", milliseconds(spread.mean)},
            {"median_ms", milliseconds(spread.median)},
            {"p95_ms", milliseconds(spread.high)},
            {"max_ms", milliseconds(spread.longest)}};
}

Json scorecardJson(const Report& report) {
    Json scores = Json::array();
    for (const observe::ScoreView& score : report.origins.scores) {
        Json sinks = Json::array();
        for (const observe::SinkScore& sink : score.sinks) {
            sinks.push_back({{"sink", sink.sink},
                             {"records", sink.records},
                             {"readings", sink.readings},
                             {"completeness", sink.completeness(score.readings)},
                             {"validity", sink.validity()},
                             {"damaged", sink.damaged},
                             {"duplicates", sink.duplicates},
                             {"anomalies", sink.anomalies},
                             {"freshness", spreadJson(sink.freshness)}});
        }
        scores.push_back({{"source", score.source},
                          {"sends_again", score.canSendAgain},
                          {"readings", score.readings},
                          {"missing", score.missing},
                          {"records", score.records},
                          {"damaged", score.damaged},
                          {"late", score.late},
                          {"copied", score.copied},
                          {"anomalies", score.anomalies},
                          {"gone", score.gone},
                          {"lateness", spreadJson(score.lateness)},
                          {"sinks", sinks}});
    }
    return scores;
}

Json rejectedJson(const Report& report) {
    Json groups = Json::array();
    for (const RejectedGroup& group : report.rejectedGroups) {
        Json samples = Json::array();
        for (const RejectedSample& sample : group.samples) {
            Json one = {{"source", sample.source}};
            if (sample.file.empty()) {
                one["offset"] = sample.position;
            } else {
                one["file"] = sample.file;
                one["line"] = sample.position + 1;
            }
            one["text"] = sample.text;
            samples.push_back(std::move(one));
        }
        groups.push_back({{"reason", group.reason}, {"count", group.count}, {"samples", samples}});
    }
    return groups;
}

Json invariantsJson(const Report& report) {
    Json invariants = Json::array();
    for (const observe::InvariantView& invariant : report.invariants) {
        invariants.push_back({{"name", invariant.name},
                              {"checked", invariant.checked},
                              {"holds", invariant.holds},
                              {"first_violation", invariant.holds ? Json() : Json(invariant.firstViolation)}});
    }
    return invariants;
}

}  // namespace

std::string_view toText(Stop stop) {
    switch (stop) {
        case Stop::Drained:
            return "drained";
        case Stop::Until:
            return "until";
        case Stop::Invariant:
            return "invariant";
        case Stop::Signal:
            return "signal";
        case Stop::Failed:
            return "failed";
        case Stop::Stuck:
            return "stuck";
    }
    return "until";
}

std::string reportJson(const Report& report) {
    Json json = {{"scenario", report.scenario},
                 {"seed", report.seed},
                 {"fingerprint", fmt::format("{:016x}", report.fingerprint)},
                 {"simulated_ns", nanoseconds(report.simulated)},
                 {"events", report.events},
                 {"wall_s", report.wallSeconds},
                 {"stopped", toText(report.stopped)},
                 {"waiting_for", report.waitingFor},
                 {"standstills", report.standstills},
                 {"not_modelled", report.notModelled},
                 {"rejected", report.rejected},
                 {"rejected_samples", rejectedJson(report)}};
    for (const scenario::ReportStage stage : {scenario::ReportStage::Inside, scenario::ReportStage::Ends}) {
        for (const scenario::Section* section : scenario::sections()) {
            section->addToReport(stage, report, json);
        }
    }
    json["figures"] = figuresJson(report);
    json["losses"] = lossesJson(report);
    json["origins"] = originsJson(report);
    if (!report.origins.scores.empty()) {
        json["scorecard"] = scorecardJson(report);
    }
    json["faults"] = faultsJson(report);
    json["invariants"] = invariantsJson(report);
    return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace millrace::run
