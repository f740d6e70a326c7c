#include "engine/run/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/base/plain_file.h"
#include "engine/base/utf8.h"
#include "engine/run/rate_input.h"
#include "engine/run/withdraw_input.h"

namespace millrace::run {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::uint64_t eventsBetweenComparisons = 100'000;
constexpr int depthMost = 16;  ///< of what a line nests: far more than any input needs

/// A line of a recording; nothing where it is not JSON or nests deeper than anything that was ever written.
Json parsedLine(const std::string& text) {
    bool isTooDeep = false;
    const auto keep = [&](int depth, Json::parse_event_t, Json&) {
        isTooDeep = isTooDeep || depth > depthMost;
        return !isTooDeep;
    };
    Json json = Json::parse(text, keep, false);
    return isTooDeep ? Json(Json::value_t::discarded) : json;
}

}  // namespace

InputCodec::InputCodec() {
    add(std::string{FaultInput::kindName}, &FaultInput::fromPayload);
    add(std::string{RateInput::kindName}, &RateInput::fromPayload);
    add(std::string{MendInput::kindName}, &MendInput::fromPayload);
    add(std::string{WithdrawInput::kindName}, &WithdrawInput::fromPayload);
}

Result<Ref<const sim::Input>> InputCodec::decode(const std::string& kind, std::string_view payload) const {
    const auto known = m_decoders.find(kind);
    if (known == m_decoders.end()) {
        constexpr std::size_t shownMost = 40;
        return failure(fmt::format("unknown kind of input \"{}{}\"", utf8Front(kind, shownMost),
                                   kind.size() > shownMost ? " ..." : ""));
    }
    return known->second(payload);
}

Result<RecordingWriter> RecordingWriter::create(const std::string& path, const RecordingHeader& header) {
    std::ofstream out(path, std::ios::trunc | std::ios::binary);
    if (!out) {
        return machineFailure(fmt::format("cannot be written: {}", systemTrouble(errno)), path);
    }
    RecordingWriter writer(path, std::move(out));
    Json settings = Json::array();
    for (const auto& [key, value] : header.settings) {
        settings.push_back(Json{{"path", key}, {"value", value}});
    }
    const Json json{{"millrace_recording", 1},        {"file", header.file},
                    {"settings", settings},           {"seed", header.seed},
                    {"start_ms", header.startMillis}, {"scenario", header.text}};
    if (auto written = writer.line(json.dump(-1, ' ', false, Json::error_handler_t::replace)); !written) {
        return tl::unexpected(written.error());
    }
    return writer;
}

Result<void> RecordingWriter::line(const std::string& text) {
    m_out << text << '\n';
    m_out.flush();
    if (!m_out) {
        return machineFailure("cannot be written further: is the disk full?", m_path);
    }
    return {};
}

Result<void> RecordingWriter::write(const RecordedInput& input) {
    const auto* storable = dynamic_cast<const StorableInput*>(input.input.get());
    MILLRACE_CHECK(storable != nullptr, input.input->summary());
    return line(fmt::format(R"({{"t":{},"e":{},"kind":"{}","payload":{}}})", nanoseconds(input.time),
                            input.eventsBefore, storable->kind(), storable->payload()));
}

Result<void> RecordingWriter::note(const sim::World& world) {
    for (; m_secondsNoted < world.fingerprintsBySecond().endIndex(); ++m_secondsNoted) {
        const std::uint64_t fingerprint = world.fingerprintsBySecond()[m_secondsNoted];
        if (auto noted =
                line(fmt::format(R"({{"second":{},"fingerprint":"{:016x}"}})", m_secondsNoted + 1, fingerprint));
            !noted) {
            return noted;
        }
    }
    return {};
}

Result<void> RecordingWriter::finish(const sim::World& world) {
    if (auto noted = note(world); !noted) {
        return noted;
    }
    return line(fmt::format(R"({{"end_t":{},"events":{},"fingerprint":"{:016x}"}})", nanoseconds(world.now()),
                            world.eventsProcessed(), world.fingerprint()));
}

namespace {

bool isInteger(const Json& json, const char* key) {
    return json.contains(key) && json[key].is_number_integer();
}

/// A whole number from 0 that fits; Json would wrap what does not.
bool isCount(const Json& json, const char* key) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    return json.contains(key) && json[key].is_number_unsigned() && json[key].get<std::uint64_t>() <= most;
}

bool isText(const Json& json, const char* key) {
    return json.contains(key) && json[key].is_string();
}

/// Text, or not there.
bool mayBeText(const Json& json, const char* key) {
    return !json.contains(key) || json[key].is_string();
}

std::uint64_t fingerprintOf(const Json& json) {
    return std::strtoull(json.value("fingerprint", std::string{}).c_str(), nullptr, 16);
}

