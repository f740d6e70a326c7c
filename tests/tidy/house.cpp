#include "tests/tidy/house.h"

#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <algorithm>
#include <functional>

namespace millrace::tidy {

namespace {

const int facadeFloor = 8;

// From the ground up. A room may use what stands below it, never what stands beside or above.
const QMap<QString, int>& floors() {
    static const QMap<QString, int> table{
        {u"engine/base"_qs, 1},
        {u"engine/sim"_qs, 2},
        {u"engine/observe"_qs, 2},
        {u"engine/flow"_qs, 3},
        {u"engine/describe"_qs, 3},
        {u"engine/zookeeper"_qs, 4},
        {u"engine/ingest"_qs, 4},
        {u"engine/store"_qs, 4},
        {u"engine/monitor"_qs, 4},
        {u"widgets"_qs, 4},
        {u"engine/kafka"_qs, 5},
        {u"engine/hadoop"_qs, 5},
        {u"engine/storm"_qs, 6},
        {u"engine/spark"_qs, 6},
        {u"engine/scenario"_qs, 7},
        {u"engine/run"_qs, facadeFloor},
        {u"engine/lab"_qs, 9},
        {u"engine/gateway"_qs, 9},
        {u"app"_qs, 10},
    };
    return table;
}

// A part of a room: what begins so belongs to it. Parts of one floor do not know one another.
struct Part {
    int floor = 0;
    QStringList beginnings;
};

// The floors inside of rooms, from the ground up.
const QList<Part>& parts() {
    static const QList<Part> table{
        {0,
         {u"engine/kafka/types."_qs, u"engine/kafka/cost."_qs, u"engine/kafka/error_code."_qs,
          u"engine/kafka/shared_name."_qs, u"engine/kafka/broker_set."_qs, u"engine/kafka/change_list."_qs,
          u"engine/kafka/last_place."_qs, u"engine/kafka/partitioner."_qs, u"engine/kafka/settings/"_qs,
          u"engine/kafka/metrics."_qs, u"engine/kafka/journal_kinds."_qs}},
        {1, {u"engine/kafka/log/"_qs}},
        {2, {u"engine/kafka/protocol/"_qs}},
        {3, {u"engine/kafka/facts."_qs}},
        {3, {u"engine/kafka/zk/"_qs}},
        {4, {u"engine/kafka/wire/"_qs}},
        {4, {u"engine/kafka/client/"_qs}},
        {4, {u"engine/kafka/broker/"_qs}},
        {5, {u"engine/kafka/controller/"_qs}},
        {5, {u"engine/kafka/group/"_qs}},
        {6, {u"engine/kafka/server/"_qs}},
        {7, {u"engine/kafka/describe."_qs, u"engine/kafka/waits."_qs, u"engine/kafka/partition_looks."_qs}},
        {0,
         {u"engine/storm/config."_qs, u"engine/storm/cost."_qs, u"engine/storm/ids."_qs, u"engine/storm/names."_qs,
          u"engine/storm/settings."_qs, u"engine/storm/metrics."_qs, u"engine/storm/journal_kinds."_qs}},
        {1,
         {u"engine/storm/runtime/"_qs, u"engine/storm/topology."_qs, u"engine/storm/messages."_qs,
          u"engine/storm/state."_qs}},
        {2, {u"engine/storm/operators/"_qs}},
        {3, {u"engine/storm/cluster/"_qs}},
        {4, {u"engine/storm/describe."_qs, u"engine/storm/waits."_qs, u"engine/storm/past_counts."_qs}},
        {0,
         {u"engine/run/position_set."_qs, u"engine/run/page_watch."_qs, u"engine/run/checkpoint_thinning."_qs,
          u"engine/run/coordination_book."_qs, u"engine/run/rejected_book."_qs, u"engine/run/stream_book."_qs,
          u"engine/run/truth_book."_qs, u"engine/run/inputs."_qs, u"engine/run/rate_input."_qs,
          u"engine/run/withdraw_input."_qs, u"engine/run/effect_pump."_qs, u"engine/run/progress."_qs,
          u"engine/run/standstill."_qs, u"engine/run/waiting_for."_qs, u"engine/run/report/"_qs}},
        {1, {u"engine/run/ledger."_qs, u"engine/run/ledger_readers."_qs}},
        {2, {u"engine/run/session."_qs}},
        {3, {u"engine/run/engine."_qs, u"engine/run/recording."_qs, u"engine/run/failure_bundle."_qs}},
        {4, {u"engine/run/story."_qs, u"engine/run/figures."_qs, u"engine/run/waits."_qs, u"engine/run/report_of."_qs}},
        {0,
         {u"engine/scenario/document/"_qs, u"engine/scenario/nearest."_qs, u"engine/scenario/units."_qs,
          u"engine/scenario/files."_qs, u"engine/scenario/open_work."_qs, u"engine/scenario/port_book."_qs,
          u"engine/scenario/report_values."_qs, u"engine/scenario/world_processes."_qs, u"engine/scenario/shipped."_qs,
          u"engine/scenario/flow_drawing."_qs}},
        {1, {u"engine/scenario/catalog/"_qs, u"engine/scenario/collection."_qs}},
        {2,
         {u"engine/scenario/scenario.h"_qs, u"engine/scenario/run_judgement."_qs, u"engine/scenario/operators."_qs,
          u"engine/scenario/world_builder."_qs}},
        {3, {u"engine/scenario/shape/"_qs, u"engine/scenario/plan_reader."_qs}},
        {4, {u"engine/scenario/section.h"_qs}},
        {5,
         {u"engine/scenario/sections."_qs, u"engine/scenario/written_out."_qs, u"engine/scenario/references/"_qs,
          u"engine/scenario/references."_qs, u"engine/scenario/planned_views."_qs,
          u"engine/scenario/target_resolver."_qs}},
        {6, {u"engine/scenario/sections/"_qs}},
        {7,
         {u"engine/scenario/build."_qs, u"engine/scenario/flow_of."_qs, u"engine/scenario/plan_builder."_qs,
          u"engine/scenario/scenario_reader."_qs}},
        {0, {u"widgets/style/"_qs}},
        {1, {u"widgets/models/"_qs}},
        {2, {u"widgets/controls/"_qs}},
        {2, {u"widgets/canvas/"_qs}},
        {3, {u"widgets/charts/"_qs}},
        {3, {u"widgets/panels/"_qs}},
        {3, {u"widgets/timeline/"_qs}},
        {3, {u"widgets/cluster/"_qs}},
        {3, {u"widgets/pages/"_qs}},
        {4, {u"widgets/compare/"_qs}},
        {4, {u"widgets/hadoop/"_qs}},
        {4, {u"widgets/ingest/"_qs}},
        {4, {u"widgets/spark/"_qs}},
        {4, {u"widgets/inspector/"_qs}},
    };
    return table;
}

// The part of its room that a file stands in; null in a room without floors, and for a file that none of them claims.
const Part* partOf(const QString& file) {
    for (const Part& part : parts()) {
        if (std::any_of(part.beginnings.begin(), part.beginnings.end(),
                        [&](const QString& beginning) { return file.startsWith(beginning); })) {
            return &part;
        }
    }
    return nullptr;
}

bool hasParts(const QString& room) {
    return std::any_of(parts().begin(), parts().end(),
                       [&](const Part& part) { return part.beginnings.constFirst().startsWith(room + u'/'); });
}

const QStringList sourceFolders{u"engine"_qs, u"widgets"_qs, u"app"_qs, u"tests"_qs};

struct Include {
    int line = 0;
    bool quoted = false;
    QString path;
};

QString textOf(const QDir& root, const QString& file) {
    QFile source(root.filePath(file));
    return source.open(QIODevice::ReadOnly) ? QString::fromUtf8(source.readAll()) : QString();
}

QString complaint(const QString& file, int line, const QString& what) {
    return u"%1:%2: %3"_qs.arg(file).arg(line).arg(what);
}

QString topFolder(const QString& file) {
    return file.section(u'/', 0, 0);
}

bool isHeader(const QString& file) {
    return file.endsWith(u".h");
}

// "engine/kafka" of "engine/kafka/log/segment.h", "app" of "app/studio/main.cpp", nothing of what is in no room.
QString roomOf(const QString& file) {
    const QString top = topFolder(file);
    const QString room = top == u"engine" ? file.section(u'/', 0, 1) : top;
    return file.contains(u'/') && floors().contains(room) ? room : QString();
}

QStringList sourceFiles(const QDir& root) {
    QStringList files = projectFiles(root);
    files.removeIf([](const QString& file) {
        return !sourceFolders.contains(topFolder(file)) || !(isHeader(file) || file.endsWith(u".cpp"));
    });
    return files;
}

void forEachLine(const QString& text, const std::function<void(int, const QString&)>& visit) {
    int number = 0;
    for (const QString& line : text.split(u'\n')) {
        visit(++number, line);
    }
}

QList<Include> includesOf(const QDir& root, const QString& file) {
    static const QRegularExpression directive(uR"(^\s*#\s*include\s*([<"])([^>"]+)[>"])"_qs);
    QList<Include> includes;
    forEachLine(textOf(root, file), [&](int line, const QString& text) {
        if (const auto match = directive.match(text); match.hasMatch()) {
            includes.append({line, match.captured(1) == u"\"", match.captured(2)});
        }
    });
    return includes;
}

// One complaint for each include of a source file about which the rule has something to say.
QStringList aboutIncludes(const QDir& root, const std::function<QString(const QString&, const Include&)>& rule) {
    QStringList complaints;
    for (const QString& file : sourceFiles(root)) {
        for (const Include& include : includesOf(root, file)) {
            if (const QString what = rule(file, include); !what.isEmpty()) {
                complaints.append(complaint(file, include.line, what));
            }
        }
    }
    return complaints;
}

// One complaint for each line of a file that matches.
QStringList aboutLines(const QDir& root, const QStringList& files, const QRegularExpression& bad, const QString& what) {
    QStringList complaints;
    for (const QString& file : files) {
        forEachLine(textOf(root, file), [&](int line, const QString& text) {
            if (const auto match = bad.match(text); match.hasMatch()) {
                complaints.append(complaint(file, line, what.arg(match.captured())));
            }
        });
    }
    return complaints;
}

bool isQt(const Include& include) {
    static const QRegularExpression header(u"^(Q[A-Z]|Qt[A-Z]|qcustomplot\\.h)"_qs);
    return header.match(include.path).hasMatch();
}

}  // namespace

