#include "widgets/models/losses.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Losses)
};

QString causeOf(const observe::LossView& loss) {
    if (loss.cause == "unclean-election") {
        return Words::tr("a replica without them was elected leader (unclean election)");
    }
    if (loss.cause == "acks") {
        return Words::tr("only the leader that was had them when they were acknowledged (acks)");
    }
    if (loss.cause == "power-loss") {
        return Words::tr("every replica lost power before they were on a disk");
    }
    return format::text(loss.cause);
}

QString offsets(std::int64_t from, std::int64_t to) {
    return from == to ? Words::tr("offset %1").arg(format::count(from))
                      : Words::tr("offsets %1 to %2").arg(format::count(from), format::count(to));
}

observe::ProblemView problemOf(const observe::OriginView& origin, const observe::GivenUpView& givenUp) {
    observe::ProblemView problem;
    problem.object = observe::sourceId(origin.source);
    problem.field = format::utf8(Words::tr("given up"));
    const QString who = format::text(origin.source);
    const QString why = format::text(givenUp.reason);
    problem.text = format::utf8(
        givenUp.records == 1 ? Words::tr("1 record of %1 was given up by its producer: %2 (position %3)")
                                   .arg(who, why, format::count(givenUp.firstPosition))
                             : Words::tr("%1 records of %2 were given up by their producer: %3 (positions %4 to %5)")
                                   .arg(format::count(givenUp.records), who, why, format::count(givenUp.firstPosition),
                                        format::count(givenUp.lastPosition)));
    return problem;
}

}  // namespace

QString textOf(const observe::LossView& loss) {
    const QString where =
        Words::tr("%1-%2, %3")
            .arg(format::text(loss.topic), QString::number(loss.partition), offsets(loss.fromOffset, loss.toOffset));
    const QString what = loss.records == 1
                             ? Words::tr("1 acknowledged record of %1 is lost").arg(format::text(loss.producer))
                             : Words::tr("%1 acknowledged records of %2 are lost")
                                   .arg(format::count(loss.records), format::text(loss.producer));
    const QString text = Words::tr("%1: %2: %3").arg(what, where, causeOf(loss));
    return loss.wasPromised ? Words::tr("%1. The producer's settings promise that this never happens").arg(text) : text;
}

std::vector<observe::ProblemView> shortcomingsOf(const observe::RunView& run) {
    std::vector<observe::ProblemView> problems;
    for (const observe::LossView& loss : run.origins.losses) {
        problems.push_back({observe::Severity::Error, observe::partitionId(loss.topic, loss.partition),
                            format::utf8(Words::tr("lost")),
                            format::utf8(Words::tr("at %1: %2").arg(format::seconds(loss.at), textOf(loss))), loss.at});
    }
    std::stable_sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) { return a.at > b.at; });
    for (const observe::OriginView& origin : run.origins.sources) {
        for (const observe::GivenUpView& givenUp : origin.givenUp) {
            problems.push_back(problemOf(origin, givenUp));
        }
    }
    return problems;
}

QString briefOfShortcomings(const observe::RunView& run) {
    std::int64_t lost = 0;
    std::int64_t givenUp = 0;
    for (const observe::LossView& loss : run.origins.losses) {
        lost += loss.records;
    }
    for (const observe::OriginView& origin : run.origins.sources) {
        givenUp += origin.failed;
    }
    constexpr std::int64_t toldWhole = 10'000;
    const auto brief = [](std::int64_t count) {
        return count < toldWhole ? format::count(count)
                                 : format::rate(static_cast<double>(count)).remove(QStringLiteral("/s"));
    };
    QStringList parts;
    if (lost > 0) {
        parts.append(Words::tr("%1 lost").arg(brief(lost)));
    }
    if (givenUp > 0) {
        parts.append(Words::tr("%1 given up").arg(brief(givenUp)));
    }
    return parts.join(QStringLiteral(", "));
}

const observe::LossView* newestLoss(const observe::RunView& run) {
    const auto& losses = run.origins.losses;
    const auto newest =
        std::max_element(losses.begin(), losses.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return newest == losses.end() ? nullptr : &*newest;
}

}  // namespace millrace::widgets
