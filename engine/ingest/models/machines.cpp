#include <algorithm>

#include "engine/ingest/models/draws.h"
#include "engine/ingest/models/model.h"

namespace millrace::ingest {

namespace {

// --- a manufacturing process ----------------------------------------------------------------------------------------

/// Machines that follow a set point which changes in steps: a lag of first order and noise, as a control room sees it.
/// Anomalies: the value drifts away, or the valve sticks and the value no longer follows.
class ProcessModel final : public ModelBase<ProcessModel> {
public:
    ProcessModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_machines(countOf(values, "devices")),
          m_every(seconds(durationOf(values, "every"))),
          m_lag(std::max(seconds(durationOf(values, "lag")), 1e-6)),
          m_noise(numberOf(values, "noise")),
          m_anomalies(numberOf(values, "anomalies")) {
        for (Machine& machine : m_machines) {
            machine.setPoint = 60 + 5.0 * m_draws.below(9);
            machine.value = machine.setPoint;
        }
    }

    void read(SimTime due, Reading& reading) override {
        Machine& machine = m_machines[m_next];
        const double since = sinceLast(machine.last, due, m_every);
        if (m_draws.chance(std::min(1.0, since / 60))) {
            machine.setPoint = 60 + 5.0 * m_draws.below(9);
        }
        const bool wasUsual = machine.episode.left == 0;
        reading.isAnomaly = machine.episode.step(m_draws, m_anomalies, 2, 50, 200);
        const bool isStuck = reading.isAnomaly && machine.episode.kind == 1;
        if (!isStuck) {
            machine.value += (machine.setPoint - machine.value) * (1 - std::exp(-since / m_lag));
            machine.valve = std::clamp(50 + (machine.setPoint - machine.value) * 5, 0.0, 100.0);
        }
        if (reading.isAnomaly && wasUsual) {
            machine.sign = m_draws.chance(0.5) ? 1 : -1;
        }
        const double away = reading.isAnomaly && machine.episode.kind == 0
                                ? machine.sign * 10 * m_noise * machine.episode.progress()
                                : 0;
        reading.key = "machine-" + std::to_string(m_next);
        reading.values = {{},
                          reading.key,
                          machine.setPoint,
                          shown(machine.value + away + m_draws.normal(0, m_noise), 100),
                          shown(machine.valve, 10)};
        m_next = (m_next + 1) % m_machines.size();
    }

private:
    struct Machine {
        double setPoint = 0, value = 0, valve = 50, sign = 1;
        std::optional<SimTime> last;
        Episode episode;
    };
    Draws m_draws;
    std::vector<Machine> m_machines;
    std::size_t m_next = 0;
    double m_every, m_lag, m_noise, m_anomalies;
};

// --- vibration ------------------------------------------------------------------------------------------------------

/// Features of a bearing (6205) on a turning shaft: velocity in mm/s, peak, kurtosis 3 while it is sound, and the
/// frequency of its outer race at 3.585 times the speed. A bearing that wears grows exponentially towards its end and
/// its kurtosis rises above 6; then it is replaced.
class VibrationModel final : public ModelBase<VibrationModel> {
public:
    VibrationModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_bearings(countOf(values, "devices")),
          m_every(seconds(durationOf(values, "every"))),
          m_life(std::max(seconds(durationOf(values, "life")), 1.0)) {
        for (Bearing& bearing : m_bearings) {
            renew(bearing);
            bearing.age = m_draws.uniform(0, 0.9) * bearing.life;
        }
    }

