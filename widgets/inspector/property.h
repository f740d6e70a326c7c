#pragma once

#include <QString>
#include <QStringList>
#include <vector>

namespace millrace::widgets {

/// One setting of the scenario as the inspector edits it. Values travel as the text of the document.
struct Property {
    enum class Type { Text, Integer, Number, Boolean, Choice, Duration, Size, Rate, ByteRate, LongText };

    QString path;   ///< in the scenario, such as topics.access.partitions
    QString name;   ///< Kafka's, Storm's or the scenario's own key
    QString group;  ///< heading under which it stands
    Type type = Type::Text;
    QString value;  ///< empty when the default holds
    QString defaultValue;
    QString blank;  ///< what holds without a value where there is no default, such as "no limit"
    QString help;
    QStringList choices;  ///< of a Choice; for a Rate: words besides rates; for a Text: what is proposed
    bool isLive = false;  ///< whether a running world takes it at once
    QString problem;      ///< what is wrong with the value, empty when nothing is

    friend bool operator==(const Property&, const Property&) = default;
};

/// What became of a text that was typed into a field.
struct PropertyReading {
    QString value;    ///< as the document holds it, empty for the default
    QString problem;  ///< why it is not taken: what is allowed there, with an example; empty when it is
};

using PropertySheet = std::vector<Property>;

}  // namespace millrace::widgets
