#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/shared_map.h"
#include "engine/base/sim_time.h"
#include "engine/flow/operator.h"
#include "engine/ingest/formats/format.h"
#include "engine/ingest/models/draws.h"
#include "engine/ingest/models/model.h"

namespace millrace::ingest {

/// What was done to a record on its way from the truth, as bits: the ground truth that a scorecard is held against.
enum Flaw : std::uint32_t {
    Damaged = 1,  ///< its text is not what was measured
    Late = 2,     ///< it was held back
    Copied = 4,   ///< it is there a second time
    Skewed = 8,   ///< its stamp is not when it was measured
    Anomaly = 16  ///< no flaw: the model made it unlike the others
};

enum class Damage : std::uint8_t { BitFlip, Truncation, Encoding, WrongType, WrongUnit, Stuck, Spike, Drift };
[[nodiscard]] std::string_view toText(Damage damage);

enum class LateLaw : std::uint8_t { Exponential, Lognormal, Uniform };

/// Somebody changes the devices' program: from then on records have another form. What they say stays true.
struct FormChange {
    enum class What : std::uint8_t { NewField, MissingField, Retyped, Renamed };
    std::optional<SimDuration> at;  ///< since the run began; nothing: never
    What what = What::NewField;
    std::string field;  ///< the new one's name, or which one; empty: the last

    /// Changes columns and values of a record that is written at that time.
    void apply(SimTime time, Layout& layout, std::vector<flow::Datum>& values) const;
};

/// What goes wrong between a device and whoever reads it. All 0: nothing.
struct FlawSpec {
    double missing = 0;    ///< share of readings that are lost, each by itself (Bernoulli),
    double gapBegins = 0;  ///< and by the two states of Gilbert and Elliott: chance a reading that a gap begins,
    double gapEnds = 0.2;  ///< and that it ends; in a gap nothing arrives
    double damaged = 0;    ///< share of readings that are damaged
    std::vector<Damage> damages;
    SimDuration damageFor{0};  ///< how long a device is stuck or drifts
    double late = 0;
    SimDuration lateBy{0};  ///< mean
    LateLaw lateLaw = LateLaw::Exponential;
    double duplicated = 0;
    SimDuration duplicateAfter{0};  ///< mean
    SimDuration clockOffset{0};     ///< standard deviation by device
    double clockDrift = 0;          ///< standard deviation by device, in millionths
    FormChange formChange;
    std::int64_t startMillis = 0;  ///< no flaw: the date of time 0, in milliseconds since 1970

    [[nodiscard]] bool isAny() const {
        return missing > 0 || gapBegins > 0 || damaged > 0 || late > 0 || duplicated > 0 ||
               clockOffset > SimDuration{0} || clockDrift > 0;
    }
};

/// How the rate changes with the time: 1 is the rate that was set.
struct RateShape {
    enum class Law : std::uint8_t { Even, Square, Sine, FlashCrowd };
    Law law = Law::Even;
    double factor = 1;
    SimDuration every{0};  ///< period of square and sine
    SimDuration at{0};     ///< when the first burst, or the crowd, begins
    SimDuration lasts{0};

    [[nodiscard]] double factorAt(SimTime time) const;
};

/// The flaws of one source at work: a value, drawn from a stream of its own.
class FlawMaker {
public:
    FlawMaker() = default;
    /// Each flaw draws from a stream of its own, by name: one more changes nothing of the others.
    FlawMaker(FlawSpec spec, std::uint64_t seed, const std::string& name);

    /// Whether the reading is lost on the way.
    bool isMissing(const std::string& device);
    /// Stamps the reading and damages its values, as the device would. Gives the flaws that can be seen so far.
    std::uint32_t stamp(Reading& reading, SimTime due, const Layout& layout);
    /// Damages the text on the way when the last reading is to be damaged so. True when it is another one then.
    bool damageText(std::string& text);
    SimDuration lateness();
    std::optional<SimDuration> copyAfter();

private:
    static constexpr std::uint64_t devicesKept = 10'000;
    struct Device {
        bool isKnown = false;
        bool isInGap = false;
        SimDuration offset{0};
        double drift = 0;
        Damage damage = Damage::Stuck;
        SimTime damagedUntil;
        std::size_t field = 0;
        flow::Datum held;
        double slope = 0;
        SimTime since;
    };
    void forgetWhatIsWell();
    Device& deviceOf(const std::string& name);
    bool damageValues(Reading& reading, SimTime due, const Layout& layout, Device& device);
    void damageValue(flow::Datum& value, const std::string& unit, Damage damage);
    [[nodiscard]] std::optional<std::size_t> measureOf(const Reading& reading);

    FlawSpec m_spec;
    std::uint64_t m_seed = 0;
    std::string m_name;
    Draws m_losses;
    Draws m_damages;
    Draws m_delays;
    Draws m_copies;
    SharedMap<std::string, Device> m_devices;
    std::uint64_t m_devicesMost = devicesKept;  ///< when the map is looked through
    SimTime m_newest;
    bool m_isTextDamaged = false;
    Damage m_textDamage = Damage::BitFlip;
};

/// The parameters that say it, and what they say.
[[nodiscard]] flow::Parameter flawsParameter();
[[nodiscard]] flow::Parameter shapeParameter();
[[nodiscard]] FlawSpec flawsOf(const flow::ParameterValues& values, bool hasValues);
[[nodiscard]] RateShape shapeOf(const flow::ParameterValues& values);

}  // namespace millrace::ingest
