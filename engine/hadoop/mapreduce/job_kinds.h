#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/sim_time.h"
#include "engine/base/strong.h"
#include "engine/flow/operator.h"
#include "engine/hadoop/mapreduce/job.h"
#include "engine/hadoop/mapreduce/run.h"

namespace millrace::hadoop {

struct JobKind;

/// Takes what a map function emits. Values are numbers: those of one key are added up by whoever combines or reduces.
/// In a job without reduces each record is a line of the output, in the order of the input.
class Emitter {
public:
    explicit Emitter(KeyTable& table) : m_table(&table) {}
    Emitter(std::string& output, const JobKind& kind) : m_output(&output), m_kind(&kind) {}
    void put(std::string_view key, std::int64_t value) {
        if (m_table != nullptr) {
            m_table->add(key, 1, value);
        } else {
            write(key, value);
        }
        ++emitted;
        keyBytes += static_cast<ByteCount>(key.size());
    }
    std::uint64_t emitted = 0;
    std::uint64_t malformed = 0;
    CpuTime time{0};  ///< beside what any record costs
    ByteCount keyBytes = 0;

private:
    void write(std::string_view key, std::int64_t value);

    KeyTable* m_table = nullptr;
    std::string* m_output = nullptr;
    const JobKind* m_kind = nullptr;
};

/// A kind of job: what is to be said about it in its row, and its two functions.
struct JobKind {
    enum class Reduce : std::uint8_t {
        Sum,     ///< a line for each key, with the sum of its values
        Repeat,  ///< the key as often as it came
        First    ///< the first so many keys
    };
    flow::Operator row;
    /// A line of the input and where it begins in its file.
    void (*map)(std::string_view line, ByteCount position, const JobSpec& job, Emitter& emitter) = nullptr;
    Reduce reduce = Reduce::Sum;
    bool canCombine = true;     ///< its reduce may also run on a part of the records
    ByteCount valueBytes = 4;   ///< of a value, as its Writable has it
    std::uint32_t reduces = 1;  ///< where its row has no parameter for them
};

/// In the order of the palette.
[[nodiscard]] std::span<const JobKind* const> jobKinds();
[[nodiscard]] std::span<const flow::Operator* const> jobOperators();
[[nodiscard]] const JobKind* findJobKind(std::string_view kind);

/// What a reduce writes for all that it got; gives the number of records.
std::uint64_t reduceTo(std::string& output, const Run& merged, const JobSpec& job);
/// The whole job over a text in a single pass, as one part: what all its parts together must come to.
[[nodiscard]] std::string singlePass(std::string_view text, const JobSpec& job);

}  // namespace millrace::hadoop
