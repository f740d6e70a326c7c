#include "engine/scenario/document/reader.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <map>
#include <optional>

namespace millrace::scenario {

namespace {

/// Turns offsets into lines and columns. Questions come in ascending order, so that the whole costs one pass.
class PlaceFinder {
public:
    explicit PlaceFinder(std::string_view text) : m_text(text) {}

    Place placeOf(std::size_t offset) {
        offset = std::min(offset, m_text.size());
        if (offset < m_offset) {
            m_offset = 0;
            m_place = {1, 1};
        }
        for (; m_offset < offset; ++m_offset) {
            step(m_text[m_offset]);
        }
        return m_place;
    }

private:
    void step(char c) {
        const bool continuesCharacter = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
        if (c == '\n') {
            m_place = {m_place.line + 1, 1};
        } else if (!continuesCharacter) {
            ++m_place.column;
        }
    }

    std::string_view m_text;
    std::size_t m_offset = 0;
    Place m_place{1, 1};
};

/// Builds the tree from the events of RapidJSON, which tell what was read but not where it began: between the end of
/// one token and the start of the next there is only white space, a comma or a colon, so the start is found by skipping
/// those.
class TreeBuilder {
public:
    TreeBuilder(std::string_view text, rapidjson::MemoryStream& stream, Complaints& complaints)
        : m_text(text), m_stream(stream), m_complaints(complaints), m_places(text) {}

    bool Null() { return scalar(Value()); }
    bool Bool(bool flag) { return scalar(Value::boolean(flag)); }
    bool Int(int number) { return scalar(Value::integer(number)); }
    bool Uint(unsigned number) { return scalar(Value::integer(number)); }
    bool Int64(std::int64_t number) { return scalar(Value::integer(number)); }
    bool Uint64(std::uint64_t number) {
        const bool fits = number <= static_cast<std::uint64_t>(INT64_MAX);
        return scalar(fits ? Value::integer(static_cast<std::int64_t>(number))
                           : Value::real(static_cast<double>(number)));
    }
    bool Double(double number) { return scalar(Value::real(number)); }
    bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
    bool String(const char* text, rapidjson::SizeType length, bool) { return scalar(Value::text({text, length})); }

    bool Key(const char* text, rapidjson::SizeType length, bool) {
        Open& object = m_open.back();
        object.key.assign(text, length);
        object.keyPlace = nextTokenPlace();
        m_end = m_stream.Tell();
        const auto [first, isNew] = object.keys.emplace(object.key, object.keyPlace);
        object.isRepeated = !isNew;
        if (!isNew) {
            m_complaints.error(object.keyPlace, innermostPath(),
                               fmt::format("this key already stands at line {}", first->second.line),
                               Complaint::Code::RepeatedKey);
        }
        return true;
    }

    bool StartObject() { return open(Value::Kind::Object); }
    bool StartArray() { return open(Value::Kind::List); }
    bool EndObject(rapidjson::SizeType) { return close(); }
    bool EndArray(rapidjson::SizeType) { return close(); }

    [[nodiscard]] bool isTooDeep() const { return m_isTooDeep; }
    Place nextTokenPlace() { return m_places.placeOf(nextToken()); }
    Place placeOf(std::size_t offset) { return m_places.placeOf(offset); }

    /// What has been read, also when the text ended early: everything still open is closed where it stands.
    Value finish() {
        while (!m_open.empty()) {
            finishInnermost();
        }
        return m_root.value_or(Value());
    }

    [[nodiscard]] std::string innermostPath() const {
        std::string path;
        for (const Open& each : m_open) {
            if (each.kind == Value::Kind::List) {
                path += fmt::format("[{}]", each.items.size());
            } else if (!each.key.empty()) {
                path += (path.empty() ? "" : ".") + each.key;
            }
        }
        return path;
    }

private:
    struct Open {
        Value::Kind kind;
        Place place;
        std::string key;
        Place keyPlace;
        std::vector<Value> items;
        std::vector<Member> members;
        std::map<std::string, Place> keys;
        bool isRepeated = false;  ///< the key just read stood here before; the first one counts
    };

