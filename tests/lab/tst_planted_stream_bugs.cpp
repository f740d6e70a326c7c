#include "tests/spark/topic_count_world.h"  // Before Qt, whose keyword `slots` it uses as a name.

#include <QtTest/QTest>

#include "engine/lab/checker.h"
#include "tests/lab/planted.h"

using namespace millrace;
using namespace millrace::lab;
using namespace millrace::lab::test;
using millrace::spark::BrokenRules;
using millrace::spark::test::TopicCountWorld;
using millrace::spark::test::WordCountWorld;
using namespace std::chrono_literals;

namespace {

using Options = WordCountWorld::Options;

/// An executor that holds no receiver.
std::string executorWithoutReceiver(const WordCountWorld& words) {
    for (const auto& [id, executor] : words.driver()->executors()) {
        bool holds = false;
        for (const auto& [stream, place] : words.driver()->receivers()) {
            holds = holds || place.executor == id;
        }
        if (!holds) {
            return words.executor(id.value);
        }
    }
    return {};
}

/// Whether that executor runs tasks of a result stage.
bool computesResults(const WordCountWorld& words) {
    const spark::DriverActor& driver = *words.driver();
    bool isReducing = false;
    for (const auto& [millis, batch] : driver.batches()) {
        for (const spark::Batch::Job& job : batch.jobs) {
            for (const spark::StageInfo& stage : driver.dag().stagesOf(job.id)) {
                isReducing = isReducing || (!stage.shuffle && stage.attempts > 0 && !stage.isDone);
            }
        }
    }
    bool isBusy = false;
    const std::string victim = executorWithoutReceiver(words);
    for (const auto& [id, executor] : driver.executors()) {
        isBusy = isBusy || (words.executor(id.value) == victim && driver.tasks().runningOn(id) > 0);
    }
    return isReducing && isBusy;
}

/// Counts the words of a topic's lines beside brokers, with or without a bug.
std::pair<QString, InvariantStatus> playTopic(const char* invariant, bool BrokenRules::*bug, bool planted) {
    TopicCountWorld::Options options;
    options.broken.*bug = planted;
    TopicCountWorld count(options);
    BookedChecker checker;
    watch(checker, count.world(), 25);
    return {violationsOf(checker), statusOf(checker, invariant)};
}

}  // namespace

class TestPlantedStreamBugs : public QObject {
    Q_OBJECT

    /// A word count of a receiver is played for 30 s, without and with the bug; `during` happens at 9.3 s.
    template <class During>
    static void expectNoticed(const char* invariant, Options options, bool BrokenRules::*bug, const During& during,
                              double untilSeconds = 30) {
        const auto play = [&](bool planted) {
            options.broken = {};
            options.broken.*bug = planted;
            WordCountWorld words(options);
            BookedChecker checker;
            watch(checker, words.world, 9.3);
            during(words);
            watch(checker, words.world, untilSeconds);
            checker.finish(words.world, true);
            return std::pair{violationsOf(checker), statusOf(checker, invariant)};
        };
        const auto [clean, without] = play(false);
        expectCaught(clean, without, play(true).second);
    }
    static void nothingHappens(WordCountWorld&) {}
    static void anExecutorDies(WordCountWorld& words) { words.crash(executorWithoutReceiver(words)); }

    static Options kept() {
        Options options;
        options.keepsUntilAcknowledged = true;
        options.log = true;
        return options;
    }

private slots:
    /// Tasks that ran on a lost executor count as done: their results are nowhere.
    void aLostTaskThatCountsAsDoneIsNoticed() {
        Options options = kept();
        options.rate = 2'000;
        options.records = 20'000;
        options.batch = 500ms;
        const auto play = [&](bool planted) {
            options.broken.forgetsLostTasks = planted;
            WordCountWorld words(options);
            BookedChecker checker;
            watch(checker, words.world, 8.0);
            // While results of a batch are computed there.
            for (int i = 0; i < 5'000 && !computesResults(words); ++i) {
                words.world.run(words.world.now() + 500us);
            }
            words.crash(executorWithoutReceiver(words));
            watch(checker, words.world, 30);
            return std::pair{violationsOf(checker), statusOf(checker, "outputs-are-whole")};
        };
        const auto [clean, without] = play(false);
        expectCaught(clean, without, play(true).second);
    }

    void anOutputThatIsDoneTwiceIsNoticed() {
        expectNoticed("outputs-are-whole", kept(), &BrokenRules::repeatsOutputs, nothingHappens);
    }

    void aBlockThatIsReportedBeforeItIsStoredIsNoticed() {
        Options options = kept();
        options.level = spark::memoryAndDisk;
        expectNoticed("blocks-are-where-reported", options, &BrokenRules::reportsBeforeStored, nothingHappens);
    }

    /// What a receiver has acknowledged and not stored dies with its executor.
    void anAcknowledgementBeforeStoringIsNoticed() {
        Options options = kept();
        options.records = 6'000;
        expectNoticed(
            "streams-lose-nothing-promised", options, &BrokenRules::acknowledgesBeforeStored,
            [](WordCountWorld& words) {
                for (int round = 0; round < 4; ++round) {
                    const auto& place = words.driver()->receivers().begin()->second;
                    words.crash(words.executor(place.executor.value));
                    words.world.run(words.world.now() + 4'030ms);
                }
            },
            60);
    }

    void aBlockInTwoBatchesIsNoticed() {
        expectNoticed("batches-hold-what-was-handed", kept(), &BrokenRules::takesBlocksTwice, nothingHappens);
    }

    void aReducerThatReadsAnotherShufflesOutputIsNoticed() {
        expectNoticed("recomputed-is-the-same", kept(), &BrokenRules::readsStaleOutputs, nothingHappens);
    }

    void anInverseWindowThatSubtractsTheWrongBatchIsNoticed() {
        Options options = kept();
        options.window = 5s;
        options.inverse = true;
        expectNoticed("windows-add-up", options, &BrokenRules::windowOffByOne, nothingHappens);
    }

    void aControllerThatPullsTheWrongWayIsNoticed() {
        Options options = kept();
        options.backpressure = true;
        options.rate = 2'000;
        options.records = 40'000;
        expectNoticed("rates-follow-the-controller", options, &BrokenRules::reversesController, nothingHappens);
    }

    void aCheckpointAheadOfItsOutputsIsNoticed() {
        expectNoticed("checkpoints-keep-open-batches", kept(), &BrokenRules::checkpointsBeforeOutput, nothingHappens);
    }

    /// Map outputs of a window's batches that were lost are made once more, for the wrong reducers.
    void aPartitionThatIsRecomputedWronglyIsNoticed() {
        Options options = kept();
        options.state = true;
        options.records = 4'000;
        expectNoticed("recomputed-is-the-same", options, &BrokenRules::mixesRecomputed, anExecutorDies);
    }

    void aRangeThatLeavesARecordOutIsNoticed() {
        const char* invariant = "batches-hold-what-was-handed";
        const auto [clean, without] = playTopic(invariant, &BrokenRules::skipsOffsets, false);
        expectCaught(clean, without, playTopic(invariant, &BrokenRules::skipsOffsets, true).second);
    }

    void aCommitBeforeItsBatchIsDoneIsNoticed() {
        const char* invariant = "stream-commits-follow-batches";
        const auto [clean, without] = playTopic(invariant, &BrokenRules::commitsBeforeDone, false);
        expectCaught(clean, without, playTopic(invariant, &BrokenRules::commitsBeforeDone, true).second);
    }
};

QTEST_APPLESS_MAIN(TestPlantedStreamBugs)
#include "tst_planted_stream_bugs.moc"
