#include "engine/scenario/shape/fields.h"
#include "engine/scenario/sections/zookeeper/collections.h"
#include "engine/scenario/sections/zookeeper/ensemble_fields.h"
#include "engine/scenario/sections/zookeeper/zookeeper_section.h"
#include "engine/zookeeper/settings.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& serverShape() {
    static const Shape shape{"server", {
        hostField("Where the server runs.", true),
        configField(zooKeeperScope, "Settings of this server by ZooKeeper's names."),
        restartField(),
    }};
    return shape;
}

const Shape& ensembleShape() {
    static const Shape shape{"zookeeper", {
        configField(zooKeeperScope, "Settings of all servers by ZooKeeper's names."),
    }};
    return shape;
}

// clang-format on

}  // namespace

// clang-format off
std::vector<Field> ensembleFields() {
    return {
        {.key = "servers", .type = FieldType::Map, .help = "The ZooKeeper servers: 1, 3 or 5.", .shape = &serverShape()},
        {.key = "zookeeper", .type = FieldType::Object, .help = "What holds for all ZooKeeper servers.", .shape = &ensembleShape()},
    };
}

std::vector<Field> ZooKeeperSection::fields() const {
    return {};  // they stand in `cluster`, between Kafka's
}
// clang-format on

std::vector<Catalogue> ZooKeeperSection::catalogues() const {
    return {{zooKeeperScope, "ZooKeeper", "zooKeeperConfig", zookeeper::serverSettings()}};
}

}  // namespace millrace::scenario
