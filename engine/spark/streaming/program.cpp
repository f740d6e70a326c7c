#include "engine/spark/streaming/program.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::spark {

std::int32_t Program::receivers() const {
    return static_cast<std::int32_t>(std::count_if(streams.begin(), streams.end(), [](const StreamSpec& each) {
        return each.kind == StreamSpec::Kind::Receiver;
    }));
}

namespace {

/// Spark's default of a data checkpoint: the slide as often as it takes to reach 10 s.
SimDuration usualCheckpointInterval(SimDuration slide) {
    constexpr SimDuration least = std::chrono::seconds{10};
    const std::int64_t times = (least.count() + slide.count() - 1) / slide.count();
    return slide * std::max<std::int64_t>(times, 1);
}

std::optional<std::string> troubleOfWindow(const StreamSpec& stream, SimDuration parentSlide) {
    if (stream.window <= SimDuration{0} || stream.window % parentSlide != SimDuration{0}) {
        return fmt::format("the window ({}) must be a multiple of the slide of what comes in ({})",
                           toText(stream.window), toText(parentSlide));
    }
    if (stream.slide <= SimDuration{0} || stream.slide % parentSlide != SimDuration{0}) {
        return fmt::format("the slide ({}) must be a multiple of the slide of what comes in ({})", toText(stream.slide),
                           toText(parentSlide));
    }
    return std::nullopt;
}

}  // namespace

std::optional<ProgramTrouble> settle(Program& program, SimDuration checkpointInterval,
                                     std::int32_t defaultParallelism) {
    using Kind = StreamSpec::Kind;
    constexpr std::int32_t least = 2;
    for (StreamSpec& stream : program.streams) {
        // As a partitioner is made when its operator is called: executors that come and go change nothing in it.
        stream.partitions = stream.partitions > 0 ? stream.partitions : std::max(defaultParallelism, least);
        const SimDuration parentSlide =
            stream.parents.empty() ? program.batch : program.stream(stream.parents.front()).slide;
        const bool isWindow = stream.kind == Kind::Window || stream.kind == Kind::InverseWindow;
        if (isWindow) {
            stream.slide = stream.slide == SimDuration{0} ? parentSlide : stream.slide;
            if (auto trouble = troubleOfWindow(stream, parentSlide)) {
                return ProgramTrouble{"operators." + stream.name, *trouble};
            }
        } else {
            stream.slide = parentSlide;
        }
        for (const StreamId parent : stream.parents) {
            if (program.stream(parent).slide != parentSlide) {
                return ProgramTrouble{"operators." + stream.name,
                                      "what comes in slides differently: the streams of a union or a join must have "
                                      "the same slide"};
            }
        }
        if (stream.kind == Kind::State || stream.kind == Kind::MapWithState || stream.kind == Kind::InverseWindow) {
            if (!program.checkpoints) {
                return ProgramTrouble{"operators." + stream.name,
                                      "the checkpoint directory has not been set: this operator needs "
                                      "checkpoints, for its lineage grows with every batch"};
            }
            stream.mustCheckpoint = true;
            stream.level = memoryOnly;
            stream.checkpointInterval =
                stream.kind == Kind::MapWithState ? stream.slide * 10 : usualCheckpointInterval(stream.slide);
            if (checkpointInterval > SimDuration{0} && stream.kind != Kind::MapWithState) {
                stream.checkpointInterval = checkpointInterval;
            }
            if (stream.checkpointInterval % stream.slide != SimDuration{0}) {
                return ProgramTrouble{"operators." + stream.name,
                                      fmt::format("the checkpoint interval ({}) must be a multiple of the slide ({})",
                                                  toText(stream.checkpointInterval), toText(stream.slide))};
            }
        }
        stream.remember = stream.slide;
        if (stream.mustCheckpoint) {
            stream.remember = std::max(stream.remember, stream.checkpointInterval * 2);
        }
    }
    std::vector<bool> isWindowed(program.streams.size(), false);
    for (std::size_t i = 0; i < program.streams.size(); ++i) {
        isWindowed[i] = program.streams[i].kind == Kind::Window;
        for (const StreamId parent : program.streams[i].parents) {
            isWindowed[i] = isWindowed[i] || isWindowed[static_cast<std::size_t>(parent.value)];
        }
    }
    for (OutputSpec& output : program.outputs) {
        output.isWindowed = isWindowed[static_cast<std::size_t>(output.from.value)];
    }
    // From the outputs back: who needs older RDDs of a parent has it remember them, and of a window they are kept.
    for (std::size_t i = program.streams.size(); i-- > 0;) {
        const StreamSpec& stream = program.streams[i];
        for (const StreamId id : stream.parents) {
            StreamSpec& parent = program.streams[static_cast<std::size_t>(id.value)];
            const bool isWindow = stream.kind == Kind::Window || stream.kind == Kind::InverseWindow;
            parent.remember =
                std::max(parent.remember, isWindow ? stream.remember + stream.window + stream.slide : stream.remember);
            if (isWindow && !parent.level.isKept()) {
                parent.level = memoryOnly;
            }
        }
    }
    return std::nullopt;
}

}  // namespace millrace::spark
