#pragma once

#include <string>
#include <vector>

namespace millrace::swarm {

/// How a program ended that had a folder, a budget of processor time and of waiting to itself.
struct Ended {
    int status = 0;      ///< its exit status; meaningless when a signal ended it
    int signal = 0;      ///< 0: none
    double seconds = 0;  ///< processor time
    bool isOverTime = false;
    std::string output;
    std::string errors;
};

/// Runs a program in a folder and waits for it. Whatever becomes of it, the caller lives on.
[[nodiscard]] Ended runProgram(const std::vector<std::string>& arguments, const std::string& folder,
                               double processorSecondsMax);

struct Programs {
    std::string millrace;  ///< the program that is tried
    std::string swarm;     ///< this one, for the runs that are rewound
    double processorSecondsMax = 60;
};

/// What came of one scenario: nothing to say, or what is wrong, and figures for the sum of all.
struct Verdict {
    std::string finding;  ///< empty: all is well
    std::string again;    ///< the command that shows it once more
    double seconds = 0;   ///< processor time of all runs of it
    double simulatedSeconds = 0;
    double events = 0;
    bool isStuck = false;
    bool isRepeated = false;
};

/// How often a scenario is run: once; twice, the whole reports compared; or once more with checkpoints, views and a way
/// back in time, the fingerprints compared.
enum class Repetition { None, Again, Rewound };

/// Runs `folder/scenario.json` as a user would, with all invariants, and judges what is reported.
[[nodiscard]] Verdict tryScenario(const Programs& programs, const std::string& folder, Repetition repetition);

/// Takes out the random settings that the reader refuses together with others; what else it refuses is returned.
[[nodiscard]] std::string withoutRefusedSettings(const std::string& file, std::string& text);

/// Plays a scenario with checkpoints and views, goes back to its middle, plays on, and prints the fingerprint.
[[nodiscard]] int playRewound(const std::string& file);

}  // namespace millrace::swarm
