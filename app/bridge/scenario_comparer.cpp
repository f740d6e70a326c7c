#include "app/bridge/scenario_comparer.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "engine/lab/compare/comparison.h"
#include "engine/run/failure_bundle.h"

namespace millrace::bridge {

namespace {

/// The variants of one document behind those that are there; gives why it cannot be compared, with the file.
std::optional<std::string> add(std::vector<lab::Variant>& variants, const scenario::ScenarioReading& reading,
                               const std::string& file) {
    const std::string shown = file.empty() ? "this scenario" : std::filesystem::path(file).filename().string();
    if (!reading.scenario) {
        const auto& all = reading.complaints.all();
        const auto wrong = std::find_if(all.begin(), all.end(), [](const scenario::Complaint& each) {
            return each.severity == scenario::Complaint::Severity::Error;
        });
        return wrong == all.end() ? shown + " cannot be read" : scenario::toText(*wrong, file);
    }
    if (const auto trouble = lab::troubleWithEnd(*reading.scenario)) {
        return shown + ": " + trouble->where + ": " + trouble->message;
    }
    std::vector<lab::Variant> more = lab::variantsOf(reading.document, {reading.scenario->file, {}, {}});
    for (lab::Variant& each : more) {
        each.scenario = reading.scenario->title.empty() ? shown : reading.scenario->title;
    }
    lab::addVariants(variants, std::move(more));
    return std::nullopt;
}

ComparisonAnswer compared(const ComparisonRequest& request, const std::function<bool(const ComparisonStep&)>& goOn) {
    ComparisonAnswer answer;
    std::vector<lab::Variant> variants;
    auto trouble = add(variants, scenario::readScenario(request.text, {request.file, {}, {}}), request.file);
    for (const std::string& other : request.others) {
        if (!trouble) {
            trouble = add(variants, scenario::readScenarioFile({other, {}, {}}), other);
        }
    }
    if (trouble) {
        answer.trouble = *trouble;
        return answer;
    }
    lab::ComparisonOptions options;
    options.repetitions = request.repetitions;
    options.onProgress = [&](const lab::ComparisonProgress& now) {
        return goOn({now.run, now.runs, now.variant, seconds(now.now - SimTime{})});
    };
    const auto comparison = lab::compare(variants, options);
    if (!comparison) {
        const Error& error = comparison.error();
        answer.trouble = error.where.empty() ? error.message : error.where + ": " + error.message;
    } else if (!comparison->isCancelled) {
        answer.view = std::make_shared<const observe::ComparisonView>(lab::viewOf(*comparison));
        answer.text = lab::comparisonText(*comparison);
        answer.json = lab::comparisonJson(*comparison);
        answer.html = lab::comparisonHtml(*comparison);
    }
    return answer;
}

}  // namespace

Comparer scenarioComparer(std::string failureFolder, std::string version) {
    return [folder = std::move(failureFolder), version = std::move(version)](
               const ComparisonRequest& request, const std::function<bool(const ComparisonStep&)>& goOn) {
        try {
            return compared(request, goOn);
        } catch (const std::exception& failure) {
            ComparisonAnswer answer;
            answer.trouble = std::string("internal error: ") + failure.what();
            const auto bundle = run::writeFailureBundle(
                folder, {failure.what(), "millrace compare " + request.file, version, request.text}, {});
            answer.trouble += bundle ? "; all that is needed to repeat it is in " + *bundle : std::string();
            return answer;
        }
    };
}

}  // namespace millrace::bridge
