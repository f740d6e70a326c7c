#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/flow/datum.h"
#include "engine/flow/operator.h"

namespace millrace::ingest {

using flow::DatumType;

/// What a device, a site or an exchange has to say at one instant.
struct Reading {
    std::vector<flow::Datum> values;  ///< by the model's fields; the first, the time stamp, is set by who takes it
    std::string text;                 ///< instead of values, of a model that reads lines
    std::string key;
    SimDuration stampedOff{0};     ///< how far the stamp is beside the truth by the model itself
    std::int64_t startMillis = 0;  ///< given: the date of time 0, in milliseconds since 1970
    bool isAnomaly = false;        ///< the model made it unlike the others: what a pipeline should find
};

/// The part of the world outside that readings come from: a value that is copied with who reads it. Draws from streams
/// of its own, so that flaws on the way change nothing of what is read.
class Model : public Counted {
public:
    [[nodiscard]] virtual Ref<Model> clone() const = 0;
    virtual void read(SimTime due, Reading& reading) = 0;
    /// How long until the next reading, as a multiple of the mean; asked after `read`.
    virtual double gap(SimTime /*due*/) { return 1; }
    [[nodiscard]] virtual bool isAtEnd() const { return false; }
};
template <class Derived>
class ModelBase : public Model {
public:
    [[nodiscard]] Ref<Model> clone() const final { return makeRef<Derived>(static_cast<const Derived&>(*this)); }
};

/// A field of a model's readings.
struct ModelField {
    std::string_view name;
    DatumType type = DatumType::Real;
    std::string_view unit = {};
    std::string_view help;
};

/// Everything about one model in a row: as a kind of source, what it reads, how often, and what makes it. Document,
/// schema, palette, checks and `millrace list operators` are made from the rows.
struct ModelKind {
    flow::Operator about;
    std::vector<ModelField> fields;  ///< the first is the time in milliseconds since 1970
    double (*rate)(const flow::ParameterValues& values) = nullptr;  ///< readings a second in all, unless set
    Ref<Model> (*make)(const flow::ParameterValues& values, RandomStream random) = nullptr;
    std::string_view usualFormat = "json";
    bool isLostWhenLate = false;  ///< its devices keep nothing that could not be sent, unless told to

    [[nodiscard]] std::vector<flow::Column> columns() const;
};

/// In the order of the palette.
[[nodiscard]] std::span<const ModelKind* const> modelKinds();
[[nodiscard]] const ModelKind* findModelKind(std::string_view kind);

// The rows, by what they are about.
[[nodiscard]] const ModelKind& temperatureModel();
[[nodiscard]] const ModelKind& smartPlugsModel();
[[nodiscard]] const ModelKind& motionModel();
[[nodiscard]] const ModelKind& heartRateModel();
[[nodiscard]] const ModelKind& vitalsModel();
[[nodiscard]] const ModelKind& stockTicksModel();
[[nodiscard]] const ModelKind& clicksModel();
[[nodiscard]] const ModelKind& adEventsModel();
[[nodiscard]] const ModelKind& cardPaymentsModel();
[[nodiscard]] const ModelKind& processModel();
[[nodiscard]] const ModelKind& vibrationModel();
[[nodiscard]] const ModelKind& vehiclesModel();
[[nodiscard]] const ModelKind& nexmarkModel();

}  // namespace millrace::ingest
