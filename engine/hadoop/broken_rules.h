#pragma once

namespace millrace::hadoop {

/// Deliberate faults: a test plants one to prove that an invariant notices it. All off is Hadoop.
struct BrokenRules {
    bool reduceLosesARun = false;       ///< the first reduce passes over the first map's output
    bool reduceTakesARunTwice = false;  ///< the first reduce takes the first map's output once more
    bool splitsOverlap = false;         ///< a split begins with the rest of a line that is another one's
    bool forgetsReplicas = false;       ///< the NameNode has no block copied that lacks a replica
    bool failsForEver = false;          ///< a task that has failed as often as it may is begun again
    bool backsUpEverything = false;     ///< each task that runs gets a second attempt at once (wasteful, and no fault)
    bool everyoneCommits = false;       ///< each attempt that asks has the leave to commit
};

}  // namespace millrace::hadoop