QStringList projectFiles(const QDir& root) {
    QStringList files;
    for (const QFileInfo& entry : root.entryInfoList(QDir::AllEntries | QDir::NoDotAndDotDot, QDir::Name)) {
        if (entry.isFile()) {
            files.append(entry.fileName());
        } else if (!entry.fileName().startsWith(u"build")) {
            QDirIterator inside(entry.filePath(), QDir::Files, QDirIterator::Subdirectories);
            while (inside.hasNext()) {
                files.append(root.relativeFilePath(inside.next()));
            }
        }
    }
    files.removeIf([](const QString& file) { return file.contains(u"__pycache__"); });
    files.sort();
    return files;
}

QStringList brokenFloors(const QDir& root) {
    static const QStringList seenByWidgets{u"engine/base"_qs, u"engine/flow"_qs, u"engine/observe"_qs};
    QStringList complaints;
    for (const QString& file : sourceFiles(root)) {
        if (topFolder(file) != u"tests" && roomOf(file).isEmpty()) {
            complaints.append(complaint(file, 1, u"stands in no room of the house"_qs));
        }
    }
    return complaints + aboutIncludes(root, [](const QString& file, const Include& include) -> QString {
               const QString room = roomOf(file);
               const QString used = include.quoted ? roomOf(include.path) : QString();
               const bool isCommandLine = file.startsWith(u"app/cli/");
               if (room.isEmpty()) {
                   return {};
               }
               if ((topFolder(file) == u"engine" || isCommandLine) && isQt(include)) {
                   return u"%1 is built without Qt but includes %2"_qs.arg(isCommandLine ? u"app/cli"_qs : room,
                                                                           include.path);
               }
               if (used == room || used.isEmpty()) {
                   return isCommandLine && include.path.startsWith(u"app/studio/") ? u"app/cli includes the studio"_qs
                                                                                   : QString();
               }
               if (isCommandLine && used == u"widgets") {
                   return u"app/cli includes widgets"_qs;
               }
               if (floors().value(used) >= floors().value(room)) {
                   return u"%1 (floor %2) includes %3 (floor %4)"_qs.arg(room)
                       .arg(floors().value(room))
                       .arg(used)
                       .arg(floors().value(used));
               }
               if (room == u"widgets" && !seenByWidgets.contains(used)) {
                   return u"widgets sees base, flow and observe, not %1"_qs.arg(used);
               }
               return {};
           });
}

