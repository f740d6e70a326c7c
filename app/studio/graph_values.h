#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/studio/graph_edits.h"

/// Reading and writing places of the document, for the edits of the drawn graph.
namespace millrace::studio::values {

[[nodiscard]] scenario::Value textValue(std::string_view value);
[[nodiscard]] const scenario::Value* at(const scenario::Value& root, std::vector<std::string> steps);
[[nodiscard]] std::optional<scenario::Value> with(const scenario::Value& root, std::vector<std::string> steps,
                                                  scenario::Value value);
[[nodiscard]] std::string textAt(const scenario::Value& object, std::string_view key);
[[nodiscard]] std::vector<std::string> keysAt(const scenario::Value& root, std::vector<std::string> steps);
[[nodiscard]] std::string freeName(const std::vector<std::string>& taken, std::string_view stem);
[[nodiscard]] std::string nextNumbered(const std::vector<std::string>& taken, std::string_view stem);
/// Drawn parts of a job belong to the first one of the document; empty for kinds that are of no job.
[[nodiscard]] std::string jobOf(const scenario::Value& root, observe::ObjectKind kind);
/// The kinds of which the jobs of this kind have parts.
[[nodiscard]] std::vector<observe::ObjectKind> kindsOfJob(observe::ObjectKind kind);
/// The names that the parts of a job have, all of which are different; of another kind those in its collection.
[[nodiscard]] std::vector<std::string> namesBeside(const scenario::Value& root, observe::ObjectKind kind,
                                                   const std::string& job);
/// A part of a job by its name alone, and its kind.
struct JobPart {
    observe::ObjectKind kind = observe::ObjectKind::Unknown;
    const scenario::Value* object = nullptr;
};
[[nodiscard]] JobPart partOfJob(const scenario::Value& root, observe::ObjectKind kind, const std::string& job,
                                const std::string& name);
[[nodiscard]] bool hasJob(const scenario::Value& root, observe::ObjectKind kind, const std::string& job);
/// Of an id: the job whose part it is, empty where it is of none, and the name without it.
[[nodiscard]] std::string jobIn(std::string_view id);
[[nodiscard]] std::string plainNameOf(std::string_view id);
/// The place of an object of a kind.
[[nodiscard]] std::vector<std::string> placeIn(observe::ObjectKind kind, const std::string& job,
                                               const std::string& name);
/// The field of objects of one kind that names one of another; empty where there is none.
[[nodiscard]] std::string referenceField(observe::ObjectKind of, observe::ObjectKind to);
[[nodiscard]] scenario::Value positionValue(Position position);
[[nodiscard]] scenario::Value withPosition(const scenario::Value& root, const std::string& id, Position position);
/// A bolt that does not take tuples from that component, or not those of one of its streams.
[[nodiscard]] scenario::Value withoutInput(const scenario::Value& bolt, const std::string& from,
                                           std::string_view stream = {});

}  // namespace millrace::studio::values
