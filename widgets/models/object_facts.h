#pragma once

#include <QString>
#include <string_view>
#include <vector>

#include "engine/observe/snapshot.h"

namespace millrace::widgets {

/// One line of what is known about an object.
struct Fact {
    QString name;
    QString value;
    QString toolTip;  ///< what is counted, over which time
};

/// Everything the inspector says about the state of one object.
struct ObjectFacts {
    QString title;
    QString state;
    observe::LifeState life = observe::LifeState::Running;
    bool isKnown = false;  ///< whether the run has such an object right now
    std::vector<Fact> facts;
};

[[nodiscard]] ObjectFacts factsOf(const observe::Snapshot& snapshot, const QString& id);

/// What the object waits for now, null when nothing.
[[nodiscard]] const observe::WaitView* waitOf(const observe::Snapshot& snapshot, std::string_view id);

/// What stands still and why, once that is worth more than the newest event; null while it is not.
[[nodiscard]] const observe::WaitView* toldWait(const observe::Snapshot& snapshot);

/// Whether the end of a wait is worth telling beside its brief text, which may say it already.
[[nodiscard]] bool tellsEnd(const observe::WaitView& wait, SimTime now);

/// What it means that a sink was given again what it had.
[[nodiscard]] QString repeatsExplained(const observe::SinkView& sink);

/// The newest important entries about an object: what the Why tab starts from.
[[nodiscard]] std::vector<const observe::JournalEntryView*> entriesAbout(const observe::Snapshot& snapshot,
                                                                         const QString& id, std::size_t limit);

/// An entry and its causes back to a fault, an input or the start, newest first.
[[nodiscard]] std::vector<const observe::JournalEntryView*> chainOf(const observe::JournalPage& page, std::uint64_t id);

/// The chain as it is told: each kind of event once, however many partitions it befell, and always where it all began.
[[nodiscard]] std::vector<const observe::JournalEntryView*> storyOf(const observe::JournalPage& page, std::uint64_t id);

[[nodiscard]] const observe::JournalEntryView* findEntry(const observe::JournalPage& page, std::uint64_t id);

/// What the entry tells as it stands after "because": a fault was done, though what it does may last.
[[nodiscard]] QString asCause(const observe::JournalEntryView& cause);

/// The newest entry that a person should know of: at least a notice, warnings and errors before notices of the same
/// moment.
[[nodiscard]] const observe::JournalEntryView* newestImportant(const observe::Snapshot& snapshot);

}  // namespace millrace::widgets
