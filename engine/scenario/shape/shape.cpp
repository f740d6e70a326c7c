#include "engine/scenario/shape/shape.h"

#include <algorithm>

#include "engine/base/faults.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/shape/fields.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& runShape() {
    static const Shape shape{"run", {
        {.key = "seed", .type = FieldType::Integer, .help = "Two runs with one seed are the same run.", .defaultText = "1", .least = 0},
        {.key = "start", .type = FieldType::Instant, .help = "The date that the simulated clocks show at time 0.", .defaultText = "2026-01-01T00:00:00Z"},
        {.key = "duration", .type = FieldType::Duration, .help = "The run ends at this simulated time.", .blank = "endless"},
        {.key = "open_at", .type = FieldType::Duration, .help = "The window opens at this instant: what comes before runs at full speed.", .defaultText = "0s"},
    }};
    return shape;
}

const Shape& diskShape() {
    static const Shape shape{"disk", {
        {.key = "capacity", .type = FieldType::Size, .help = "How much fits.", .defaultText = "256GiB"},
        {.key = "write_rate", .type = FieldType::ByteRate, .help = "Bytes a second to the medium.", .defaultText = "500MiB/s"},
        {.key = "read_rate", .type = FieldType::ByteRate, .help = "Bytes a second from the medium: blocks of HDFS come from there, logs of Kafka from the page cache.", .defaultText = "500MiB/s"},
        {.key = "flush_latency", .type = FieldType::Duration, .help = "Time of one flush, beside the time for its bytes.", .defaultText = "160us"},
        {.key = "writeback", .type = FieldType::Duration, .help = "Pages older than this have been written by the operating system.", .defaultText = "30s"},
    }};
    return shape;
}

const Shape& hostShape() {
    static const Shape shape{"host", {
        {.key = "cores", .type = FieldType::Integer, .help = "Processor cores.", .defaultText = "4", .least = 1, .most = 1024},
        {.key = "speed", .type = FieldType::Number, .help = "Speed of a core; 1 is the core that the cost tables speak of.", .defaultText = "1", .least = 0.001, .most = 1000},
        {.key = "memory", .type = FieldType::Size, .help = "Main memory. It is kept for readers of the document; nothing is worked out from it.", .defaultText = "16GiB"},
        {.key = "disk", .type = FieldType::Object, .help = "The disk of the host.", .shape = &diskShape()},
        {.key = "card", .type = FieldType::ByteRate, .help = "What the network card sends in a second.", .defaultText = "1Gbit/s"},
        {.key = "rack", .type = FieldType::Text, .help = "The rack in which the host stands.", .blank = "none"},
    }};
    return shape;
}

const Shape& linkShape() {
    static const Shape shape{"link", {
        {.key = "between", .type = FieldType::TextList, .help = "The two hosts, if the link's name is not HOST-HOST."},
        {.key = "latency", .type = FieldType::Duration, .help = "Time of one way.", .defaultText = "250us"},
        {.key = "rate", .type = FieldType::ByteRate, .help = "Bytes a second on the way; without it only the sender's card limits.", .blank = "no limit of its own"},
    }};
    return shape;
}

/// What says how strong a fault is, each for the kinds that say it so.
std::vector<Field> faultQuantities() {
    std::vector<Field> fields;
    for (const FaultRow& row : faults::rows) {
        if (!row.quantity) {
            continue;
        }
        const auto isIt = [&](const Field& each) { return each.key == row.quantity->key && each.help == row.quantity->help; };
        auto known = std::find_if(fields.begin(), fields.end(), isIt);
        if (known == fields.end()) {
            Field field{.key = row.quantity->key, .type = FieldType::Duration, .help = row.quantity->help, .isRequired = true};
            if (row.quantity->form != FaultQuantity::Form::Duration) {
                field.type = FieldType::Number;
                field.least = row.quantity->least;
                field.most = row.quantity->most;
            }
            known = fields.insert(fields.end(), std::move(field));
        }
        known->forKinds.push_back(row.name);
    }
    return fields;
}

