#pragma once

namespace millrace::spark {

/// Deliberate faults: a test plants one to prove that an invariant notices it. All off is right.
struct BrokenRules {
    bool forgetsLostTasks = false;          ///< what ran on a lost executor counts as done
    bool repeatsOutputs = false;            ///< each output operation of a batch is run twice
    bool reportsBeforeStored = false;       ///< a receiver's block is reported and not put
    bool acknowledgesBeforeStored = false;  ///< a receiver acknowledges what is in its buffer alone
    bool takesBlocksTwice = false;          ///< a batch's last block is the next one's, too
    bool readsStaleOutputs = false;         ///< an executor serves what it wrote for the shuffle before
    bool windowOffByOne = false;            ///< an inverse window subtracts the batch beside the one that leaves
    bool reversesController = false;        ///< the PID controller's error has the other sign
    bool checkpointsBeforeOutput = false;   ///< a batch whose jobs are only made counts as done in the checkpoint
    bool mixesRecomputed = false;           ///< what a map task computes once more goes to the reducer beside
    bool skipsOffsets = false;              ///< a range leaves its first record out
    bool commitsBeforeDone = false;         ///< offsets are committed when their batch is made
};

}  // namespace millrace::spark
