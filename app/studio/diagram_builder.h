#pragma once

#include "app/studio/card_places.h"
#include "engine/observe/run_view.h"
#include "engine/scenario/document/value.h"
#include "widgets/canvas/diagram.h"

namespace millrace::studio {

/// The logical face of a document. What has no position in it keeps the one that it was known to have, and else is laid
/// out in layers along the flow, with wires on which one sees what flows.
[[nodiscard]] widgets::Diagram buildDiagram(const scenario::Value& root,
                                            const std::vector<observe::ProblemView>& problems,
                                            const Places& known = {});

}  // namespace millrace::studio
