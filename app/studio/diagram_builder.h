#pragma once

#include "engine/observe/run_view.h"
#include "engine/scenario/document/value.h"
#include "widgets/canvas/diagram.h"

namespace millrace::studio {

/// The logical face of a document. What has no position yet is laid out in layers along the flow.
[[nodiscard]] widgets::Diagram buildDiagram(const scenario::Value& root,
                                            const std::vector<observe::ProblemView>& problems);

}  // namespace millrace::studio
