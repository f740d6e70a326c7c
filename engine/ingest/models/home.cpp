#include <algorithm>
#include <array>

#include "engine/ingest/models/draws.h"
#include "engine/ingest/models/model.h"

namespace millrace::ingest {

namespace {

// --- temperature ----------------------------------------------------------------------------------------------------

/// Motes that measure the air, as in the Intel lab (54 of them, each every 31 s): a mean with a daily and a weekly wave
/// and noise that stays (autoregressive of first order). Humidity goes against the temperature (-0.6); the battery
/// falls from 3.0 to 2.3 V, and one that is empty reads far above 100 degrees, as it did there.
class TemperatureModel final : public ModelBase<TemperatureModel> {
public:
    TemperatureModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_names(makeRef<Names>(namesOf("mote-", countOf(values, "devices")))),
          m_motes(m_names->all.size()),
          m_mean(numberOf(values, "mean")),
          m_amplitude(numberOf(values, "amplitude")),
          m_persistence(numberOf(values, "persistence")),
          m_noise(numberOf(values, "noise")),
          m_anomalies(numberOf(values, "anomalies")),
          m_battery(std::max(seconds(durationOf(values, "battery")), 1.0)),
          m_dayStart(durationOf(values, "day_start")) {
        for (Mote& mote : m_motes) {
            mote.noise = m_draws.normal(0, m_noise);
            mote.charge = m_draws.uniform(0, 0.3);
        }
    }

