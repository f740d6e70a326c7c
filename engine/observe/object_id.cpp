#include "engine/observe/object_id.h"

#include <array>
#include <utility>

namespace millrace::observe {

namespace {

constexpr std::array<std::pair<ObjectKind, std::string_view>, 16> prefixes{{
    {ObjectKind::Host, "host"},
    {ObjectKind::Broker, "broker"},
    {ObjectKind::Server, "server"},
    {ObjectKind::Nimbus, "nimbus"},
    {ObjectKind::Supervisor, "supervisor"},
    {ObjectKind::Worker, "worker"},
    {ObjectKind::Topic, "topic"},
    {ObjectKind::Partition, "partition"},
    {ObjectKind::Producer, "producer"},
    {ObjectKind::Group, "group"},
    {ObjectKind::Source, "source"},
    {ObjectKind::Sink, "sink"},
    {ObjectKind::Spout, "spout"},
    {ObjectKind::Bolt, "bolt"},
    {ObjectKind::Link, "link"},
    {ObjectKind::Disk, "disk"},
}};

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
    for (const auto& [kind, text] : prefixes) {
        if (text == prefix) {
            return kind;
        }
    }
    return ObjectKind::Unknown;
}

std::string_view nameOf(std::string_view id) {
    const std::size_t colon = id.find(':');
    return colon == std::string_view::npos ? id : id.substr(colon + 1);
}

std::string titleOf(std::string_view id) {
    const std::string_view name = nameOf(id);
    switch (kindOf(id)) {
        case ObjectKind::Unknown:
        case ObjectKind::Partition:
            return std::string(name);
        case ObjectKind::Nimbus:
            return "Nimbus";
        case ObjectKind::Server:
            return "ZooKeeper " + std::string(name);
        case ObjectKind::Spout:
        case ObjectKind::Bolt:
            return std::string(name.substr(name.find('/') + 1));
        default:
            return std::string(toText(kindOf(id))) + " " + std::string(name);
    }
}

std::string_view toText(ObjectKind kind) {
    for (const auto& [candidate, text] : prefixes) {
        if (candidate == kind) {
            return text;
        }
    }
    return {};
}

}  // namespace millrace::observe
