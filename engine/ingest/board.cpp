#include "engine/ingest/board.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace millrace::ingest {

namespace {

constexpr std::size_t tilesMost = 100;
constexpr std::size_t pointsMost = 120;
constexpr std::size_t raisedMost = 50;

flow::Datum datumOf(const SinkValue& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        return *whole;
    }
    if (const auto* real = std::get_if<double>(&value)) {
        return *real;
    }
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? flow::Datum{*text} : flow::Datum{};
}

std::optional<std::size_t> placeOf(const std::vector<flow::Column>& columns, std::string_view name) {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const flow::Column& each) { return each.name == name; });
    return found != columns.end() ? std::optional(static_cast<std::size_t>(found - columns.begin())) : std::nullopt;
}

std::string noSuchColumn(std::string_view name, const std::vector<flow::Column>& columns) {
    std::string there;
    for (const flow::Column& each : columns) {
        there += (there.empty() ? "" : ", ") + each.name;
    }
    return fmt::format("there is no field '{}' among the rows that it is to show, only {}", name, there);
}

bool isNumber(const flow::Column& column) {
    return column.type == flow::DatumType::Integer || column.type == flow::DatumType::Real;
}

std::uint64_t alertsThatHold(const BoardSpec& spec, const std::vector<SinkValue>& row) {
    std::uint64_t holds = 0;
    for (std::size_t i = 0; i < spec.alerts.size(); ++i) {
        const BoardAlert& alert = spec.alerts[i];
        const auto field = [&](std::size_t at) { return datumOf(row[alert.places[at]]); };
        holds |= std::uint64_t{alert.condition->holds(field) ? 1U : 0U} << i;
    }
    return holds;
}

}  // namespace

Result<Ref<const BoardSpec>, std::vector<BoardSpec::Trouble>> BoardSpec::make(const std::vector<flow::Column>& columns,
                                                                              std::vector<std::size_t> told,
                                                                              const std::string& chart,
                                                                              const std::vector<std::string>& alerts) {
    auto spec = makeRef<BoardSpec>();
    std::vector<Trouble> troubles;
    spec->columns = columns;
    spec->told = std::move(told);
    if (chart.empty()) {
        for (std::size_t i = 0; i < columns.size() && !spec->chart; ++i) {
            if (isNumber(columns[i]) && !spec->isTold(i)) {
                spec->chart = i;
            }
        }
    } else {
        spec->chart = placeOf(columns, chart);
        if (!spec->chart) {
            troubles.push_back({"chart", noSuchColumn(chart, columns)});
        } else if (!isNumber(columns[*spec->chart])) {
            troubles.push_back({"chart", fmt::format("'{}' is no number: it cannot be drawn over time", chart)});
        }
    }
    for (std::size_t i = 0; i < alerts.size(); ++i) {
        const std::string key = fmt::format("alerts[{}]", i);
        auto condition = flow::Expression::make(alerts[i]);
        if (!condition) {
            troubles.push_back({key, condition.error().text()});
            continue;
        }
        BoardAlert alert{std::move(*condition), {}};
        for (const std::string& field : alert.condition->fields()) {
            const auto place = placeOf(columns, field);
            if (!place) {
                troubles.push_back({key, noSuchColumn(field, columns)});
            }
            alert.places.push_back(place.value_or(0));
        }
        spec->alerts.push_back(std::move(alert));
    }
    if (!troubles.empty()) {
        return tl::unexpected(std::move(troubles));
    }
    return Ref<const BoardSpec>(spec);
}

std::vector<Board::Raised> Board::show(const BoardSpec& spec, const SinkWrite& write, SimTime now) {
    const auto* name = std::get_if<std::string>(&write.values[boardTile]);
    const auto* measured = std::get_if<std::int64_t>(&write.values[boardMeasured]);
    const std::string key = name != nullptr ? *name : std::string();
    if (!m_tiles.contains(key) && m_tiles.size() >= tilesMost) {
        ++m_withoutPlace;
        return {};
    }
    Tile& tile = m_tiles[key];
    const auto place = [](SimTime when, const Origin& origin) {
        return std::tuple(when, origin.position, origin.part);
    };
    const SimTime when{SimDuration{measured != nullptr ? *measured : 0}};
    if (tile.rows > 0 && place(when, write.origin) <= place(tile.measured, tile.newest)) {
        return {};
    }
    tile.row.assign(write.values.begin() + boardColumns, write.values.end());
    tile.newest = write.origin;
    tile.measured = when;
    tile.shown = now;
    ++tile.rows;
    if (spec.chart) {
        if (const auto value = flow::asNumber(datumOf(tile.row[*spec.chart]))) {
            tile.points.push({tile.measured, *value});
            if (tile.points.size() > pointsMost) {
                (void)tile.points.pop();
            }
        }
    }
    const std::uint64_t held = tile.holds;
    tile.holds = alertsThatHold(spec, tile.row);
    std::vector<Raised> begun;
    for (std::size_t i = 0; i < spec.alerts.size(); ++i) {
        const std::uint64_t bit = std::uint64_t{1} << i;
        if ((tile.holds & bit) != 0 && (held & bit) == 0) {
            begun.push_back({key, i, tile.measured, now});
            m_raised.push(begun.back());
            ++m_raisedInAll;
            if (m_raised.size() > raisedMost) {
                (void)m_raised.pop();
            }
        }
    }
    return begun;
}

std::string shownText(const SinkValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        return *text;
    }
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*whole);
    }
    if (const auto* real = std::get_if<double>(&value)) {
        const bool isLarge = std::abs(*real) >= 1000 && std::abs(*real) < 1e15;
        return isLarge ? fmt::format("{:.0f}", *real) : fmt::format("{:.4g}", *real);
    }
    return {};
}

}  // namespace millrace::ingest
