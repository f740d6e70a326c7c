#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/sink_client.h"
#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

enum class ParameterType : std::uint8_t { Text, TextList, Pattern, Choice, Duration, Integer, Sink, Topic };

struct OperatorParameter {
    std::string_view key;
    ParameterType type = ParameterType::Text;
    std::string_view help;
    std::string_view defaultText;  ///< empty: none
    bool isRequired = false;
    std::string_view choices;  ///< of a Choice, separated by |
};

/// One kind of spout or bolt that a scenario can name and the palette offers.
struct OperatorKind {
    std::string_view kind;
    ComponentKind component = ComponentKind::Bolt;
    std::string_view title;
    std::string_view help;
    std::string_view outputs;  ///< its streams and fields, in words
    std::vector<OperatorParameter> parameters;

    [[nodiscard]] const OperatorParameter* find(std::string_view key) const;
};

/// kafka; split, filter, extract, count, sqlite, file.
[[nodiscard]] std::span<const OperatorKind> operatorKinds();
[[nodiscard]] const OperatorKind* findOperatorKind(std::string_view kind);

/// What a scenario says about one bolt, by the catalog's keys. A text is a list of one.
struct BoltParameters {
    std::map<std::string, std::vector<std::string>, std::less<>> values;

    [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise = {}) const;
    [[nodiscard]] std::vector<std::string> list(std::string_view key) const;
};

/// What a bolt finds around it: the sink that it writes to, and where the sink's process runs.
struct BoltSurroundings {
    Ref<const ingest::SinkSpec> sink;  ///< the one that the parameter `sink` names
    std::string sinkHost;
    sim::Port sinkPort = ingest::sinkPort;
    ingest::SinkClientConfig client;  ///< linger and batch size; host and port are taken from above
    /// Paths of file sources by source id, to say the file of a rejected line.
    std::map<std::string, std::string> sourceFiles;
};

[[nodiscard]] Result<Ref<const BoltFactory>, BoltTrouble> makeBolt(std::string_view kind,
                                                                   const BoltParameters& parameters,
                                                                   const BoltSurroundings& surroundings);

}  // namespace millrace::storm
