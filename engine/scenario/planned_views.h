#pragma once

#include "engine/observe/system_views.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// What there will be when a document is run, as far as it says: hosts and what stands on them, nothing started. Works
/// on documents that are being edited.
[[nodiscard]] observe::SystemViews plannedViews(const Value& document);

/// What an object of a kind begins with that is drawn and is no operator, beside the host that it stands on.
[[nodiscard]] Value startOf(observe::ObjectKind kind, const Value& document);

/// What each section's part of that is made with.
class PlannedProcesses {
public:
    PlannedProcesses(const Value& document, observe::SystemViews& shown) : views(shown), m_document(document) {}

    /// The host that the object names; empty where it names none.
    [[nodiscard]] static observe::ObjectId hostOf(const Value& object);
    [[nodiscard]] static std::int64_t integerOf(const Value& object, std::string_view key, std::int64_t otherwise);

    /// Each object of a collection such as "cluster.brokers", with its name.
    template <typename Use>
    void forEach(std::string_view collection, const Use& use) const {
        const Value* map = find(collection);
        if (map == nullptr) {
            return;
        }
        for (const Member& member : map->members()) {
            if (member.value.isObject()) {
                use(member.key, member.value);
            }
        }
    }
    [[nodiscard]] const Value* find(std::string_view path) const;

    /// One process of each object of the kind, for systems whose processes have no view of their own.
    void addAll(observe::ObjectKind kind) const;

    observe::SystemViews& views;

private:
    const Value& m_document;
};

}  // namespace millrace::scenario
