#include "engine/observe/object_id.h"

#include <algorithm>

namespace millrace::observe {

namespace {

ObjectId join(ObjectKind kind, std::string_view name) {
    ObjectId id(toText(kind));
    id += ':';
    id += name;
    return id;
}

ObjectId join(ObjectKind kind, std::string_view first, char separator, std::string_view second) {
    ObjectId id = join(kind, first);
    id += separator;
    id += second;
    return id;
}

}  // namespace

ObjectId hostId(std::string_view name) {
    return join(ObjectKind::Host, name);
}

ObjectId brokerId(std::int32_t id) {
    return join(ObjectKind::Broker, std::to_string(id));
}

ObjectId serverId(std::string_view name) {
    return join(ObjectKind::Server, name);
}

ObjectId nimbusId() {
    return ObjectId(toText(ObjectKind::Nimbus));
}

ObjectId supervisorId(std::string_view name) {
    return join(ObjectKind::Supervisor, name);
}

ObjectId workerId(std::string_view topology, std::int32_t number) {
    return join(ObjectKind::Worker, topology, '/', std::to_string(number));
}

ObjectId topicId(std::string_view name) {
    return join(ObjectKind::Topic, name);
}

ObjectId partitionId(std::string_view topic, std::int32_t partition) {
    return join(ObjectKind::Partition, topic, '-', std::to_string(partition));
}

ObjectId producerId(std::string_view name) {
    return join(ObjectKind::Producer, name);
}

ObjectId groupId(std::string_view name) {
    return join(ObjectKind::Group, name);
}

ObjectId sourceId(std::string_view name) {
    return join(ObjectKind::Source, name);
}

ObjectId sinkId(std::string_view name) {
    return join(ObjectKind::Sink, name);
}

ObjectId spoutId(std::string_view topology, std::string_view component) {
    return join(ObjectKind::Spout, topology, '/', component);
}

ObjectId boltId(std::string_view topology, std::string_view component) {
    return join(ObjectKind::Bolt, topology, '/', component);
}

ObjectKind kindOf(std::string_view id) {
    const std::string_view prefix = id.substr(0, id.find(':'));
    const auto all = kinds();
    const auto found = std::find_if(all.begin(), all.end(), [&](const KindRow& each) { return each.prefix == prefix; });
    return found != all.end() ? found->kind : ObjectKind::Unknown;
}

std::string_view nameOf(std::string_view id) {
    const std::size_t colon = id.find(':');
    return colon == std::string_view::npos ? id : id.substr(colon + 1);
}

std::string titleOf(std::string_view id) {
    const std::string_view name = nameOf(id);
    const KindRow& row = rowOf(kindOf(id));
    if (!row.title.empty() && !row.hasName()) {
        return std::string(row.title);
    }
    switch (row.titled) {
        case Titled::ByName:
            return std::string(name);
        case Titled::ByPart:
            return std::string(name.substr(name.find('/') + 1));
        case Titled::WithWord:
            break;
    }
    return std::string(row.title.empty() ? row.prefix : row.title) + " " + std::string(name);
}

std::string_view toText(ObjectKind kind) {
    return rowOf(kind).prefix;
}

}  // namespace millrace::observe
