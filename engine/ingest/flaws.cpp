#include "engine/ingest/flaws.h"

#include <algorithm>
#include <array>

namespace millrace::ingest {

namespace {

constexpr std::array textDamages{Damage::BitFlip, Damage::Truncation, Damage::Encoding};
constexpr std::array valueDamages{Damage::WrongType, Damage::WrongUnit, Damage::Stuck, Damage::Spike, Damage::Drift};

bool isOfText(Damage damage) {
    return damage == Damage::BitFlip || damage == Damage::Truncation || damage == Damage::Encoding;
}

}  // namespace

std::string_view toText(Damage damage) {
    switch (damage) {
        case Damage::BitFlip:
            return "bit-flip";
        case Damage::Truncation:
            return "truncation";
        case Damage::Encoding:
            return "encoding";
        case Damage::WrongType:
            return "wrong-type";
        case Damage::WrongUnit:
            return "wrong-unit";
        case Damage::Stuck:
            return "stuck";
        case Damage::Spike:
            return "spike";
        case Damage::Drift:
            return "drift";
    }
    return "?";
}

double RateShape::factorAt(SimTime time) const {
    const double now = seconds(time.time_since_epoch() - at);
    const double period = std::max(seconds(every), 1e-6);
    const double length = std::max(seconds(lasts), 1e-6);
    switch (law) {
        case Law::Even:
            return 1;
        case Law::Square:
            return now >= 0 && std::fmod(now, period) < length ? factor : 1;
        case Law::Sine:
            return now >= 0 ? 1 + (factor - 1) * (1 - std::cos(2 * std::numbers::pi * now / period)) / 2 : 1;
        case Law::FlashCrowd: {
            if (now < 0) {
                return 1;
            }
            const double rise = length / 10;  // they come fast and go slowly
            const double height = now < rise ? now / rise : now < length ? 1 : std::exp(-(now - length) / length);
            return 1 + (factor - 1) * height;
        }
    }
    return 1;
}

FlawMaker::FlawMaker(FlawSpec spec, std::uint64_t seed, const std::string& name)
    : m_spec(std::move(spec)),
      m_seed(seed),
      m_name(name),
      m_losses(RandomStream(seed, name + "/missing")),
      m_damages(RandomStream(seed, name + "/damaged")),
      m_delays(RandomStream(seed, name + "/late")),
      m_copies(RandomStream(seed, name + "/duplicated")) {}

/// Keys of a model may be endless (each auction is a device of its own). What a device's clock is follows from its
/// name; only one that is silent or damaged now has anything to remember.
void FlawMaker::forgetWhatIsWell() {
    if (m_devices.size() < m_devicesMost) {
        return;
    }
    std::vector<std::string> well;
    for (const auto& [name, device] : m_devices) {
        if (!device.isInGap && device.damagedUntil <= m_newest) {
            well.push_back(name);
        }
    }
    for (const std::string& name : well) {
        m_devices.erase(name);
    }
    m_devicesMost = std::max<std::uint64_t>(devicesKept, 2 * m_devices.size());
}

FlawMaker::Device& FlawMaker::deviceOf(const std::string& name) {
    forgetWhatIsWell();
    Device& device = m_devices[name];
    if (!device.isKnown) {
        device.isKnown = true;
        Draws clock(RandomStream(m_seed, m_name + "/clock/" + name));
        device.offset = fromSeconds(clock.normal(0, 1) * seconds(m_spec.clockOffset));
        device.drift = clock.normal(0, 1) * m_spec.clockDrift * 1e-6;
    }
    return device;
}

bool FlawMaker::isMissing(const std::string& name) {
    bool isLost = m_losses.chance(m_spec.missing);
    if (m_spec.gapBegins > 0) {
        Device& device = deviceOf(name);
        device.isInGap = device.isInGap ? !m_losses.chance(m_spec.gapEnds) : m_losses.chance(m_spec.gapBegins);
        isLost = isLost || device.isInGap;
    }
    return isLost;
}

std::uint32_t FlawMaker::stamp(Reading& reading, SimTime due, const Layout& layout) {
    std::uint32_t flaws = 0;
    m_newest = std::max(m_newest, due);
    if (reading.isAnomaly) {
        flaws = Anomaly;
    }
    SimDuration off = reading.stampedOff;
    const bool hasClock = m_spec.clockOffset > SimDuration{0} || m_spec.clockDrift > 0;
    m_isTextDamaged = false;
    if (hasClock || m_spec.damaged > 0) {
        Device& device = deviceOf(reading.key);
        if (hasClock) {
            off += device.offset + fromSeconds(device.drift * seconds(due));
            flaws |= Skewed;
        }
        if (m_spec.damaged > 0 && damageValues(reading, due, layout, device)) {
            flaws |= Damaged;
        }
    }
    if (!reading.values.empty()) {
        const auto at = std::chrono::floor<std::chrono::milliseconds>(due.time_since_epoch() + off).count();
        reading.values[0] = std::max<std::int64_t>(m_spec.startMillis + at, 0);
    }
    return flaws;
}

/// A number among the values, not the stamp; the first real one mostly is what is measured.
std::optional<std::size_t> FlawMaker::measureOf(const Reading& reading) {
    std::vector<std::size_t> whole;
    for (std::size_t i = 1; i < reading.values.size(); ++i) {
        if (std::holds_alternative<double>(reading.values[i])) {
            return i;
        }
        if (std::holds_alternative<std::int64_t>(reading.values[i])) {
            whole.push_back(i);
        }
    }
    return whole.empty() ? std::nullopt : std::optional(whole.front());
}

bool FlawMaker::damageValues(Reading& reading, SimTime due, const Layout& layout, Device& device) {
    if (device.damagedUntil > due && device.field < reading.values.size()) {
        const flow::Datum measured = reading.values[device.field];
        if (device.damage == Damage::Stuck) {
            reading.values[device.field] = device.held;
        } else if (const auto number = flow::asNumber(measured)) {
            const double away = *number + device.slope * seconds(due - device.since);
            const bool isWhole = std::holds_alternative<std::int64_t>(measured);
            reading.values[device.field] =
                isWhole ? flow::Datum{static_cast<std::int64_t>(std::llround(away))} : flow::Datum{shown(away, 100)};
        }
        return reading.values[device.field] != measured;
    }
    if (!m_damages.chance(m_spec.damaged) || m_spec.damages.empty()) {
        return false;
    }
    const Damage damage = m_spec.damages[m_damages.below(m_spec.damages.size())];
    const auto field = isOfText(damage) ? std::nullopt : measureOf(reading);
    if (!field) {
        m_isTextDamaged = true;
        m_textDamage = isOfText(damage) ? damage : Damage::Truncation;
        return false;  // as far as values go
    }
    if (damage == Damage::Stuck || damage == Damage::Drift) {
        device.damage = damage;
        device.field = *field;
        device.held = reading.values[*field];
        const double number = flow::asNumber(device.held).value_or(1);
        const double most = std::max(std::abs(number), 1.0) / std::max(seconds(m_spec.damageFor), 1e-3);
        device.slope = (m_damages.chance(0.5) ? 1 : -1) * most;
        device.since = due;
        device.damagedUntil = due + m_spec.damageFor;
        return false;  // this one is still as it was measured
    }
    const flow::Datum measured = reading.values[*field];
    damageValue(reading.values[*field], *field < layout.units.size() ? layout.units[*field] : std::string{}, damage);
    return reading.values[*field] != measured;
}

void FlawMaker::damageValue(flow::Datum& value, const std::string& unit, Damage damage) {
    const double number = flow::asNumber(value).value_or(0);
    const bool isWhole = std::holds_alternative<std::int64_t>(value);
    double damaged = number;
    if (damage == Damage::WrongType) {
        value = std::string{"n/a"};
        return;
    }
    if (damage == Damage::WrongUnit) {
        damaged = unit == "Cel" ? number * 9 / 5 + 32 : number * 1'000;
    } else {
        damaged = (std::abs(number) + 1) * m_damages.uniform(5, 15);
    }
    value = isWhole ? flow::Datum{static_cast<std::int64_t>(damaged)} : flow::Datum{shown(damaged, 100)};
}

bool FlawMaker::damageText(std::string& text) {
    if (!m_isTextDamaged || text.empty()) {
        return false;
    }
    const std::string sent = text;
    const std::size_t at = m_damages.below(text.size());
    if (m_textDamage == Damage::BitFlip) {
        // The lowest five bits, so that a line stays a line of text as far as one bit allows.
        text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << m_damages.below(5)));
    } else if (m_textDamage == Damage::Truncation) {
        text.resize(at);
    } else {
        text[at] = '\xfc';  // what Latin-1 has for an umlaut, and UTF-8 for nothing
    }
    return text != sent;
}

