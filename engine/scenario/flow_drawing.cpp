#include "engine/scenario/flow_drawing.h"

#include <fmt/format.h>

#include <utility>

namespace millrace::scenario {

void FlowDrawing::addNode(std::string id, flow::NodeKind kind, std::string title, std::string detail) {
    m_graph.nodes.push_back({std::move(id), kind, std::move(title), std::move(detail)});
}

void FlowDrawing::addEdge(std::string from, std::string to, flow::EdgeKind kind, std::string port, std::string label) {
    m_graph.edges.push_back({std::move(from), std::move(to), kind, std::move(port), std::move(label)});
}

std::span<const Member> FlowDrawing::membersOf(const Value* map) {
    return map != nullptr ? map->members() : std::span<const Member>();
}

std::span<const Value> FlowDrawing::itemsOf(const Value* list) {
    return list != nullptr ? list->items() : std::span<const Value>();
}

std::string FlowDrawing::textOf(const Value& object, std::string_view key, std::string_view otherwise) {
    const Value* value = object.find(key);
    return value != nullptr && value->isText() ? value->asText() : std::string(otherwise);
}

std::int64_t FlowDrawing::integerOf(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    return value != nullptr && value->isInteger() ? value->asInteger() : 1;
}

std::string FlowDrawing::counted(std::int64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace millrace::scenario
