#include "engine/scenario/scenario_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "engine/base/plain_file.h"
#include "engine/base/utf8.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/files.h"
#include "engine/scenario/nearest.h"
#include "engine/scenario/plan_builder.h"
#include "engine/scenario/references.h"
#include "engine/scenario/sections.h"
#include "engine/scenario/shape/check_shape.h"
#include "engine/scenario/shipped.h"
#include "engine/scenario/written_out.h"

namespace millrace::scenario {

namespace {

namespace fs = std::filesystem;

/// Keys that would have been right at the first step that leads nowhere.
std::string suggestionFor(const std::vector<std::string>& steps) {
    std::vector<std::string> good;
    for (const std::string& step : steps) {
        std::vector<std::string> longer = good;
        longer.push_back(step);
        if (!isPathOfShape(longer)) {
            const Field* field = good.empty() ? nullptr : fieldAt(good);
            if (field != nullptr && field->type == FieldType::Config) {
                return suggestion(step, configKeyNames(field->scope));
            }
            const Shape* shape = good.empty() ? &scenarioShape() : shapeAt(good);
            std::vector<std::string_view> known;
            for (const Field& each : shape != nullptr ? shape->fields : std::vector<Field>()) {
                known.push_back(each.key);
            }
            return suggestion(step, known);
        }
        good = std::move(longer);
    }
    return {};
}

/// A place in a list must be there already, or be the one behind its last.
std::optional<std::string> troubleWithIndex(const Value& document, const Path& path) {
    Path way;
    for (const std::string& step : path.steps()) {
        const Path longer = way.child(step);
        const Value* list = valueAt(document, way);
        const Field* field = fieldAt(way.steps());
        const bool isOfList =
            field != nullptr && (field->type == FieldType::List || field->type == FieldType::TextList);
        const std::size_t count = list != nullptr ? list->items().size() : 0;
        const auto index = isOfList ? indexOf(step) : std::nullopt;
        const std::size_t end = longer == path ? count + 1 : count;
        if (index && *index >= end) {
            return count == 0 ? fmt::format("{} has no entries", toText(way))
                              : fmt::format("{} has {} {}, numbered from 0: there is no {}", toText(way), count,
                                            count == 1 ? "entry" : "entries", toText(longer));
        }
        way = longer;
    }
    return std::nullopt;
}

/// The name of an existing part must be right too: `--set sources.lgo.path=x` would otherwise make a second, broken
/// source.
std::optional<std::string> troubleWithName(const Value& document, const Path& path) {
    if (auto trouble = troubleWithIndex(document, path)) {
        return trouble;
    }
    const Value* here = &document;
    std::vector<std::string> steps;
    for (const std::string& step : path.steps()) {
        const Field* field = steps.empty() ? nullptr : fieldAt(steps);
        const bool isNamed = field != nullptr && field->type == FieldType::Map;
        const Value* next = here != nullptr ? valueAt(*here, Path({step})) : nullptr;
        // The default link is there whether it stands in the document or not.
        const bool isThereAnyway = step == "default" && steps == std::vector<std::string>{"links"};
        if (isNamed && !isThereAnyway && next == nullptr && steps.size() + 1 < path.steps().size()) {
            std::vector<std::string_view> known;
            for (const Member& each : here != nullptr ? here->members() : std::span<const Member>()) {
                known.push_back(each.key);
            }
            return fmt::format("there is no \"{}\" in {}{}", step, toText(Path(steps)), suggestion(step, known));
        }
        steps.push_back(step);
        here = next;
    }
    return std::nullopt;
}

class SettingsApplier {
public:
    explicit SettingsApplier(ScenarioReading& reading) : m_reading(reading) {}

    void apply(const Setting& setting) {
        const Path path = Path::parse(setting.path, m_reading.document);
        if (!isPathOfShape(path.steps())) {
            refuse(setting, fmt::format("no scenario has this field{}", suggestionFor(path.steps())));
        } else if (const auto trouble = troubleWithName(m_reading.document, path)) {
            refuse(setting, *trouble);
        } else if (!isUtf8(setting.value) && !isOfFile(path)) {
            refuse(setting, "the value is no UTF-8");
        } else if (auto changed = withValue(m_reading.document, path, valueFor(path, setting.value))) {
            m_reading.document = std::move(*changed);
            m_paths.insert(toText(path));
        } else {
            refuse(setting, "a value cannot be set there");
        }
    }

    /// Fields whose relative paths start at the working directory.
    [[nodiscard]] const std::set<std::string>& paths() const { return m_paths; }

private:
    /// Names of files are bytes; everything else is text.
    static bool isOfFile(const Path& path) {
        const Field* field = fieldAt(path.steps());
        return field != nullptr && field->type == FieldType::FilePath;
    }

    /// A field that takes text takes it also when the text happens to be JSON: a topic may be called 42.
    static Value valueFor(const Path& path, const std::string& text) {
        const Field* field = fieldAt(path.steps());
        const bool isText = field != nullptr && (field->type == FieldType::Text || field->type == FieldType::FilePath ||
                                                 field->type == FieldType::Reference);
        Value value = readSetting(text);
        return isText && !value.isText() ? Value::text(text) : value;
    }

    void refuse(const Setting& setting, std::string message) {
        m_reading.complaints.error({}, setting.path, "--set: " + message);
    }

