#include "engine/run/waiting_for.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/scenario/sections.h"
#include "engine/sim/journal_kinds.h"

namespace millrace::run {

namespace {

class WorkFinder {
public:
    WorkFinder(const scenario::Scenario& plan, const sim::World& world, Thoroughness thoroughness)
        : m_plan(plan), m_world(world), m_work(thoroughness == Thoroughness::Everything) {}

    /// What lies downstream is told first.
    std::vector<std::string> find() {
        const auto sections = scenario::sections();
        findFaults();
        findRestarts();
        std::for_each(sections.rbegin(), sections.rend(),
                      [&](const scenario::Section* each) { each->findWorkAtEnds(m_plan, m_world, m_work); });
        // What is inside costs more to see, so it is looked at only for a run that looks finished from its ends.
        if (m_work.reasons().empty() || m_work.isForPeople()) {
            std::for_each(sections.rbegin(), sections.rend(),
                          [&](const scenario::Section* each) { each->findWorkInside(m_plan, m_world, m_work); });
            if (m_work.isForPeople()) {
                findDown();
            }
        }
        return m_work.reasons();
    }

private:
    void findFaults() {
        for (const auto& [at, fault] : m_world.faultsToCome()) {
            m_work.because("the fault {} of {} at {}", sim::toText(fault.kind), fault.target, millrace::toText(at));
        }
        for (const Ref<const sim::FaultRecord>& record : m_world.faults()) {
            if (record->spec.duration && !record->ended && !record->resolved.empty()) {
                m_work.because("the end of the fault {} of {} at {}", sim::toText(record->spec.kind),
                               record->spec.target, millrace::toText(record->time + *record->spec.duration));
            }
        }
    }

    /// What has been started again and again for a while is as good as down: nobody waits for it any longer.
    void findRestarts() {
        constexpr SimDuration hopeMin = std::chrono::minutes{5};
        for (std::uint32_t i = 0; i < m_world.processCount(); ++i) {
            const sim::ProcessSlot& process = m_world.process(sim::ProcessId{i});
            if (!process.willStartAgain()) {
                continue;
            }
            if (m_world.now() - process.failingSince < std::max(hopeMin, 2 * process.restart->delay)) {
                m_work.because("{}, which ended by itself and starts again at {}", process.name(),
                               millrace::toText(process.startsAgainAt));
            }
        }
    }

    /// Whoever is down for good keeps nobody waiting by itself, but is why others wait.
    void findDown() {
        for (std::uint32_t i = 0; i < m_world.processCount(); ++i) {
            const sim::ProcessSlot& process = m_world.process(sim::ProcessId{i});
            const scenario::ProcessKind* kind = scenario::processKindOf(process.name());
            const bool isReplaced = kind != nullptr && kind->isReplaced;
            if (!isReplaced && process.state == sim::ProcessState::HostOff) {
                m_work.because("{}, whose host {} is without power", process.name(),
                               m_world.host(process.host).spec.name);
            } else if (!isReplaced && process.endedByItself) {
                m_work.because("{}, which ended by itself{}", process.name(), endOf(process));
            } else if (!isReplaced && process.state == sim::ProcessState::Crashed) {
                m_work.because("{}, which has crashed", process.name());
            } else if (!isReplaced && process.isToStop && !process.isAlive()) {
                m_work.because("{}, which was stopped", process.name());
            } else if (process.state == sim::ProcessState::Paused) {
                m_work.because("{}, which is paused", process.name());
            }
        }
    }

    /// " at 12.000 s: The disk takes no more ..."
    [[nodiscard]] std::string endOf(const sim::ProcessSlot& process) const {
        const sim::JournalEntry* end = m_world.journal().find(process.silencedBy);
        if (end != nullptr && end->kind == sim::happened::processEnded) {
            end = m_world.journal().find(end->cause);
        }
        return end == nullptr ? std::string{} : fmt::format(" at {}: {}", millrace::toText(process.since), end->text);
    }

    const scenario::Scenario& m_plan;
    const sim::World& m_world;
    scenario::OpenWork m_work;
};

}  // namespace

std::vector<std::string> waitingFor(const scenario::Scenario& scenario, const sim::World& world,
                                    Thoroughness thoroughness) {
    return WorkFinder(scenario, world, thoroughness).find();
}

}  // namespace millrace::run
