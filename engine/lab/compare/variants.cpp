#include "engine/lab/compare/variants.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include "engine/scenario/document/edit.h"
#include "engine/scenario/section.h"
#include "engine/scenario/sections.h"

namespace millrace::lab {

namespace {

using scenario::Member;
using scenario::Path;
using scenario::Value;

std::span<const Member> membersOf(const Value& document, std::string_view part) {
    const Value* found = document.find(part);
    return found != nullptr ? found->members() : std::span<const Member>();
}

bool runsOn(const Value& pipeline, std::string_view engine) {
    const Value* list = pipeline.find("run_on");
    const auto items = list != nullptr ? list->items() : std::span<const Value>();
    return std::any_of(items.begin(), items.end(), [&](const Value& each) { return each.asText() == engine; });
}

/// The engines of all pipelines, in the order in which they are named first.
std::vector<std::string> enginesOf(const Value& document) {
    std::vector<std::string> engines;
    for (const Member& pipeline : membersOf(document, "pipelines")) {
        const Value* list = pipeline.value.find("run_on");
        for (const Value& each : list != nullptr ? list->items() : std::span<const Value>()) {
            if (std::find(engines.begin(), engines.end(), each.asText()) == engines.end()) {
                engines.push_back(each.asText());
            }
        }
    }
    return engines;
}

/// Parts of a document by which it uses an engine beside its pipelines.
bool usesByItself(const Value& document, std::string_view engine) {
    if (engine == "storm") {
        return !membersOf(document, "topologies").empty();
    }
    if (engine == "spark") {
        return !membersOf(document, "streaming").empty();
    }
    const Value* hadoop = document.find("hadoop");
    return !membersOf(document, "jobs").empty() || (hadoop != nullptr && !membersOf(*hadoop, "files").empty());
}

/// The words before the colon of targets that belong to an engine.
std::set<std::string_view> targetsOf(std::string_view engine) {
    std::set<std::string_view> nouns;
    for (const scenario::Section* section : scenario::sections()) {
        const auto fields = section->fields();
        const bool isOwner =
            std::any_of(fields.begin(), fields.end(), [&](const scenario::Field& each) { return each.key == engine; });
        for (const scenario::TargetKind& each :
             isOwner ? section->targets() : std::span<const scenario::TargetKind>()) {
            nouns.insert(each.noun);
        }
    }
    return nouns;
}

std::string textIn(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    return value != nullptr ? value->asText() : std::string();
}

class EngineVariant {
public:
    EngineVariant(Value document, std::string engine) : m_document(std::move(document)), m_engine(std::move(engine)) {}

    Variant make(const std::vector<std::string>& engines) {
        const Value original = m_document;
        for (const Member& pipeline : membersOf(original, "pipelines")) {
            if (!runsOn(pipeline.value, m_engine)) {
                change(scenario::without(m_document, Path({"pipelines", pipeline.key})));
                continue;
            }
            change(scenario::withValue(m_document, Path({"pipelines", pipeline.key, "run_on"}),
                                       Value::list({Value::text(m_engine)})));
        }
        for (const std::string& other : engines) {
            if (other == m_engine) {
                continue;
            }
            for (const Member& pipeline : membersOf(original, "pipelines")) {
                change(scenario::without(m_document, Path({"pipelines", pipeline.key, other})));
            }
            if (!usesByItself(m_document, other)) {
                change(scenario::without(m_document, Path({other})));
                const auto nouns = targetsOf(other);
                m_gone.insert(nouns.begin(), nouns.end());
            }
        }
        dropFaults();
        return {m_engine, m_engine, m_document, {}, m_leftOut};
    }

private:
    void change(std::optional<Value> changed) {
        if (changed) {
            m_document = std::move(*changed);
        }
    }

    void dropFaults() {
        const Value* faults = m_document.find("faults");
        if (faults == nullptr) {
            return;
        }
        std::vector<Value> kept;
        for (const Value& fault : faults->items()) {
            const std::string target = textIn(fault, "target");
            if (m_gone.contains(std::string_view(target).substr(0, target.find(':')))) {
                m_leftOut.push_back(fmt::format("{} of {} at {}: there is none on {}", textIn(fault, "kind"), target,
                                                textIn(fault, "at"), m_engine));
            } else {
                kept.push_back(fault);
            }
        }
        change(scenario::withValue(m_document, Path({"faults"}), Value::list(std::move(kept))));
    }

    Value m_document;
    std::string m_engine;
    std::set<std::string_view> m_gone;
    std::vector<std::string> m_leftOut;
};

}  // namespace

std::vector<Variant> variantsOf(const Value& document, const scenario::ScenarioSource& source) {
    std::vector<Variant> variants;
    const std::vector<std::string> engines = enginesOf(document);
    if (engines.size() > 1) {
        for (const std::string& engine : engines) {
            variants.push_back(EngineVariant(document, engine).make(engines));
        }
    } else {
        const std::string stem = std::filesystem::path(source.file).stem().string();
        const std::string title = textIn(document, "title");
        variants.push_back({!stem.empty()    ? stem
                            : !title.empty() ? title
                                             : "scenario",
                            engines.empty() ? std::string() : engines.front(),
                            document,
                            {},
                            {}});
    }
    for (Variant& each : variants) {
        each.source = source;
    }
    return variants;
}

void addVariants(std::vector<Variant>& all, std::vector<Variant> more) {
    for (Variant& each : more) {
        const auto isTaken = [&](const std::string& name) {
            return std::any_of(all.begin(), all.end(), [&](const Variant& other) { return other.name == name; });
        };
        const std::string wanted = each.name;
        for (int number = 2; isTaken(each.name); ++number) {
            each.name = fmt::format("{}-{}", wanted, number);
        }
        all.push_back(std::move(each));
    }
}

std::string endlessSource(const scenario::Scenario& scenario) {
    const auto endless = std::find_if(scenario.sources.begin(), scenario.sources.end(),
                                      [](const scenario::SourcePlan& source) { return !source.isFinite(); });
    return scenario.run.duration || endless == scenario.sources.end() ? std::string() : endless->name;
}

std::optional<Error> troubleWithEnd(const scenario::Scenario& scenario) {
    const std::string endless = endlessSource(scenario);
    if (endless.empty()) {
        return std::nullopt;
    }
    return Error{
        "it has no end and the scenario no run.duration: there is no end to compare at; say how long in run.duration",
        "sources." + endless};
}

}  // namespace millrace::lab
