#pragma once

#include <string>

#include "engine/flow/datum.h"
#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

/// Between the values of tuples and those of records outside of Storm.
[[nodiscard]] inline flow::Datum datumOf(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::Null:
            break;
        case Value::Kind::Bool:
            return value.asBool();
        case Value::Kind::Int:
        case Value::Kind::Long:
            return value.asLong();
        case Value::Kind::Double:
            return value.asDouble();
        case Value::Kind::Text:
            return std::string{value.asText()};
    }
    return {};
}

/// A text is kept by who emits.
[[nodiscard]] inline Value valueOf(const flow::Datum& datum, BoltOutput& output) {
    switch (datum.index()) {
        case 1:
            return Value::ofBool(std::get<1>(datum));
        case 2:
            return Value::ofLong(std::get<2>(datum));
        case 3:
            return Value::ofDouble(std::get<3>(datum));
        case 4:
            return Value::ofText(output.keep(std::get<4>(datum)));
        default:
            return {};
    }
}

}  // namespace millrace::storm
