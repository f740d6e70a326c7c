#pragma once

#include <array>
#include <string_view>

#include "engine/base/journal_kind.h"

/// What an ensemble goes through.
namespace millrace::zookeeper::happened {

inline constexpr JournalKind electionStarted{"zookeeper.election-started", "A server looks for a leader."};
inline constexpr JournalKind leaderElected{"zookeeper.leader-elected", "A server was elected leader of the ensemble."};
inline constexpr JournalKind quorumFormed{"zookeeper.quorum-formed",
                                          "A new leader has a quorum that has its history: writes are taken."};
inline constexpr JournalKind quorumLost{"zookeeper.quorum-lost", "A leader lost too many followers: writes stop."};
inline constexpr JournalKind leaderLost{"zookeeper.leader-lost", "A server lost its leader."};
inline constexpr JournalKind following{"zookeeper.following", "A server follows a leader and serves."};
inline constexpr JournalKind followerSynchronised{"zookeeper.follower-synchronised",
                                                  "A leader brought a server to its own history."};
inline constexpr JournalKind sessionCreated{"zookeeper.session-created", "A client has a session."};
inline constexpr JournalKind sessionExpired{"zookeeper.session-expired",
                                            "Nothing was heard from a client for too long."};
inline constexpr JournalKind diskFull{"zookeeper.disk-full", "A server cannot write its log and stops."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&electionStarted, &leaderElected,        &quorumFormed,   &quorumLost,     &leaderLost,
                                &following,       &followerSynchronised, &sessionCreated, &sessionExpired, &diskFull};

}  // namespace millrace::zookeeper::happened