QStringList brokenFloorsInside(const QDir& root) {
    QStringList complaints;
    for (const QString& file : sourceFiles(root)) {
        if (hasParts(roomOf(file)) && partOf(file) == nullptr) {
            complaints.append(complaint(file, 1, u"stands on no floor of %1"_qs.arg(roomOf(file))));
        }
    }
    return complaints + aboutIncludes(root, [](const QString& file, const Include& include) -> QString {
               const Part* part = partOf(file);
               const Part* used =
                   include.quoted && roomOf(include.path) == roomOf(file) ? partOf(include.path) : nullptr;
               if (part == nullptr || used == nullptr || used == part || used->floor < part->floor) {
                   return {};
               }
               return u"stands on floor %1 of %2 and includes %3 of floor %4"_qs.arg(part->floor)
                   .arg(roomOf(file), include.path)
                   .arg(used->floor);
           });
}

QStringList namedSystems(const QDir& root) {
    static const QSet<QString> systems{u"engine/zookeeper"_qs, u"engine/kafka"_qs, u"engine/hadoop"_qs,
                                       u"engine/storm"_qs, u"engine/spark"_qs};
    static const QSet<QString> mayName{u"engine/scenario/world_builder.h"_qs,
                                       // The wrapper of RE2 stands beside the bolt that matches with it.
                                       u"engine/scenario/shape/check_shape.cpp"_qs};
    return aboutIncludes(root, [](const QString& file, const Include& include) -> QString {
        const QString sections = u"engine/scenario/sections/"_qs;
        const bool isGeneral = roomOf(file) == u"engine/scenario" && !file.startsWith(sections);
        const bool isNamed = systems.contains(roomOf(include.path)) || include.path.startsWith(sections);
        return isGeneral && isNamed && !mayName.contains(file)
                   ? u"names a system (%1): its section says what is to be said"_qs.arg(include.path)
                   : QString();
    });
}

