#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/shared_map.h"
#include "engine/base/sim_time.h"
#include "engine/ingest/flaws.h"
#include "engine/ingest/formats/format.h"
#include "engine/ingest/models/model.h"

namespace millrace::ingest {

/// A source that lives outside of whoever reads it: devices measure whether somebody listens or not, and what they say
/// comes with flaws. Immutable and shared.
struct FeedSpec final : Counted {
    Ref<const Model> model;          ///< as it stands when the run begins
    const Format* format = nullptr;  ///< null: the model reads lines
    Layout layout;
    FlawSpec flaws;
    RateShape shape;
    double rate = 0;  ///< readings a second for which the model's gaps were made; 0: as fast as they are taken
    /// Other rates by hand, each from an instant on, in order: whoever reads it, however late, finds the same readings.
    struct RateStep {
        SimTime from;
        double rate = 0;
    };
    std::vector<RateStep> rateSteps;
    bool isTimed = false;  ///< the model says by itself when each reading is due (a replay)
    SimTime begin;
    std::optional<std::int64_t> readingsMax;
    /// For how long what was read can be sent again; without a value, always.
    std::optional<SimDuration> keeps;
    std::uint64_t seed = 0;
    std::string name;    ///< for the streams of chance
    std::string source;  ///< whose it is
};

/// What a record is, beside what it says.
struct RecordTruth {
    std::int64_t position = 0;
    std::int64_t reading = 0;  ///< which one of the model's
    SimTime measured;          ///< when it was, by the true clock
    SimTime due;               ///< when it came here
    std::uint32_t flaws = 0;
    bool isGone = false;  ///< nobody took it in time, and it cannot be sent again
};

/// Where a feed stands: readings are taken from the model in order, get their flaws, and wait until they are due. A
/// value: copies share and read on independently.
class FeedCursor {
public:
    FeedCursor() = default;
    explicit FeedCursor(Ref<const FeedSpec> spec);

    [[nodiscard]] bool isThere() const { return static_cast<bool>(m_state); }
    [[nodiscard]] bool exhausted() const { return m_state->waiting.empty(); }
    [[nodiscard]] SimTime nextDue() const;
    /// The next record moves out; its key and text hold until the next one is taken.
    RecordTruth take();
    [[nodiscard]] const std::string& key() const { return m_key; }
    [[nodiscard]] const std::string& text() const { return m_text; }

    [[nodiscard]] std::int64_t position() const { return m_state->position; }
    /// Taken from the model, and of these lost on the way here.
    [[nodiscard]] std::int64_t readings() const { return m_state->readings; }
    [[nodiscard]] std::int64_t missing() const { return m_state->missing; }
    void setRate(double recordsPerSecond, SimTime now);
    /// Goes on as another spec of the same feed says, which has more steps of its rate: the newest holds from `now` on.
    void follow(Ref<const FeedSpec> spec, SimTime now);

private:
    struct Waiting {
        RecordTruth truth;
        std::string key;
        std::string text;
    };
    struct State final : Counted {
        Ref<Model> model;
        FlawMaker flaws;
        SimTime next;  ///< when the model's next reading is due
        std::int64_t readings = 0;
        std::int64_t missing = 0;
        std::int64_t position = 0;
        std::uint64_t entered = 0;
        SharedMap<std::pair<SimTime, std::uint64_t>, Waiting> waiting;  ///< by when they come, and in order
    };
    [[nodiscard]] bool isDry() const;
    /// When so much of the model's time has passed since then, at the rates that hold meanwhile.
    [[nodiscard]] SimTime after(SimTime due, double gap) const;
    void lookAhead();
    static void enter(State& state, Waiting waiting);

    Ref<const FeedSpec> m_spec;
    Ref<State> m_state;
    std::string m_key;
    std::string m_text;
};

}  // namespace millrace::ingest
