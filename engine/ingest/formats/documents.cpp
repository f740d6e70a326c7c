#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <bit>
#include <nlohmann/json.hpp>

#include "engine/ingest/formats/format.h"

namespace millrace::ingest {

namespace {

using OrderedJson = nlohmann::ordered_json;
using flow::Datum;

// --- JSON -----------------------------------------------------------------------------------------------------------

OrderedJson valueOf(const Datum& datum) {
    return std::visit(
        [](const auto& value) -> OrderedJson {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
                return nullptr;
            } else {
                return value;
            }
        },
        datum);
}

std::string dumped(const OrderedJson& json) {
    return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// A value of JSON as the type wants it; nothing when it does not fit.
std::optional<Datum> datumIn(const OrderedJson& value, flow::DatumType type) {
    if (value.is_null()) {
        return Datum{};
    }
    switch (type) {
        case flow::DatumType::Flag:
            return value.is_boolean() ? std::optional(Datum{value.get<bool>()}) : std::nullopt;
        case flow::DatumType::Integer:
            return value.is_number_integer() ? std::optional(Datum{value.get<std::int64_t>()}) : std::nullopt;
        case flow::DatumType::Real:
            return value.is_number() ? std::optional(Datum{value.get<double>()}) : std::nullopt;
        case flow::DatumType::Text:
            break;
    }
    return Datum{value.is_string() ? value.get<std::string>() : dumped(value)};
}

void writeJson(const Layout& layout, std::span<const Datum> row, std::string& to) {
    OrderedJson object = OrderedJson::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (!flow::isNull(row[i])) {
            object[layout.columns[i].name] = valueOf(row[i]);
        }
    }
    to += dumped(object);
}

RowResult readJson(const Layout& layout, std::string_view text) {
    const OrderedJson object = OrderedJson::parse(text, nullptr, false);
    if (!object.is_object()) {
        return tl::unexpected(std::string_view{"it is no JSON object"});
    }
    Row row(layout.columns.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto member = object.find(layout.columns[i].name);
        if (member == object.end()) {
            continue;
        }
        auto datum = datumIn(*member, layout.columns[i].type);
        if (!datum) {
            return tl::unexpected(std::string_view{"a member has another type than its column"});
        }
        row[i] = std::move(*datum);
    }
    return row;
}

}  // namespace

Result<JsonMembers, std::string_view> jsonMembers(std::string_view text) {
    const OrderedJson object = OrderedJson::parse(text, nullptr, false);
    if (!object.is_object()) {
        return tl::unexpected(std::string_view{"it is no JSON object"});
    }
    JsonMembers members;
    for (const auto& [name, value] : object.items()) {
        flow::Datum datum;
        if (value.is_boolean()) {
            datum = value.get<bool>();
        } else if (value.is_number_integer()) {
            datum = value.get<std::int64_t>();
        } else if (value.is_number()) {
            datum = value.get<double>();
        } else if (!value.is_null()) {
            datum = value.is_string() ? value.get<std::string>() : dumped(value);
        }
        members.emplace_back(name, std::move(datum));
    }
    return members;
}

std::string jsonOf(const JsonMembers& members) {
    OrderedJson object = OrderedJson::object();
    for (const auto& [name, value] : members) {
        if (!flow::isNull(value)) {
            object[name] = valueOf(value);
        }
    }
    return dumped(object);
}

namespace {

// --- CSV ------------------------------------------------------------------------------------------------------------

void writeCsv(const Layout&, std::span<const Datum> row, std::string& to) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        to += i > 0 ? "," : "";
        const std::string text = flow::toText(row[i]);
        if (text.find_first_of("\",\r\n") == std::string::npos) {
            to += text;
            continue;
        }
        to += '"';
        for (const char c : text) {
            to += c == '"' ? "\"\"" : std::string(1, c);
        }
        to += '"';
    }
}

}  // namespace

