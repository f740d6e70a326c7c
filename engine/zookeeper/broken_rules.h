#pragma once

namespace millrace::zookeeper {

/// Deliberate faults in what servers do: a test plants one to prove that an invariant notices it. All off is ZooKeeper.
struct BrokenRules {
    bool acknowledgesAlone = false;  ///< a leader commits what its own disk has, without a quorum
    bool skipsVersions = false;      ///< a write is done whatever version its client expects
    bool keepsEphemerals = false;    ///< the end of a session leaves its ephemeral nodes
    bool expiresEarly = false;       ///< a session ends after half of its time-out
    bool repeatsNumbers = false;     ///< a sequence number is the number of children
    bool servesOldReads = false;     ///< reads are answered from a copy that every eighth transaction renews
    bool stampsByOwnClock = false;   ///< each server writes its own clock's time into the nodes
    bool syncsAlone = false;         ///< a follower answers a sync without asking the leader
    bool losesWatches = false;       ///< what a client missed while it was away is not told
    bool doublesWatches = false;     ///< a watch fires again and again
};

}  // namespace millrace::zookeeper
