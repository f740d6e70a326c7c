#include "app/studio/object_path.h"

namespace millrace::studio {

using observe::ObjectKind;

namespace {

std::vector<std::string> componentPath(std::string_view name, const char* collection) {
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) {
        return {};
    }
    return {"topologies", std::string(name.substr(0, slash)), collection, std::string(name.substr(slash + 1))};
}

}  // namespace

std::vector<std::string> pathOf(const scenario::Value& root, std::string_view id) {
    const std::string name(observe::nameOf(id));
    switch (observe::kindOf(id)) {
        case ObjectKind::Host:
        case ObjectKind::Disk:
            return {"hosts", name};
        case ObjectKind::Broker:
            return {"cluster", "brokers", name};
        case ObjectKind::Server:
            return {"cluster", "servers", name};
        case ObjectKind::Nimbus:
            return {"storm", "nimbus"};
        case ObjectKind::Supervisor:
            return {"storm", "supervisors", name};
        case ObjectKind::Worker:
            return {"topologies", name.substr(0, name.find('/'))};
        case ObjectKind::Topic:
            return {"topics", name};
        case ObjectKind::Partition:
            return {"topics", name.substr(0, name.rfind('-'))};
        case ObjectKind::Producer: {
            const scenario::Value* sources = root.find("sources");
            const bool isOfSource = sources != nullptr && sources->find(name) != nullptr;
            return isOfSource ? std::vector<std::string>{"sources", name}
                              : std::vector<std::string>{"clients", "producers", name};
        }
        case ObjectKind::Group:
            return {"clients", "groups", name};
        case ObjectKind::Source:
            return {"sources", name};
        case ObjectKind::Sink:
            return {"sinks", name};
        case ObjectKind::Spout:
            return componentPath(name, "spouts");
        case ObjectKind::Bolt:
            return componentPath(name, "bolts");
        case ObjectKind::Link:
            return {"links", name};
        case ObjectKind::Unknown:
            break;
    }
    return {};
}

observe::ObjectId objectAt(const std::vector<std::string>& steps) {
    if (steps.size() < 2) {
        return {};
    }
    const std::string& room = steps[0];
    if (room == "hosts") {
        return observe::hostId(steps[1]);
    }
    if (room == "topics") {
        return observe::topicId(steps[1]);
    }
    if (room == "sources") {
        return observe::sourceId(steps[1]);
    }
    if (room == "sinks") {
        return observe::sinkId(steps[1]);
    }
    if (room == "storm" && steps[1] == "nimbus") {
        return observe::nimbusId();
    }
    if (room == "storm" && steps[1] == "supervisors" && steps.size() > 2) {
        return observe::supervisorId(steps[2]);
    }
    if (room == "cluster" && steps[1] == "brokers" && steps.size() > 2) {
        return "broker:" + steps[2];
    }
    if (room == "cluster" && steps[1] == "servers" && steps.size() > 2) {
        return observe::serverId(steps[2]);
    }
    if (room == "topologies" && steps.size() > 3 && steps[2] == "spouts") {
        return observe::spoutId(steps[1], steps[3]);
    }
    if (room == "topologies" && steps.size() > 3 && steps[2] == "bolts") {
        return observe::boltId(steps[1], steps[3]);
    }
    if (room == "clients" && steps.size() > 2) {
        return steps[1] == "groups" ? observe::groupId(steps[2]) : observe::producerId(steps[2]);
    }
    return {};
}

}  // namespace millrace::studio
