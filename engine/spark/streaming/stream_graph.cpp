#include "engine/spark/streaming/stream_graph.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/spark/operators/keyed.h"

namespace millrace::spark {

namespace {

std::int64_t wholeMillis(SimDuration duration) {
    return duration.count() / 1'000'000;
}

Ref<Rdd> rddFor(const StreamSpec& spec, StreamId stream, std::int64_t millis, std::int32_t partitions) {
    auto rdd = makeRef<Rdd>();
    rdd->stream = stream;
    rdd->batchMillis = millis;
    rdd->name = spec.label;
    rdd->partitions = partitions;
    rdd->width = static_cast<std::uint32_t>(spec.fields.size());
    rdd->level = spec.level;
    return rdd;
}

}  // namespace

std::optional<RddId> StreamGraph::generated(StreamId stream, std::int64_t millis) const {
    const RddId* known = m_generated.find(Key{stream, millis});
    return known != nullptr ? std::optional(*known) : std::nullopt;
}

std::vector<std::int64_t> StreamGraph::timesOf(StreamId stream) const {
    std::vector<std::int64_t> times;
    for (auto it = m_generated.lowerBound(Key{stream, 0}); it != m_generated.end() && it->first.stream == stream;
         ++it) {
        times.push_back(it->first.millis);
    }
    return times;
}

std::optional<RddId> StreamGraph::rddOf(StreamId stream, std::int64_t millis, Lineage& lineage,
                                        const BatchInputs& inputs) {
    if (const auto known = generated(stream, millis)) {
        return known;
    }
    const StreamSpec& spec = m_program->stream(stream);
    if (millis <= m_zero || (millis - m_zero) % wholeMillis(spec.slide) != 0) {
        return std::nullopt;
    }
    const auto made = compute(stream, millis, lineage, inputs);
    if (!made) {
        return std::nullopt;
    }
    m_generated.set(Key{stream, millis}, *made);
    if (spec.mustCheckpoint && (millis - m_zero) % wholeMillis(spec.checkpointInterval) == 0) {
        m_due.push_back({stream, millis, *made, lineage.rdd(*made)->partitions});
    }
    return made;
}

std::vector<RddId> StreamGraph::slice(StreamId parent, std::int64_t after, std::int64_t until, Lineage& lineage,
                                      const BatchInputs& inputs) {
    std::vector<RddId> all;
    const std::int64_t step = wholeMillis(m_program->stream(parent).slide);
    for (std::int64_t at = std::max(after, m_zero) + step; at <= until; at += step) {
        if (const auto rdd = rddOf(parent, at, lineage, inputs)) {
            all.push_back(*rdd);
        }
    }
    return all;
}

Dependency StreamGraph::byKey(Lineage& lineage, RddId parent, std::int32_t partitions, const StreamSpec& spec) {
    const Rdd& from = *lineage.rdd(parent);
    const bool isPaired = spec.keyField == 0 && (!spec.combiner || spec.valueField == 1);
    if (from.isHashPartitioned && from.partitions == partitions && isPaired) {
        return NarrowDependency{parent};
    }
    auto shuffle = makeRef<Shuffle>();
    shuffle->parent = parent;
    shuffle->maps = from.partitions;
    shuffle->reduces = partitions;
    shuffle->combiner = spec.combiner;
    shuffle->keyField = spec.combiner ? 0 : spec.keyField;  // what a combiner gives has its key in front
    shuffle->width = from.width;
    return ShuffleDependency{lineage.addShuffle(std::move(shuffle)), parent};
}

std::optional<RddId> StreamGraph::compute(StreamId stream, std::int64_t millis, Lineage& lineage,
                                          const BatchInputs& inputs) {
    using Kind = StreamSpec::Kind;
    const StreamSpec& spec = m_program->stream(stream);
    const auto parentAt = [&](std::size_t i, std::int64_t at) { return rddOf(spec.parents[i], at, lineage, inputs); };
    const std::int32_t wanted = spec.partitions;
    switch (spec.kind) {
        case Kind::Receiver: {
            auto rdd = rddFor(spec, stream, millis, 0);
            rdd->blocks = inputs.blocksOf(stream, millis);
            rdd->partitions = static_cast<std::int32_t>(rdd->blocks.size());
            return lineage.add(std::move(rdd));
        }
        case Kind::Direct: {
            auto rdd = rddFor(spec, stream, millis, 0);
            rdd->ranges = inputs.rangesOf(stream, millis);
            rdd->partitions = static_cast<std::int32_t>(rdd->ranges.size());
            return lineage.add(std::move(rdd));
        }
        case Kind::Narrow: {
            const auto parent = parentAt(0, millis);
            if (!parent) {
                return std::nullopt;
            }
            auto rdd = rddFor(spec, stream, millis, lineage.rdd(*parent)->partitions);
            rdd->dependencies = {NarrowDependency{*parent}};
            rdd->transformation = spec.transformation;
            return lineage.add(std::move(rdd));
        }
        case Kind::Union:
        case Kind::Window: {
            std::vector<RddId> parents;
            if (spec.kind == Kind::Window) {
                parents = slice(spec.parents.front(), millis - wholeMillis(spec.window), millis, lineage, inputs);
            } else {
                for (std::size_t i = 0; i < spec.parents.size(); ++i) {
                    if (const auto parent = parentAt(i, millis)) {
                        parents.push_back(*parent);
                    }
                }
            }
            auto rdd = rddFor(spec, stream, millis, 0);
            // Those that are partitioned alike are united partition by partition.
            const bool isAligned = !parents.empty() && std::all_of(parents.begin(), parents.end(), [&](RddId each) {
                return lineage.rdd(each)->isHashPartitioned &&
                       lineage.rdd(each)->partitions == lineage.rdd(parents.front())->partitions;
            });
            for (const RddId parent : parents) {
                if (isAligned) {
                    rdd->dependencies.emplace_back(NarrowDependency{parent});
                    rdd->partitions = lineage.rdd(parent)->partitions;
                } else {
                    rdd->dependencies.emplace_back(NarrowDependency{parent, rdd->partitions, true});
                    rdd->partitions += lineage.rdd(parent)->partitions;
                }
            }
            rdd->isHashPartitioned = isAligned;
            return lineage.add(std::move(rdd));
        }
        case Kind::Shuffled: {
            const auto parent = parentAt(0, millis);
            if (!parent) {
                return std::nullopt;
            }
            auto rdd = rddFor(spec, stream, millis, wanted);
            rdd->dependencies = {byKey(lineage, *parent, wanted, spec)};
            rdd->transformation = spec.transformation;
            rdd->isHashPartitioned = true;
            return lineage.add(std::move(rdd));
        }
        case Kind::Spread: {
            const auto parent = parentAt(0, millis);
            if (!parent) {
                return std::nullopt;
            }
            auto shuffle = makeRef<Shuffle>();
            shuffle->parent = *parent;
            shuffle->maps = lineage.rdd(*parent)->partitions;
            shuffle->reduces = wanted;
            shuffle->spreads = true;
            shuffle->width = lineage.rdd(*parent)->width;
            auto rdd = rddFor(spec, stream, millis, wanted);
            rdd->dependencies = {ShuffleDependency{lineage.addShuffle(std::move(shuffle)), *parent}};
            return lineage.add(std::move(rdd));
        }
        case Kind::Join: {
            auto rdd = rddFor(spec, stream, millis, wanted);
            for (std::size_t i = 0; i < spec.parents.size(); ++i) {
                const auto parent = parentAt(i, millis);
                if (!parent) {
                    return std::nullopt;
                }
                rdd->dependencies.push_back(byKey(lineage, *parent, wanted, spec));
            }
            rdd->transformation = spec.transformation;
            rdd->isHashPartitioned = true;
            return lineage.add(std::move(rdd));
        }
        case Kind::State:
        case Kind::MapWithState: {
            const auto before = rddOf(stream, millis - wholeMillis(spec.slide), lineage, inputs);
            const auto parent = parentAt(0, millis);
            if (!before && !parent) {
                return std::nullopt;
            }
            const std::int32_t partitions = before ? lineage.rdd(*before)->partitions : wanted;
            auto rdd = rddFor(spec, stream, millis, partitions);
            if (before) {
                rdd->dependencies.emplace_back(NarrowDependency{*before});
            }
            if (parent) {
                rdd->dependencies.push_back(byKey(lineage, *parent, partitions, spec));
            }
            const bool scans = spec.mustCheckpoint && (millis - m_zero) % wholeMillis(spec.checkpointInterval) == 0;
            rdd->transformation =
                spec.kind == Kind::State
                    ? makeStateUpdate(spec.reduction, before.has_value(), spec.dropsZeros)
                    : makeMapWithState(spec.reduction, before.has_value(), scans ? wholeMillis(spec.timeout) : 0);
            rdd->isHashPartitioned = true;
            return lineage.add(std::move(rdd));
        }
        case Kind::InverseWindow: {
            const std::int64_t slide = wholeMillis(spec.slide);
            const std::int64_t window = wholeMillis(spec.window);
            const StreamId reduced = spec.parents.front();
            const auto before = rddOf(stream, millis - slide, lineage, inputs);
            const std::int64_t off = m_broken.windowOffByOne ? wholeMillis(m_program->stream(reduced).slide) : 0;
            const std::vector<RddId> leaving =
                before ? slice(reduced, millis - slide - window + off, std::min(millis - window + off, millis - slide),
                               lineage, inputs)
                       : std::vector<RddId>{};
            const std::vector<RddId> entering = slice(
                reduced, before ? std::max(millis - slide, millis - window) : millis - window, millis, lineage, inputs);
            auto rdd = rddFor(spec, stream, millis, wanted);
            if (before) {
                rdd->dependencies.emplace_back(NarrowDependency{*before});
            }
            for (const RddId each : leaving) {
                rdd->dependencies.emplace_back(NarrowDependency{each});
            }
            for (const RddId each : entering) {
                rdd->dependencies.emplace_back(NarrowDependency{each});
            }
            for (const Dependency& each : rdd->dependencies) {
                // Narrow by key: all of them are partitioned alike.
                const RddId parent = std::get<NarrowDependency>(each).parent;
                MILLRACE_CHECK(lineage.rdd(parent)->partitions == wanted, wanted);
            }
            rdd->transformation = makeInverseWindow(before.has_value(), leaving.size(), spec.dropsZeros);
            rdd->isHashPartitioned = true;
            return lineage.add(std::move(rdd));
        }
    }
    return std::nullopt;
}

void StreamGraph::noteCheckpointed(RddId rdd) {
    const auto at = std::find_if(m_due.begin(), m_due.end(), [&](const Due& each) { return each.rdd == rdd; });
    if (at != m_due.end()) {
        m_files.set(rdd, *at);
        m_due.erase(at);
    }
}

std::vector<StreamGraph::Due> StreamGraph::checkpointed() const {
    std::vector<Due> all;
    for (const auto& [rdd, file] : m_files) {
        all.push_back(file);
    }
    return all;
}

void StreamGraph::restore(const Due& file, Lineage& lineage) {
    auto rdd = rddFor(m_program->stream(file.stream), file.stream, file.millis, file.partitions);
    rdd->id = file.rdd;
    rdd->isCheckpointed = true;
    rdd->isHashPartitioned = true;
    lineage.restoreCheckpointed(std::move(rdd));
    m_generated.set(Key{file.stream, file.millis}, file.rdd);
    m_files.set(file.rdd, file);
}

StreamGraph::Cleared StreamGraph::clear(std::int64_t millis, Lineage& lineage) {
    std::vector<Key> old;
    Cleared cleared;
    for (const auto& [key, rdd] : m_generated) {
        const StreamSpec& spec = m_program->stream(key.stream);
        if (key.millis <= millis - wholeMillis(spec.remember)) {
            old.push_back(key);
        }
    }
    for (const Key& key : old) {
        const RddId rdd = m_generated.at(key);
        m_generated.erase(key);
        if (const Due* file = m_files.find(rdd)) {
            cleared.files.push_back(*file);
            m_files.erase(rdd);
        }
        std::erase_if(m_due, [&](const Due& each) { return each.rdd == rdd; });
        if (lineage.hasRdd(rdd) && lineage.rdd(rdd)->isPersisted()) {
            cleared.unpersisted.push_back(rdd);
        }
    }
    return cleared;
}

std::vector<RddId> StreamGraph::remembered() const {
    std::vector<RddId> all;
    for (const auto& [key, rdd] : m_generated) {
        all.push_back(rdd);
    }
    return all;
}

}  // namespace millrace::spark
