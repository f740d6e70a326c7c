#include "tests/scenarios/random_feeds.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "engine/ingest/flaws.h"
#include "engine/ingest/formats/format.h"
#include "engine/ingest/models/model.h"
#include "engine/scenario/units.h"
#include "tests/scenarios/random_scenario.h"

namespace millrace::swarm {

namespace {

using flow::ParameterType;

double numberIn(std::string_view text) {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

double clamped(const flow::Parameter& row, double value) {
    return std::min(std::max(value, row.least.value_or(value)), row.most.value_or(std::numeric_limits<double>::max()));
}

std::optional<Json> randomValueOf(Dice& dice, const flow::Parameter& row) {
    const double usual = numberIn(row.defaultText);
    switch (row.type) {
        case ParameterType::Flag:
            return Json(dice.chance(0.5));
        case ParameterType::Integer: {
            const double value = clamped(row, std::max(usual, 1.0) * dice.pick({0.1, 0.5, 1.0, 3.0}));
            return Json(static_cast<std::int64_t>(value));
        }
        case ParameterType::Number: {
            const double value =
                usual == 0 ? dice.pick({0.0, 0.01, 0.05, 0.3, 1.0}) : usual * dice.pick({0.5, 1.0, 2.0});
            return Json(clamped(row, value));
        }
        case ParameterType::Duration: {
            const double seconds = clamped(row, dice.pick({0.0, 0.05, 1.0, 7.0, 600.0}));
            return Json(fmt::format("{}us", static_cast<std::int64_t>(seconds * 1e6)));
        }
        case ParameterType::Choice:
            return row.choices.empty() ? std::nullopt : std::optional<Json>(std::string(dice.oneOf(row.choices)));
        default:
            return std::nullopt;
    }
}

std::vector<std::string> formatsFor(const ingest::ModelKind& model) {
    const std::vector<flow::Column> columns = model.columns();
    std::vector<std::string> names;
    for (const ingest::Format* format : ingest::formats()) {
        const bool fits = std::all_of(format->fields.begin(), format->fields.end(), [&](const flow::Column& wanted) {
            return std::any_of(columns.begin(), columns.end(),
                               [&](const flow::Column& each) { return each.name == wanted.name; });
        });
        if (fits) {
            names.emplace_back(format->name);
        }
    }
    return names;
}

}  // namespace

void addRandomParameters(Dice& dice, Json& object, const std::vector<flow::Parameter>& parameters, double share) {
    for (const flow::Parameter& row : parameters) {
        const bool isDrawn = dice.chance(share);
        if (auto value = isDrawn ? randomValueOf(dice, row) : std::nullopt) {
            object[std::string(row.key)] = std::move(*value);
        }
    }
}

Json randomFeed(Dice& dice, Draft& draft, int countMost) {
    if (dice.chance(0.12)) {
        draft.readsFile = true;
        return Json::object({{"kind", "replay"}, {"path", linesFile}, {"speed", dice.pick({20, 200, 1000})}});
    }
    const std::span<const ingest::ModelKind* const> models = ingest::modelKinds();
    const ingest::ModelKind& model =
        *models[static_cast<std::size_t>(dice.between(0, static_cast<int>(models.size()) - 1))];
    Json source = Json::object({{"kind", std::string(model.about.kind)}});
    addRandomParameters(dice, source, model.about.parameters, 0.3);
    if (dice.chance(0.5)) {
        source["format"] = dice.oneOf(formatsFor(model));
    }
    const int rate = dice.pick({5, 50, 200, 800});
    source["rate"] = fmt::format("{}/s", rate);
    source["count"] = dice.between(1, std::min(countMost, rate * draft.seconds));
    return source;
}

void addRandomFlaws(Dice& dice, Json& source) {
    const bool hasNoValues = !source.contains("format") && columnsOf(source).empty();
    if (dice.chance(0.6)) {
        Json flaws = Json::object();
        addRandomParameters(dice, flaws, ingest::flawsParameter().fields, 0.35);
        if (hasNoValues) {
            flaws.erase("damage");
        }
        // What a field is called is the model's to say, and only JSON and CSV say which fields there are.
        flaws.erase("form_field");
        const bool hasFields = !hasNoValues && source["kind"] != "replay" && source["kind"] != "clicks" &&
                               (!source.contains("format") || source["format"] == "json" || source["format"] == "csv");
        if (!hasFields) {
            flaws.erase("form_changes_at");
        }
        source["flaws"] = flaws;
    }
    if (source["kind"] != "replay" && dice.chance(0.25)) {
        source["bursts"] = Json::object({{"law", dice.pick<std::string>({"square", "sine", "flash-crowd"})},
                                         {"factor", dice.pick({0.1, 1.0, 4.0})},
                                         {"every", dice.pick<std::string>({"1s", "10s"})},
                                         {"for", dice.pick<std::string>({"100ms", "5s"})}});
    }
    if (dice.chance(0.2)) {
        source["keeps"] = dice.pick<std::string>({"0s", "1s", "1h"});
    }
    if (dice.chance(0.1)) {
        source["seed"] = dice.between(0, 1000);
    }
}

std::vector<flow::Column> columnsOf(const Json& source) {
    const ingest::ModelKind* model = ingest::findModelKind(source["kind"].get<std::string>());
    std::vector<flow::Column> columns = model == nullptr ? std::vector<flow::Column>() : model->columns();
    const ingest::Format* format =
        source.contains("format") ? ingest::findFormat(source["format"].get<std::string>()) : nullptr;
    if (format != nullptr && !format->fields.empty()) {
        std::erase_if(columns, [&](const flow::Column& each) {
            return std::none_of(format->fields.begin(), format->fields.end(),
                                [&](const flow::Column& has) { return has.name == each.name; });
        });
    }
    return columns;
}

}  // namespace millrace::swarm
