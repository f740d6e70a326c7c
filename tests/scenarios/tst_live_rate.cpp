#include <QTemporaryDir>
#include <QTest>
#include <memory>

#include "engine/run/engine.h"
#include "engine/run/inputs.h"
#include "engine/run/rate_input.h"
#include "engine/run/recording.h"
#include "engine/run/report_of.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;
using namespace std::chrono_literals;

namespace {

SimTime at(double second) {
    return SimTime{fromSeconds(second)};
}

std::unique_ptr<run::Engine> opened() {
    scenario::ScenarioReading reading = scenario::readScenarioFile({"scenarios/first-steps.json", {}, {}});
    return std::move(*run::Engine::open(std::move(*reading.scenario), {}));
}

std::int64_t produced(const run::Engine& engine) {
    return run::describeSystems(engine.scenario(), engine.world()).sources.front().produced;
}

/// The newest entry about a rate that was set.
const sim::JournalEntry* toldOf(const run::Engine& engine) {
    const sim::JournalEntry* told = nullptr;
    const sim::Journal& journal = engine.world().journal();
    for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
        const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
        told = entry != nullptr && entry->kind == "ingest.rate-set" ? entry : told;
    }
    return told;
}

}  // namespace

class TestLiveRate : public QObject {
    Q_OBJECT

private slots:
    void aSourceIsReadAtAnotherRateFromTheInstantOnAndARecordingRepeatsIt();
    void aRateThatWasSetHoldsWhenItsProducerStartsAgain();
    void aRecordedRateThatIsNoneIsRefused();
};

void TestLiveRate::aRateThatWasSetHoldsWhenItsProducerStartsAgain() {
    const auto engine = opened();
    engine->play({at(31), false, {}});
    const auto inject = [&](const Ref<const sim::Input>& input) {
        QVERIFY(engine->session().inject(input).has_value());
    };
    const auto readIn = [&](double from, double to) {
        engine->play({at(from), false, {}});
        const std::int64_t before = produced(*engine);
        engine->play({at(to), false, {}});
        return produced(*engine) - before;
    };
    inject(makeRef<run::RateInput>("writer", 200.0));
    engine->play({at(33), false, {}});
    inject(makeRef<run::FaultInput>(sim::FaultSpec{sim::FaultKind::Crash, "producer:writer", 0, 1s}));
    const std::int64_t afterACrash = readIn(36, 40);
    QVERIFY2(afterACrash > 700 && afterACrash < 900, std::to_string(afterACrash).c_str());
    // One that is down takes the setting too.
    inject(makeRef<run::FaultInput>(sim::FaultSpec{sim::FaultKind::Power, "host:office", 0, 2s}));
    engine->play({at(41), false, {}});
    inject(makeRef<run::RateInput>("writer", 50.0));
    const std::int64_t afterPowerLoss = readIn(46, 50);
    // And says so where it begins to hold.
    const sim::JournalEntry* told = toldOf(*engine);
    QVERIFY(told != nullptr);
    QCOMPARE(told->field("records_per_second"), std::string_view{"50"});
    QVERIFY(told->time > at(41));
    QVERIFY2(afterPowerLoss > 150 && afterPowerLoss < 250, std::to_string(afterPowerLoss).c_str());
}

void TestLiveRate::aSourceIsReadAtAnotherRateFromTheInstantOnAndARecordingRepeatsIt() {
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("run.jsonl")).toStdString();
    const auto engine = opened();
    engine->play({at(31), false, {}});
    const std::int64_t before = produced(*engine);
    auto writer = run::RecordingWriter::create(path, {"first-steps.json", "{}", {}, 7, 0});
    QVERIFY(engine->session().inject(makeRef<run::RateInput>("writer", 200.0)).has_value());
    QVERIFY(writer->write(engine->session().inputs().back()).has_value());
    engine->play({at(36), false, {}});
    const std::int64_t more = produced(*engine) - before;
    QVERIFY2(more > 900 && more < 1100, std::to_string(more).c_str());
    QVERIFY(writer->finish(engine->world()).has_value());

    const sim::JournalEntry* told = toldOf(*engine);
    QVERIFY(told != nullptr);
    QCOMPARE(told->time >= at(31), true);

    const auto recording = run::readRecording(path, run::InputCodec{});
    QVERIFY2(recording.has_value(), recording.has_value() ? "" : recording.error().message.c_str());
    const auto again = opened();
    QVERIFY(run::replay(again->session(), *recording).has_value());
    QCOMPARE(again->world().fingerprint(), engine->world().fingerprint());

    // Without it, from just before: the slow rate again.
    QVERIFY(engine->session().seek(at(30)).has_value());
    QVERIFY(engine->session().undoInput(0).has_value());
    engine->play({at(36), false, {}});
    QVERIFY2(produced(*engine) - before < 200, std::to_string(produced(*engine) - before).c_str());
}

void TestLiveRate::aRecordedRateThatIsNoneIsRefused() {
    for (const char* payload :
         {R"({"producer":"writer"})", R"({"producer":"writer","per_second":0})",
          R"({"producer":"writer","per_second":"many"})", R"({"producer":5,"per_second":1})", "["}) {
        QVERIFY2(!run::RateInput::fromPayload(payload).has_value(), payload);
    }
}

QTEST_GUILESS_MAIN(TestLiveRate)
#include "tst_live_rate.moc"