std::optional<std::vector<std::string>> csvValues(std::string_view text) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    while (true) {
        std::string part;
        if (at < text.size() && text[at] == '"') {
            ++at;
            while (true) {
                const std::size_t quote = text.find('"', at);
                if (quote == std::string_view::npos) {
                    return std::nullopt;
                }
                part += text.substr(at, quote - at);
                at = quote + 1;
                if (at >= text.size() || text[at] != '"') {
                    break;
                }
                part += '"';
                ++at;
            }
            if (at < text.size() && text[at] != ',') {
                return std::nullopt;
            }
        } else {
            const std::size_t comma = std::min(text.find(',', at), text.size());
            part = text.substr(at, comma - at);
            at = comma;
        }
        parts.push_back(std::move(part));
        if (at >= text.size()) {
            return parts;
        }
        ++at;
    }
}

namespace {

RowResult readCsv(const Layout& layout, std::string_view text) {
    const auto values = csvValues(text);
    if (!values) {
        return tl::unexpected(std::string_view{"a quote has no end, or something stands behind it"});
    }
    const std::vector<std::string>& parts = *values;
    if (parts.size() != layout.columns.size()) {
        return tl::unexpected(std::string_view{"it has not as many values as there are columns"});
    }
    Row row(layout.columns.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
        auto datum = flow::datumOf(parts[i], layout.columns[i].type);
        if (!datum) {
            return tl::unexpected(std::string_view{"a value has another type than its column"});
        }
        row[i] = std::move(*datum);
    }
    return row;
}

// --- SenML ----------------------------------------------------------------------------------------------------------

/// A pack of RFC 8428: the base name is the subject, the base time in seconds, a record for each other field.
void writeSenml(const Layout& layout, std::span<const Datum> row, std::string& to) {
    const auto subject = layout.subject();
    const auto time = layout.find("time");
    OrderedJson pack = OrderedJson::array();
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i == subject || i == time || flow::isNull(row[i])) {
            continue;
        }
        OrderedJson record = OrderedJson::object();
        if (pack.empty()) {
            if (subject) {
                record["bn"] = flow::toText(row[*subject]) + ":";
            }
            if (const auto at = time ? flow::asNumber(row[*time]) : std::nullopt) {
                record["bt"] = *at / 1'000;
            }
        }
        record["n"] = layout.columns[i].name;
        if (i < layout.units.size() && !layout.units[i].empty()) {
            record["u"] = layout.units[i];
        }
        const bool isText = std::holds_alternative<std::string>(row[i]);
        record[isText ? "vs" : std::holds_alternative<bool>(row[i]) ? "vb" : "v"] = valueOf(row[i]);
        pack.push_back(std::move(record));
    }
    to += dumped(pack);
}

RowResult readSenml(const Layout& layout, std::string_view text) {
    const OrderedJson pack = OrderedJson::parse(text, nullptr, false);
    if (!pack.is_array() || pack.empty()) {
        return tl::unexpected(std::string_view{"it is no SenML pack"});
    }
    Row row(layout.columns.size());
    const auto subject = layout.subject();
    const auto time = layout.find("time");
    for (const OrderedJson& record : pack) {
        if (!record.is_object()) {
            return tl::unexpected(std::string_view{"it is no SenML pack"});
        }
        const auto base = record.find("bn");
        if (subject && base != record.end() && base->is_string()) {
            auto name = base->get<std::string>();
            if (name.ends_with(':')) {
                name.pop_back();
            }
            row[*subject] = std::move(name);
        }
        const auto at = record.find("bt");
        if (time && at != record.end() && at->is_number()) {
            row[*time] = static_cast<std::int64_t>(at->get<double>() * 1'000 + 0.5);
        }
        const auto name = record.find("n");
        const auto column =
            name != record.end() && name->is_string() ? layout.find(name->get<std::string>()) : std::nullopt;
        if (!column) {
            continue;
        }
        for (const char* const value : {"v", "vs", "vb"}) {
            if (const auto found = record.find(value); found != record.end()) {
                auto datum = datumIn(*found, layout.columns[*column].type);
                if (!datum) {
                    return tl::unexpected(std::string_view{"a value has another type than its column"});
                }
                row[*column] = std::move(*datum);
            }
        }
    }
    return row;
}

// --- frames ---------------------------------------------------------------------------------------------------------

void putBytes(std::uint64_t value, int bytes, std::string& to) {
    for (int i = bytes - 1; i >= 0; --i) {
        to += static_cast<char>(static_cast<unsigned char>(value >> (8U * static_cast<unsigned>(i))));
    }
}

std::uint64_t bytesAt(std::string_view text, std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = at; i < at + bytes; ++i) {
        value = value << 8U | static_cast<unsigned char>(text[i]);
    }
    return value;
}

