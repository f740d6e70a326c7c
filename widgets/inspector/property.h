#pragma once

#include <QString>
#include <QStringList>
#include <vector>

namespace millrace::widgets {

/// One setting of the scenario as the inspector edits it. Values travel as the text of the document; who answers
/// `propertyEdited` decides whether it can be read.
struct Property {
    enum class Type { Text, Integer, Number, Boolean, Choice, Duration, Size, Rate };

    QString path;   ///< in the scenario, such as topics.access.partitions
    QString name;   ///< Kafka's, Storm's or the scenario's own key
    QString group;  ///< heading under which it stands
    Type type = Type::Text;
    QString value;  ///< empty when the default holds
    QString defaultValue;
    QString help;
    QStringList choices;
    bool isLive = false;  ///< whether a running world takes it at once
    QString problem;      ///< what is wrong with the value, empty when nothing is

    friend bool operator==(const Property&, const Property&) = default;
};

using PropertySheet = std::vector<Property>;

}  // namespace millrace::widgets
