#pragma once

#include <QtTest/QTest>
#include <algorithm>
#include <iterator>
#include <string_view>

#include "engine/lab/checker.h"

namespace millrace::lab::test {

using namespace std::chrono_literals;

/// Runs with a look every 100 ms, the last one at the end.
inline void watch(Checker& checker, sim::World& world, double untilSeconds) {
    const SimTime end{fromSeconds(untilSeconds)};
    while (world.now() < end) {
        world.run(std::min(end, world.now() + 100ms));
        checker.observe(world);
    }
}

/// A checker that keeps the books of its world as a session does. Not to be moved before the last look.
struct BookedChecker : Checker {
    run::Ledger ledger;
};

inline void watch(BookedChecker& checker, sim::World& world, double untilSeconds) {
    world.listenToFacts();
    checker.follow(checker.ledger);
    const SimTime end{fromSeconds(untilSeconds)};
    std::vector<sim::ToldFact> facts;
    while (world.now() < end) {
        world.run(std::min(end, world.now() + 100ms));
        world.takeFacts(facts);
        const std::vector<sim::NumberedEffect> effects = world.takeEffects();
        checker.ledger.take(world, facts, effects);
        checker.observe(world);
    }
}

inline InvariantStatus statusOf(const Checker& checker, std::string_view name) {
    for (const InvariantStatus& status : checker.status()) {
        if (status.name == name) {
            return status;
        }
    }
    MILLRACE_CHECK(false, name);
    return {};
}

inline QString violationsOf(const Checker& checker) {
    QString text;
    for (const InvariantStatus& status : checker.status()) {
        if (status.first) {
            text += QString::fromStdString(status.name + ": " + status.first->text + "\n");
        }
    }
    return text;
}

/// What only jobs of MapReduce, blocks of HDFS and streaming applications of Spark give it to compare.
inline bool needsOtherSystems(std::string_view invariant) {
    constexpr std::string_view names[] = {
        "jobs-equal-a-single-pass",      "reduces-get-what-maps-gave",  "each-line-is-read-once",
        "attempts-are-bounded",          "one-attempt-commits",         "replicas-come-back",
        "streams-lose-nothing-promised", "blocks-are-where-reported",   "windows-add-up",
        "batches-hold-what-was-handed",  "outputs-are-whole",           "recomputed-is-the-same",
        "checkpoints-keep-open-batches", "rates-follow-the-controller", "stream-commits-follow-batches"};
    return std::find(std::begin(names), std::end(names), invariant) != std::end(names);
}

/// A scene is played without and with the bug: without, all holds and was checked; with it, this one notices.
inline void expectCaught(const QString& clean, const InvariantStatus& without, const InvariantStatus& with) {
    QCOMPARE(clean, QString{});
    QVERIFY2(without.checked > 1, qPrintable(QString::number(without.checked)));
    QVERIFY2(!with.holds(), "the planted bug was not noticed");
    qInfo("%s", with.first->text.c_str());
}

}  // namespace millrace::lab::test
