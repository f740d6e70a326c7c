#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// A document with what some of its parts stand for beside them: a drawn pipeline as the topology, the streaming
/// application and the job that run it. Everything that reads a document for what it means reads this one; editors and
/// files have the document itself. Works on documents that are being edited.
struct WrittenOut {
    /// A part that was made, and the part of the document that it stands for.
    struct Standing {
        std::string made;  ///< path: "topologies.words.bolts.split"
        std::string by;    ///< "pipelines.words.steps.split"
    };

    Value document;
    std::vector<Standing> standings;
    Complaints complaints;  ///< about what cannot be written out: a name that is taken

    /// A path of what was written out as one of the document itself.
    [[nodiscard]] std::string ownPath(std::string_view path) const;
    [[nodiscard]] bool isMade(std::string_view path) const { return ownPath(path) != path; }
};

[[nodiscard]] WrittenOut writtenOut(const Value& document);

}  // namespace millrace::scenario
