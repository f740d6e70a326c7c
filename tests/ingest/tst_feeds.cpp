#include <QtTest/QtTest>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/flow/expression.h"
#include "engine/ingest/feed.h"
#include "engine/ingest/models/draws.h"
#include "engine/ingest/replay.h"

using namespace millrace;
using namespace millrace::ingest;
using namespace std::chrono_literals;

namespace {

/// Defaults of a model, with what a test sets; quantities in their smallest unit.
flow::ParameterValues valuesFor(const ModelKind& kind, std::map<std::string, std::string> set = {}) {
    static const std::map<std::string, std::string> durations{
        {"31s", "31000000000"},    {"1s", "1000000000"},     {"1.024s", "1024000000"}, {"60s", "60000000000"},
        {"100ms", "100000000"},    {"5s", "5000000000"},     {"30m", "1800000000000"}, {"8h", "28800000000000"},
        {"23h", "82800000000000"}, {"6h", "21600000000000"}, {"50ms", "50000000"},     {"30d", "2592000000000000"}};
    flow::ParameterValues values;
    for (const flow::Parameter& each : kind.about.parameters) {
        if (each.type == flow::ParameterType::Duration) {
            values.values[std::string{each.key}] = {durations.at(std::string{each.defaultText})};
        }
    }
    for (auto& [key, value] : set) {
        values.values[key] = {value};
    }
    return flow::withDefaults(kind.about, std::move(values));
}

Layout layoutOf(const ModelKind& kind) {
    Layout layout{kind.columns(), {}};
    for (const ModelField& field : kind.fields) {
        layout.units.emplace_back(field.unit);
    }
    return layout;
}

Ref<FeedSpec> feedOf(std::string_view name, std::map<std::string, std::string> set = {}, std::uint64_t seed = 7) {
    const ModelKind* kind = findModelKind(name);
    const flow::ParameterValues values = valuesFor(*kind, std::move(set));
    auto feed = makeRef<FeedSpec>();
    feed->model = kind->make(values, RandomStream(seed, "model"));
    feed->format = findFormat("json");
    feed->layout = layoutOf(*kind);
    feed->rate = kind->rate(values);
    feed->seed = seed;
    feed->name = "test";
    return feed;
}

struct Taken {
    RecordTruth truth;
    std::string key;
    std::string text;
    Row row;
};

std::vector<Taken> take(FeedCursor cursor, const FeedSpec& feed, std::size_t count) {
    std::vector<Taken> all;
    while (all.size() < count && !cursor.exhausted()) {
        Taken taken{cursor.take(), cursor.key(), cursor.text(), {}};
        if (feed.format != nullptr) {
            taken.row = feed.format->read(feed.layout, taken.text).value_or(Row{});
        }
        all.push_back(std::move(taken));
    }
    return all;
}

double realOf(const Taken& taken, std::size_t field) {
    return flow::asNumber(taken.row.at(field)).value_or(std::nan(""));
}

double meanOf(const std::vector<double>& values) {
    double sum = 0;
    for (const double each : values) {
        sum += each;
    }
    return sum / static_cast<double>(values.size());
}

/// Of two rows, the first column in which they differ by more than a format cuts.
std::string differenceOf(const Layout& layout, const Row& written, const Row& read, const Format& format) {
    const bool isToTheSecond = format.name == "common" || format.name == "combined" || format.name == "syslog-3164";
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
        const std::string& name = layout.columns[i].name;
        const bool has = format.fields.empty() || std::any_of(format.fields.begin(), format.fields.end(),
                                                              [&](const auto& each) { return each.name == name; });
        if (!has) {
            continue;
        }
        const auto left = flow::asNumber(written[i]);
        const auto right = flow::asNumber(read[i]);
        double slack = name == "time" && isToTheSecond ? 1'000 : name == "time" ? 1 : 0;
        slack = format.name == "nmea" && name != "time" ? 0.05 : slack;
        const bool isSame = left && right ? std::abs(*left - *right) <= slack : written[i] == read[i];
        if (!isSame) {
            return name + ": " + flow::toText(written[i]) + " became " + flow::toText(read[i]);
        }
    }
    return {};
}

}  // namespace

