#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/flow/condition.h"
#include "engine/flow/graph.h"

namespace millrace::flow {

/// What a parameter of an operator holds.
enum class ParameterType : std::uint8_t {
    Flag,
    Integer,
    Number,
    Text,
    Duration,
    Size,
    Rate,
    Choice,
    Pattern,    ///< a regular expression
    FilePath,   ///< of a file of the user's
    TextList,   ///< several texts
    Object,     ///< parameters of its own
    Field,      ///< the name of a field of the tuples that come in
    FieldList,  ///< several of them
    Reference,  ///< the name of an object of another kind
    Table       ///< the name of a table of the sink that another parameter names
};

/// One parameter of an operator. The scenario's reader, its JSON Schema and the inspector are made from this.
struct Parameter {
    std::string_view key;
    ParameterType type = ParameterType::Text;
    std::string_view help;
    bool isRequired = false;  ///< wherever it is read
    Conditions readWhen = {};
    std::string_view defaultText = {};
    std::optional<double> least = {};
    std::optional<double> most = {};  ///< of a list: entries; of a text: letters
    std::vector<std::string_view> choices = {};
    std::string_view blank = {};          ///< what holds without it, where that is no value: "no limit"
    NodeKind refersTo = NodeKind::Topic;  ///< of a Reference
    std::string_view ofKind = {};         ///< of a Reference: only objects of this kind of their own
    /// What one begins with that is drawn, an at sign standing for its name; nothing: it is not written.
    std::optional<std::string_view> start = {};
    std::vector<Parameter> fields = {};  ///< of an Object
};

/// What one object says for the parameters of its operator, by key. Quantities are whole numbers of their smallest unit
/// (nanoseconds, bytes), a text is a list of one.
struct ParameterValues {
    std::map<std::string, std::vector<std::string>, std::less<>> values;

    [[nodiscard]] std::string text(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> list(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
    [[nodiscard]] std::optional<double> number(std::string_view key) const;
    [[nodiscard]] std::optional<SimDuration> duration(std::string_view key) const;
};

/// Processor time on a core of speed 1.0 that an operator takes, beside what its system takes for any tuple.
struct Work {
    CpuTime perTuple{0};
    CpuTime perByte{0};  ///< of the text that it looks at
};

/// Everything that is to be said about one kind of operator (a bolt, a spout; as well a source, a sink, a
/// transformation), in one row beside its code. The document, its schema, the palette, the inspector, the canvas and
/// the help are made from the rows; the code that runs it hangs on the row in the room that owns it.
struct Operator {
    NodeKind node = NodeKind::Bolt;
    std::string_view kind;     ///< as a scenario names it
    std::string_view title;    ///< as the palette does
    std::string_view help;     ///< what it does, in a sentence
    std::string_view outputs;  ///< its streams and fields, in words
    std::vector<Parameter> parameters;
    std::vector<std::string_view> summary = {};  ///< the first of these parameters that is set stands on its card
    Work work = {};
    std::int32_t executors = 1;     ///< of one that is drawn
    std::string_view stem = {};     ///< how one that is drawn is called; empty: as its kind
    std::string_view meetsBy = {};  ///< the parameter of the field whose equal values must meet in one task
    bool sendsCounts = false;       ///< its tuples add to counts of keys: a table takes them as such
    /// The field of its tuples that whoever comes next will look at; `incoming` is that of what comes in. Null: it
    /// sends what it gets.
    std::string (*mainField)(const ParameterValues& values, const std::string& incoming) = nullptr;

    [[nodiscard]] const Parameter* find(std::string_view key) const;
    /// The first parameter that names an object of this kind, or null.
    [[nodiscard]] const Parameter* reference(NodeKind to) const;
    [[nodiscard]] const Parameter* first(ParameterType type) const;
    [[nodiscard]] std::string mainFieldOf(const ParameterValues& values, const std::string& incoming) const;
};

/// Durations, sizes and rates, which are written with a unit.
[[nodiscard]] bool isQuantity(ParameterType type);
[[nodiscard]] bool isList(ParameterType type);

/// The values with the defaults of what is not there; defaults of quantities are filled in by who knows their units.
[[nodiscard]] ParameterValues withDefaults(const Operator& row, ParameterValues values);
[[nodiscard]] ParameterValues withDefaults(const std::vector<Parameter>& parameters, ParameterValues values);

/// The first name that stands in a list a second time: fields of one stream are told apart by their names.
[[nodiscard]] std::optional<std::string> firstRepeated(const std::vector<std::string>& names);

}  // namespace millrace::flow
