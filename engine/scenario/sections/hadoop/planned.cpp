#include <utility>
#include <vector>

#include "engine/scenario/planned_views.h"
#include "engine/scenario/sections/hadoop/hadoop_section.h"

namespace millrace::scenario {

void HadoopSection::describePlan(const PlannedProcesses& planned) const {
    using Kind = observe::ObjectKind;
    for (const Kind kind : {Kind::NameNode, Kind::DataNode, Kind::JobTracker, Kind::TaskTracker, Kind::ResourceManager,
                            Kind::NodeManager}) {
        planned.addAll(kind);
    }
}

/// A file begins with the records of the first source that there is.
Value HadoopSection::startOf(observe::ObjectKind kind, const Value& document) const {
    if (kind != observe::ObjectKind::DfsFile) {
        return Value::object({});
    }
    std::vector<Member> members{{"path", Value::text("/input/file")}};
    const Value* sources = document.find("sources");
    if (sources != nullptr && sources->isObject() && !sources->members().empty()) {
        members.push_back({"source", Value::text(sources->members().front().key)});
    }
    return Value::object(std::move(members));
}

}  // namespace millrace::scenario