/// Models of devices, the flaws on their way, formats, replays.
class TestFeeds : public QObject {
    Q_OBJECT
private slots:
    void eachModelReadsWhatItsFieldsSay() {
        for (const ModelKind* kind : modelKinds()) {
            const std::string name{kind->about.kind};
            const auto feed = feedOf(name);
            QVERIFY2(feed->rate > 0, name.c_str());
            QCOMPARE(kind->fields.front().name, std::string_view{"time"});
            const std::vector<Taken> all = take(FeedCursor(feed), *feed, 500);
            QCOMPARE(all.size(), std::size_t{500});
            std::set<std::string> keys;
            for (const Taken& each : all) {
                QVERIFY2(each.row.size() == kind->fields.size(), (name + " " + each.text).c_str());
                QVERIFY2(!each.key.empty(), name.c_str());
                keys.insert(each.key);
            }
            QVERIFY2(keys.size() > 1, name.c_str());
            for (const ModelField& field : kind->fields) {
                QVERIFY2(!field.help.empty() && field.help.back() == '.', name.c_str());
            }
        }
    }

    void aModelReadsTheSameAgainAndOtherwiseWithAnotherSeed() {
        for (const ModelKind* kind : modelKinds()) {
            const auto feed = feedOf(kind->about.kind);
            const auto textsOf = [](const std::vector<Taken>& all) {
                std::string texts;
                for (const Taken& each : all) {
                    texts += each.text;
                }
                return texts;
            };
            FeedCursor cursor(feed);
            const std::string first = textsOf(take(cursor, *feed, 200));
            for (int i = 0; i < 100; ++i) {
                (void)cursor.take();
            }
            const FeedCursor copy = cursor;
            QCOMPARE(textsOf(take(copy, *feed, 100)), textsOf(take(cursor, *feed, 100)));
            QCOMPARE(textsOf(take(FeedCursor(feedOf(kind->about.kind)), *feed, 200)), first);
            QVERIFY(textsOf(take(FeedCursor(feedOf(kind->about.kind, {}, 8)), *feed, 200)) != first);
        }
    }

