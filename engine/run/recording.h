#pragma once

#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/inputs.h"
#include "engine/run/session.h"

namespace millrace::run {

/// What a recorded run was made of: with it and the inputs it can be run again without the outside.
struct RecordingHeader {
    std::string file;  ///< of the scenario; its folder is where relative paths start
    std::string text;  ///< of the scenario
    std::vector<std::pair<std::string, std::string>> settings;  ///< `--set`, in order
    std::uint64_t seed = 0;
    std::int64_t startMillis = 0;  ///< the date of time 0
};

struct RecordingEnd {
    SimTime time;
    std::uint64_t events = 0;
    std::uint64_t fingerprint = 0;
};

struct Recording {
    RecordingHeader header;
    std::vector<RecordedInput> inputs;
    std::vector<std::uint64_t> fingerprintsBySecond;  ///< from second 1
    std::optional<RecordingEnd> end;                  ///< absent when the recording was cut off
    std::string path;
    std::vector<int> inputLines;  ///< where each input stands in the file
    int lines = 0;                ///< whole ones
};

/// Reads inputs by kind. Rooms above add theirs.
class InputCodec {
public:
    using Decode = std::function<Result<Ref<const sim::Input>>(std::string_view payload)>;
    InputCodec();  ///< knows FaultInput
    void add(std::string kind, Decode decode) { m_decoders[std::move(kind)] = std::move(decode); }
    [[nodiscard]] Result<Ref<const sim::Input>> decode(const std::string& kind, std::string_view payload) const;

private:
    std::map<std::string, Decode> m_decoders;
};

/// Streams a recording into a file, one JSON object a line; every line is complete on disk before the next is begun, so
/// that a killed program leaves a recording that can be replayed up to there.
class RecordingWriter {
public:
    [[nodiscard]] static Result<RecordingWriter> create(const std::string& path, const RecordingHeader& header);
    /// Inputs that cannot be stored are a program error.
    Result<void> write(const RecordedInput& input);
    /// Adds the fingerprints of the seconds that have passed since the last call.
    Result<void> note(const sim::World& world);
    Result<void> finish(const sim::World& world);

private:
    RecordingWriter(std::string path, std::ofstream out) : m_path(std::move(path)), m_out(std::move(out)) {}
    Result<void> line(const std::string& text);
    std::string m_path;
    std::ofstream m_out;
    std::uint64_t m_secondsNoted = 0;
};

/// Whether a recording can be written there. It takes the place of an earlier recording, of nothing else. Touches
/// nothing.
[[nodiscard]] Result<void> checkRecordingPath(const std::string& path);

/// Fails with FILE:LINE for what cannot be read. A last line that was cut off is left out.
[[nodiscard]] Result<Recording> readRecording(const std::string& path, const InputCodec& codec);

/// Plays the recorded inputs into a session that stands at the start of the same scenario, and then to the recorded
/// end; without one, to the last second that was noted. Fails with FILE:LINE for an input that does not fit the world
/// that it meets, and when the end's fingerprint differs. `look` sees the world whenever a multiple of `checkInterval`
/// has passed.
Result<void> replay(Session& session, const Recording& recording,
                    const std::function<void(const sim::World&)>& look = {});

/// Who checks a run while it is recorded and again while it is replayed looks at the same instants: multiples of this.
inline constexpr SimDuration checkInterval = std::chrono::milliseconds{100};
/// The first of them after a time.
[[nodiscard]] SimTime nextLook(SimTime after);

}  // namespace millrace::run