QStringList namedZooKeeper(const QDir& root) {
    return aboutIncludes(root, [](const QString& file, const Include& include) -> QString {
        const bool isInside = file.startsWith(u"engine/kafka/"_qs) && !file.startsWith(u"engine/kafka/zk/"_qs) &&
                              !file.startsWith(u"engine/kafka/server/"_qs);
        return isInside && include.path == u"engine/zookeeper/client.h"_qs
                   ? u"asks ZooKeeper itself: engine/kafka/zk says what the cluster keeps there"_qs
                   : QString();
    });
}

QStringList askedKinds(const QDir& root) {
    static const QStringList owners{u"engine/observe/"_qs,   u"engine/scenario/sections/"_qs,
                                    u"engine/zookeeper/"_qs, u"engine/ingest/"_qs,
                                    u"engine/kafka/"_qs,     u"engine/hadoop/"_qs,
                                    u"engine/storm/"_qs,     u"engine/spark/"_qs,
                                    u"widgets/hadoop/"_qs,   u"widgets/spark/"_qs};
    static const QRegularExpression asked(
        u"(\\bcase|[=!]=)\\s*(\\w+::)*(ObjectKind|NodeKind)::(?!(Unknown|Host|Link|Disk)\\b)\\w+"
        "|\\b(ObjectKind|NodeKind)::(?!(Unknown|Host|Link|Disk)\\b)\\w+\\s*[=!]="_qs);
    QStringList files = sourceFiles(root);
    files.removeIf([](const QString& file) {
        return topFolder(file) == u"tests" ||
               std::any_of(owners.begin(), owners.end(), [&](const QString& owner) { return file.startsWith(owner); });
    });
    return aboutLines(root, files, asked, u"\"%1\" asks for a kind by name: its row says what is to be known of it"_qs);
}

