#include "engine/run/waits.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "engine/observe/object_id.h"
#include "engine/observe/wording.h"
#include "engine/run/story.h"
#include "engine/scenario/sections.h"
#include "engine/sim/journal_kinds.h"

namespace millrace::run {

namespace {

using observe::WaitView;

/// ": broker 3 ..." as the journal says why the process failed last; nothing when it no longer holds that.
std::string whyItEnded(const sim::World& world, const sim::ProcessSlot& process, const ObjectNames& names) {
    const sim::JournalEntry* end = world.journal().find(process.silencedBy);
    if (end != nullptr && end->kind == sim::happened::processEnded) {
        end = world.journal().find(end->cause);
    }
    return end == nullptr ? std::string{} : ": " + names.readable(end->text);
}

/// Processes that failed by themselves, whether somebody starts them again or not, with the reason.
std::vector<WaitView> endedByThemselves(const sim::World& world, const std::vector<WaitView>& told) {
    std::vector<WaitView> waits;
    const ObjectNames names(world);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const observe::ObjectId object = names.of(process.name());
        if (!process.endedByItself || process.isChild || scenario::findWait(told, object) != nullptr) {
            continue;
        }
        WaitView& wait = waits.emplace_back();
        wait.object = object;
        wait.since = process.since;
        wait.entry = process.silencedBy.value;
        const std::string why = whyItEnded(world, process, names);
        if (process.willStartAgain()) {
            const std::string again = observe::instant(process.startsAgainAt);
            wait.until = process.startsAgainAt;
            wait.brief = "ended by itself, starts again at " + again;
            wait.text = fmt::format("it ended by itself and starts again at {}{}", again, why);
        } else {
            wait.brief = "ended by itself and stays down";
            wait.text = fmt::format("it ended by itself, and nothing starts it again{}", why);
        }
    }
    return waits;
}

/// Who waits and is up again after a failure may fail by the same cause once more: what ended it last is told with
/// what it waits for.
void tellLastFailures(const sim::World& world, std::vector<WaitView>& waits) {
    const ObjectNames names(world);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (process.tries == 0 || !process.isAlive()) {
            continue;
        }
        const observe::ObjectId object = names.of(process.name());
        const auto wait =
            std::find_if(waits.begin(), waits.end(), [&](const WaitView& each) { return each.object == object; });
        if (wait != waits.end()) {
            wait->text += "; its incarnation before this one ended by itself" + whyItEnded(world, process, names);
        }
    }
}

}  // namespace

std::vector<WaitView> describeWaits(const sim::World& world, const SystemViews& views) {
    using scenario::WaitStage;
    std::vector<WaitView> waits;
    for (const WaitStage stage : {WaitStage::Clients, WaitStage::Servers, WaitStage::Consequences}) {
        for (const scenario::Section* section : scenario::sections()) {
            section->addWaits(stage, world, views, waits);
        }
        if (stage == WaitStage::Servers) {
            std::vector<WaitView> ended = endedByThemselves(world, waits);
            waits.insert(waits.end(), std::make_move_iterator(ended.begin()), std::make_move_iterator(ended.end()));
        }
    }
    tellLastFailures(world, waits);
    return waits;
}

}  // namespace millrace::run
