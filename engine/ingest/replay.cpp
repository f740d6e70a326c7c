#include "engine/ingest/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/ingest/formats/format.h"
#include "engine/ingest/web_log.h"

namespace millrace::ingest {

namespace {

/// Lines that are out of order in the file are sent in its order, without a gap.
class ReplayModel final : public ModelBase<ReplayModel> {
public:
    ReplayModel(Ref<const ReplayPlan> plan, double speed) : m_plan(std::move(plan)), m_speed(speed) {}
    void read(SimTime, Reading& reading) override { reading.text = m_plan->content->line(m_plan->lines[m_next++]); }
    double gap(SimTime) override { return isAtEnd() ? 0 : m_plan->gaps[m_next] / m_speed; }
    [[nodiscard]] bool isAtEnd() const override { return m_next >= m_plan->lines.size(); }

private:
    Ref<const ReplayPlan> m_plan;
    double m_speed;
    std::size_t m_next = 0;
};

using OrderedJson = nlohmann::ordered_json;

constexpr std::array<std::string_view, 8> usualNames{"time",       "timestamp", "@timestamp", "ts",
                                                     "event_time", "datetime",  "date",       "start_date"};

/// A stamp as text or a number of seconds or milliseconds since 1970.
std::optional<std::int64_t> stampIn(std::string_view text) {
    if (const auto time = instantIn(text)) {
        return time;
    }
    const auto number = flow::numberIn(text);
    if (!number || *number < 0 || *number > 1e14) {
        return std::nullopt;
    }
    constexpr double milliseconds = 1e11;  // as seconds these would be in the year 5138
    return static_cast<std::int64_t>(*number >= milliseconds ? *number : *number * 1'000);
}

/// How the stamps of a file are found.
class Stamps {
public:
    enum class Kind : std::uint8_t { Csv, Json, WebLog, Syslog };

    static Result<Stamps, std::string> of(const FileContent& content, const std::string& time) {
        Stamps stamps;
        const std::string_view first = content.lineCount() > 0 ? content.line(0) : std::string_view{};
        if (first.starts_with('{')) {
            stamps.m_kind = Kind::Json;
            return stamps.withMember(first, time);
        }
        if (first.starts_with('<')) {
            stamps.m_kind = Kind::Syslog;
            return stamps;
        }
        if (time.empty() && (parseWebLogLine(first) || isWebLog(content))) {
            stamps.m_kind = Kind::WebLog;
            return stamps;
        }
        return stamps.withColumn(content, time);
    }

    [[nodiscard]] std::optional<std::int64_t> in(std::string_view line) const {
        constexpr int leapYear = 1972;  // Only differences count, and there may be a 29 February.
        switch (m_kind) {
            case Kind::Json: {
                const OrderedJson object = OrderedJson::parse(line, nullptr, false);
                const auto member = object.is_object() ? object.find(m_member) : object.end();
                if (!object.is_object() || member == object.end()) {
                    return std::nullopt;
                }
                return stampIn(member->is_string() ? member->get<std::string>() : member->dump());
            }
            case Kind::WebLog: {
                const auto parsed = parseWebLogLine(line);
                return parsed ? webLogInstantIn(parsed->time) : std::nullopt;
            }
            case Kind::Syslog: {
                const std::string_view rest = line.substr(std::min(line.find('>'), line.size() - 1) + 1);
                return rest.starts_with("1 ") ? instantIn(rest.substr(2, rest.find(' ', 2) - 2))
                                              : syslogInstantIn(rest.substr(0, 15), leapYear);
            }
            case Kind::Csv:
                break;
        }
        const auto values = csvValues(line);
        return values && m_column < values->size() ? stampIn((*values)[m_column]) : std::nullopt;
    }
    [[nodiscard]] std::int64_t firstLine() const { return m_hasHeader ? 1 : 0; }

private:
    static bool isWebLog(const FileContent& content) {
        return content.lineCount() > 1 && parseWebLogLine(content.line(1)).has_value();
    }

    Result<Stamps, std::string> withMember(std::string_view line, const std::string& time) {
        const OrderedJson object = OrderedJson::parse(line, nullptr, false);
        if (!object.is_object()) {
            return tl::unexpected(std::string{"its first line is no JSON object"});
        }
        for (const auto& [name, value] : object.items()) {
            const bool isUsual = std::find(usualNames.begin(), usualNames.end(), name) != usualNames.end();
            if (time.empty() ? isUsual : name == time) {
                m_member = name;
                return *this;
            }
        }
        return tl::unexpected(time.empty() ? std::string{"no member of its first line looks like a time stamp: name it"}
                                           : fmt::format("its first line has no member '{}'", time));
    }

    Result<Stamps, std::string> withColumn(const FileContent& content, const std::string& time) {
        const auto header = content.lineCount() > 0 ? csvValues(content.line(0)) : std::nullopt;
        const auto values = content.lineCount() > 1 ? csvValues(content.line(1)) : header;
        if (!header || !values) {
            return tl::unexpected(std::string{"no line of it can be read as CSV"});
        }
        m_hasHeader = !time.empty() || std::none_of(header->begin(), header->end(),
                                                    [](const std::string& each) { return stampIn(each).has_value(); });
        for (std::size_t i = 0; i < header->size() && m_hasHeader; ++i) {
            const bool isUsual = std::find(usualNames.begin(), usualNames.end(), (*header)[i]) != usualNames.end();
            if (time.empty() ? isUsual : (*header)[i] == time) {
                m_column = i;
                return *this;
            }
        }
        if (!time.empty()) {
            return tl::unexpected(fmt::format("its first line names no column '{}'", time));
        }
        for (std::size_t i = 0; i < values->size(); ++i) {
            if (instantIn((*values)[i])) {
                m_column = i;
                return *this;
            }
        }
        return tl::unexpected(std::string{"no column of it looks like a time stamp: name it"});
    }

    Kind m_kind = Kind::Csv;
    std::string m_member;
    std::size_t m_column = 0;
    bool m_hasHeader = false;
};

}  // namespace

Result<Ref<const ReplayPlan>, std::string> replayPlan(Ref<const FileContent> content, const std::string& time) {
    const auto stamps = Stamps::of(*content, time);
    if (!stamps) {
        return tl::unexpected(stamps.error());
    }
    auto plan = makeRef<ReplayPlan>();
    plan->content = content;
    std::optional<std::int64_t> newest;
    bool hasStamp = false;
    for (std::int64_t line = stamps->firstLine(); line < content->lineCount(); ++line) {
        const std::string_view text = content->line(line);
        if (text.empty()) {
            continue;
        }
        const auto stamp = stamps->in(text);
        hasStamp = hasStamp || stamp;
        const std::int64_t after = stamp && newest ? std::max<std::int64_t>(0, *stamp - *newest) : 0;
        newest = stamp ? std::max(*stamp, newest.value_or(*stamp)) : newest;
        plan->lines.push_back(line);
        plan->gaps.push_back(static_cast<double>(after) / 1'000);
    }
    if (!hasStamp && content->lineCount() > 0) {
        return tl::unexpected(std::string{"none of its lines has a time stamp there"});
    }
    return Ref<const ReplayPlan>(plan);
}

Ref<const Model> replayModel(Ref<const ReplayPlan> plan, double speed) {
    return makeRef<ReplayModel>(std::move(plan), speed);
}

}  // namespace millrace::ingest