    void read(SimTime due, Reading& reading) override {
        Bearing& bearing = m_bearings[m_next];
        bearing.age += sinceLast(bearing.last, due, m_every);
        if (bearing.age > bearing.life) {
            renew(bearing);
        }
        const double wear = std::exp(4.5 * std::max(0.0, bearing.age / bearing.life - 0.8) / 0.2);  // 1 until 80 %
        const double speed = m_draws.normal(1'797, 4);
        const double kurtosis = 3 + 0.12 * std::min(wear - 1, 60.0) + m_draws.normal(0, 0.15);
        const double velocity = bearing.base * std::min(std::sqrt(wear), 25.0) * m_draws.normal(1, 0.05);
        reading.isAnomaly = kurtosis > 4.5;
        reading.key = "bearing-" + std::to_string(m_next);
        reading.values = {{},
                          reading.key,
                          shown(speed, 10),
                          shown(std::max(velocity, 0.01), 1'000),
                          shown(velocity * (1.414 + 0.4 * (kurtosis - 3)), 1'000),
                          shown(kurtosis, 100),
                          shown(3.585 * speed / 60, 100)};
        m_next = (m_next + 1) % m_bearings.size();
    }

private:
    struct Bearing {
        double age = 0, life = 1, base = 0.7;
        std::optional<SimTime> last;
    };
    void renew(Bearing& bearing) {
        bearing.age = 0;
        bearing.life = m_life * m_draws.uniform(0.7, 1.3);
        bearing.base = m_draws.uniform(0.5, 0.9);
    }

    Draws m_draws;
    std::vector<Bearing> m_bearings;
    std::size_t m_next = 0;
    double m_every, m_life;
};

// --- vehicles -------------------------------------------------------------------------------------------------------

/// Vehicles that drive from one point of a city to the next at their own speed, with an error of position of some
/// metres. Anomaly: a position that jumps away by kilometres.
class VehiclesModel final : public ModelBase<VehiclesModel> {
public:
    static constexpr double latitude = 49.0;
    static constexpr double longitude = 8.4;
    static constexpr double metresPerDegree = 111'195;

    VehiclesModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_vehicles(countOf(values, "devices")),
          m_every(seconds(durationOf(values, "every"))),
          m_error(numberOf(values, "error")),
          m_anomalies(numberOf(values, "anomalies")) {
        for (Vehicle& vehicle : m_vehicles) {
            vehicle.x = m_draws.uniform(0, city);
            vehicle.y = m_draws.uniform(0, city);
            turn(vehicle);
        }
    }

    void read(SimTime due, Reading& reading) override {
        Vehicle& vehicle = m_vehicles[m_next];
        const double far = std::hypot(vehicle.toX - vehicle.x, vehicle.toY - vehicle.y);
        const double way = vehicle.speed * sinceLast(vehicle.last, due, m_every);
        if (far <= way) {
            turn(vehicle);
        } else {
            vehicle.x += (vehicle.toX - vehicle.x) * way / far;
            vehicle.y += (vehicle.toY - vehicle.y) * way / far;
        }
        const double course =
            std::atan2(vehicle.toX - vehicle.x, vehicle.toY - vehicle.y) * 180 / std::numbers::pi + 360;
        reading.isAnomaly = m_draws.chance(m_anomalies);
        const double jump = reading.isAnomaly ? m_draws.uniform(3'000, 20'000) : 0;
        const double north = vehicle.y + jump + m_draws.normal(0, m_error);
        const double east = vehicle.x + m_draws.normal(0, m_error);
        const double narrow = std::cos(latitude * std::numbers::pi / 180);
        reading.key = "vehicle-" + std::to_string(m_next);
        reading.values = {{},
                          reading.key,
                          shown(latitude + north / metresPerDegree, 1e6),
                          shown(longitude + east / (metresPerDegree * narrow), 1e6),
                          shown(vehicle.speed * 3.6, 10),
                          shown(std::fmod(course, 360.0), 10)};
        m_next = (m_next + 1) % m_vehicles.size();
    }

private:
    static constexpr double city = 10'000;  ///< metres from side to side
    struct Vehicle {
        double x = 0, y = 0, toX = 0, toY = 0, speed = 10;
        std::optional<SimTime> last;
    };
    void turn(Vehicle& vehicle) {
        vehicle.toX = m_draws.uniform(0, city);
        vehicle.toY = m_draws.uniform(0, city);
        vehicle.speed = std::clamp(m_draws.normal(11, 4), 2.0, 30.0);
    }

    Draws m_draws;
    std::vector<Vehicle> m_vehicles;
    std::size_t m_next = 0;
    double m_every, m_error, m_anomalies;
};

template <class M>
Ref<Model> madeMachine(const flow::ParameterValues& values, RandomStream random) {
    return makeRef<M>(values, random);
}

constexpr ModelField sampledAt{"time", DatumType::Integer, "ms", "When it was measured, in milliseconds since 1970."};

}  // namespace

const ModelKind& processModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "process",
         .title = "Manufacturing process",
         .help = "Machines that follow a set point, with drifts and valves that stick.",
         .parameters = {devicesParameter("Machines.", "5"),
                        everyParameter("How often each is sampled.", "100ms"),
                        {.key = "lag",
                         .type = flow::ParameterType::Duration,
                         .help = "Time constant with which the value follows the set point.",
                         .defaultText = "5s",
                         .most = 86'400},
                        measureParameter("noise", "Standard deviation of what is measured.", "0.4", 0, 50),
                        anomaliesParameter("Share of samples at which a drift, or a valve that sticks, begins for 50 "
                                           "to 200 samples.")},
         .stem = "plant"},
        {sampledAt,
         {"machine", DatumType::Text, "", "Which one."},
         {"set_point", DatumType::Real, "Cel", "What is wanted."},
         {"value", DatumType::Real, "Cel", "What is."},
         {"valve", DatumType::Real, "%", "How far it is open."}},
        rateOfDevices,
        madeMachine<ProcessModel>};
    return row;
}

const ModelKind& vibrationModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "vibration",
         .title = "Vibration",
         .help = "Features of bearings that wear until they fail.",
         .parameters = {devicesParameter("Bearings.", "12"),
                        everyParameter("How often features are told.", "1s"),
                        {.key = "life",
                         .type = flow::ParameterType::Duration,
                         .help = "How long a bearing lasts, 30 % more or less.",
                         .defaultText = "30m",
                         .least = 1}},
         .stem = "bearings"},
        {sampledAt,
         {"bearing", DatumType::Text, "", "Which one."},
         {"speed", DatumType::Real, "/min", "Of the shaft."},
         {"velocity", DatumType::Real, "mm/s", "Root mean square; ISO 10816 draws its zones by it."},
         {"peak", DatumType::Real, "mm/s", "The largest."},
         {"kurtosis", DatumType::Real, "", "3 while the bearing is sound."},
         {"outer_race", DatumType::Real, "Hz", "The frequency of its faults there."}},
        rateOfDevices,
        madeMachine<VibrationModel>};
    return row;
}

const ModelKind& vehiclesModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "vehicles",
         .title = "Vehicles",
         .help = "Positions of vehicles that drive through a city.",
         .parameters = {devicesParameter("Vehicles.", "50"), everyParameter("How often each tells where it is.", "1s"),
                        measureParameter("error", "Standard deviation of a position in metres.", "4", 0, 1'000),
                        anomaliesParameter("Share of positions that are kilometres away.")},
         .stem = "vehicles"},
        {sampledAt,
         {"vehicle", DatumType::Text, "", "Which one."},
         {"latitude", DatumType::Real, "lat", "Degrees."},
         {"longitude", DatumType::Real, "lon", "Degrees."},
         {"speed", DatumType::Real, "km/h", "Over ground."},
         {"course", DatumType::Real, "deg", "From north, clockwise."}},
        rateOfDevices,
        madeMachine<VehiclesModel>};
    return row;
}

}  // namespace millrace::ingest
