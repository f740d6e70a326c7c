#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/flow/condition.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/collection.h"

namespace millrace::scenario {

enum class FieldType : std::uint8_t {
    Flag,
    Integer,
    Number,
    Text,
    Duration,
    Size,
    Rate,
    ByteRate,
    Instant,
    Choice,
    Pattern,
    FilePath,
    Reference,
    TextList,  ///< a list of texts
    Object,    ///< an object of a shape of its own
    Map,       ///< an object whose keys are names and whose values have one shape
    List,      ///< a list of objects of one shape
    Config,    ///< settings by the real system's own names
    Any        ///< kept as it is
};

struct Shape;

/// Names that a scenario gives (hosts, topics, bolts ...) have at most this many bytes, as Kafka's topics do.
inline constexpr std::size_t nameLengthMax = 249;
/// Texts without a bound of their own.
inline constexpr std::size_t textLengthMax = 4'000;
/// Collections and lists without a bound of their own.
inline constexpr std::size_t entriesMax = 10'000;

/// One field of a scenario document: what the reader accepts, what the JSON Schema says and what the inspector shows.
struct Field {
    std::string_view key;
    FieldType type = FieldType::Text;
    std::string_view help;
    bool isRequired = false;  ///< wherever it is read
    std::string_view defaultText = {};
    std::optional<double> least = {};
    std::optional<double> most = {};                 ///< of a Map, a List or a TextList: entries; of a Text: letters
    std::vector<std::string_view> choices = {};      ///< of a Choice; for a Rate: words besides rates
    std::vector<std::string_view> choiceHelps = {};  ///< what each of the choices is, where that is told
    std::vector<std::string_view> forKinds = {};     ///< the kinds (field "kind") to which it applies; empty: all
    const Shape* shape = nullptr;                    ///< of Object, Map, List
    const Collection* collection = nullptr;          ///< of Reference, and of a TextList of such names
    ConfigScope scope = {};                          ///< of Config
    flow::Conditions readWhen = {};
    std::string_view blank = {};  ///< what holds without it, where that is no value: "no limit"
};

struct Shape {
    std::string_view name;
    std::vector<Field> fields;

    /// A key that means several things stands several times; this is the first.
    [[nodiscard]] const Field* find(std::string_view key) const;
};

/// Of the document's top level, what systems say (`sections.cpp`).
[[nodiscard]] std::vector<Field> fieldsOfSystems();
/// The whole document. One table from which everything else about the form of scenarios is derived.
[[nodiscard]] const Shape& scenarioShape();

/// The field that a path leads to, and nothing where no scenario can have one. Names of hosts, topics and so on are
/// free, settings must be in the catalog.
[[nodiscard]] bool isPathOfShape(const std::vector<std::string>& steps);
[[nodiscard]] const Field* fieldAt(const std::vector<std::string>& steps);
/// The shape of the object that a path leads to: of an Object itself, of a member of a Map or an element of a List.
[[nodiscard]] const Shape* shapeAt(const std::vector<std::string>& steps);

/// The published JSON Schema (draft 2020-12) of scenario documents.
[[nodiscard]] std::string scenarioSchemaText();

}  // namespace millrace::scenario