Shape makeFaultShape() {
    Field kind = kindField("What happens.", {});
    for (const FaultRow& row : faults::rows) {
        kind.choices.push_back(row.name);
        kind.choiceHelps.push_back(row.title);
    }
    Shape shape{"fault", {
        {.key = "at", .type = FieldType::Duration, .help = "When it strikes.", .isRequired = true},
        std::move(kind),
        {.key = "target", .type = FieldType::Text, .help = "Whom it hits, as in broker:2, leader:access-0, host:h4, link:h1-h2.", .isRequired = true},
        {.key = "for", .type = FieldType::Duration, .help = "It is undone after this time; without it, it stays."},
    }};
    for (Field& field : faultQuantities()) {
        shape.fields.push_back(std::move(field));
    }
    return shape;
}

const Shape& faultShape() {
    static const Shape shape = makeFaultShape();
    return shape;
}

Shape makeScenarioShape() {
    Shape shape{"scenario", {
        {.key = "millrace", .type = FieldType::Integer, .help = "Version of this form of documents.", .isRequired = true, .least = 1, .most = 1},
        {.key = "title", .type = FieldType::Text, .help = "Name of the scenario."},
        {.key = "about", .type = FieldType::Text, .help = "What it shows.", .most = 20000},
        {.key = "run", .type = FieldType::Object, .help = "Seed, date and length.", .shape = &runShape()},
        {.key = "hosts", .type = FieldType::Map, .help = "The machines.", .shape = &hostShape()},
        {.key = "links", .type = FieldType::Map, .help = "The ways between hosts, by the name HOST-HOST; default holds for all others.", .shape = &linkShape()},
    }};
    for (Field& field : fieldsOfSystems()) {
        shape.fields.push_back(std::move(field));
    }
    shape.fields.insert(shape.fields.end(), {
        {.key = "faults", .type = FieldType::List, .help = "What goes wrong, and when.", .shape = &faultShape()},
        {.key = "canvas", .type = FieldType::Any, .help = "Positions, colours and notes of the drawing."},
        {.key = "lesson", .type = FieldType::Any, .help = "The lesson that goes with it."},
        {.key = "experiment", .type = FieldType::Any, .help = "What is varied and measured."},
    });
    return shape;
}

// clang-format on

}  // namespace

const Field* Shape::find(std::string_view key) const {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return each.key == key; });
    return found != fields.end() ? &*found : nullptr;
}

const Shape& scenarioShape() {
    static const Shape shape = makeScenarioShape();
    return shape;
}

namespace {

/// The field at the end of the steps, or null; `isName` when the last step is a free name inside a Map or a list's
/// index.
struct Found {
    const Field* field = nullptr;
    bool isName = false;
};

bool isList(FieldType type) {
    return type == FieldType::List || type == FieldType::TextList;
}

Found findInShape(const std::vector<std::string>& steps) {
    const Shape* shape = &scenarioShape();
    Found found;
    for (const std::string& step : steps) {
        if (shape != nullptr) {
            found = {shape->find(step), false};
            if (found.field == nullptr) {
                return {};
            }
            shape = found.field->type == FieldType::Object ? found.field->shape : nullptr;
        } else if (found.field->type == FieldType::Any) {
            continue;
        } else if (found.isName) {
            return {};
        } else if (isList(found.field->type) && !indexOf(step)) {
            return {};
        } else if (found.field->type == FieldType::Map || found.field->type == FieldType::List) {
            shape = found.field->shape;
            found.isName = true;
        } else if (found.field->type == FieldType::Config) {
            if (findConfigKey(found.field->scope, step) == nullptr) {
                return {};
            }
            found.isName = true;
        } else if (found.field->type == FieldType::TextList) {
            found.isName = true;
        } else {
            return {};
        }
    }
    return found;
}

}  // namespace

bool isPathOfShape(const std::vector<std::string>& steps) {
    return !steps.empty() && findInShape(steps).field != nullptr;
}

const Field* fieldAt(const std::vector<std::string>& steps) {
    const Found found = findInShape(steps);
    return found.isName ? nullptr : found.field;
}

const Shape* shapeAt(const std::vector<std::string>& steps) {
    if (steps.empty()) {
        return &scenarioShape();
    }
    const Found found = findInShape(steps);
    const bool isMember = found.isName && found.field != nullptr &&
                          (found.field->type == FieldType::Map || found.field->type == FieldType::List);
    const bool isObject = !found.isName && found.field != nullptr && found.field->type == FieldType::Object;
    return isMember || isObject ? found.field->shape : nullptr;
}

}  // namespace millrace::scenario