    std::size_t nextToken() const {
        constexpr std::string_view between = " \t\r\n,:";
        const std::size_t found = m_text.find_first_not_of(between, m_end);
        return found == std::string_view::npos ? m_text.size() : found;
    }

    bool scalar(const Value& value) {
        const Place place = nextTokenPlace();
        m_end = m_stream.Tell();
        add(value.standingAt(place));
        return true;
    }

    bool open(Value::Kind kind) {
        const std::size_t start = nextToken();
        m_end = start + 1;
        m_isTooDeep = m_open.size() >= static_cast<std::size_t>(documentDepthMax);
        if (m_isTooDeep) {
            return false;
        }
        m_open.push_back({kind, m_places.placeOf(start), {}, {}, {}, {}, {}, false});
        return true;
    }

    bool close() {
        m_end = nextToken() + 1;
        finishInnermost();
        return true;
    }

    void finishInnermost() {
        Open done = std::move(m_open.back());
        m_open.pop_back();
        const Value value = done.kind == Value::Kind::List ? Value::list(std::move(done.items))
                                                           : Value::object(std::move(done.members));
        add(value.standingAt(done.place));
    }

    void add(Value value) {
        if (m_open.empty()) {
            m_root = std::move(value);
        } else if (m_open.back().kind == Value::Kind::List) {
            m_open.back().items.push_back(std::move(value));
        } else {
            addMember(m_open.back(), std::move(value));
        }
    }

    static void addMember(Open& object, Value value) {
        if (!object.isRepeated) {
            object.members.push_back({object.key, std::move(value), object.keyPlace});
        }
    }

    std::string_view m_text;
    rapidjson::MemoryStream& m_stream;
    Complaints& m_complaints;
    PlaceFinder m_places;
    std::size_t m_end = 0;
    bool m_isTooDeep = false;
    std::vector<Open> m_open;
    std::optional<Value> m_root;
};

std::string messageOf(rapidjson::ParseErrorCode code, bool atEnd, bool isTooDeep) {
    if (isTooDeep) {
        return fmt::format("lists and objects stand more than {} deep in one another", documentDepthMax);
    }
    if (code == rapidjson::kParseErrorDocumentEmpty) {
        return "the file is empty";
    }
    if (atEnd) {
        return "the file ends before the document does; it may have been cut off";
    }
    return fmt::format("this is not JSON: {}", rapidjson::GetParseError_En(code));
}

/// The same value without places, which would be those of another text than the document's.
Value placeless(const Value& value) {
    std::vector<Value> items;
    for (const Value& each : value.items()) {
        items.push_back(placeless(each));
    }
    std::vector<Member> members;
    for (const Member& each : value.members()) {
        members.push_back({each.key, placeless(each.value), {}});
    }
    const Value bare = value.isList()     ? Value::list(std::move(items))
                       : value.isObject() ? Value::object(std::move(members))
                                          : value;
    return bare.standingAt({});
}

constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";

}  // namespace

DocumentReading readDocument(std::string_view text) {
    DocumentReading reading;
    if (text.starts_with(byteOrderMark)) {
        text.remove_prefix(byteOrderMark.size());
    }
    rapidjson::MemoryStream stream(text.data(), text.size());
    TreeBuilder builder(text, stream, reading.complaints);
    const std::size_t zero = text.find('\0');
    if (zero != std::string_view::npos) {
        reading.complaints.error(builder.placeOf(zero), {}, "a zero byte: this is not a text file");
        return reading;
    }
    constexpr unsigned flags =
        rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag;
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<flags>(stream, builder);
    if (result.IsError()) {
        const bool atEnd = text.find_first_not_of(" \t\r\n", result.Offset()) == std::string_view::npos;
        const Place place = builder.isTooDeep() ? builder.nextTokenPlace() : builder.placeOf(result.Offset());
        reading.complaints.error(place, builder.innermostPath(), messageOf(result.Code(), atEnd, builder.isTooDeep()));
    }
    reading.root = builder.finish();
    return reading;
}

Value readSetting(std::string_view text) {
    const DocumentReading reading = readDocument(text);
    return reading.complaints.empty() ? placeless(reading.root) : Value::text(std::string(text));
}

}  // namespace millrace::scenario