QStringList misplacedIncludes(const QDir& root) {
    QStringList complaints = aboutIncludes(root, [&](const QString& file, const Include& include) -> QString {
        const bool isGenerated = include.path == QFileInfo(file).completeBaseName() + u".moc"_qs;
        if (!include.quoted || isGenerated || root.exists(include.path)) {
            return {};
        }
        return u"\"%1\" is no path from the root of the project"_qs.arg(include.path);
    });
    for (const QString& file : sourceFiles(root)) {
        const QString own = file.chopped(QFileInfo(file).suffix().size()) + u"h"_qs;
        const QList<Include> includes = includesOf(root, file);
        if (!isHeader(file) && root.exists(own) && (includes.isEmpty() || includes.first().path != own)) {
            complaints.append(complaint(file, 1, u"does not include %1 first"_qs.arg(own)));
        }
    }
    return complaints;
}

namespace {

/// What a class declares at its own level, bodies and nested classes left out.
struct ClassCounts {
    int members = 0;
    int functions = 0;
};

ClassCounts countsOf(const QString& text, qsizetype brace) {
    static const QRegularExpression labels(
        u"^\\s*(Q_OBJECT\\b|(public|protected|private|signals)(\\s+slots)?\\s*:)"_qs);
    static const QRegularExpression others(u"^\\s*(using|friend|enum|class|struct|template|static_assert)\\b"_qs);
    static const QRegularExpression member(u"\\bm_\\w+\\s*(=.*)?$"_qs, QRegularExpression::DotMatchesEverythingOption);
    ClassCounts counts;
    QString statement;
    int depth = 1;
    const auto end = [&] {
        for (auto label = labels.match(statement); label.hasMatch(); label = labels.match(statement)) {
            statement.remove(0, label.capturedEnd());
        }
        statement = statement.trimmed();
        if (member.match(statement).hasMatch()) {
            ++counts.members;
        } else if (statement.contains(u'(') && !others.match(statement).hasMatch()) {
            ++counts.functions;
        }
        statement.clear();
    };
    for (qsizetype i = brace + 1; i < text.size() && depth > 0; ++i) {
        const QChar letter = text[i];
        if (letter == u'{') {
            if (depth++ == 1) {
                end();
            }
        } else if (letter == u'}') {
            --depth;
        } else if (depth == 1 && letter == u';') {
            end();
        } else if (depth == 1) {
            statement += letter;
        }
    }
    return counts;
}

}  // namespace

QStringList crowdedClasses(const QDir& root) {
    constexpr int membersMost = 25;
    constexpr int functionsMost = 40;
    static const QRegularExpression notes(u"//[^\\n]*"_qs);
    static const QRegularExpression head(u"\\b(?:class|struct)\\s+(\\w+)(?:\\s+final)?\\s*(?::[^;{}]*)?\\{"_qs);
    QStringList complaints;
    for (const QString& file : sourceFiles(root)) {
        if (!isHeader(file) || !file.startsWith(u"app/studio/"_qs)) {
            continue;
        }
        QFile opened(root.filePath(file));
        if (!opened.open(QIODevice::ReadOnly)) {
            continue;
        }
        const QString text = QString::fromUtf8(opened.readAll()).remove(notes);
        for (auto found = head.globalMatch(text); found.hasNext();) {
            const QRegularExpressionMatch each = found.next();
            const ClassCounts counts = countsOf(text, each.capturedEnd() - 1);
            if (counts.members > membersMost || counts.functions > functionsMost) {
                const auto line = static_cast<int>(text.left(each.capturedStart()).count(u'\n')) + 1;
                complaints.append(
                    complaint(file, line,
                              u"%1 has %2 members and %3 functions: it is several parts"_qs.arg(each.captured(1))
                                  .arg(counts.members)
                                  .arg(counts.functions)));
            }
        }
    }
    return complaints;
}

QStringList exposedLibraries(const QDir& root) {
    static const QRegularExpression wrapped(
        u"^(boost/(graph|asio)[/.]|rapidjson/|nlohmann/json\\.hpp|yaml-cpp/|graphviz/|qcustomplot\\.h)"_qs);
    return aboutIncludes(root, [](const QString& file, const Include& include) -> QString {
        const bool isExposed = isHeader(file) && topFolder(file) != u"tests" && wrapped.match(include.path).hasMatch();
        return isExposed ? u"%1 belongs into a source file, behind a wrapper"_qs.arg(include.path) : QString();
    });
}

