#include "engine/scenario/shape/check_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "engine/flow/pattern.h"
#include "engine/scenario/document/writer.h"
#include "engine/scenario/nearest.h"
#include "engine/scenario/units.h"

namespace millrace::scenario {

namespace {

std::string_view profileKey() {
    return "profile";
}

std::string listed(const std::vector<std::string_view>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

/// Nothing for what turns nothing on.
std::optional<std::string> saidBy(const Value& value) {
    if (value.isText()) {
        return value.asText().empty() ? std::nullopt : std::optional(value.asText());
    }
    if (value.isBoolean()) {
        return value.asBoolean() ? std::optional<std::string>("true") : std::nullopt;
    }
    if (value.isNumber()) {
        return value.asNumber() == 0 ? std::nullopt : std::optional(fmt::format("{}", value.asNumber()));
    }
    return value.items().empty() && value.members().empty() ? std::nullopt : std::optional<std::string>("something");
}

std::optional<std::string> saidByDefault(const Field& field) {
    const bool isNumber = field.type == FieldType::Integer || field.type == FieldType::Number;
    const bool isNothing = field.defaultText.empty() ||
                           (field.type == FieldType::Flag && field.defaultText == "false") ||
                           (isNumber && field.defaultText == "0");
    return isNothing ? std::nullopt : std::optional<std::string>(field.defaultText);
}

class ShapeChecker {
public:
    ShapeChecker(ShapeFindings& findings, const Value& root) : m_findings(findings) { noteKeys(root); }

    void checkObject(const Value& value, const Shape& shape, const std::string& path) {
        if (!value.isObject()) {
            wrongKind(value, "an object", path);
            return;
        }
        const Profile outer = m_profile;
        if (const Value* profile = value.find(profileKey())) {
            m_profile = profile->asText() == "course" ? Profile::Course : Profile::Current;
        }
        checkUnknownKeys(value, shape, path);
        for (const Field& field : shape.fields) {
            checkField(value, shape, field, path);
        }
        m_profile = outer;
    }

private:
    static std::string joined(const std::string& path, std::string_view key) {
        return path.empty() ? shown(key) : fmt::format("{}.{}", path, shown(key, nameLengthMax));
    }

    static std::size_t countMost(const Field& field, std::size_t otherwise) {
        return field.most ? static_cast<std::size_t>(*field.most) : otherwise;
    }

    void checkCount(const Value& value, std::size_t count, const Field& field, const std::string& path) {
        if (const std::size_t most = countMost(field, entriesMax); count > most) {
            error(value.place(), path, fmt::format("{} entries; there can be at most {}", count, most));
        }
    }

    void error(Place place, const std::string& path, std::string message) {
        m_findings.complaints.error(place, path, std::move(message));
    }

    void wrongKind(const Value& value, std::string_view wanted, const std::string& path) {
        error(value.place(), path, fmt::format("this is {}, and {} is expected", toText(value.kind()), wanted));
    }

    void checkUnknownKeys(const Value& value, const Shape& shape, const std::string& path) {
        std::vector<std::string_view> known;
        for (const Field& field : shape.fields) {
            known.push_back(field.key);
        }
        for (const Member& member : value.members()) {
            if (shape.find(member.key) == nullptr) {
                error(member.keyPlace, joined(path, member.key),
                      fmt::format("unknown key \"{}\"{}", shown(member.key), suggestion(member.key, known)));
            }
        }
    }

    void checkField(const Value& object, const Shape& shape, const Field& field, const std::string& path) {
        const Member* member = object.member(field.key);
        const std::string fieldPath = joined(path, field.key);
        if (member == nullptr) {
            if (isNeeded(object, shape, field)) {
                error(object.place(), fieldPath, fmt::format("\"{}\" is missing: {}", field.key, field.help));
            }
            return;
        }
        if (appliesTo(object, field)) {
            checkValue(member->value, field, fieldPath);
            if (const flow::Conditions* unmet = unmetOf(object, shape, field)) {
                m_findings.complaints.warning(
                    member->keyPlace, fieldPath,
                    fmt::format("this changes nothing: \"{}\" is read only {}", field.key, flow::textOf(*unmet)));
            }
        } else if (&field == shape.find(field.key) && !hasMeaning(object, shape, field.key)) {
            error(member->keyPlace, fieldPath,
                  fmt::format("\"{}\" means nothing for the kind \"{}\"; it is for {}", field.key,
                              object.find("kind")->asText(), listed(kindsWith(shape, field.key))));
            checkValue(member->value, field, fieldPath);
        }
    }

    /// A key can mean something else for each kind.
    static bool hasMeaning(const Value& object, const Shape& shape, std::string_view key) {
        return std::any_of(shape.fields.begin(), shape.fields.end(),
                           [&](const Field& each) { return each.key == key && appliesTo(object, each); });
    }

    static std::vector<std::string_view> kindsWith(const Shape& shape, std::string_view key) {
        std::vector<std::string_view> kinds;
        for (const Field& each : shape.fields) {
            if (each.key == key) {
                kinds.insert(kinds.end(), each.forKinds.begin(), each.forKinds.end());
            }
        }
        return kinds;
    }

    static bool isNeeded(const Value& object, const Shape& shape, const Field& field) {
        const Value* kind = object.find("kind");
        if (!field.forKinds.empty() && (kind == nullptr || !kind->isText() || !appliesTo(object, field))) {
            return false;
        }
        return field.isRequired && isRead(object, shape, field);
    }

    /// Whether the values of the others, themselves read, let this one have an effect. Of what has no kind yet nobody
    /// knows.
    static bool isRead(const Value& object, const Shape& shape, const Field& field) {
        return unmetOf(object, shape, field) == nullptr;
    }

    /// The conditions that keep it from being read: its own, or those of the one that they ask for; null where it is
    /// read. Conditions do not go in circles (a test keeps that).
    static const flow::Conditions* unmetOf(const Value& object, const Shape& shape, const Field& field) {
        const Value* kind = object.find("kind");
        if (field.readWhen.empty() || (!field.forKinds.empty() && (kind == nullptr || !kind->isText()))) {
            return nullptr;
        }
        const flow::Conditions* unmet = &field.readWhen;
        for (const flow::Condition& each : field.readWhen) {
            const Value* other = object.find(each.key);
            const auto about = std::find_if(shape.fields.begin(), shape.fields.end(), [&](const Field& row) {
                return row.key == each.key && appliesTo(object, row);
            });
            const bool isThere = about != shape.fields.end();
            const flow::Conditions* before = isThere ? unmetOf(object, shape, *about) : nullptr;
            const bool isMet = each.isMetBy(other != nullptr ? saidBy(*other)
                                            : isThere        ? saidByDefault(*about)
                                                             : std::nullopt);
            if (before != nullptr ? each.isOtherwise : isMet) {
                return nullptr;
            }
            unmet = before != nullptr && isMet ? before : unmet;
        }
        return unmet;
    }

    static bool appliesTo(const Value& object, const Field& field) {
        const Value* kind = object.find("kind");
        return field.forKinds.empty() || kind == nullptr || !kind->isText() ||
               std::find(field.forKinds.begin(), field.forKinds.end(), kind->asText()) != field.forKinds.end();
    }

    void checkValue(const Value& value, const Field& field, const std::string& path) {
        switch (field.type) {
            case FieldType::Flag:
                return check(value.isBoolean(), value, "true or false", path);
            case FieldType::Integer:
                return checkInteger(value, field, path);
            case FieldType::Number:
                return checkNumber(value, field, path);
            case FieldType::Text:
            case FieldType::FilePath:
            case FieldType::Reference:
                return checkText(value, path, countMost(field, textLengthMax));
            case FieldType::Duration:
                return checkDuration(value, field, path);
            case FieldType::Size:
                return checkSize(value, field, path);
            case FieldType::Rate:
                return checkRate(value, field, path);
            case FieldType::ByteRate:
                return checkQuantity(value, "a rate of bytes such as \"125MiB/s\"", parseByteRate, path);
            case FieldType::Instant:
                return checkQuantity(value, "a date such as \"2026-01-01T00:00:00Z\"", parseInstant, path);
            case FieldType::Choice:
                return checkChoice(value, field, path);
            case FieldType::Pattern:
                return checkPattern(value, path);
            case FieldType::TextList:
                return checkTextList(value, field, path);
            case FieldType::Object:
                return checkObject(value, *field.shape, path);
            case FieldType::Map:
                return checkMap(value, field, path);
            case FieldType::List:
                return checkList(value, field, path);
            case FieldType::Config:
                return checkConfig(value, field, path);
            case FieldType::Any:
                return;
        }
    }

    void check(bool isRight, const Value& value, std::string_view wanted, const std::string& path) {
        if (!isRight) {
            wrongKind(value, wanted, path);
        }
    }

    void checkInteger(const Value& value, const Field& field, const std::string& path) {
        constexpr double most = 9223372036854775807.0;
        if (!value.isInteger() && value.isNumber() && std::abs(value.asNumber()) >= most) {
            error(value.place(), path,
                  fmt::format("this is more than {}, the most that a whole number can be here",
                              std::numeric_limits<std::int64_t>::max()));
            return;
        }
        check(value.isInteger(), value, "a whole number", path);
        if (value.isInteger()) {
            checkRange(value, field, path);
        }
    }

    void checkNumber(const Value& value, const Field& field, const std::string& path) {
        check(value.isNumber(), value, "a number", path);
        if (value.isNumber()) {
            checkRange(value, field, path);
        }
    }

    void checkRange(const Value& value, const Field& field, const std::string& path) {
        if (field.least && value.asNumber() < *field.least) {
            error(
                value.place(), path,
                fmt::format("{} is less than {}, the least that makes sense here", writtenNumber(value), *field.least));
        }
        if (field.most && value.asNumber() > *field.most) {
            error(value.place(), path,
                  fmt::format("{} is more than {}, the most that makes sense here", writtenNumber(value), *field.most));
        }
    }

    static std::string writtenNumber(const Value& value) {
        return value.isInteger() ? std::to_string(value.asInteger()) : fmt::format("{}", value.asNumber());
    }

    void checkText(const Value& value, const std::string& path, std::size_t most) {
        check(value.isText(), value, "text", path);
        if (value.isText() && value.asText().empty()) {
            error(value.place(), path, "this is empty");
        }
        if (value.isText() && value.asText().size() > most) {
            error(value.place(), path,
                  fmt::format("a text of {} bytes; it can have at most {}", value.asText().size(), most));
        }
    }

    template <typename Parse>
    void checkQuantity(const Value& value, std::string_view wanted, Parse parse, const std::string& path) {
        check(value.isText(), value, wanted, path);
        if (!value.isText()) {
            return;
        }
        if (const auto parsed = parse(value.asText()); !parsed) {
            error(value.place(), path, parsed.error());
        }
    }

    void checkDuration(const Value& value, const Field& field, const std::string& path) {
        checkQuantity(value, "a duration such as \"250ms\"", parseDuration, path);
        const auto parsed = value.isText() ? parseDuration(value.asText()) : Parsed<SimDuration>(SimDuration{0});
        if (field.least && parsed && value.isText() && seconds(*parsed) < *field.least) {
            error(value.place(), path,
                  fmt::format("{} is less than {} s, the least that makes sense here", value.asText(), *field.least));
        }
    }

    void checkSize(const Value& value, const Field& field, const std::string& path) {
        checkQuantity(value, "a size such as \"64MiB\"", parseSize, path);
        const auto parsed = value.isText() ? parseSize(value.asText()) : Parsed<std::int64_t>(0);
        if (field.most && parsed && static_cast<double>(*parsed) > *field.most) {
            error(value.place(), path,
                  fmt::format("{} is too much; it can be at most {:.0f} bytes", shown(value.asText()), *field.most));
        }
    }

    void checkRate(const Value& value, const Field& field, const std::string& path) {
        const bool isWord = value.isText() && std::find(field.choices.begin(), field.choices.end(), value.asText()) !=
                                                  field.choices.end();
        if (!isWord) {
            checkQuantity(value, "a rate such as \"5000/s\"", parseRate, path);
        }
    }

    void checkChoice(const Value& value, const Field& field, const std::string& path) {
        check(value.isText(), value, listed(field.choices), path);
        const bool isKnown =
            std::find(field.choices.begin(), field.choices.end(), value.asText()) != field.choices.end();
        if (value.isText() && !isKnown) {
            error(value.place(), path,
                  fmt::format("\"{}\" is not one of {}{}", shown(value.asText()), listed(field.choices),
                              suggestion(value.asText(), field.choices)));
        }
    }

    void checkPattern(const Value& value, const std::string& path) {
        constexpr std::size_t patternLengthMax = 2000;
        check(value.isText(), value, "a regular expression", path);
        if (value.asText().size() > patternLengthMax) {
            error(value.place(), path,
                  fmt::format("a regular expression of more than {} characters", patternLengthMax));
            return;
        }
        if (const auto pattern = flow::Pattern::make(value.asText()); !pattern) {
            error(value.place(), path,
                  fmt::format("this cannot be used as a regular expression: {} (the syntax is RE2's)",
                              pattern.error().text()));
        }
    }

    void checkTextList(const Value& value, const Field& field, const std::string& path) {
        check(value.isList(), value, "a list of texts", path);
        checkCount(value, value.items().size(), field, path);
        std::size_t index = 0;
        for (const Value& each : value.items()) {
            checkText(each, fmt::format("{}[{}]", path, index++), textLengthMax);
        }
    }

    void checkMap(const Value& value, const Field& field, const std::string& path) {
        check(value.isObject(), value, "an object whose keys are names", path);
        checkCount(value, value.members().size(), field, path);
        for (const Member& member : value.members()) {
            checkName(member, path);
            checkObject(member.value, *field.shape, joined(path, member.key));
        }
    }

    void checkName(const Member& member, const std::string& path) {
        const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
        if (member.key.empty()) {
            error(member.keyPlace, path, "a name is empty");
        } else if (member.key.size() > nameLengthMax) {
            error(member.keyPlace, path,
                  fmt::format("the name \"{}\" has {} bytes; names have at most {}", shown(member.key, 40),
                              member.key.size(), nameLengthMax));
        } else if (std::any_of(member.key.begin(), member.key.end(), isControl)) {
            error(member.keyPlace, path,
                  fmt::format("the name \"{}\" has a character that cannot be seen", shown(member.key)));
        }
    }

    void checkList(const Value& value, const Field& field, const std::string& path) {
        check(value.isList(), value, "a list", path);
        checkCount(value, value.items().size(), field, path);
        std::size_t index = 0;
        for (const Value& each : value.items()) {
            checkObject(each, *field.shape, fmt::format("{}[{}]", path, index++));
        }
    }

    void checkConfig(const Value& value, const Field& field, const std::string& path) {
        check(value.isObject(), value, "an object of settings", path);
        for (const Member& member : value.members()) {
            const ConfigKey* key = findConfigKey(field.scope, member.key);
            if (key == nullptr) {
                unknownSetting(member, field.scope, joined(path, member.key));
            } else {
                checkSetting(member, *key, field.scope, joined(path, member.key));
                checkIdle(value, member, *key, field.scope, joined(path, member.key));
            }
        }
    }

    /// What stands in the same object is looked at, or, where the document nowhere speaks of the other one, its
    /// default: what is set elsewhere may be laid over this.
    void checkIdle(const Value& settings, const Member& member, const ConfigKey& key, ConfigScope scope,
                   const std::string& path) {
        if (key.idleBeside.empty()) {
            return;
        }
        const std::size_t equals = key.idleBeside.find('=');
        const std::string_view name = key.idleBeside.substr(0, equals);
        const Value* other = settings.find(name);
        const ConfigKey* row = findConfigKey(scope, name);
        const bool isByDefault = other == nullptr && row != nullptr && !m_keys.contains(name);
        const std::string said = other != nullptr ? settingText(*other)
                                 : isByDefault    ? std::string(defaultOf(*row, m_profile))
                                                  : std::string();
        if (!said.empty() &&
            (equals == std::string_view::npos ? other != nullptr : said == key.idleBeside.substr(equals + 1))) {
            m_findings.complaints.warning(member.keyPlace, path,
                                          fmt::format("this changes nothing: {} is {}", name, said));
        }
    }

    /// All keys that stand anywhere in the document.
    void noteKeys(const Value& value) {
        for (const Value& each : value.items()) {
            noteKeys(each);
        }
        for (const Member& each : value.members()) {
            m_keys.insert(each.key);
            noteKeys(each.value);
        }
    }

    void unknownSetting(const Member& member, ConfigScope scope, const std::string& path) {
        error(member.keyPlace, path,
              fmt::format("{} has no setting \"{}\"{}", toText(scope), shown(member.key),
                          suggestion(member.key, configKeyNames(scope))));
    }

    void checkSetting(const Member& member, const ConfigKey& key, ConfigScope scope, const std::string& path) {
        const Value& value = member.value;
        if (value.isObject() && key.type != ConfigType::Any) {
            wrongKind(value, "a plain value", path);
            return;
        }
        const std::string text = settingText(value);
        if (const std::optional<std::string> trouble = troubleWith(key, text)) {
            error(value.place(), path, *trouble);
        } else if (key.modelling != Modelling::Modelled) {
            notModelled(value, key, scope, path, text);
        }
    }

    /// What may stand at a key that is not modelled. A stand-in is nobody's default, and is not called one.
    static std::string allowedFor(const ConfigKey& key, std::string_view usual) {
        if (key.standIn.empty()) {
            return fmt::format("only its default ({}) can stand here", usual.empty() ? "none" : usual);
        }
        return usual == key.realDefault
                   ? fmt::format("only {} can stand here, as Kafka has it, and what runs instead is this: {}", usual,
                                 key.standIn)
                   : fmt::format("only Millrace's stand-in can stand here ({}); Kafka's own default is {}", key.standIn,
                                 key.realDefault);
    }

    void notModelled(const Value& value, const ConfigKey& key, ConfigScope scope, const std::string& path,
                     const std::string& text) {
        const std::string_view usual = defaultOf(key, m_profile);
        if (key.modelling == Modelling::ChangesResults && text != usual) {
            error(value.place(), path,
                  fmt::format("{} knows \"{}\", and Millrace does not model it yet; {}", toText(scope), key.name,
                              allowedFor(key, usual)));
            return;
        }
        m_findings.complaints.warning(
            value.place(), path,
            key.standIn.empty()
                ? fmt::format("Millrace does not model \"{}\"; it changes nothing", key.name)
                : fmt::format("Millrace does not model \"{}\"; what runs instead: {}", key.name, key.standIn));
        m_findings.notModelled.push_back(fmt::format("{} = {}", path, text));
    }

    std::set<std::string, std::less<>> m_keys;
    ShapeFindings& m_findings;
    Profile m_profile = Profile::Current;
};

}  // namespace

ShapeFindings checkShape(const Value& root, const Shape& shape) {
    ShapeFindings findings;
    ShapeChecker(findings, root).checkObject(root, shape, {});
    return findings;
}

}  // namespace millrace::scenario