    void read(SimTime due, Reading& reading) override {
        Mote& mote = m_motes[m_next];
        const double hour = hourOfDay(due, m_dayStart);
        const double day = seconds(due) / 86'400.0;
        mote.noise =
            m_persistence * mote.noise + m_draws.normal(0, m_noise * std::sqrt(1 - m_persistence * m_persistence));
        const double swing = m_amplitude * wave((hour - 9) / 24) + 0.5 * wave(day / 7);
        double temperature = m_mean + swing + mote.noise;
        const double unit = (swing + mote.noise) / std::max(m_amplitude * std::numbers::sqrt2 / 2, 0.5);
        const double humidity = 45 + 8 * (-0.6 * unit + 0.8 * m_draws.normal(0, 1));
        const double used = mote.charge + seconds(due) / m_battery;
        const double volts = std::max(3.0 - 0.7 * used, 2.0);
        reading.isAnomaly = mote.episode.step(m_draws, m_anomalies, 2, 10, 30) || used > 1;
        if (mote.episode.left > 0 && mote.episode.kind == 0) {
            if (mote.episode.progress() == 0) {
                mote.held = temperature;
            }
            temperature = mote.held;  // stuck
        } else if (mote.episode.left > 0) {
            temperature += 100 * mote.episode.progress() + 15;
        } else if (used > 1) {
            temperature = std::min(122.2, temperature + 400 * (used - 1));
        }
        reading.key = m_names->all[m_next];
        reading.values = {
            {}, reading.key, shown(temperature, 10), shown(std::clamp(humidity, 0.0, 100.0), 10), shown(volts, 100)};
        m_next = (m_next + 1) % m_motes.size();
    }

private:
    struct Names final : Counted {
        std::vector<std::string> all;
        explicit Names(std::vector<std::string> names) : all(std::move(names)) {}
    };
    struct Mote {
        double noise = 0;
        double charge = 0;  ///< share of the battery that was used before
        double held = 0;
        Episode episode;
    };
    Draws m_draws;
    Ref<const Names> m_names;
    std::vector<Mote> m_motes;
    std::size_t m_next = 0;
    double m_mean, m_amplitude, m_persistence, m_noise, m_anomalies, m_battery;
    SimDuration m_dayStart;
};

// --- smart plugs ----------------------------------------------------------------------------------------------------

/// Plugs that measure what an appliance takes, as in the DEBS Grand Challenge of 2014: on and off with lognormal
/// durations, load in watt and work in kilowatt hours since the start, about once a second.
class SmartPlugsModel final : public ModelBase<SmartPlugsModel> {
public:
    SmartPlugsModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_plugs(countOf(values, "devices")),
          m_every(seconds(durationOf(values, "every"))),
          m_anomalies(numberOf(values, "anomalies")) {
        for (Plug& plug : m_plugs) {
            plug.nominal = std::clamp(m_draws.lognormal(60, 1.2), 2.0, 3'000.0);
            plug.isOn = m_draws.chance(0.4);
            plug.left = duration(plug);
        }
    }

    void read(SimTime due, Reading& reading) override {
        Plug& plug = m_plugs[m_next];
        const double since = sinceLast(plug.last, due, m_every);
        plug.left -= since;
        if (plug.left <= 0) {
            plug.isOn = !plug.isOn;
            plug.left = duration(plug);
        }
        double load = plug.isOn ? std::max(0.0, plug.nominal * m_draws.normal(1, 0.03)) : 0.0;
        reading.isAnomaly = plug.episode.step(m_draws, m_anomalies, 1, 20, 120);
        load = reading.isAnomaly ? plug.nominal * m_draws.uniform(5, 8) : load;
        plug.work += load * since / 3.6e6;
        const auto id = static_cast<std::int64_t>(m_next);
        const std::int64_t household = id / 5;
        const std::int64_t house = household / 4;
        reading.key = "plug-" + std::to_string(id);
        reading.values = {{}, id, household, house, shown(load, 1'000), shown(plug.work, 1'000)};
        m_next = (m_next + 1) % m_plugs.size();
    }

private:
    struct Plug {
        double nominal = 0;  ///< watt
        double left = 0;     ///< seconds until it is switched
        double work = 0;
        bool isOn = false;
        std::optional<SimTime> last;
        Episode episode;
    };
    double duration(const Plug& plug) { return m_draws.lognormal(plug.isOn ? 900 : 2'400, 0.8); }

    Draws m_draws;
    std::vector<Plug> m_plugs;
    std::size_t m_next = 0;
    double m_every, m_anomalies;
};

// --- motion ---------------------------------------------------------------------------------------------------------

/// Passive infrared sensors of a home: people come in sessions, more of them at 7 and from 18 to 22 h, and walk from
/// room to room; a sensor says ON, and OFF 1 to 3 s later. While the alarm is armed nobody should move: who does is an
/// intruder.
class MotionModel final : public ModelBase<MotionModel> {
public:
    static constexpr double usualRate = 0.1;  ///< messages a second: some 8,600 a day

    MotionModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_rooms(static_cast<std::uint32_t>(countOf(values, "devices"))),
          m_intruders(numberOf(values, "anomalies")),
          m_dayStart(durationOf(values, "day_start")),
          m_armedFrom(seconds(durationOf(values, "armed_from")) / 3600),
          m_armedFor(seconds(durationOf(values, "armed_for")) / 3600) {}

    void read(SimTime due, Reading& reading) override {
        const bool isArmed = isArmedAt(due);
        if (!m_isOn) {
            if (m_left == 0) {
                m_left = 3 + m_draws.below(35);
                m_room = m_draws.below(m_rooms);
            } else if (m_draws.chance(0.4)) {
                m_room = (m_room + (m_draws.chance(0.5) ? 1 : m_rooms - 1)) % m_rooms;
            }
            --m_left;
        }
        m_isOn = !m_isOn;
        reading.key = "room-" + std::to_string(m_room);
        reading.isAnomaly = isArmed && m_isOn;
        reading.values = {{}, reading.key, std::string{m_isOn ? "ON" : "OFF"}, isArmed};
    }

    double gap(SimTime due) override {
        double wait = 0;
        if (m_isOn) {
            wait = m_draws.uniform(1, 3);
        } else if (m_left > 0) {
            wait = m_draws.uniform(1, 5);
        } else {
            wait = untilNextSession(due);
        }
        return wait * usualRate;
    }

private:
    [[nodiscard]] bool isArmedAt(SimTime time) const {
        return std::fmod(hourOfDay(time, m_dayStart) - m_armedFrom + 24, 24.0) < m_armedFor;
    }
    /// Sessions by the hour, as a multiple of their mean over the day.
    static double intensity(double hour) {
        if (hour < 5.5) {
            return 0.1;
        }
        if (hour < 8.5) {
            return 2.2;
        }
        return hour < 18 ? 0.7 : hour < 22 ? 2.4 : 0.5;
    }
    double untilNextSession(SimTime due) {
        double wait = 0;
        for (int i = 0; i < 1'000; ++i) {
            const SimTime at = due + fromSeconds(wait);
            wait += m_draws.exponential(250 / intensity(hourOfDay(at, m_dayStart)));
            if (!isArmedAt(due + fromSeconds(wait)) || m_draws.chance(m_intruders)) {
                break;
            }
        }
        return wait;
    }

    Draws m_draws;
    std::uint32_t m_rooms;
    double m_intruders;
    SimDuration m_dayStart;
    double m_armedFrom, m_armedFor;  ///< hours
    std::uint32_t m_room = 0;
    std::uint32_t m_left = 0;  ///< movements of this session
    bool m_isOn = false;
};

template <class M>
Ref<Model> made(const flow::ParameterValues& values, RandomStream random) {
    return makeRef<M>(values, random);
}

constexpr ModelField timeField{"time", DatumType::Integer, "ms", "When it was measured, in milliseconds since 1970."};

}  // namespace

const ModelKind& temperatureModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "temperature",
         .title = "Temperature",
         .help = "Motes that measure temperature and humidity of a building, after the Intel lab's.",
         .parameters = {devicesParameter("Motes.", "54"),
                        everyParameter("How often each measures.", "31s", flow::without("rate")),
                        measureParameter("mean", "Mean temperature in degrees Celsius.", "21", -100, 100),
                        measureParameter("amplitude", "Of the daily wave, in degrees.", "4", 0, 50),
                        measureParameter("noise", "Standard deviation of what is no wave, in degrees.", "0.3", 0, 50),
                        measureParameter("persistence", "How much of the noise stays until the next reading.", "0.97",
                                         0, 0.9999),
                        {.key = "battery",
                         .type = flow::ParameterType::Duration,
                         .help = "How long a full battery lasts; a mote with an empty one reads above 100 degrees.",
                         .defaultText = "30d",
                         .least = 1},
                        dayParameter(),
                        anomaliesParameter("Share of readings at which a mote sticks, or runs away, for 10 to 30 of "
                                           "its readings.")},
         .stem = "motes"},
        {timeField,
         {"mote", DatumType::Text, "", "Which one."},
         {"temperature", DatumType::Real, "Cel", "Of the air, in tenths of a degree."},
         {"humidity", DatumType::Real, "%RH", "Relative."},
         {"voltage", DatumType::Real, "V", "Of the battery."}},
        rateOfDevices,
        made<TemperatureModel>};
    return row;
}

const ModelKind& smartPlugsModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "smart-plugs",
         .title = "Smart plugs",
         .help = "Load and work of plugs in households, as in the DEBS challenge of 2014.",
         .parameters = {devicesParameter("Plugs, five to a household, four households to a house.", "40"),
                        everyParameter("How often each measures.", "1s"),
                        anomaliesParameter("Share of readings at which a plug begins to take five to eight times its "
                                           "load for 20 to 120 readings.")},
         .stem = "plugs"},
        {timeField,
         {"plug", DatumType::Integer, "", "Which one."},
         {"household", DatumType::Integer, "", "Five plugs each."},
         {"house", DatumType::Integer, "", "Four households each."},
         {"load", DatumType::Real, "W", "At the moment."},
         {"work", DatumType::Real, "kWh", "Since the start."}},
        rateOfDevices,
        made<SmartPlugsModel>};
    return row;
}

const ModelKind& motionModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "motion",
         .title = "Motion",
         .help =
             "Motion sensors of a home: ON and OFF in sessions by the time of day, and intruders while it is armed.",
         .parameters = {devicesParameter("Rooms with a sensor.", "8"),
                        dayParameter(),
                        {.key = "armed_from",
                         .type = flow::ParameterType::Duration,
                         .help = "The time of day at which the alarm is armed.",
                         .defaultText = "23h",
                         .most = 86'400},
                        {.key = "armed_for",
                         .type = flow::ParameterType::Duration,
                         .help = "How long it stays so.",
                         .defaultText = "6h",
                         .most = 86'400},
                        anomaliesParameter("Share of sessions, of those that the hour would bring while it is armed, "
                                           "that are an intruder's; the others do not happen.",
                                           "0.02")},
         .stem = "home"},
        {timeField,
         {"sensor", DatumType::Text, "", "Which one."},
         {"state", DatumType::Text, "", "ON or OFF."},
         {"armed", DatumType::Flag, "", "Whether the alarm is."}},
        [](const flow::ParameterValues&) { return MotionModel::usualRate; },
        made<MotionModel>,
        "json",
        true};
    return row;
}

}  // namespace millrace::ingest