QStringList brokenDeterminism(const QDir& root) {
    static const QRegularExpression outside(
        u"\\b(system_clock|steady_clock|high_resolution_clock|random_device|std::mt19937\\w*|std::\\w+_distribution|"
        "std::j?thread|std::this_thread|std::async|std::shuffle|getenv)\\b"_qs);
    QStringList simulated = sourceFiles(root);
    simulated.removeIf([](const QString& file) {
        return topFolder(file) != u"engine" || floors().value(roomOf(file)) >= facadeFloor;
    });
    return aboutLines(root, simulated, outside, u"%1 would make a run depend on more than build, scenario and seed"_qs);
}

QStringList ownConnections(const QDir& root) {
    static const QRegularExpression connect(u"\\bcontext(\\.|->)connect\\("_qs);
    QStringList talking = sourceFiles(root);
    talking.removeIf([](const QString& file) {
        return topFolder(file) != u"engine" || file == u"engine/sim/link.cpp" || file == u"engine/sim/context.cpp";
    });
    return aboutLines(root, talking, connect, u"%1: who talks to a peer has a sim::Link to it"_qs);
}

QStringList misnamedFiles(const QDir& root) {
    static const QRegularExpression snakeCase(u"^[a-z][a-z0-9]*(_[a-z0-9]+)*\\.(h|cpp)$"_qs);
    static const QRegularExpression guard(u"^#pragma once$"_qs, QRegularExpression::MultilineOption);
    QStringList complaints;
    for (const QString& file : sourceFiles(root)) {
        if (!snakeCase.match(QFileInfo(file).fileName()).hasMatch()) {
            complaints.append(complaint(file, 1, u"is not named in_snake_case"_qs));
        }
        if (isHeader(file) && !guard.match(textOf(root, file)).hasMatch()) {
            complaints.append(complaint(file, 1, u"has no #pragma once"_qs));
        }
    }
    return complaints;
}

/// A run of a scenario leaves its outputs beside it: they belong to nobody.
QStringList strayOutputs(const QDir& root) {
    QStringList complaints;
    const QString kept = u"tests/scenarios/kept"_qs;
    for (const QString& name :
         QDir(root.filePath(kept)).entryList(QDir::AllEntries | QDir::NoDotAndDotDot, QDir::Name)) {
        if (!name.endsWith(u".json")) {
            complaints.append(complaint(kept + u'/' + name, 1, u"is no scenario but what a run left"_qs));
        }
    }
    return complaints;
}

QStringList untidyTopLevel(const QDir& root) {
    static const QSet<QString> known{u"CMakeLists.txt"_qs, u"CMakePresets.json"_qs, u"README.md"_qs, u"CHANGELOG.md"_qs,
                                     u"LICENSE"_qs, u"engine"_qs, u"widgets"_qs, u"app"_qs, u"scenarios"_qs,
                                     u"resources"_qs, u"tests"_qs, u"installer"_qs,
                                     // What a developer's tools leave here; git ignores it.
                                     u"CMakeUserPresets.json"_qs, u"compile_commands.json"_qs};
    QStringList complaints;
    for (const QFileInfo& entry : root.entryInfoList(QDir::AllEntries | QDir::NoDotAndDotDot, QDir::Name)) {
        const QString name = entry.fileName();
        if (entry.isDir() && name.startsWith(u"build")) {
            continue;
        }
        if (!known.contains(name)) {
            complaints.append(complaint(name, 1, u"does not belong to the top level"_qs));
        } else if (entry.isDir() && !QFile::exists(entry.filePath() + u"/README.md"_qs)) {
            complaints.append(complaint(name, 1, u"has no README.md"_qs));
        }
    }
    return complaints;
}

QStringList machinePaths(const QDir& root) {
    // Built from parts, so that this file does not complain about itself.
    static const QRegularExpression path(
        u"(?<![\\w.$}/])/(%1)/[\\w.-]+"_qs.arg(u"home|root|work|Users|mnt|scratch"_qs));
    QStringList files = projectFiles(root);
    files.removeIf([](const QString& file) {
        static const QStringList notText{u"png"_qs, u"svg"_qs, u"ico"_qs, u"log"_qs, u"db"_qs, u"qm"_qs};
        return notText.contains(QFileInfo(file).suffix());
    });
    return aboutLines(root, files, path, u"%1 is a path of some machine"_qs);
}

}  // namespace millrace::tidy
