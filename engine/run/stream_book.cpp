#include "engine/run/stream_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/base/digest.h"

namespace millrace::run {

namespace {

template <class Each>
void forEachPosition(const std::pair<std::int64_t, std::int64_t>& stretch, const Each& each) {
    for (std::int64_t at = stretch.first; at < stretch.second; ++at) {
        each(at);
    }
}

std::string stretchText(std::string_view source, std::int64_t position) {
    return fmt::format("record {} of {}", position, source);
}

}  // namespace

StreamBook::Application& StreamBook::applicationOf(const std::string& name) {
    for (Ref<Application>& each : m_applications) {
        if (each->name == name) {
            return writable(each);
        }
    }
    auto made = makeRef<Application>();
    made->name = name;
    m_applications.push_back(std::move(made));
    return *m_applications.back();
}

std::size_t StreamBook::sourceIndex(const std::string& name) {
    const auto at =
        std::find_if(m_sources.begin(), m_sources.end(), [&](const auto& each) { return each->name == name; });
    const auto index = static_cast<std::size_t>(at - m_sources.begin());
    if (at == m_sources.end()) {
        auto made = makeRef<Source>();
        made->name = name;
        m_sources.push_back(std::move(made));
    }
    return index;
}

bool StreamBook::take(const sim::ToldFact& told) {
    const sim::Fact& fact = *told.fact;
    if (const auto* made = fact.as<spark::PartitionMade>()) {
        onPartition(told.time, *made);
    } else if (const auto* handed = fact.as<spark::RecordsHanded>()) {
        onHanded(*handed);
    } else if (const auto* block = fact.as<spark::BlockMade>()) {
        onBlock(told.time, *block);
    } else if (const auto* batch = fact.as<spark::BatchMade>()) {
        onBatch(told.time, *batch);
    } else if (const auto* output = fact.as<spark::OutputDone>()) {
        onOutput(told.time, *output);
    } else if (const auto* done = fact.as<spark::BatchDone>()) {
        onBatchDone(told.time, *done);
    } else if (const auto* checkpoint = fact.as<spark::CheckpointWritten>()) {
        onCheckpoint(told.time, *checkpoint);
    } else if (const auto* rate = fact.as<spark::RateSet>()) {
        onRate(told.time, *rate);
    } else if (const auto* commit = fact.as<spark::OffsetsGivenBack>()) {
        onCommit(told.time, *commit);
    } else if (const auto* joined = fact.as<spark::ExecutorJoined>()) {
        applicationOf(joined->application).executors.insert(joined->executor);
    } else if (const auto* begun = fact.as<spark::DriverBegun>()) {
        onDriver(*begun);
    } else {
        return false;
    }
    return true;
}

// --- from the source into blocks ------------------------------------------------------------------------------------

void StreamBook::onHanded(const spark::RecordsHanded& fact) {
    for (const spark::SourcePositions& records : fact.records) {
        Source& source = writable(m_sources[sourceIndex(records.source)]);
        for (const auto& stretch : records.stretches) {
            forEachPosition(stretch, [&](std::int64_t at) {
                if (!source.handed.mark(at)) {
                    source.again.mark(at);
                }
            });
        }
    }
}

void StreamBook::onBlock(SimTime time, const spark::BlockMade& fact) {
    Application& application = applicationOf(fact.application);
    std::vector<Stretch> all;
    for (const spark::SourcePositions& records : fact.records) {
        const std::size_t index = sourceIndex(records.source);
        Source& source = writable(m_sources[index]);
        for (const auto& stretch : records.stretches) {
            all.emplace_back(index, stretch);
            forEachPosition(stretch, [&](std::int64_t at) {
                const bool isNew = source.blocked.mark(at);
                const bool isFine = source.handed.contains(at) && (isNew || source.again.contains(at));
                expect(StreamRule::BlocksHoldWhatWasHanded, time, isFine, [&] {
                    return fmt::format("{} is in block {}, {}", stretchText(source.name, at), fact.block.toText(),
                                       isNew ? "and nobody was given it" : "and in another, and was given once");
                });
            });
        }
    }
    application.blocks[fact.block] = std::move(all);
}

// --- drivers and batches --------------------------------------------------------------------------------------------

void StreamBook::onDriver(const spark::DriverBegun& fact) {
    Application& application = applicationOf(fact.application);
    application.inputs = fact.inputs;
    application.executors.clear();
    application.open.clear();
    application.results.clear();
    application.shuffles.clear();
    application.hasJustBegun = true;
    for (auto& [millis, batch] : application.batches) {
        batch.made.clear();
        batch.outputsDone.clear();
    }
    // Anew, or from a checkpoint that knows less than was made since, for its disk was full.
    const bool knowsAll =
        application.batches.empty() || application.checkpointed >= application.batches.rbegin()->first;
    if (!fact.isRecovered || !knowsAll) {
        application.batches.clear();
        application.takenBy.clear();
        application.until.clear();
        application.done.clear();
    }
}

void StreamBook::onBatch(SimTime time, const spark::BatchMade& fact) {
    Application& application = applicationOf(fact.application);
    for (const spark::BlockId& block : fact.blocks) {
        const std::int64_t by = application.takenBy.try_emplace(block, fact.millis).first->second;
        expect(StreamRule::BatchesTakeBlocksOnce, time, by == fact.millis, [&] {
            return fmt::format("block {} is in the batches {} and {} of {}", block.toText(), by, fact.millis,
                               fact.application);
        });
    }
    const auto known = application.batches.find(fact.millis);
    const Batch* before = known != application.batches.end() ? &known->second : nullptr;
    for (const spark::OffsetRange& range : fact.ranges) {
        checkRange(time, application, range, before);
    }
    Batch batch;
    batch.blocks = fact.blocks;
    batch.ranges = fact.ranges;
    application.hasJustBegun = application.hasJustBegun && before != nullptr;
    application.batches[fact.millis] = std::move(batch);
    application.open.insert(fact.millis);
    forgetOld(application);
}

void StreamBook::checkRange(SimTime time, Application& application, const spark::OffsetRange& range,
                            const Batch* before) {
    const std::pair key{range.input, range.partition};
    if (before != nullptr) {
        const auto same = std::find_if(before->ranges.begin(), before->ranges.end(), [&](const auto& each) {
            return each.input == range.input && each.partition == range.partition;
        });
        const bool isSame = same != before->ranges.end() && same->from == range.from && same->until == range.until;
        expect(StreamRule::RangesFollow, time, isSame, [&] {
            return fmt::format("a batch of {} that is made again has another range of partition {}: {} to {}",
                               application.name, range.partition, range.from, range.until);
        });
        return;
    }
    const auto last = application.until.find(key);
    if (last != application.until.end()) {
        // A driver that has begun again may read some once more; none leaves anything out.
        const bool follows = application.hasJustBegun ? range.from <= last->second : range.from == last->second;
        expect(StreamRule::RangesFollow, time, follows && range.until >= range.from, [&] {
            return fmt::format("the range {} to {} of partition {} of {} does not follow the last, which ended at {}",
                               range.from, range.until, range.partition, application.name, last->second);
        });
    }
    application.until[key] = range.until;
}

void StreamBook::forgetOld(Application& application) {
    if (application.batches.size() > keptComputed) {
        const std::int64_t newest = std::prev(application.batches.end(), keptComputed)->first;
        const std::int64_t from = application.open.empty() ? newest : std::min(newest, *application.open.begin());
        std::erase_if(application.results, [&](const auto& each) { return each.second.first < from; });
        std::erase_if(application.shuffles, [&](const auto& each) { return each.second->millis < from; });
    }
    const std::int64_t horizon =
        application.batches.size() > kept ? std::prev(application.batches.end(), kept)->first : 0;
    if (horizon == 0) {
        return;
    }
    while (application.batches.begin()->first < horizon &&
           !application.open.contains(application.batches.begin()->first)) {
        for (const spark::BlockId& block : application.batches.begin()->second.blocks) {
            application.blocks.erase(block);
            application.takenBy.erase(block);
        }
        application.batches.erase(application.batches.begin());
    }
    // Blocks that no batch has ever taken, for their receiver or driver was lost.
    constexpr std::size_t blocksMost = 4096;
    while (application.blocks.size() > blocksMost) {
        application.blocks.erase(application.blocks.begin());
    }
}

// --- what is computed -----------------------------------------------------------------------------------------------

void StreamBook::onPartition(SimTime time, const spark::PartitionMade& fact) {
    Application& application = applicationOf(fact.application);
    if (!application.executors.contains(fact.executor)) {
        return;  // An earlier driver's, which has not noticed yet.
    }
    bool isUnsure = fact.readsTopic;
    for (const spark::PartitionMade::Read& read : fact.reads) {
        const auto sums = application.shuffles.find(read.shuffle);
        const auto at = static_cast<std::size_t>(read.reduce);
        isUnsure = isUnsure || (sums != application.shuffles.end() && sums->second->isUnsure);
        if (sums == application.shuffles.end() || sums->second->isUnsure || sums->second->ofMaps.size() != read.maps ||
            at >= sums->second->ofReduces.size()) {
            continue;
        }
        expect(StreamRule::ShufflesAsWritten, time, sums->second->ofReduces[at] == read.sum, [&] {
            return fmt::format("partition {} of {} has read other rows of shuffle {} than its map tasks wrote for it",
                               fact.partition, fact.application, read.shuffle.value);
        });
    }
    if (fact.shuffle.value >= 0) {
        Ref<ShuffleSums>& known = application.shuffles[fact.shuffle];
        if (!known) {
            known = makeRef<ShuffleSums>();
        }
        ShuffleSums& sums = writable(known);
        sums.millis = fact.millis;
        onMapOutput(time, sums, fact);
        return;
    }
    if (const auto batch = application.batches.find(fact.millis);
        fact.output >= 0 && batch != application.batches.end()) {
        batch->second.made[fact.output].insert(fact.partition);
    }
    const std::uint64_t digest = fact.digests.empty() ? 0 : fact.digests.front();
    const auto [known, isNew] =
        application.results.try_emplace({fact.rdd, fact.partition}, std::pair{fact.millis, digest});
    if (!isNew && !isUnsure) {
        expect(StreamRule::RepeatedIsTheSame, time, known->second.second == digest, [&] {
            return fmt::format("partition {} of RDD {} of {} was computed once more and is another", fact.partition,
                               fact.rdd.value, fact.application);
        });
    }
}

void StreamBook::onMapOutput(SimTime time, ShuffleSums& sums, const spark::PartitionMade& fact) {
    Digest digest;
    for (const std::uint64_t each : fact.digests) {
        digest.add(each);
    }
    const auto [known, isNew] = sums.ofMaps.try_emplace(fact.partition, digest.value());
    if (isNew) {
        sums.ofReduces.resize(std::max(sums.ofReduces.size(), fact.digests.size()), 0);
        for (std::size_t i = 0; i < fact.digests.size(); ++i) {
            sums.ofReduces[i] += fact.digests[i];
        }
        return;
    }
    const bool isSame = known->second == digest.value();
    sums.isUnsure = sums.isUnsure || (!isSame && fact.readsTopic);
    expect(StreamRule::RepeatedIsTheSame, time, isSame || fact.readsTopic, [&] {
        return fmt::format("map task {} of shuffle {} of {} was run once more and has written other rows",
                           fact.partition, fact.shuffle.value, fact.application);
    });
}

void StreamBook::onOutput(SimTime time, const spark::OutputDone& fact) {
    Application& application = applicationOf(fact.application);
    const auto at = application.batches.find(fact.millis);
    if (at == application.batches.end()) {
        return;
    }
    Batch& batch = at->second;
    const auto made = static_cast<std::int32_t>(batch.made[fact.output].size());
    expect(StreamRule::OutputsAreWhole, time, made >= fact.partitions, [&] {
        return fmt::format("output {} of the batch {} of {} counts as done, and {} of its {} partitions were computed",
                           fact.output, fact.millis, fact.application, made, fact.partitions);
    });
    expect(StreamRule::BatchesAreDoneOnce, time, batch.outputsDone.insert(fact.output).second, [&] {
        return fmt::format("output {} of the batch {} of {} was done twice", fact.output, fact.millis,
                           fact.application);
    });
}

void StreamBook::onBatchDone(SimTime time, const spark::BatchDone& fact) {
    Application& application = applicationOf(fact.application);
    expect(StreamRule::BatchesAreDoneOnce, time, application.open.erase(fact.millis) > 0, [&] {
        return fmt::format("the batch {} of {} is done, which was not open", fact.millis, fact.application);
    });
    const auto at = application.batches.find(fact.millis);
    if (at == application.batches.end() || at->second.isDone) {
        return;
    }
    at->second.isDone = true;
    for (const spark::BlockId& block : at->second.blocks) {
        for (const auto& [index, stretch] : application.blocks[block]) {
            Source& source = writable(m_sources[index]);
            forEachPosition(stretch, [&](std::int64_t position) {
                if (!source.processed.mark(position)) {
                    source.doubled.mark(position);
                }
            });
        }
    }
    for (const spark::OffsetRange& range : at->second.ranges) {
        std::int64_t& done = application.done[{range.input, range.partition}];
        done = std::max(done, range.until);
    }
}

void StreamBook::onCheckpoint(SimTime time, const spark::CheckpointWritten& fact) {
    Application& application = applicationOf(fact.application);
    application.checkpointed = fact.lastBatch;
    for (const std::int64_t millis : application.open) {
        const bool isNamed = millis > fact.lastBatch || std::binary_search(fact.open.begin(), fact.open.end(), millis);
        expect(StreamRule::CheckpointsKeepOpen, time, isNamed, [&] {
            return fmt::format("a checkpoint of {} does not name the batch {}, which is not done", fact.application,
                               millis);
        });
    }
}

void StreamBook::onRate(SimTime time, const spark::RateSet& fact) {
    const spark::RateEstimator::Settings& settings = fact.settings;
    if (settings.proportional != 1.0 || settings.derived != 0.0 || fact.processing <= 0) {
        return;  // Only so there is a closed form.
    }
    const double processed = static_cast<double>(fact.records) / fact.processing;
    const double wanted =
        std::max(processed * (1 - settings.integral * fact.scheduling / settings.batchSeconds), settings.minRate);
    expect(StreamRule::RatesFollowTheController, time, std::abs(wanted - fact.rate) <= 1e-6 * wanted, [&] {
        return fmt::format("the rate of {} is set to {:.1f}/s after {} records in {:.3f} s, and should be {:.1f}/s",
                           fact.application, fact.rate, fact.records, fact.processing, wanted);
    });
}

void StreamBook::onCommit(SimTime time, const spark::OffsetsGivenBack& fact) {
    const Application& application = applicationOf(fact.application);
    const auto done = application.done.find({fact.input, fact.partition});
    const bool isDone = done != application.done.end() && fact.offset <= done->second;
    expect(StreamRule::CommitsAreDone, time, isDone, [&] {
        return fmt::format("{} commits offset {} of partition {}, and no batch up to there is done", fact.application,
                           fact.offset, fact.partition);
    });
}

// --- asking ---------------------------------------------------------------------------------------------------------

std::vector<StreamFigures> StreamBook::figures() const {
    std::vector<StreamFigures> all;
    for (const Ref<Application>& application : m_applications) {
        for (const spark::DriverBegun::Input& input : application->inputs) {
            const auto source = std::find_if(m_sources.begin(), m_sources.end(),
                                             [&](const auto& each) { return each->name == input.source; });
            if (input.source.empty() || source == m_sources.end()) {
                continue;
            }
            const Source& book = **source;
            all.push_back({application->name, input.name, input.source, book.handed.count(), book.again.count(),
                           book.blocked.count(), book.processed.count(), book.doubled.count(),
                           input.isKept && input.isLogged});
        }
    }
    return all;
}

std::vector<std::pair<std::int64_t, std::int64_t>> StreamBook::missing(std::string_view application,
                                                                       std::string_view input, std::size_t most) const {
    std::vector<std::pair<std::int64_t, std::int64_t>> all;
    for (const StreamFigures& each : figures()) {
        if (each.application != application || each.input != input) {
            continue;
        }
        const auto source = std::find_if(m_sources.begin(), m_sources.end(),
                                         [&](const auto& known) { return known->name == each.source; });
        for (const auto& stretch : (*source)->handed.ranges(~std::size_t{0})) {
            for (std::int64_t at = stretch.first; at < stretch.second; ++at) {
                if ((*source)->processed.contains(at)) {
                    continue;
                }
                if (!all.empty() && all.back().second == at) {
                    ++all.back().second;
                } else if (all.size() < most) {
                    all.emplace_back(at, at + 1);
                } else {
                    return all;
                }
            }
        }
    }
    return all;
}

}  // namespace millrace::run