Result<RecordingHeader> readHeader(const Json& json) {
    if (!json.is_object() || !isInteger(json, "millrace_recording") || json["millrace_recording"] != 1 ||
        !json.contains("scenario") || !json["scenario"].is_string() || !isCount(json, "seed") ||
        !isInteger(json, "start_ms")) {
        return failure("is not a recording of millrace (version 1)");
    }
    constexpr std::int64_t latest = 253'402'300'799'000;  // the year 9999
    if (!isCount(json, "start_ms") || json["start_ms"].get<std::int64_t>() > latest) {
        return failure("\"start_ms\" is no date from 1970 to 9999");
    }
    if (!mayBeText(json, "file")) {
        return failure("\"file\" is no text");
    }
    const Json settings = json.value("settings", Json::array());
    if (!settings.is_array() || !std::all_of(settings.begin(), settings.end(), [](const Json& setting) {
            return setting.is_object() && mayBeText(setting, "path") && mayBeText(setting, "value");
        })) {
        return failure("\"settings\" is no list of objects with the texts \"path\" and \"value\"");
    }
    RecordingHeader header;
    header.file = json.value("file", std::string{});
    header.text = json["scenario"].get<std::string>();
    header.seed = json["seed"].get<std::uint64_t>();
    header.startMillis = json["start_ms"].get<std::int64_t>();
    for (const Json& setting : settings) {
        header.settings.emplace_back(setting.value("path", std::string{}), setting.value("value", std::string{}));
    }
    return header;
}

Result<RecordedInput> readInput(const Json& json, const InputCodec& codec) {
    if (!isCount(json, "t") || !isCount(json, "e") || !json.contains("kind") || !json["kind"].is_string() ||
        !json.contains("payload")) {
        return failure("an input needs \"t\", \"e\", \"kind\" and \"payload\"");
    }
    auto input = codec.decode(json["kind"].get<std::string>(), json["payload"].dump());
    if (!input) {
        return tl::unexpected(input.error());
    }
    return RecordedInput{atNanoseconds(json["t"].get<std::int64_t>()), json["e"].get<std::uint64_t>(), *input};
}

Result<void> takeHeader(Recording& recording, const Json& json) {
    auto header = readHeader(json);
    if (!header) {
        return tl::unexpected(header.error());
    }
    recording.header = std::move(*header);
    return {};
}

Result<void> takeLine(Recording& recording, const Json& json, const InputCodec& codec) {
    if (recording.end) {
        return failure("stands behind the recording's end");
    }
    if (json.is_object() && json.contains("end_t")) {
        if (!isCount(json, "end_t") || !isCount(json, "events") || !isText(json, "fingerprint")) {
            return failure("an end needs \"end_t\", \"events\" and \"fingerprint\", a text");
        }
        recording.end = RecordingEnd{atNanoseconds(json["end_t"].get<std::int64_t>()),
                                     json.value("events", std::uint64_t{0}), fingerprintOf(json)};
        return {};
    }
    if (json.is_object() && json.contains("second")) {
        if (!isCount(json, "second") || json["second"] != recording.fingerprintsBySecond.size() + 1) {
            return failure(fmt::format("the second {} is expected here", recording.fingerprintsBySecond.size() + 1));
        }
        if (!isText(json, "fingerprint")) {
            return failure("a second needs \"fingerprint\", a text");
        }
        recording.fingerprintsBySecond.push_back(fingerprintOf(json));
        return {};
    }
    auto input = readInput(json, codec);
    if (!input) {
        return tl::unexpected(input.error());
    }
    if (!recording.inputs.empty() &&
        (input->eventsBefore < recording.inputs.back().eventsBefore || input->time < recording.inputs.back().time)) {
        return failure("comes before the input above it");
    }
    recording.inputs.push_back(std::move(*input));
    return {};
}

/// Seconds are noted as they pass, so nothing lies far behind the last of them: a damaged time would be played towards
/// for ever.
Result<void> checkTimes(const Recording& recording) {
    constexpr SimDuration slack = std::chrono::hours(1);
    const SimTime last =
        SimTime{std::chrono::seconds(static_cast<std::int64_t>(recording.fingerprintsBySecond.size()))} + slack;
    const auto far = std::find_if(recording.inputs.begin(), recording.inputs.end(),
                                  [&](const RecordedInput& input) { return input.time > last; });
    if (far != recording.inputs.end()) {
        const auto index = static_cast<std::size_t>(far - recording.inputs.begin());
        return failure(fmt::format("its time, {}, lies far behind the last second that was noted, {}",
                                   toText(far->time), recording.fingerprintsBySecond.size()),
                       fmt::format("{}:{}", recording.path, recording.inputLines[index]));
    }
    if (recording.end && recording.end->time > last) {
        return failure(fmt::format("its end, {}, lies far behind the last second that was noted, {}",
                                   toText(recording.end->time), recording.fingerprintsBySecond.size()),
                       fmt::format("{}:{}", recording.path, recording.lines));
    }
    return {};
}

}  // namespace

Result<void> checkRecordingPath(const std::string& path) {
    if (auto writable = checkWritable(path); !writable) {
        return tl::unexpected(
            Error{"the recording cannot be written: " + writable.error().message, path, writable.error().kind});
    }
    constexpr std::size_t headMost = 64;
    std::string head(headMost, '\0');
    std::ifstream in(path, std::ios::binary);
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    if (!head.empty() && head.find(R"("millrace_recording")") == std::string::npos) {
        return failure("this file is no recording of a run, and is not replaced; name another file or move it away",
                       path);
    }
    return {};
}

