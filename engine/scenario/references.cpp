#include "engine/scenario/references.h"

#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections.h"

namespace millrace::scenario {

void checkReferences(const Value& root, Complaints& complaints) {
    const KnownNames known(root);
    judgeLoad(root, known, complaints);
    judgeLinks(root, known, complaints);
    for (const Section* section : sections()) {
        section->judge(root, known, complaints);
    }
    judgeFaults(root, known, complaints);
}

}  // namespace millrace::scenario
