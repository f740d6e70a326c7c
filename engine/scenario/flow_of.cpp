#include "engine/scenario/flow_of.h"

#include "engine/scenario/flow_drawing.h"
#include "engine/scenario/sections.h"

namespace millrace::scenario {

flow::Graph flowOf(const Value& document) {
    FlowDrawing drawing;
    for (const Section* section : sections()) {
        section->draw(document, drawing);
    }
    return drawing.take();
}

}  // namespace millrace::scenario
