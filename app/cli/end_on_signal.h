#pragma once

namespace millrace::cli {

/// While one lives, Ctrl+C, a hang-up and `kill` are noted, so that what runs can end in order: files whole, a report
/// written. The second signal of a kind ends the program as it usually does.
class EndOnSignal {
public:
    EndOnSignal();
    ~EndOnSignal();
    EndOnSignal(const EndOnSignal&) = delete;
    EndOnSignal& operator=(const EndOnSignal&) = delete;

    [[nodiscard]] static bool isTold();
};

}  // namespace millrace::cli
