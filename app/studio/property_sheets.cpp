#include "app/studio/property_sheets.h"
#include "app/studio/running_change.h"

#include <QCoreApplication>
#include <algorithm>
#include <cstring>
#include <span>

#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/document/writer.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/references.h"
#include "engine/scenario/shape/check_shape.h"
#include "engine/scenario/shape/shape.h"
#include "widgets/style/format.h"
#include "widgets/timeline/time_strip.h"

namespace millrace::studio {

using scenario::Field;
using scenario::FieldType;
using scenario::Path;
using scenario::Value;
using widgets::Property;
using widgets::format::text;

namespace {

constexpr const char* topologyPrefix = "topology:";
constexpr const char* faultPrefix = "fault:";

QString sheetText(const char* source) {
    return QCoreApplication::translate("PropertySheets", source);
}

Property::Type typeOf(FieldType type) {
    switch (type) {
        case FieldType::Flag:
            return Property::Type::Boolean;
        case FieldType::Integer:
            return Property::Type::Integer;
        case FieldType::Number:
            return Property::Type::Number;
        case FieldType::Duration:
            return Property::Type::Duration;
        case FieldType::Size:
            return Property::Type::Size;
        case FieldType::Rate:
            return Property::Type::Rate;
        case FieldType::ByteRate:
            return Property::Type::ByteRate;
        case FieldType::Choice:
        case FieldType::Reference:
            return Property::Type::Choice;
        default:
            return Property::Type::Text;
    }
}

Property::Type typeOf(const ConfigKey& key) {
    if (!key.choices.empty()) {
        return Property::Type::Choice;
    }
    switch (key.type) {
        case ConfigType::Flag:
            return Property::Type::Boolean;
        case ConfigType::Integer:
            return Property::Type::Integer;
        case ConfigType::Number:
            return Property::Type::Number;
        default:
            return Property::Type::Text;
    }
}

QStringList candidates(const Value& root, const scenario::Collection& collection) {
    QStringList names;
    for (const std::string_view name : scenario::namesOf(root, collection)) {
        names.append(text(name));
    }
    return names;
}

QString shown(const Value* value) {
    if (value == nullptr) {
        return {};
    }
    if (value->isText()) {
        return QString::fromStdString(value->asText());
    }
    if (value->isList()) {
        QStringList parts;
        for (const Value& item : value->items()) {
            parts.append(shown(&item));
        }
        return parts.join(QStringLiteral(", "));
    }
    return QString::fromStdString(scenario::settingText(*value));
}

/// The catalog's row of the component whose field this is, or null.
const flow::Operator* operatorAt(const std::vector<std::string>& path, const Value* object) {
    return object == nullptr ? nullptr : scenario::operatorOf(observe::kindOf(objectAt(path)), *object);
}

class SheetBuilder {
public:
    SheetBuilder(const Value& root, const std::vector<observe::ProblemView>& problems)
        : m_root(root), m_problems(problems) {}

    void add(const std::vector<std::string>& steps, const scenario::Shape& shape, const QString& group) {
        const Value* object = scenario::valueAt(m_root, Path(steps));
        const std::string kind = shown(object == nullptr ? nullptr : object->find("kind")).toStdString();
        for (const Field& field : shape.fields) {
            const bool applies = field.forKinds.empty() ||
                                 std::find(field.forKinds.begin(), field.forKinds.end(), kind) != field.forKinds.end();
            if (!applies || field.type == FieldType::Map || field.type == FieldType::List ||
                field.type == FieldType::Any) {
                continue;  // members of maps and lists are objects of their own on the canvas
            }
            auto path = steps;
            path.emplace_back(field.key);
            if (field.type == FieldType::Object) {
                add(path, *field.shape, text(field.key));
            } else if (field.type == FieldType::Config) {
                addConfig(path, field.scope);
            } else {
                addField(path, field, group, object);
            }
        }
    }

    /// One field of an object and nothing else of it.
    void addOne(const std::vector<std::string>& steps, std::string_view key, const QString& group) {
        const scenario::Shape* shape = scenario::shapeAt(steps);
        const Value* object = scenario::valueAt(m_root, Path(steps));
        const std::string kind = shown(object == nullptr ? nullptr : object->find("kind")).toStdString();
        for (const Field& field : shape == nullptr ? std::vector<Field>() : shape->fields) {
            const bool applies = field.forKinds.empty() ||
                                 std::find(field.forKinds.begin(), field.forKinds.end(), kind) != field.forKinds.end();
            if (field.key == key && applies) {
                auto path = steps;
                path.emplace_back(key);
                addField(path, field, group, object);
                return;
            }
        }
    }

    /// Says more about the field that was added last.
    void explain(const QString& words) { m_sheet.back().help += QLatin1Char('\n') + words; }

