#include "app/studio/graph_edits.h"

#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "engine/scenario/document/edit.h"

namespace millrace::studio {

using namespace values;
using scenario::Path;
using scenario::Value;

std::optional<Position> positionOf(const Value& root, std::string_view id) {
    const Value* value = at(root, {"canvas", "positions", std::string(id)});
    if (value == nullptr || value->items().size() != 2) {
        return std::nullopt;
    }
    return Position{value->items()[0].asNumber(), value->items()[1].asNumber()};
}

Value emptyScenario() {
    const auto onHost = [](const char* host) { return Value::object({{"host", textValue(host)}}); };
    const auto host = [](const char* rack) {
        return Value::object({{"cores", Value::integer(4)}, {"rack", textValue(rack)}});
    };
    return Value::object({
        {"millrace", Value::integer(1)},
        {"title", textValue("Untitled")},
        {"run", Value::object({{"seed", Value::integer(1)}})},
        {"hosts", Value::object({{"h1", host("A")},
                                 {"h2", host("B")},
                                 {"h3", host("C")},
                                 {"h4", host("A")},
                                 {"h5", host("B")},
                                 {"h6", host("C")}})},
        {"cluster",
         Value::object({
             {"coordination", textValue("zookeeper")},
             {"servers", Value::object({{"zk1", onHost("h1")}, {"zk2", onHost("h2")}, {"zk3", onHost("h3")}})},
             {"brokers", Value::object({{"1", onHost("h1")}, {"2", onHost("h2")}, {"3", onHost("h3")}})},
         })},
        {"storm", Value::object({
                      {"nimbus", onHost("h4")},
                      {"supervisors", Value::object({{"s1", onHost("h5")}, {"s2", onHost("h6")}})},
                  })},
    });
}

}  // namespace millrace::studio