SimDuration FlawMaker::lateness() {
    if (!m_delays.chance(m_spec.late)) {
        return SimDuration{0};
    }
    const double mean = seconds(m_spec.lateBy);
    switch (m_spec.lateLaw) {
        case LateLaw::Exponential:
            return fromSeconds(m_delays.exponential(mean));
        case LateLaw::Lognormal:
            return fromSeconds(m_delays.lognormal(mean * std::exp(-0.5), 1));  // sigma 1: the mean is as asked for
        case LateLaw::Uniform:
            return fromSeconds(m_delays.uniform(0, 2 * mean));
    }
    return SimDuration{0};
}

std::optional<SimDuration> FlawMaker::copyAfter() {
    if (!m_copies.chance(m_spec.duplicated)) {
        return std::nullopt;
    }
    const double mean = std::max(seconds(m_spec.duplicateAfter), 1e-6);
    return fromSeconds(m_copies.exponential(mean));
}

// --- parameters -----------------------------------------------------------------------------------------------------

namespace {

flow::Parameter shareParameter(std::string_view key, std::string_view help, std::string_view usual = "0",
                               const flow::Conditions& readWhen = {}) {
    return {.key = key,
            .type = flow::ParameterType::Number,
            .help = help,
            .readWhen = readWhen,
            .defaultText = usual,
            .least = 0,
            .most = 0.99};
}

flow::Parameter lengthParameter(std::string_view key, std::string_view help, std::string_view usual,
                                const flow::Conditions& readWhen = {}) {
    return {.key = key,
            .type = flow::ParameterType::Duration,
            .help = help,
            .readWhen = readWhen,
            .defaultText = usual,
            .most = 86'400};
}

std::vector<std::string_view> damageNames() {
    std::vector<std::string_view> names{"any"};
    for (const Damage each : textDamages) {
        names.push_back(toText(each));
    }
    for (const Damage each : valueDamages) {
        names.push_back(toText(each));
    }
    return names;
}

}  // namespace

flow::Parameter flawsParameter() {
    return {
        .key = "flaws",
        .type = flow::ParameterType::Object,
        .help = "What goes wrong on the way here; the scorecard of the report knows of each.",
        .fields = {shareParameter("missing", "Share of readings that are lost, each by itself."),
                   shareParameter("gap_begins", "Chance at each reading that its device falls silent."),
                   shareParameter("gap_ends", "Chance at each reading that it is heard again.", "0.2",
                                  flow::with("gap_begins")),
                   shareParameter("damaged", "Share of readings that are damaged."),
                   {.key = "damage",
                    .type = flow::ParameterType::Choice,
                    .help = "How: a bit is flipped, the end is cut off, bytes are of another encoding; where a "
                            "source has values, also: another type or unit, a device that is stuck or drifts for "
                            "a time, a spike.",
                    .readWhen = flow::with("damaged"),
                    .defaultText = "any",
                    .choices = damageNames()},
                   lengthParameter("damage_for", "How long a device is stuck or drifts.", "60s",
                                   flow::when("damage", {"any", toText(Damage::Stuck), toText(Damage::Drift)})),
                   shareParameter("late", "Share of readings that are held back, and come behind younger ones."),
                   lengthParameter("late_by", "For how long, in the mean.", "5s", flow::with("late")),
                   {.key = "late_law",
                    .type = flow::ParameterType::Choice,
                    .help = "How long each: exponential, lognormal (sigma 1) or uniform from 0 to twice the mean.",
                    .readWhen = flow::with("late"),
                    .defaultText = "exponential",
                    .choices = {"exponential", "lognormal", "uniform"}},
                   shareParameter("duplicated", "Share of readings that come again."),
                   lengthParameter("duplicate_after", "How long after, in the mean.", "2s", flow::with("duplicated")),
                   lengthParameter("clock_offset",
                                   "By how much the clock of a device is wrong: a standard "
                                   "deviation.",
                                   "0s"),
                   {.key = "clock_drift",
                    .type = flow::ParameterType::Number,
                    .help = "How much it goes wrong with the time, in millionths: a standard deviation.",
                    .defaultText = "0",
                    .least = 0,
                    .most = 100'000},
                   {.key = "form_changes_at",
                    .type = flow::ParameterType::Duration,
                    .help = "From when on records have another form, though what they say stays true.",
                    .blank = "never"},
                   {.key = "form_change",
                    .type = flow::ParameterType::Choice,
                    .help = "How: a field more, a field less, a number that is written as text, another name.",
                    .readWhen = flow::with("form_changes_at"),
                    .defaultText = "new-field",
                    .choices = {"new-field", "missing-field", "retyped", "renamed"}},
                   {.key = "form_field",
                    .type = flow::ParameterType::Text,
                    .help = "Which field, or the name of the new one.",
                    .readWhen = flow::with("form_changes_at"),
                    .blank = "the last; version"}}};
}

void FormChange::apply(SimTime time, Layout& layout, std::vector<flow::Datum>& values) const {
    if (!at || time < SimTime{} + *at || layout.columns.empty()) {
        return;
    }
    if (what == What::NewField) {
        layout.columns.push_back({field.empty() ? "version" : field, DatumType::Integer});
        layout.units.resize(layout.units.empty() ? 0 : layout.columns.size());
        values.emplace_back(std::int64_t{2});
        return;
    }
    const std::size_t place = layout.find(field).value_or(layout.columns.size() - 1);
    const auto offset = static_cast<std::ptrdiff_t>(place);
    if (what == What::MissingField) {
        layout.columns.erase(layout.columns.begin() + offset);
        values.erase(values.begin() + offset);
        if (!layout.units.empty()) {
            layout.units.erase(layout.units.begin() + offset);
        }
    } else if (what == What::Renamed) {
        layout.columns[place].name += "_2";
    } else if (!flow::isNull(values[place])) {
        layout.columns[place].type = DatumType::Text;
        values[place] = flow::toText(values[place]);
    }
}

flow::Parameter shapeParameter() {
    return {.key = "bursts",
            .type = flow::ParameterType::Object,
            .help = "How the rate changes with the time.",
            .fields = {{.key = "law",
                        .type = flow::ParameterType::Choice,
                        .help = "square: more for a time in each period; sine: up and down; flash-crowd: once, fast "
                                "up and slowly down.",
                        .defaultText = "square",
                        .choices = {"square", "sine", "flash-crowd"}},
                       {.key = "factor",
                        .type = flow::ParameterType::Number,
                        .help = "The highest rate, as a multiple of the usual one.",
                        .defaultText = "10",
                        .least = 0.01,
                        .most = 1'000},
                       lengthParameter("every", "The period.", "600s", flow::unless("law", {"flash-crowd"})),
                       lengthParameter("at", "When it begins.", "0s"),
                       lengthParameter("for", "How long the high rate lasts.", "60s", flow::unless("law", {"sine"}))}};
}

FlawSpec flawsOf(const flow::ParameterValues& values, bool hasValues) {
    FlawSpec spec;
    const auto share = [&](std::string_view key, double otherwise) { return values.number(key).value_or(otherwise); };
    spec.missing = share("missing", 0);
    spec.gapBegins = share("gap_begins", 0);
    spec.gapEnds = share("gap_ends", 0.2);
    spec.damaged = share("damaged", 0);
    spec.damageFor = durationOf(values, "damage_for");
    spec.late = share("late", 0);
    spec.lateBy = durationOf(values, "late_by");
    const std::string law = values.text("late_law");
    spec.lateLaw = law == "uniform" ? LateLaw::Uniform : law == "lognormal" ? LateLaw::Lognormal : LateLaw::Exponential;
    spec.duplicated = share("duplicated", 0);
    spec.duplicateAfter = durationOf(values, "duplicate_after");
    spec.clockOffset = durationOf(values, "clock_offset");
    spec.clockDrift = share("clock_drift", 0);
    if (hasValues) {
        using What = FormChange::What;
        const std::string what = values.text("form_change");
        spec.formChange.at = values.duration("form_changes_at");
        spec.formChange.what = what == "missing-field" ? What::MissingField
                               : what == "retyped"     ? What::Retyped
                               : what == "renamed"     ? What::Renamed
                                                       : What::NewField;
        spec.formChange.field = values.text("form_field");
    }
    const std::string wanted = values.text("damage");
    const auto choose = [&](const auto& from) {
        for (const Damage each : from) {
            if (wanted.empty() || wanted == "any" || wanted == toText(each)) {
                spec.damages.push_back(each);
            }
        }
    };
    choose(textDamages);
    if (hasValues) {
        choose(valueDamages);
    }
    return spec;
}

RateShape shapeOf(const flow::ParameterValues& values) {
    RateShape shape;
    if (values.values.empty()) {
        return shape;
    }
    const std::string law = values.text("law");
    shape.law = law == "sine"          ? RateShape::Law::Sine
                : law == "flash-crowd" ? RateShape::Law::FlashCrowd
                                       : RateShape::Law::Square;
    shape.factor = values.number("factor").value_or(1);
    shape.every = durationOf(values, "every");
    shape.at = durationOf(values, "at");
    shape.lasts = durationOf(values, "for");
    return shape;
}

}  // namespace millrace::ingest
