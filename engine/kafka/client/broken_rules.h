#pragma once

namespace millrace::kafka {

/// Deliberate faults in what clients do: a test plants one to prove that an invariant notices it. All off is Kafka.
struct BrokenClientRules {
    // of a producer
    bool retriesGoLast = false;       ///< what is sent again queues behind younger batches
    bool missesThePartition = false;  ///< one key in eight goes to the partition beside its own
    bool sendsTwice = false;          ///< one batch in 16 is sent once more without a reason
    bool forgetsCounts = false;       ///< a new process counts from nothing
    // of a consumer
    bool deliversTwice = false;   ///< one batch in 16 is given out again
    bool skips = false;           ///< one batch in 16 is never given out
    bool swaps = false;           ///< of two batches that wait the younger is given out first
    bool readsOnRevoked = false;  ///< partitions are kept when the group has taken them away
    bool forgetsReplays = false;  ///< of a spout: a new one begins at the log's end
    bool commitsAhead = false;    ///< the commit is of an offset that has not been read yet
    [[nodiscard]] bool breaksTaking() const { return deliversTwice || skips || swaps; }
};

}  // namespace millrace::kafka