    ScenarioReading& m_reading;
    std::set<std::string> m_paths;
};

/// What is said of parts that were written out is said of those that they stand for; once, where they say it
/// themselves.
class OwnComplaints {
public:
    OwnComplaints(const WrittenOut& whole, ScenarioReading& reading) : m_whole(whole), m_reading(reading) {}

    void add(const Complaint& complaint) {
        const std::string field = m_whole.ownPath(complaint.field);
        if (field != complaint.field && isToldUnder(field)) {
            return;
        }
        const bool isPlaced = complaint.place.isKnown() || field == complaint.field;
        const Place place = isPlaced ? complaint.place : placeOf(m_reading.document, field);
        if (complaint.severity == Complaint::Severity::Error) {
            m_reading.complaints.error(place, field, complaint.message, complaint.code);
        } else {
            m_reading.complaints.warning(place, field, complaint.message, complaint.code);
        }
    }

private:
    /// Something is wrong with the whole already that the field belongs to: "pipelines.words".
    [[nodiscard]] bool isToldUnder(const std::string& field) const {
        const std::string whole = field.substr(0, field.find('.', field.find('.') + 1));
        const auto all = m_reading.complaints.all();
        return std::any_of(all.begin(), all.end(), [&](const Complaint& each) {
            return each.severity == Complaint::Severity::Error &&
                   (each.field == whole || each.field.starts_with(whole + "."));
        });
    }

    const WrittenOut& m_whole;
    ScenarioReading& m_reading;
};

void judge(ScenarioReading& reading, const ScenarioSource& source) {
    SettingsApplier applier(reading);
    for (const Setting& setting : source.settings) {
        applier.apply(setting);
    }
    if (source.seed) {
        const Value seed = Value::integer(static_cast<std::int64_t>(*source.seed));
        if (auto changed = withValue(reading.document, Path({"run", "seed"}), seed)) {
            reading.document = std::move(*changed);
        }
    }
    ShapeFindings findings = checkShape(reading.document, scenarioShape());
    reading.complaints.append(findings.complaints);
    const WrittenOut whole = writtenOut(reading.document);
    OwnComplaints own(whole, reading);
    Complaints found = whole.complaints;
    checkReferences(whole.document, found);
    for (const Complaint& each : found.all()) {
        own.add(each);
    }
    const bool isCoherent = !reading.complaints.hasErrors();
    const std::map<std::string, std::string> paths = checkFiles(
        reading.document, {source.file, source.isShipped || isInstalledScenario(source.file), applier.paths()},
        reading.complaints);
    if (!isCoherent) {
        reading.complaints.sortByPlace();
        return;
    }
    // A file that is not there hides nothing of what else a run would refuse.
    Scenario scenario = buildPlan(whole.document, paths);
    scenario.document = reading.document;
    std::vector<std::string> standIns;
    for (const Section* section : sections()) {
        for (const Error& trouble : section->troubleWith(scenario)) {
            own.add({Complaint::Severity::Error, placeOf(reading.document, whole.ownPath(trouble.where)), trouble.where,
                     trouble.message});
        }
        const auto more = section->standIns(scenario);
        standIns.insert(standIns.end(), more.begin(), more.end());
    }
    reading.complaints.sortByPlace();
    if (reading.complaints.hasErrors()) {
        return;
    }
    scenario.file = source.file;
    scenario.notModelled = std::move(findings.notModelled);
    scenario.notModelled.insert(scenario.notModelled.begin(), standIns.begin(), standIns.end());
    reading.scenario = std::move(scenario);
}

}  // namespace

std::vector<std::string> ScenarioReading::complaintTexts(std::string_view file) const {
    std::vector<std::string> texts;
    for (const Complaint& complaint : complaints.all()) {
        texts.push_back(toText(complaint, file));
    }
    return texts;
}

std::string Scenario::name() const {
    return fs::path(file).stem().string();
}

ScenarioReading readScenario(std::string_view text, const ScenarioSource& source) {
    DocumentReading document = readDocument(text);
    ScenarioReading reading{document.root, std::nullopt, document.complaints};
    const auto found = document.complaints.all();
    // After an error of syntax the rest of the document is missing: complaints about that would only mislead.
    const bool isWhole = document.root.isObject() &&
                         std::none_of(found.begin(), found.end(),
                                      [](const Complaint& each) { return each.code != Complaint::Code::RepeatedKey; });
    if (isWhole) {
        judge(reading, source);
    } else if (found.empty()) {
        reading.complaints.error(document.root.place(), {}, "a scenario is an object: { ... }");
    }
    return reading;
}

ScenarioReading readScenario(const Value& document, const ScenarioSource& source) {
    ScenarioReading reading{document, std::nullopt, {}};
    judge(reading, source);
    return reading;
}

ScenarioReading readScenarioFile(const ScenarioSource& source) {
    constexpr std::size_t bytesMost = std::size_t{64} << 20U;
    ScenarioReading reading;
    if (const auto kind = specialKindOf(source.file)) {
        reading.complaints.error({}, {}, fmt::format("this is {}, and a scenario file is expected", *kind));
        return reading;
    }
    const auto content = readPlainFile(source.file, bytesMost);
    if (content) {
        return readScenario(*content, source);
    }
    reading.complaints.error({}, {}, content.error().message, codeOf(content.error()));
    return reading;
}

}  // namespace millrace::scenario