std::uint32_t crcOf(std::string_view text) {
    return static_cast<std::uint32_t>(
        crc32(crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

/// Four bytes of length, the values each behind a byte for its kind, four bytes of CRC-32 over both.
void writeFrame(const Layout&, std::span<const Datum> row, std::string& to) {
    std::string body;
    for (const Datum& datum : row) {
        body += static_cast<char>(datum.index());
        if (const auto* flag = std::get_if<bool>(&datum)) {
            putBytes(*flag ? 1 : 0, 1, body);
        } else if (const auto* whole = std::get_if<std::int64_t>(&datum)) {
            putBytes(static_cast<std::uint64_t>(*whole), 8, body);
        } else if (const auto* real = std::get_if<double>(&datum)) {
            putBytes(std::bit_cast<std::uint64_t>(*real), 8, body);
        } else if (const auto* text = std::get_if<std::string>(&datum)) {
            putBytes(text->size(), 4, body);
            body += *text;
        }
    }
    std::string frame;
    putBytes(body.size() + 4, 4, frame);
    frame += body;
    putBytes(crcOf(frame), 4, frame);
    to += frame;
}

RowResult readFrame(const Layout& layout, std::string_view text) {
    if (text.size() < 8 || bytesAt(text, 0, 4) != text.size() - 4) {
        return tl::unexpected(std::string_view{"the frame is not as long as it says"});
    }
    const std::size_t end = text.size() - 4;
    if (bytesAt(text, end, 4) != crcOf(text.substr(0, end))) {
        return tl::unexpected(std::string_view{"the frame's CRC is wrong"});
    }
    Row row;
    std::size_t at = 4;
    while (at < end) {
        const char kind = text[at++];
        const std::size_t size = kind == 0 ? 0 : kind == 1 ? 1 : kind == 4 ? 4 : 8;
        if (kind < 0 || kind > 4 || end - at < size) {
            return tl::unexpected(std::string_view{"the frame ends within a value"});
        }
        const std::uint64_t bits = bytesAt(text, at, size);
        at += size;
        if (kind == 4) {
            if (end - at < bits) {
                return tl::unexpected(std::string_view{"the frame ends within a value"});
            }
            row.emplace_back(std::string{text.substr(at, bits)});
            at += bits;
        } else if (kind == 0) {
            row.emplace_back();
        } else if (kind == 1) {
            row.emplace_back(bits != 0);
        } else if (kind == 2) {
            row.emplace_back(static_cast<std::int64_t>(bits));
        } else {
            row.emplace_back(std::bit_cast<double>(bits));
        }
    }
    if (row.size() != layout.columns.size()) {
        return tl::unexpected(std::string_view{"it has not as many values as there are columns"});
    }
    return row;
}

}  // namespace

const Format& jsonFormat() {
    static const Format row{
        "json", "An object a record; fields without a value are left out.", {}, writeJson, readJson};
    return row;
}

const Format& csvFormat() {
    static const Format row{
        "csv", "Values in the order of the columns, quoted as RFC 4180 says.", {}, writeCsv, readCsv};
    return row;
}

const Format& senmlFormat() {
    static const Format row{"senml",
                            "A pack of RFC 8428: base name and time, then a record a value with its unit.",
                            {},
                            writeSenml,
                            readSenml};
    return row;
}

const Format& framedFormat() {
    static const Format row{
        "framed", "Bytes: length, values, CRC-32; what is damaged is found.", {}, writeFrame, readFrame};
    return row;
}

}  // namespace millrace::ingest