    /// Law by law: mean and swing of a day, the battery's line, the share of views, the ratio of persons to bids.
    void modelsKeepTheirLaws() {
        const auto motes = feedOf("temperature", {{"devices", "1"}, {"noise", "0.3"}});
        std::vector<double> day;
        for (const Taken& each : take(FeedCursor(motes), *motes, 2'787)) {  // a day of 31 s
            day.push_back(realOf(each, 2));
        }
        QVERIFY2(std::abs(meanOf(day) - 21) < 0.4, qPrintable(QString::number(meanOf(day))));
        const auto [low, high] = std::minmax_element(day.begin(), day.end());
        QVERIFY(*high - *low > 7 && *high - *low < 11);

        const auto ads = feedOf("ad-events");
        std::map<std::string, int> events;
        for (const Taken& each : take(FeedCursor(ads), *ads, 9'000)) {
            ++events[std::get<std::string>(each.row[6])];
        }
        for (const char* const event : {"view", "click", "purchase"}) {
            QVERIFY2(std::abs(events[event] - 3'000) < 200, event);
        }

        const auto auctions = feedOf("nexmark");
        std::map<std::string, int> kinds;
        for (const Taken& each : take(FeedCursor(auctions), *auctions, 5'000)) {
            ++kinds[std::get<std::string>(each.row[1])];
        }
        QCOMPARE(kinds["person"], 100);
        QCOMPARE(kinds["auction"], 300);
        QCOMPARE(kinds["bid"], 4'600);

        const auto ticks = feedOf("stock-ticks");
        const std::vector<Taken> trades = take(FeedCursor(ticks), *ticks, 20'000);
        const double rate = 20'000 / seconds(trades.back().truth.due);
        QVERIFY2(std::abs(rate - 50) < 3, qPrintable(QString::number(rate)));
        for (const Taken& each : trades) {
            QVERIFY(realOf(each, 3) < realOf(each, 4));
        }
    }

    /// Whatever the rate: a plug's work is its load over the time of its stamps.
    void modelsGoByTheTimeAndNotByTheReading() {
        const auto feed = feedOf("smart-plugs", {{"devices", "1"}});
        feed->shape = {RateShape::Law::Square, 10, 100s, 50s, 20s};
        const std::vector<Taken> all = take(FeedCursor(feed), *feed, 2'000);
        double work = 0;
        for (std::size_t i = 1; i < all.size(); ++i) {
            work += realOf(all[i], 4) * seconds(all[i].truth.measured - all[i - 1].truth.measured) / 3.6e6;
        }
        QVERIFY2(std::abs(work - realOf(all.back(), 5)) < 0.01, qPrintable(QString::number(work)));
    }

    void humidityGoesAgainstTheTemperature() {
        const auto feed = feedOf("temperature", {{"devices", "1"}});
        std::vector<double> x;
        std::vector<double> y;
        for (const Taken& each : take(FeedCursor(feed), *feed, std::size_t{7} * 2'787)) {
            x.push_back(realOf(each, 2));
            y.push_back(realOf(each, 3));
        }
        const double meanX = meanOf(x);
        const double meanY = meanOf(y);
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            xy += (x[i] - meanX) * (y[i] - meanY);
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        QVERIFY2(std::abs(xy / std::sqrt(xx * yy) + 0.6) < 0.05, qPrintable(QString::number(xy / std::sqrt(xx * yy))));
    }

    /// Another flaw changes nothing of those that are there.
    void flawsDoNotDisturbEachOther() {
        const auto missingOf = [](double late) {
            const auto feed = feedOf("temperature");
            feed->flaws.missing = 0.1;
            feed->flaws.late = late;
            feed->flaws.lateBy = 1s;
            std::set<std::int64_t> there;
            for (const Taken& each : take(FeedCursor(feed), *feed, 2'000)) {
                there.insert(each.truth.reading);
            }
            there.erase(there.lower_bound(1'900), there.end());
            return there;
        };
        QVERIFY(missingOf(0) == missingOf(0.01));
    }

    void anomaliesAreToldAndCanBeSeen() {
        const auto feed = feedOf("heart-rate", {{"anomalies", "0.01"}});
        int told = 0;
        for (const Taken& each : take(FeedCursor(feed), *feed, 5'000)) {
            const double rate = realOf(each, 2);
            const bool isOdd = rate >= 145 || rate <= 45;
            const bool isTold = (each.truth.flaws & Anomaly) != 0;
            told += isTold ? 1 : 0;
            QVERIFY2(!isTold || isOdd, each.text.c_str());
        }
        QVERIFY(told > 100);
    }

    /// Share of what is lost, and for Gilbert and Elliott also how long the gaps are.
    void missingReadingsFollowTheirLaw() {
        const auto feed = feedOf("temperature");
        feed->flaws.missing = 0.1;
        feed->readingsMax = 50'000;
        FeedCursor cursor(feed);
        while (!cursor.exhausted()) {
            (void)cursor.take();
        }
        QCOMPARE(cursor.readings(), std::int64_t{50'000});
        QCOMPARE(cursor.position(), cursor.readings() - cursor.missing());
        QVERIFY(std::abs(static_cast<double>(cursor.missing()) - 5'000) < 250);

        const auto gaps = feedOf("temperature", {{"devices", "1"}});
        gaps->flaws.gapBegins = 0.01;
        gaps->flaws.gapEnds = 0.25;
        gaps->readingsMax = 100'000;
        std::int64_t last = -1;
        std::vector<double> lengths;
        for (const Taken& each : take(FeedCursor(gaps), *gaps, 100'000)) {
            if (each.truth.reading > last + 1) {
                lengths.push_back(static_cast<double>(each.truth.reading - last - 1));
            }
            last = each.truth.reading;
        }
        QVERIFY2(std::abs(meanOf(lengths) - 4) < 0.4, qPrintable(QString::number(meanOf(lengths))));
    }

    /// The stamp stays that of the measurement, and the order is that of the arrivals.
    void lateRecordsComeBehindYoungerOnes() {
        const auto feed = feedOf("smart-plugs");
        feed->flaws.late = 0.1;
        feed->flaws.lateBy = 3s;
        SimTime last;
        int late = 0;
        std::vector<double> by;
        for (const Taken& each : take(FeedCursor(feed), *feed, 20'000)) {
            QVERIFY(each.truth.due >= last);
            last = each.truth.due;
            QCOMPARE(std::get<std::int64_t>(each.row[0]),
                     std::chrono::floor<std::chrono::milliseconds>(each.truth.measured.time_since_epoch()).count());
            const bool isLate = (each.truth.flaws & Late) != 0;
            QCOMPARE(isLate, each.truth.due > each.truth.measured);
            late += isLate ? 1 : 0;
            if (isLate) {
                by.push_back(seconds(each.truth.due - each.truth.measured));
            }
        }
        QVERIFY(std::abs(late - 2'000) < 200);
        QVERIFY(std::abs(meanOf(by) - 3) < 0.3);
    }

    void copiesAreWordForWordAndHaveTheirOwnPositions() {
        const auto feed = feedOf("card-payments");
        feed->flaws.duplicated = 0.05;
        feed->flaws.duplicateAfter = 500ms;
        std::map<std::int64_t, std::string> texts;
        std::int64_t position = 0;
        int copies = 0;
        for (const Taken& each : take(FeedCursor(feed), *feed, 10'000)) {
            QCOMPARE(each.truth.position, position++);
            if ((each.truth.flaws & Copied) != 0) {
                ++copies;
                QCOMPARE(texts[each.truth.reading], each.text);
            }
            texts[each.truth.reading] = each.text;
        }
        QVERIFY(std::abs(copies - 476) < 80);
    }

    /// Whatever is told to be damaged is not what was measured, and nothing else is.
    void damageIsToldOfEachRecord() {
        const auto pure = feedOf("process");
        const std::vector<Taken> truth = take(FeedCursor(pure), *pure, 3'000);
        for (const Damage damage : {Damage::BitFlip, Damage::Truncation, Damage::Encoding, Damage::WrongType,
                                    Damage::WrongUnit, Damage::Stuck, Damage::Spike, Damage::Drift}) {
            const auto feed = feedOf("process");
            feed->flaws.damaged = 0.02;
            feed->flaws.damageFor = 5s;
            feed->flaws.damages = {damage};
            int damaged = 0;
            for (const Taken& each : take(FeedCursor(feed), *feed, 3'000)) {
                const std::string& pureText = truth[static_cast<std::size_t>(each.truth.reading)].text;
                const bool isDamaged = (each.truth.flaws & Damaged) != 0;
                QVERIFY2(isDamaged == (each.text != pureText), (std::string{toText(damage)} + each.text).c_str());
                damaged += isDamaged ? 1 : 0;
            }
            QVERIFY2(damaged > 30, std::string{toText(damage)}.c_str());
        }
    }

    void clocksAreWrongByDevice() {
        const auto feed = feedOf("heart-rate");
        feed->flaws.clockOffset = 200ms;
        std::map<std::string, std::int64_t> offsets;
        for (const Taken& each : take(FeedCursor(feed), *feed, 1'000)) {
            if (each.truth.measured < SimTime{10s}) {
                continue;  // a stamp is not negative
            }
            const std::int64_t measured =
                std::chrono::floor<std::chrono::milliseconds>(each.truth.measured.time_since_epoch()).count();
            const std::int64_t off = std::get<std::int64_t>(each.row[0]) - measured;
            const auto [known, isNew] = offsets.emplace(each.key, off);
            QVERIFY(std::abs(known->second - off) <= 1);
        }
        QCOMPARE(offsets.size(), std::size_t{10});
        QVERIFY(std::any_of(offsets.begin(), offsets.end(), [](const auto& each) { return each.second > 20; }));
        QVERIFY(std::any_of(offsets.begin(), offsets.end(), [](const auto& each) { return each.second < -20; }));
    }

    void aBurstBringsItsFactorOfRecords() {
        const auto feed = feedOf("ad-events");
        feed->shape = {RateShape::Law::Square, 5, 10s, 2s, 3s};
        int usual = 0;
        int burst = 0;
        for (const Taken& each : take(FeedCursor(feed), *feed, 25'000)) {
            const double at = seconds(each.truth.due);
            usual += at < 2 ? 1 : 0;
            burst += at >= 2 && at < 5 ? 1 : 0;
        }
        QVERIFY2(std::abs(usual - 2'000) < 5, qPrintable(QString::number(usual)));
        QVERIFY2(std::abs(burst - 15'000) < 10, qPrintable(QString::number(burst)));
        const RateShape crowd{RateShape::Law::FlashCrowd, 10, 0s, 60s, 20s};
        QCOMPARE(crowd.factorAt(SimTime{59s}), 1.0);
        QCOMPARE(crowd.factorAt(SimTime{70s}), 10.0);
        QVERIFY(crowd.factorAt(SimTime{120s}) < 3);
    }

    /// Each format with each model whose fields it has.
    void whatIsWrittenIsReadAgain() {
        for (const Format* format : formats()) {
            int rows = 0;
            for (const ModelKind* kind : modelKinds()) {
                const auto columns = kind->columns();
                const bool fits =
                    std::all_of(format->fields.begin(), format->fields.end(), [&](const flow::Column& wanted) {
                        return std::any_of(columns.begin(), columns.end(),
                                           [&](const flow::Column& each) { return each.name == wanted.name; });
                    });
                if (!fits) {
                    continue;
                }
                const auto feed = feedOf(kind->about.kind);
                for (const Taken& each : take(FeedCursor(feed), *feed, 50)) {
                    std::string text;
                    format->write(feed->layout, each.row, text);
                    const RowResult read = format->read(feed->layout, text);
                    QVERIFY2(read.has_value(), (text + "\n" + std::string{read ? "" : read.error()}).c_str());
                    const std::string difference = differenceOf(feed->layout, each.row, *read, *format);
                    QVERIFY2(difference.empty(), (text + "\n" + difference).c_str());
                    ++rows;
                }
            }
            QVERIFY2(rows > 0, std::string{format->name}.c_str());
        }
    }

    /// Quotes, commas, brackets, bars, and what a format itself is made of.
    void oddTextsSurviveEveryFormatThatTakesThem() {
        const Layout layout{{{"time", DatumType::Integer}, {"name", DatumType::Text}, {"note", DatumType::Text}}, {}};
        const Row row{std::int64_t{1'431'857'103'250}, std::string{"a \"b\", c]"},
                      std::string{"x|y^z&~\\ =end\xc3\xbc"}};
        for (const char* const name : {"json", "csv", "syslog-5424", "senml", "fix", "hl7", "framed"}) {
            const Format& format = *findFormat(name);
            std::string text;
            format.write(layout, row, text);
            const RowResult read = format.read(layout, text);
            QVERIFY2(read.has_value(), text.c_str());
            QVERIFY2(differenceOf(layout, row, *read, format).empty(), text.c_str());
        }
    }

    /// Examples of the standards.
    void knownMessagesAreRead() {
        const auto rmc = nmeaFormat().read({nmeaFormat().fields, {}},
                                           "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A");
        QVERIFY(rmc.has_value());
        QVERIFY(std::abs(std::get<double>((*rmc)[1]) - 48.1173) < 1e-4);
        QVERIFY(std::abs(std::get<double>((*rmc)[3]) - 22.4 * 1.852) < 1e-9);
        QCOMPARE(std::get<std::int64_t>((*rmc)[0]), std::int64_t{764'426'119'000});

        const Layout syslog{{{"time", DatumType::Integer},
                             {"host", DatumType::Text},
                             {"app", DatumType::Text},
                             {"priority", DatumType::Integer},
                             {"message", DatumType::Text}},
                            {}};
        const auto modern = syslog5424Format().read(
            syslog, "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed");
        QVERIFY(modern.has_value());
        QCOMPARE(flow::toText((*modern)[1]), std::string{"mymachine.example.com"});
        QCOMPARE(flow::toText((*modern)[3]), std::string{"34"});
        QCOMPARE(flow::toText((*modern)[4]), std::string{"'su root' failed"});
        const auto older = syslog3164Format().read(syslog, "<34>Oct 11 22:14:15 mymachine su: 'su root' failed");
        QVERIFY(older.has_value());
        QCOMPARE(flow::toText((*older)[2]), std::string{"su"});

        const auto line = combinedFormat().read(
            {combinedFormat().fields, {}},
            "1.2.3.4 - bob [10/Oct/2000:13:55:36 -0700] \"GET /a.gif HTTP/1.0\" 200 2326 \"-\" \"x\"");
        QVERIFY(line.has_value());
        QCOMPARE(std::get<std::int64_t>((*line)[0]), std::int64_t{971'211'336'000});
    }

    void damagedMessagesAreRefusedByTheirChecksums() {
        const auto feed = feedOf("vehicles");
        const Row row = take(FeedCursor(feed), *feed, 1).front().row;
        for (const char* const name : {"nmea", "fix", "framed"}) {
            const Format& format = *findFormat(name);
            std::string text;
            format.write(feed->layout, row, text);
            for (std::size_t at = 0; at < text.size(); ++at) {
                std::string flipped = text;
                flipped[at] = static_cast<char>(flipped[at] ^ 1);
                const RowResult read = format.read(feed->layout, flipped);
                const bool isHarmless = read && differenceOf(feed->layout, row, *read, format).empty();
                QVERIFY2(!read || isHarmless || at >= text.size() - 8, flipped.c_str());
            }
        }
    }

    void aFileIsReplayedByItsOwnStamps() {
        const auto timesOf = [](const std::string& text, const std::string& time, double speed) {
            auto plan = replayPlan(makeRef<FileContent>("x", text), time);
            if (!plan) {
                return plan.error();
            }
            auto feed = makeRef<FeedSpec>();
            feed->model = replayModel(*plan, speed);
            feed->isTimed = true;
            std::string all;
            for (const Taken& each : take(FeedCursor(feed), *feed, 100)) {
                all += std::to_string(each.truth.due.time_since_epoch().count() / 1'000'000) + " ";
            }
            return all;
        };
        const std::string csv =
            "timestamp,value\n2013-12-02 21:15:00,73.9\n2013-12-02 21:20:00,74.9\n"
            "2013-12-02 21:19:00,1\n2013-12-02 21:25:00,76.1\n";
        QCOMPARE(timesOf(csv, "", 1), std::string{"0 300000 300000 600000 "});
        QCOMPARE(timesOf(csv, "timestamp", 300), std::string{"0 1000 1000 2000 "});
        QCOMPARE(timesOf(csv, "when", 1), std::string{"its first line names no column 'when'"});
        QCOMPARE(timesOf("{\"ts\":10}\n{\"ts\":10.5}\nbroken\n{\"ts\":12}\n", "", 1), std::string{"0 500 500 2000 "});
        QCOMPARE(timesOf("1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.0\" 200 1\n"
                         "1.2.3.4 - - [10/Oct/2000:13:55:38 +0000] \"GET / HTTP/1.0\" 200 1\n",
                         "", 2),
                 std::string{"0 1000 "});
        QCOMPARE(timesOf("a,b\n1x,2x\n", "", 1), std::string{"no column of it looks like a time stamp: name it"});
    }

    /// Whoever reads late finds what he would have found in time: a rate holds for readings that are due while it
    /// holds.
    void anotherRateHoldsFromItsInstantOnWhoeverReadsWhen() {
        const Ref<FeedSpec> feed = feedOf("temperature", {{"devices", "1"}});
        feed->rate = 10;
        const SimTime change{30s};
        FeedCursor late(feed);
        FeedCursor prompt(feed);
        while (prompt.nextDue() <= change) {
            (void)prompt.take();
        }
        prompt.setRate(1'000, change);
        late.setRate(1'000, change);
        const auto dueBefore = [](FeedCursor cursor, SimTime end) {
            std::int64_t records = cursor.position();
            while (cursor.nextDue() < end) {
                (void)cursor.take();
                ++records;
            }
            return records;
        };
        const std::int64_t atChange = dueBefore(late, change);
        QVERIFY2(std::abs(atChange - 300) <= 2, std::to_string(atChange).c_str());
        const std::int64_t ofLate = dueBefore(late, SimTime{31s});
        const std::int64_t ofPrompt = dueBefore(prompt, SimTime{31s});
        QVERIFY2(std::abs(ofLate - 1'300) <= 2 && std::abs(ofPrompt - ofLate) <= 1,
                 (std::to_string(ofLate) + " " + std::to_string(ofPrompt)).c_str());
        // And one that begins anew with the steps that were told since.
        const auto told = makeRef<FeedSpec>(*feed);
        told->rateSteps.push_back({change, 1'000});
        QVERIFY(std::abs(dueBefore(FeedCursor(told), SimTime{31s}) - ofLate) <= 1);
    }

    void formulasAreWorkedOut_data() {
        QTest::addColumn<QString>("formula");
        QTest::addColumn<QString>("value");
        const auto row = [](const char* formula, const char* value) { QTest::newRow(formula) << formula << value; };
        row("t * 9 / 5 + 32", "68");
        row("1 + 2 * 3", "7");
        row("(1 + 2) * 3", "9");
        row("7 % 4", "3");
        row("7 / 2", "3.5");
        row("-n", "-4");
        row("name == 'view' and n > 3", "true");
        row("name == \"click\" or n >= 4", "true");
        row("not (n = 4)", "false");
        row("nothing is null", "true");
        row("nothing + 1", "");
        row("nothing > 1", "");
        row("nothing > 1 or true", "true");
        row("if(n > 3, \"hot\", \"cold\")", "hot");
        row("round(3.14159, 2)", "3.14");
        row("min(n, 2, 9)", "2");
        row("upper(name) + '!'", "VIEW!");
        row("length(name)", "4");
        row("contains(name, 'ie')", "true");
        row("integer('12') + 1", "13");
        row("number('x')", "");
        row("1 / 0", "");
        row("9223372036854775807 + 1", "9223372036854775808");
    }
    void formulasAreWorkedOut() {
        QFETCH(QString, formula);
        QFETCH(QString, value);
        const auto expression = flow::Expression::make(formula.toStdString());
        QVERIFY2(expression.has_value(), expression ? "" : expression.error().text().c_str());
        const std::map<std::string, flow::Datum> record{
            {"t", 20.0}, {"n", std::int64_t{4}}, {"name", std::string{"view"}}, {"nothing", flow::Datum{}}};
        const auto& fields = (*expression)->fields();
        const flow::Datum result = (*expression)->valueOf([&](std::size_t field) { return record.at(fields[field]); });
        QCOMPARE(QString::fromStdString(flow::toText(result)), value);
    }

    void aFormulaThatIsNoneIsRefusedWithItsPlace() {
        const auto troubleOf = [](const char* text) {
            const auto made = flow::Expression::make(text);
            return made ? std::string{} : made.error().text();
        };
        QCOMPARE(troubleOf("1 +"), std::string{"at character 4: a value was expected"});
        QCOMPARE(troubleOf("a b"), std::string{"at character 3: an operator was expected"});
        QCOMPARE(troubleOf("sin(1)"), std::string{"at character 1: there is no function 'sin'"});
        QCOMPARE(troubleOf("abs(1, 2)"), std::string{"at character 1: abs takes 1 value"});
        QCOMPARE(troubleOf("'x"), std::string{"at character 1: the text has no end"});
        QVERIFY(!troubleOf(std::string(100'000, '(').c_str()).empty());
        QVERIFY(!troubleOf(std::string(100'000, '-').c_str()).empty());
    }
};

QTEST_APPLESS_MAIN(TestFeeds)
#include "tst_feeds.moc"
