#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/flow/graph.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// The logical face of a document in the making. What is missing or wrong in the document is left out.
class FlowDrawing {
public:
    void addNode(std::string id, flow::NodeKind kind, std::string title, std::string detail);
    void addEdge(std::string from, std::string to, flow::EdgeKind kind, std::string port = "default",
                 std::string label = {});
    [[nodiscard]] flow::Graph take() { return std::move(m_graph); }

    // What a document that is being edited says, as far as it does.

    [[nodiscard]] static std::span<const Member> membersOf(const Value* map);
    [[nodiscard]] static std::span<const Value> itemsOf(const Value* list);
    [[nodiscard]] static std::string textOf(const Value& object, std::string_view key, std::string_view otherwise = {});
    [[nodiscard]] static std::int64_t integerOf(const Value& object, std::string_view key);
    /// "1 partition", "3 partitions"
    [[nodiscard]] static std::string counted(std::int64_t count, std::string_view one, std::string_view many);

private:
    flow::Graph m_graph;
};

}  // namespace millrace::scenario
