#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "engine/ingest/sink_process.h"
#include "engine/lab/booked_rules.h"

namespace millrace::lab {

namespace {

using run::RecordRule;

/// As long as a sink's process was never started again it must count what the books count.
class SinksWriteOnce final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "once-is-once"; }
    [[nodiscard]] std::string_view statement() const override {
        return "A sink that writes once has written each origin once, and one that appends has written all";
    }
    void observe(const sim::World&) override {}
    void forget() override {}

    void observeBooks(const sim::World& world, const run::Ledger& ledger) override {
        for (const run::Ledger::SinkTotals& totals : ledger.sinkTotals()) {
            const sim::ProcessId process = world.findProcess(ingest::sinkProcessName(totals.sink));
            const ingest::SinkFigures figures = ingest::sinkFigures(world, totals.sink);
            const bool isComparable = process != sim::noProcess && world.process(process).incarnation == 1 &&
                                      world.process(process).isAlive() &&
                                      figures.transactions == totals.lastTransaction;
            if (!isComparable) {
                continue;
            }
            const std::uint64_t wanted = totals.origins + (totals.writesOnce ? 0 : totals.repeated);
            expect(world, figures.written == wanted, [&] {
                return fmt::format("sink {} has written {} where {} were to be", totals.sink, figures.written, wanted);
            });
        }
    }
};

}  // namespace

void addRecordInvariants(Invariants& to) {
    const auto add = [&](std::string_view name, std::string_view statement, std::vector<RecordRule> rules) {
        to.push_back(std::make_unique<BookedRules<RecordRule>>(name, statement, std::move(rules)));
    };
    add("records-as-sent", "A log holds what producers sent, as they sent it, in the partition it belongs to",
        {RecordRule::SentByProducer, RecordRule::RightPartition});
    add("records-in-order",
        "Within a partition a producer's records first occur in its order, where its settings promise that",
        {RecordRule::InOrder});
    add("no-record-twice-without-cause", "A record stands twice in a log only after a retry or a restart",
        {RecordRule::NoDoubleWithoutCause});
    add("losses-have-causes", "An acknowledged record is in the log unless a later leader explains why it is not",
        {RecordRule::AcknowledgedIsStored});
    add("deliveries-in-order",
        "A reader gets each offset once and in order, none above the high watermark and none of a revoked partition",
        {RecordRule::DeliveredOnce, RecordRule::BelowHighWatermark, RecordRule::NotAfterRevocation});
    add("commits-follow-deliveries",
        "A group commits what it has been given, in its present generation, and never goes back",
        {RecordRule::CommittedIsDelivered, RecordRule::CommitOfToday});
    add("sinks-answer-truly", "What a sink says it has committed it has committed, once",
        {RecordRule::SinkAnswersTruly});
    to.push_back(std::make_unique<SinksWriteOnce>());
}

}  // namespace millrace::lab
