#include "app/studio/property_input.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>
#include <cmath>
#include <optional>

#include "app/studio/file_names.h"
#include "app/studio/property_sheets.h"
#include "engine/scenario/scenario_reader.h"
#include "engine/scenario/units.h"
#include "widgets/style/format.h"

namespace millrace::studio {

using widgets::Property;
using widgets::PropertyReading;

namespace {

constexpr double rateMax = 1e7;  // a second; beyond it nothing of what is simulated could follow

QString inputText(const char* source) {
    return QCoreApplication::translate("PropertyInput", source);
}

struct Quantity {
    double number = 0;
    QString unit;
};

/// "1.5k/s": the number, thousands and millions worked in, and what follows it.
std::optional<Quantity> quantityOf(const QString& typed) {
    static const QRegularExpression form(
        QStringLiteral(R"(^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*([kKMG](?=$|/))?\s*(.*)$)"));
    const QRegularExpressionMatch match = form.match(typed);
    if (!match.hasMatch()) {
        return std::nullopt;
    }
    Quantity quantity;
    quantity.number = match.captured(1).toDouble();
    const QString thousands = match.captured(2).toLower();
    quantity.number *= thousands == QLatin1String("k")   ? 1e3
                       : thousands == QLatin1String("m") ? 1e6
                       : thousands == QLatin1String("g") ? 1e9
                                                         : 1;
    quantity.unit = match.captured(3);
    return std::isfinite(quantity.number) ? std::optional(quantity) : std::nullopt;
}

/// Without an exponent, which a scenario's text does not know.
QString plain(double number) {
    if (number == std::floor(number) && std::abs(number) < 1e15) {
        return QString::number(static_cast<qint64>(number));
    }
    QString text = QString::number(number, 'f', 9);
    while (text.contains(QLatin1Char('.')) && (text.endsWith(QLatin1Char('0')) || text.endsWith(QLatin1Char('.')))) {
        text.chop(1);
    }
    return text;
}

/// What may stand in the field.
QString allowed(const Property& property) {
    switch (property.type) {
        case Property::Type::Rate:
            return (property.choices.isEmpty() ? QString()
                                               : property.choices.join(inputText(" or ")) + inputText(" or ")) +
                   inputText("a rate above 0, at most 10M/s, such as 200, 200/s, 1.5k/s or 30/min");
        case Property::Type::ByteRate:
            return inputText("bytes a second, such as 125MiB/s or 1Gbit/s");
        case Property::Type::Duration:
            return inputText("a time with its unit, such as 250ms, 5s or 2min");
        case Property::Type::Size:
            return inputText("a size, such as 100B, 64KiB or 1.5MB");
        case Property::Type::Integer:
            return inputText("a whole number, such as 12 or 10k");
        case Property::Type::Number:
            return inputText("a number, such as 0.25");
        default:
            return {};
    }
}

/// The document's form of what was typed, empty when it has none.
QString normalized(const Property& property, const QString& typed) {
    if (property.type == Property::Type::Rate && property.choices.contains(typed)) {
        return typed;
    }
    const std::optional<Quantity> quantity = quantityOf(typed);
    if (!quantity) {
        return {};
    }
    switch (property.type) {
        case Property::Type::Rate: {
            const QString text =
                plain(quantity->number) + (quantity->unit.isEmpty() ? inputText("/s") : quantity->unit);
            const auto rate = scenario::parseRate(text.toStdString());
            return rate && *rate <= rateMax ? text : QString();
        }
        case Property::Type::ByteRate: {
            const QString text = plain(quantity->number) + quantity->unit;
            return scenario::parseByteRate(text.toStdString()) ? text : QString();
        }
        case Property::Type::Duration: {
            const QString text = plain(quantity->number) + quantity->unit;
            return scenario::parseDuration(text.toStdString()) ? text : QString();
        }
        case Property::Type::Size: {
            const QString text =
                plain(quantity->number) + (quantity->unit.isEmpty() ? QStringLiteral("B") : quantity->unit);
            return scenario::parseSize(text.toStdString()) ? text : QString();
        }
        case Property::Type::Integer: {
            const bool isWhole = quantity->number == std::floor(quantity->number) && std::abs(quantity->number) < 1e15;
            return isWhole && quantity->unit.isEmpty() ? plain(quantity->number) : QString();
        }
        default:
            return quantity->unit.isEmpty() ? plain(quantity->number) : QString();
    }
}

bool isQuantity(Property::Type type) {
    return type != Property::Type::Text && type != Property::Type::Boolean && type != Property::Type::Choice;
}

/// What the scenario's rules say against the value in this field.
QString troubleWith(const scenario::Value& root, const QString& file, const Property& property, const QString& value) {
    const auto edited = withProperty(root, property.path, value);
    if (!edited) {
        return {};
    }
    const auto reading = scenario::readScenario(*edited, {fileBytes(file), {}, {}});
    for (const scenario::Complaint& complaint : reading.complaints.all()) {
        if (complaint.severity == scenario::Complaint::Severity::Error &&
            widgets::format::text(complaint.field) == property.path) {
            return widgets::format::text(complaint.message);
        }
    }
    return {};
}

}  // namespace

PropertyReading readProperty(const scenario::Value& root, const QString& file, const Property& property,
                             const QString& typed) {
    const QString trimmed = typed.trimmed();
    if (!isQuantity(property.type)) {
        return {trimmed, {}};  // what is wrong with a text is said below its field
    }
    const QString value = trimmed.isEmpty() ? QString() : normalized(property, trimmed);
    if (value.isEmpty() && !trimmed.isEmpty()) {
        return {{}, inputText("“%1” is not taken. Allowed: %2").arg(trimmed, allowed(property))};
    }
    if (const QString trouble = troubleWith(root, file, property, value); !trouble.isEmpty()) {
        return {{}, inputText("“%1” is not taken: %2").arg(trimmed, trouble)};
    }
    return {value, {}};
}

}  // namespace millrace::studio