Result<Recording> readRecording(const std::string& path, const InputCodec& codec) {
    if (const auto kind = specialKindOf(path)) {
        return failure(fmt::format("this is {}, and a recording is expected", *kind), path);
    }
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return tl::unexpected(unreadable(path, errno));
    }
    Recording recording;
    recording.path = path;
    std::string text;
    for (int number = 1; std::getline(in, text); ++number) {
        const bool isComplete = !in.eof();
        const Json json = parsedLine(text);
        const auto fail = [&](const Error& error) {
            return tl::unexpected(Error{error.message, fmt::format("{}:{}", path, number)});
        };
        if (json.is_discarded()) {
            if (!isComplete && number > 1) {
                break;  // Cut off while it was written.
            }
            return fail(Error{number == 1 ? "is not a recording of millrace (version 1)" : "is not JSON", {}});
        }
        try {
            if (auto taken = number == 1 ? takeHeader(recording, json) : takeLine(recording, json, codec); !taken) {
                return fail(taken.error());
            }
        } catch (const Json::exception&) {
            return fail(Error{"has a field of another kind than it should be", {}});
        }
        recording.inputLines.resize(recording.inputs.size(), number);
        recording.lines = number;
    }
    if (recording.header.text.empty()) {
        return failure("is empty, and a recording is expected", path);
    }
    if (auto possible = checkTimes(recording); !possible) {
        return tl::unexpected(possible.error());
    }
    return recording;
}

SimTime nextLook(SimTime after) {
    return SimTime{(after.time_since_epoch() / checkInterval + 1) * checkInterval};
}

Result<void> replay(Session& session, const Recording& recording, const std::function<void(const sim::World&)>& look) {
    std::size_t compared = 0;
    const auto compare = [&]() -> Result<void> {
        const auto& ours = session.world().fingerprintsBySecond();
        for (; compared < std::min<std::size_t>(ours.endIndex(), recording.fingerprintsBySecond.size()); ++compared) {
            if (ours[compared] != recording.fingerprintsBySecond[compared]) {
                return failure(
                    fmt::format("the replay parts from the recording between {} s and {} s", compared, compared + 1));
            }
        }
        return {};
    };
    const auto playWithoutLooking = [&](SimTime time, std::uint64_t events) -> Result<void> {
        while (session.world().eventsProcessed() < events && session.world().nextEventTime() <= time) {
            const std::uint64_t before = session.world().eventsProcessed();
            if (auto ran = session.advance(time, std::min<std::uint64_t>(events - before, eventsBetweenComparisons));
                !ran) {
                return tl::unexpected(ran.error());
            }
            if (auto same = compare(); !same) {
                return same;
            }
        }
        return session.passTo(time);
    };
    const auto playTo = [&](SimTime time, std::uint64_t events) -> Result<void> {
        for (SimTime at = nextLook(session.now()); look && at <= time; at += checkInterval) {
            if (auto played = playWithoutLooking(at, events); !played) {
                return played;
            }
            look(session.world());
        }
        if (auto played = playWithoutLooking(time, events); !played) {
            return played;
        }
        if (session.world().eventsProcessed() < events) {
            return failure(fmt::format("at {} the recording has had {} events, this run only {}", toText(time), events,
                                       session.world().eventsProcessed()));
        }
        return {};
    };
    for (std::size_t i = 0; i < recording.inputs.size(); ++i) {
        const RecordedInput& input = recording.inputs[i];
        if (auto played = playTo(input.time, input.eventsBefore); !played) {
            return played;
        }
        if (const auto* storable = dynamic_cast<const StorableInput*>(input.input.get())) {
            if (auto fits = storable->fits(session.world()); !fits) {
                const int line = i < recording.inputLines.size() ? recording.inputLines[i] : 0;
                return failure(fits.error().message, fmt::format("{}:{}", recording.path, line));
            }
        }
        if (auto injected = session.inject(input.input); !injected) {
            return injected;
        }
    }
    if (recording.end) {
        if (auto played = playTo(recording.end->time, recording.end->events); !played) {
            return played;
        }
        if (session.world().fingerprint() != recording.end->fingerprint) {
            return failure(fmt::format("the replay ends with fingerprint {:016x}, the recording with {:016x}",
                                       session.world().fingerprint(), recording.end->fingerprint));
        }
        return {};
    }
    const SimTime last{std::chrono::seconds(static_cast<std::int64_t>(recording.fingerprintsBySecond.size()))};
    if (session.now() < last) {
        const std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
        for (SimTime at = nextLook(session.now()); look && at < last; at += checkInterval) {
            if (auto played = playWithoutLooking(at, any); !played) {
                return played;
            }
            look(session.world());
        }
        return playWithoutLooking(last, any);
    }
    return {};
}

}  // namespace millrace::run