    [[nodiscard]] widgets::PropertySheet take() {
        // Settings of the real systems come last: there are many of them.
        std::stable_sort(m_sheet.begin(), m_sheet.end(), [](const Property& a, const Property& b) {
            return a.path.contains(QLatin1String(".config.")) < b.path.contains(QLatin1String(".config."));
        });
        return std::move(m_sheet);
    }

private:
    void addField(const std::vector<std::string>& path, const Field& field, const QString& group, const Value* object) {
        Property property;
        property.path = QString::fromStdString(scenario::toText(Path(path)));
        property.name = text(field.key);
        property.name.replace(QLatin1Char('_'), QLatin1Char(' '));
        property.group = group;
        property.type = typeOf(field.type);
        property.value = shown(object == nullptr ? nullptr : object->find(field.key));
        property.defaultValue = text(field.defaultText);
        property.blank = text(field.blank);
        if (field.key == "group" && path.size() == 5 && path[2] == "spouts") {
            property.blank = text(path[1] + "-" + path[3]);  // as the engine names it
        }
        property.help = text(field.help);
        if (const flow::Operator* row = field.key == "kind" ? operatorAt(path, object) : nullptr) {
            const bool ends = !observe::rowOf(row->node).feeds();
            property.help =
                ends ? text(row->help) : sheetText("%1 It sends: %2.").arg(text(row->help), text(row->outputs));
        }
        property.isLive = mayBeTaken(path) || path.front() == "title" || path.front() == "about";
        if (path.front() == "faults" && path.back() == "target" && object != nullptr) {
            for (const std::string& target : scenario::faultTargets(m_root, values::textAt(*object, "kind"))) {
                property.choices.append(text(target));
            }
        }
        if (path.front() == "about") {
            property.type = Property::Type::LongText;
        }
        if (field.type == FieldType::Reference) {
            property.choices = candidates(m_root, *field.collection);
            if (!field.isRequired) {
                property.choices.prepend(QString());
            }
        } else if (field.type == FieldType::Choice || field.type == FieldType::Rate) {
            for (const std::string_view choice : field.choices) {
                property.choices.append(text(choice));
            }
        }
        finish(std::move(property));
    }

    void addConfig(const std::vector<std::string>& path, scenario::ConfigScope scope) {
        const Value* object = scenario::valueAt(m_root, Path(path));
        const bool isOfTopology = !path.empty() && path.front() == "topologies";
        for (const ConfigKey& key : scenario::configKeys(scope)) {
            const Value* value = object == nullptr ? nullptr : object->find(key.name);
            if (isOfTopology && value == nullptr && !std::string_view(key.name).starts_with("topology.")) {
                continue;  // a daemon's setting changes nothing there
            }
            if (key.modelling != Modelling::Modelled && value == nullptr) {
                continue;
            }
            Property property;
            auto full = path;
            full.emplace_back(key.name);
            property.path = QString::fromStdString(scenario::toText(Path(full)));
            property.name = text(key.name);
            property.group = sheetText("%1 settings").arg(text(scenario::toText(scope)));
            property.type = typeOf(key);
            property.value = shown(value);
            if (key.standIn.empty()) {
                property.defaultValue = text(scenario::defaultOf(key, scenario::Profile::Current));
                property.blank = sheetText("not set");
            } else {
                property.blank = sheetText("stand-in: %1").arg(text(key.standIn));
            }
            property.help = text(key.help);
            if (!key.choices.empty()) {
                for (const std::string_view choice : scenario::acceptedChoices(key)) {
                    property.choices.append(text(choice));
                }
            }
            finish(std::move(property));
        }
    }

    void finish(Property property) {
        for (const observe::ProblemView& problem : m_problems) {
            if (text(problem.field) == property.path) {
                property.problem = text(problem.text);
            }
        }
        m_sheet.push_back(std::move(property));
    }

