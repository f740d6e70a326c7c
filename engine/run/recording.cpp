#include "engine/run/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/run/rate_input.h"

namespace millrace::run {

using Json = nlohmann::ordered_json;

namespace {
constexpr std::uint64_t eventsBetweenComparisons = 100'000;
}

InputCodec::InputCodec() {
    add(std::string{FaultInput::kindName}, &FaultInput::fromPayload);
    add(std::string{RateInput::kindName}, &RateInput::fromPayload);
}

Result<Ref<const sim::Input>> InputCodec::decode(const std::string& kind, std::string_view payload) const {
    const auto known = m_decoders.find(kind);
    if (known == m_decoders.end()) {
        return failure(fmt::format("unknown kind of input \"{}\"", kind));
    }
    return known->second(payload);
}

Result<RecordingWriter> RecordingWriter::create(const std::string& path, const RecordingHeader& header) {
    std::ofstream out(path, std::ios::trunc | std::ios::binary);
    if (!out) {
        return failure("cannot be written", path);
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
        return failure("cannot be written further: is the disk full?", m_path);
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

std::uint64_t fingerprintOf(const Json& json) {
    return std::strtoull(json.value("fingerprint", std::string{}).c_str(), nullptr, 16);
}

Result<RecordingHeader> readHeader(const Json& json) {
    if (!json.is_object() || !isInteger(json, "millrace_recording") || json["millrace_recording"] != 1 ||
        !json.contains("scenario") || !json["scenario"].is_string() || !isInteger(json, "seed") ||
        !isInteger(json, "start_ms")) {
        return failure("is not a recording of millrace (version 1)");
    }
    RecordingHeader header;
    header.file = json.value("file", std::string{});
    header.text = json["scenario"].get<std::string>();
    header.seed = json["seed"].get<std::uint64_t>();
    header.startMillis = json["start_ms"].get<std::int64_t>();
    for (const Json& setting : json.value("settings", Json::array())) {
        header.settings.emplace_back(setting.value("path", std::string{}), setting.value("value", std::string{}));
    }
    return header;
}

Result<RecordedInput> readInput(const Json& json, const InputCodec& codec) {
    if (!isInteger(json, "t") || !isInteger(json, "e") || !json.contains("kind") || !json["kind"].is_string() ||
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
    if (isInteger(json, "end_t")) {
        recording.end = RecordingEnd{atNanoseconds(json["end_t"].get<std::int64_t>()),
                                     json.value("events", std::uint64_t{0}), fingerprintOf(json)};
        return {};
    }
    if (isInteger(json, "second")) {
        recording.fingerprintsBySecond.push_back(fingerprintOf(json));
        return {};
    }
    auto input = readInput(json, codec);
    if (!input) {
        return tl::unexpected(input.error());
    }
    if (!recording.inputs.empty() && input->eventsBefore < recording.inputs.back().eventsBefore) {
        return failure("comes before the input above it");
    }
    recording.inputs.push_back(std::move(*input));
    return {};
}

}  // namespace

Result<Recording> readRecording(const std::string& path, const InputCodec& codec) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return failure("cannot be read", path);
    }
    Recording recording;
    std::string text;
    for (int number = 1; std::getline(in, text); ++number) {
        const bool isComplete = !in.eof();
        const Json json = Json::parse(text, nullptr, false);
        const auto fail = [&](const Error& error) {
            return tl::unexpected(Error{error.message, fmt::format("{}:{}", path, number)});
        };
        if (json.is_discarded()) {
            if (!isComplete && number > 1) {
                break;  // Cut off while it was written.
            }
            return fail(Error{"is not JSON", {}});
        }
        try {
            if (auto taken = number == 1 ? takeHeader(recording, json) : takeLine(recording, json, codec); !taken) {
                return fail(taken.error());
            }
        } catch (const Json::exception& error) {
            return fail(Error{fmt::format("has a field of another kind than it should be ({})", error.what()), {}});
        }
    }
    if (recording.header.text.empty()) {
        return failure("is empty", path);
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
    for (const RecordedInput& input : recording.inputs) {
        if (auto played = playTo(input.time, input.eventsBefore); !played) {
            return played;
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
    }
    return {};
}

}  // namespace millrace::run
