#include "engine/observe/snapshot.h"

namespace millrace::observe {

std::string_view toText(ServerRole role) {
    switch (role) {
        case ServerRole::Leader:
            return "leader";
        case ServerRole::Follower:
            return "follower";
        case ServerRole::Looking:
            return "looking";
        case ServerRole::Standalone:
            return "standalone";
    }
    return {};
}

std::string_view toText(ComponentKind kind) {
    switch (kind) {
        case ComponentKind::Spout:
            return "spout";
        case ComponentKind::Bolt:
            return "bolt";
        case ComponentKind::Acker:
            return "acker";
    }
    return {};
}

std::string_view toText(RunMode mode) {
    switch (mode) {
        case RunMode::Paused:
            return "paused";
        case RunMode::Step:
            return "step";
        case RunMode::Run:
            return "running";
        case RunMode::Fast:
            return "fast";
        case RunMode::Express:
            return "express";
        case RunMode::Replaying:
            return "going back";
        case RunMode::Ended:
            return "ended";
    }
    return {};
}

}  // namespace millrace::observe
