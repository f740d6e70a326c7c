#include <algorithm>

#include "engine/ingest/models/draws.h"
#include "engine/ingest/models/model.h"

namespace millrace::ingest {

namespace {

/// Hearts as a monitor shows them (numerics each 1.024 s, as in MIMIC): a resting rate by person, autoregressive
/// variation, breathing at 0.25 Hz and the slow wave at 0.1 Hz; effort that comes and goes with a time constant of
/// 45 s. Fast, slow, and a lead that is off are the anomalies.
class HeartRateModel final : public ModelBase<HeartRateModel> {
public:
    HeartRateModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_hearts(countOf(values, "devices")),
          m_every(seconds(durationOf(values, "every"))),
          m_anomalies(numberOf(values, "anomalies")) {
        for (Heart& heart : m_hearts) {
            heart.rest = std::clamp(m_draws.normal(68, 9), 48.0, 95.0);
        }
    }

    void read(SimTime due, Reading& reading) override {
        Heart& heart = m_hearts[m_next];
        const double time = seconds(due);
        const double since = sinceLast(heart.last, due, m_every);
        heart.drift = 0.95 * heart.drift + m_draws.normal(0, 0.8);
        if (heart.effort <= 0 && m_draws.chance(std::min(1.0, since / 1'800))) {
            heart.effort = m_draws.uniform(20, 70);
            heart.effortLeft = m_draws.uniform(120, 600);
        }
        heart.effortLeft -= since;
        if (heart.effortLeft <= 0) {
            heart.effort = 0;
        }
        heart.load += (heart.effort - heart.load) * std::min(1.0, since / 45);
        double rate = heart.rest + heart.load + heart.drift + 2.5 * wave(0.25 * time) + 2 * wave(0.1 * time);
        reading.isAnomaly = heart.episode.step(m_draws, m_anomalies, 3, 15, 60);
        bool isOff = false;
        if (reading.isAnomaly) {
            isOff = heart.episode.kind == 2;
            rate = heart.episode.kind == 0 ? m_draws.uniform(145, 165) : m_draws.uniform(36, 45);
        }
        reading.key = "patient-" + std::to_string(m_next);
        const double whole = std::round(std::clamp(rate, 20.0, 230.0));
        reading.values = {{},
                          reading.key,
                          flow::Datum{static_cast<std::int64_t>(whole)},
                          shown(60'000 / whole, 1),
                          std::string{isOff ? "off" : "on"}};
        if (isOff) {
            reading.values[2] = std::int64_t{0};
            reading.values[3] = flow::Datum{};
        }
        m_next = (m_next + 1) % m_hearts.size();
    }

private:
    struct Heart {
        double rest = 70, drift = 0, effort = 0, effortLeft = 0, load = 0;
        std::optional<SimTime> last;
        Episode episode;
    };
    Draws m_draws;
    std::vector<Heart> m_hearts;
    std::size_t m_next = 0;
    double m_every, m_anomalies;
};

/// Blood pressure (120 over 78, deviations 12 and 8, correlation 0.7, a tenth lower at night), oxygen (97.5, at most
/// 100), breath and temperature. Anomalies: pressure above 180 over 120, and oxygen that falls below 90 and comes back.
class VitalsModel final : public ModelBase<VitalsModel> {
public:
    VitalsModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_patients(countOf(values, "devices")),
          m_anomalies(numberOf(values, "anomalies")),
          m_dayStart(durationOf(values, "day_start")) {}

    void read(SimTime due, Reading& reading) override {
        Episode& episode = m_patients[m_next];
        const double hour = hourOfDay(due, m_dayStart);
        const double night = hour < 6 || hour >= 22 ? 0.9 : 1;
        const double first = m_draws.normal(0, 1);
        const double second = 0.7 * first + std::sqrt(1 - 0.49) * m_draws.normal(0, 1);
        double systolic = (120 + 12 * first) * night;
        double diastolic = (78 + 8 * second) * night;
        double oxygen = std::min(100.0, m_draws.normal(97.5, 1));
        reading.isAnomaly = episode.step(m_draws, m_anomalies, 2, 5, 12);
        if (reading.isAnomaly && episode.kind == 0) {
            systolic = 185 + std::abs(m_draws.normal(0, 8));
            diastolic = 122 + std::abs(m_draws.normal(0, 5));
        } else if (reading.isAnomaly) {
            oxygen = 89 - 6 * std::abs(wave(episode.progress() / 2));
        }
        const auto whole = [](double value) { return static_cast<std::int64_t>(std::llround(value)); };
        reading.key = "patient-" + std::to_string(m_next);
        reading.values = {{},
                          reading.key,
                          whole(systolic),
                          whole(std::min(diastolic, systolic - 10)),
                          shown(oxygen, 10),
                          whole(std::max(6.0, m_draws.normal(16, 3))),
                          shown(m_draws.normal(36.8, 0.3), 10)};
        m_next = (m_next + 1) % m_patients.size();
    }

private:
    Draws m_draws;
    std::vector<Episode> m_patients;
    std::size_t m_next = 0;
    double m_anomalies;
    SimDuration m_dayStart;
};

template <class M>
Ref<Model> madeHealth(const flow::ParameterValues& values, RandomStream random) {
    return makeRef<M>(values, random);
}

constexpr ModelField measuredAt{"time", DatumType::Integer, "ms", "When it was measured, in milliseconds since 1970."};
constexpr ModelField patientField{"patient", DatumType::Text, "", "Whose it is."};

}  // namespace

const ModelKind& heartRateModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "heart-rate",
         .title = "Heart rate",
         .help = "Heart rates of patients with breathing, effort, fast and slow hearts, and leads that are off.",
         .parameters = {devicesParameter("Patients.", "10"), everyParameter("How often each is measured.", "1.024s"),
                        anomaliesParameter("Share of readings at which a heart turns fast or slow, or a lead comes "
                                           "off, for 15 to 60 readings.")},
         .stem = "hearts"},
        {measuredAt,
         patientField,
         {"heart_rate", DatumType::Integer, "beat/min", "0 while the lead is off."},
         {"rr", DatumType::Real, "ms", "From beat to beat."},
         {"lead", DatumType::Text, "", "on or off."}},
        rateOfDevices,
        madeHealth<HeartRateModel>};
    return row;
}

const ModelKind& vitalsModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "vitals",
         .title = "Blood pressure and oxygen",
         .help = "Blood pressure, oxygen, breath and temperature of patients.",
         .parameters = {devicesParameter("Patients.", "10"),
                        everyParameter("How often each is measured.", "60s", flow::without("rate")), dayParameter(),
                        anomaliesParameter("Share of readings at which pressure rises above 180/120, or oxygen falls "
                                           "below 90 %, for 5 to 12 readings.")},
         .stem = "vitals"},
        {measuredAt,
         patientField,
         {"systolic", DatumType::Integer, "mm[Hg]", "The upper pressure."},
         {"diastolic", DatumType::Integer, "mm[Hg]", "The lower one."},
         {"oxygen", DatumType::Real, "%", "Saturation, at most 100."},
         {"respiration", DatumType::Integer, "/min", "Breaths."},
         {"temperature", DatumType::Real, "Cel", "Of the body."}},
        rateOfDevices,
        madeHealth<VitalsModel>};
    return row;
}

}  // namespace millrace::ingest