    const Value& m_root;
    const std::vector<observe::ProblemView>& m_problems;
    widgets::PropertySheet m_sheet;
};

}  // namespace

QString topologySheet(std::string_view topology) {
    return QLatin1String(topologyPrefix) + text(topology);
}

QString faultSheet(std::size_t index) {
    return QLatin1String(faultPrefix) + QString::number(index);
}

namespace {

/// Where in the document that lies which is no object of a run; empty for objects.
std::vector<std::string> stepsOfSheet(const QString& id) {
    if (id.startsWith(QLatin1String(topologyPrefix))) {
        return {"topologies", id.mid(static_cast<qsizetype>(std::strlen(topologyPrefix))).toStdString()};
    }
    if (id.startsWith(QLatin1String(faultPrefix))) {
        return {"faults", "[" + id.mid(static_cast<qsizetype>(std::strlen(faultPrefix))).toStdString() + "]"};
    }
    return {};
}

/// What a component sends, as its row says.
QString sentBy(const Value& root, const observe::ObjectId& component) {
    const Value* object = scenario::valueAt(root, Path(pathOf(root, component)));
    const flow::Operator* row = object == nullptr ? nullptr : scenario::operatorOf(observe::kindOf(component), *object);
    return row == nullptr ? QString() : text(row->outputs);
}

/// The input of a bolt by which a stream comes in.
std::optional<std::size_t> inputOf(const Value& bolt, const std::string& from, const std::string& stream) {
    const Value* inputs = bolt.find("inputs");
    std::size_t index = 0;
    for (const Value& input : inputs == nullptr ? std::span<const Value>() : inputs->items()) {
        const Value* sender = input.find("from");
        const Value* leaves = input.find("stream");
        const std::string by = leaves == nullptr || leaves->asText().empty() ? "default" : leaves->asText();
        if (sender != nullptr && sender->asText() == from && by == stream) {
            return index;
        }
        ++index;
    }
    return std::nullopt;
}

}  // namespace

SheetSubject subjectOf(const Value& root, const QString& id) {
    const std::vector<std::string> steps = stepsOfSheet(id);
    const Value* object = steps.empty() ? nullptr : scenario::valueAt(root, Path(steps));
    if (object == nullptr) {
        return {};
    }
    if (steps.front() == "topologies") {
        return {text(steps[1]), sheetText("topology")};
    }
    return {
        widgets::titleOfFault(shown(object->find("kind")).toStdString(), shown(object->find("target")).toStdString()),
        sheetText("planned fault")};
}

QString sheetAt(const std::vector<std::string>& steps) {
    if (steps.size() >= 2 && steps.front() == "topologies") {
        return topologySheet(steps[1]);
    }
    const auto index = steps.size() >= 2 && steps.front() == "faults" ? scenario::indexOf(steps[1]) : std::nullopt;
    return index ? faultSheet(*index) : QString();
}

widgets::PropertySheet sheetOf(const Value& root, const QString& id,
                               const std::vector<observe::ProblemView>& problems) {
    SheetBuilder builder(root, problems);
    if (id.isEmpty()) {
        builder.addOne({}, "title", sheetText("The scenario"));
        builder.addOne({}, "about", sheetText("The scenario"));
        if (const scenario::Shape* shape = scenario::shapeAt({"run"})) {
            builder.add({"run"}, *shape, sheetText("The run"));
        }
        return builder.take();
    }
    const SheetSubject subject = subjectOf(root, id);
    const auto steps = subject.title.isEmpty() ? pathOf(root, id.toStdString()) : stepsOfSheet(id);
    const scenario::Shape* shape = steps.empty() ? nullptr : scenario::shapeAt(steps);
    if (shape == nullptr || scenario::valueAt(root, Path(steps)) == nullptr) {
        return {};
    }
    builder.add(steps, *shape, subject.title.isEmpty() ? text(observe::titleOf(id.toStdString())) : subject.title);
    return builder.take();
}

namespace {

/// Where it stands that a source feeds a topic: in the source, or in the producer that sends it there.
std::vector<std::string> feederOf(const Value& root, const std::vector<std::string>& source, std::string_view topic) {
    const Value* producers = scenario::valueAt(root, Path({"clients", "producers"}));
    const Value* own = scenario::valueAt(root, Path(source));
    const std::string fed{observe::nameOf(topic)};
    if (producers != nullptr && producers->isObject() && (own == nullptr || values::textAt(*own, "topic") != fed)) {
        for (const scenario::Member& producer : producers->members()) {
            if (values::textAt(producer.value, "source") == source.back() &&
                values::textAt(producer.value, "topic") == fed) {
                return {"clients", "producers", producer.key};
            }
        }
    }
    return source;
}

}  // namespace

widgets::PropertySheet sheetOfWire(const Value& root, const widgets::DiagramEdge& wire,
                                   const std::vector<observe::ProblemView>& problems) {
    SheetBuilder builder(root, problems);
    const std::string from = wire.from.toStdString();
    const std::string to = wire.to.toStdString();
    const auto fromPath = pathOf(root, from);
    const auto toPath = pathOf(root, to);
    const observe::ObjectKind giver = observe::kindOf(from);
    const observe::ObjectKind taker = observe::kindOf(to);
    const auto way = observe::wayBetween(giver, taker);
    const std::string forth = values::referenceField(giver, taker);
    const std::string back = values::referenceField(taker, giver);
    switch (way ? way->how : observe::EdgeKind::Stream) {
        case observe::EdgeKind::Feed:
            builder.addOne(feederOf(root, fromPath, to), forth.c_str(), sheetText("Feeds"));
            break;
        case observe::EdgeKind::Subscription:
            builder.addOne(toPath, back.c_str(), sheetText("Reads"));
            break;
        case observe::EdgeKind::Write:
            builder.addOne(fromPath, forth.c_str(), sheetText("Writes"));
            builder.addOne(fromPath, "table", sheetText("Writes"));
            break;
        case observe::EdgeKind::Stream: {
            const Value* bolt = scenario::valueAt(root, Path(toPath));
            const auto input = bolt == nullptr || fromPath.size() != 4
                                   ? std::nullopt
                                   : inputOf(*bolt, fromPath[3], wire.stream.toStdString());
            if (!input) {
                break;
            }
            auto path = toPath;
            path.insert(path.end(), {"inputs", "[" + std::to_string(*input) + "]"});
            const QString sent = sentBy(root, from);
            for (const char* key : {"grouping", "fields", "stream", "from"}) {
                builder.addOne(path, key, sheetText("The stream"));
                if (!sent.isEmpty() && (key == std::string_view("fields") || key == std::string_view("stream"))) {
                    builder.explain(sheetText("%1 sends: %2").arg(text(fromPath[3]), sent));
                }
            }
            break;
        }
    }
    return builder.take();
}

QString editName(const Value& root, const QString& pathText, const QString& value) {
    constexpr int valueMax = 24;
    const std::vector<std::string> steps = Path::parse(pathText.toStdString(), root).steps();
    QString key = steps.empty() ? pathText : text(steps.back());
    if (!key.contains(QLatin1Char('.'))) {
        key.replace(QLatin1Char('_'), QLatin1Char(' '));  // as the sheet calls it
    }
    const observe::ObjectId object = objectAt(steps);
    const SheetSubject subject = subjectOf(root, sheetAt(steps));
    const QString owner = steps.size() == 1                               ? sheetText("the scenario")
                          : steps.size() > 2 && steps.front() == "faults" ? subject.title
                          : !object.empty()                               ? text(observe::titleOf(object))
                          : steps.size() > 2 && steps.front() == "topologies"
                              ? sheetText("topology %1").arg(text(steps[1]))
                          : steps.empty() || steps.front() == "run" ? sheetText("the run")
                          : steps.front() == "cluster"              ? sheetText("the cluster")
                          : steps.front() == "storm"                ? sheetText("Storm")
                                                                    : text(steps.front());
    if (value.isEmpty()) {
        return sheetText("Set %1 of %2 back to its default").arg(key, owner);
    }
    const QString shownValue = value.size() > valueMax ? value.left(valueMax - 1) + QChar(0x2026) : value;
    return sheetText("Set %1 of %2 to %3").arg(key, owner, shownValue);
}

namespace {

/// Parted by commas, but not by those in brackets or quotes: "max(a, b) > 3" is one.
QStringList listed(const QString& text) {
    QStringList parts;
    QString part;
    int depth = 0;
    QChar quote;
    for (const QChar each : text) {
        if (quote.isNull() && each == QLatin1Char(',') && depth <= 0) {
            parts.append(part.trimmed());
            part.clear();
            continue;
        }
        if (quote.isNull() && (each == QLatin1Char('\'') || each == QLatin1Char('"'))) {
            quote = each;
        } else if (each == quote) {
            quote = QChar();
        } else if (quote.isNull()) {
            depth += each == QLatin1Char('(') ? 1 : each == QLatin1Char(')') ? -1 : 0;
        }
        part += each;
    }
    parts.append(part.trimmed());
    parts.removeAll(QString());
    return parts;
}

}  // namespace

std::optional<Value> withProperty(const Value& root, const QString& pathText, const QString& value) {
    const Path path = Path::parse(pathText.toStdString(), root);
    if (value.isEmpty()) {
        return scenario::without(root, path);
    }
    const Field* field = scenario::fieldAt(path.steps());
    if (path.steps().size() == 7 && path.last() == "grouping" && value != QLatin1String("fields")) {
        // Only the grouping by fields has any.
        auto fields = path.steps();
        fields.back() = "fields";
        const Value bare = scenario::without(root, Path(fields)).value_or(root);
        return scenario::withValue(bare, path, Value::text(value.toStdString()));
    }
    if (field != nullptr && field->type == FieldType::TextList) {
        std::vector<Value> items;
        for (const QString& part : listed(value)) {
            items.push_back(Value::text(part.toStdString()));
        }
        return scenario::withValue(root, path, Value::list(std::move(items)));
    }
    const bool isPlain = field != nullptr && (field->type == FieldType::Integer || field->type == FieldType::Number ||
                                              field->type == FieldType::Flag);
    // Texts stay texts, even when they look like numbers: a pattern "[45]" is no list.
    Value parsed =
        isPlain || field == nullptr ? scenario::readSetting(value.toStdString()) : Value::text(value.toStdString());
    if (parsed.isList() || parsed.isObject()) {
        parsed = Value::text(value.toStdString());
    }
    return scenario::withValue(root, path, std::move(parsed));
}

}  // namespace millrace::studio
