#include "engine/scenario/plan_builder.h"

#include <algorithm>

#include "engine/base/faults.h"
#include "engine/base/link_ends.h"
#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections.h"

namespace millrace::scenario {

namespace {

class PlanBuilder {
public:
    PlanBuilder(const Value& document, const std::map<std::string, std::string>& paths)
        : m_document(document), m_root(&document), m_paths(paths) {}

    Scenario build() {
        m_plan.document = m_document;
        m_plan.title = m_root.text("title");
        m_plan.about = m_root.text("about");
        readRun();
        readHosts();
        readLinks();
        for (const Section* section : sections()) {
            section->read(m_root, m_paths, m_plan);
        }
        readFaults();
        return std::move(m_plan);
    }

private:
    void readRun() {
        const PlanReader run = m_root.object("run");
        m_plan.run.seed = static_cast<std::uint64_t>(run.integer("seed", 1));
        if (run.has("start")) {
            m_plan.run.startMillis = *parseInstant(run.text("start"));
        }
        if (run.has("duration")) {
            m_plan.run.duration = run.duration("duration", {});
        }
        m_plan.run.openAt = run.duration("open_at", SimDuration::zero());
    }

    void readHosts() {
        for (const Member& member : m_root.members("hosts")) {
            const PlanReader host(&member.value);
            sim::HostSpec spec;
            spec.name = member.key;
            spec.cores = static_cast<std::uint32_t>(host.integer("cores", spec.cores));
            spec.speed = host.number("speed", spec.speed);
            spec.memory = host.size("memory", spec.memory);
            spec.cardRate = host.byteRate("card", spec.cardRate);
            spec.rack = host.text("rack");
            readDisk(host.object("disk"), spec.disk);
            m_plan.hosts.push_back(std::move(spec));
        }
    }

    static void readDisk(const PlanReader& disk, sim::DiskSpec& spec) {
        spec.capacity = disk.size("capacity", spec.capacity);
        spec.writeRate = disk.byteRate("write_rate", spec.writeRate);
        spec.readRate = disk.byteRate("read_rate", spec.readRate);
        spec.flushLatency = disk.duration("flush_latency", spec.flushLatency);
        spec.writeback = disk.duration("writeback", spec.writeback);
    }

    void readLinks() {
        const auto isHost = [&](std::string_view name) {
            return std::any_of(m_plan.hosts.begin(), m_plan.hosts.end(),
                               [&](const sim::HostSpec& each) { return each.name == name; });
        };
        for (const Member& member : m_root.members("links")) {
            const PlanReader link(&member.value);
            LinkPlan plan;
            plan.name = member.key;
            plan.spec.latency = link.duration("latency", plan.spec.latency);
            plan.spec.rate = link.byteRate("rate", plan.spec.rate);
            if (member.key == "default") {
                m_plan.defaultLatency = plan.spec.latency;
                continue;
            }
            const std::vector<std::string> between = link.texts("between");
            const LinkEnds ends =
                between.size() == 2 ? LinkEnds{between[0], between[1]} : linkEndsIn(member.key, isHost).at(0);
            plan.a = ends.one;
            plan.b = ends.other;
            m_plan.links.push_back(std::move(plan));
        }
    }

    void readFaults() {
        for (const Value& value : m_root.items("faults")) {
            const PlanReader fault(&value);
            FaultPlan plan;
            plan.at = fault.duration("at", SimDuration::zero());
            const FaultRow* row = findFault(fault.text("kind"));
            MILLRACE_CHECK(row != nullptr, fault.text("kind"));
            plan.spec.kind = row->kind;
            plan.spec.target = fault.text("target");
            if (row->quantity) {
                const bool isDuration = row->quantity->form == FaultQuantity::Form::Duration;
                plan.spec.value =
                    isDuration ? seconds(fault.duration(row->quantity->key, {})) : fault.number(row->quantity->key, 0);
            }
            if (fault.has("for")) {
                plan.spec.duration = fault.duration("for", {});
            }
            m_plan.faults.push_back(std::move(plan));
        }
    }

    const Value& m_document;
    PlanReader m_root;
    const std::map<std::string, std::string>& m_paths;
    Scenario m_plan;
};

}  // namespace

Scenario buildPlan(const Value& document, const std::map<std::string, std::string>& paths) {
    return PlanBuilder(document, paths).build();
}

}  // namespace millrace::scenario
