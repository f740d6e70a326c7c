#include <unistd.h>

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QScreen>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/bridge/run_session.h"
#include "app/bridge/scenario_comparer.h"
#include "app/streams/standard_streams.h"
#include "app/studio/file_names.h"
#include "app/studio/main_window.h"
#include "app/studio/picture.h"
#include "app/studio/resource_files.h"
#include "engine/base/plain_file.h"
#include "engine/run/failure_bundle.h"
#include "engine/scenario/shipped.h"
#include "engine/scenario/units.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/controls/wheel_guard.h"
#include "widgets/style/palette.h"

using namespace millrace;

namespace {

struct Arguments {
    QString scenario;
    QString picture;
    QString theme;
    std::optional<std::int64_t> checkpointBytes;
    QString page;
    SimDuration after{};
    QSize size;
};

/// The options, as `--help` tells them.
struct Options {
    explicit Options(QCommandLineParser& parser) : help(parser.addHelpOption()), version(parser.addVersionOption()) {
        parser.setApplicationDescription(QCoreApplication::translate(
            "main", "Build a streaming system, run it, break it, and see why it behaved so."));
        parser.addPositionalArgument(
            QStringLiteral("SCENARIO"),
            QCoreApplication::translate(
                "main", "scenario to open: a file or the name of a shipped one; without one, the first steps"),
            QStringLiteral("[SCENARIO]"));
        parser.addOptions({picture, after, page, size, theme, checkpoints});
    }

    QCommandLineOption help;
    QCommandLineOption version;
    const QCommandLineOption picture{
        QStringLiteral("screenshot"),
        QCoreApplication::translate(
            "main", "save a picture of the window and quit; with --platform offscreen no display is needed"),
        QStringLiteral("FILE")};
    const QCommandLineOption after{
        QStringLiteral("after"),
        QCoreApplication::translate(
            "main",
            "simulated time, such as 5s, to run before the picture is taken, counted from where "
            "the scenario opens (its run.open_at)"),
        QStringLiteral("TIME"), QStringLiteral("0s")};
    const QCommandLineOption page{
        QStringLiteral("page"),
        QCoreApplication::translate("main",
                                    "page that the picture shows, such as batches or batches/statistics; physical: "
                                    "the machines, where a low window has one face"),
        QStringLiteral("PAGE")};
    const QCommandLineOption size{QStringLiteral("size"),
                                  QCoreApplication::translate("main", "size of the window, such as 1600x1000"),
                                  QStringLiteral("WxH")};
    const QCommandLineOption theme{QStringLiteral("theme"),
                                   QCoreApplication::translate("main", "light or dark; without it, as the desktop"),
                                   QStringLiteral("NAME")};
    const QCommandLineOption checkpoints{
        QStringLiteral("checkpoints"),
        QCoreApplication::translate("main",
                                    "memory that checkpoints of the past may hold beside the present, such as 256MiB; "
                                    "without it, as chosen in the menu Run (at first 512MiB)"),
        QStringLiteral("SIZE")};
};

int refuse(const QString& message) {
    std::fprintf(stderr, "millrace-studio: %s\n", qPrintable(message));
    return 2;
}

void name() {
    QCoreApplication::setApplicationName(QStringLiteral("millrace"));
    QCoreApplication::setOrganizationName(QStringLiteral("millrace"));
    QCoreApplication::setApplicationVersion(QStringLiteral(MILLRACE_VERSION));
}

/// Help and version come without a display; both end the program.
void answerWithoutADisplay(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    name();
    QCommandLineParser parser;
    const Options options(parser);
    // Whatever else is wrong with the arguments is told by the program that was asked to open a window.
    parser.parse(QCoreApplication::arguments());
    if (parser.isSet(options.version)) {
        parser.showVersion();
    }
    if (parser.isSet(options.help) || parser.isSet(QStringLiteral("help-all"))) {
        parser.showHelp();
    }
}

bool wantsAnswer(int argc, char** argv) {
    return std::any_of(argv, argv + argc, [](const char* argument) {
        const std::string_view text(argument);
        return text == "-h" || text == "--help" || text == "-help" || text == "--help-all" || text == "-v" ||
               text == "--version";
    });
}

/// Whether a window could be shown anywhere; Qt ends the program when it cannot.
bool hasDisplay(int argc, char** argv) {
    const auto isSet = [](const char* variable) { return !qgetenv(variable).isEmpty(); };
    return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY") || isSet("QT_QPA_PLATFORM") ||
           std::any_of(argv, argv + argc, [](const char* argument) {
               return std::string_view(argument).find("-platform") != std::string_view::npos;
           });
}

/// A file as it was named: Qt has forgotten those bytes of an argument that are no UTF-8. `text` is what Qt made of it,
/// an argument of its own or what follows `=`.
std::string fileArgument(int argc, char** argv, const QString& text) {
    for (const char* each : std::span(argv, static_cast<std::size_t>(argc))) {
        const std::string_view raw(each);
        for (const std::string_view part : {raw, raw.substr(raw.find('=') + 1)}) {
            if (QString::fromLocal8Bit(part.data(), static_cast<qsizetype>(part.size())) == text) {
                return std::string(part);
            }
        }
    }
    return text.toStdString();
}

/// Empty when the arguments can be followed, else what is wrong with them.
QString read(Arguments& arguments, int argc, char** argv) {
    QCommandLineParser parser;
    const Options options(parser);
    if (!parser.parse(QCoreApplication::arguments())) {
        return parser.errorText();
    }
    if (parser.positionalArguments().size() > 1) {
        return QCoreApplication::translate("main", "one scenario can be opened, not %1")
            .arg(parser.positionalArguments().size());
    }
    const auto fileOf = [&](const QString& text) {
        return text.isEmpty() ? std::string() : fileArgument(argc, argv, text);
    };
    arguments.scenario = studio::fileNameOf(scenario::scenarioFileOf(fileOf(parser.positionalArguments().value(0))));
    arguments.picture = studio::fileNameOf(fileOf(parser.value(options.picture)));
    if (!arguments.picture.isEmpty()) {
        // A pipe that nobody reads would be written to for ever.
        if (const auto kind = specialKindOf(studio::fileBytes(arguments.picture))) {
            return QCoreApplication::translate("main", "--screenshot: %1 is %2; name a file for the picture")
                .arg(studio::shownFileName(arguments.picture),
                     QString::fromUtf8(kind->data(), static_cast<qsizetype>(kind->size())));
        }
        if (studio::pictureFormatOf(arguments.picture).isEmpty()) {
            return QCoreApplication::translate("main", "--screenshot: %1 names no kind of picture; end it in .png")
                .arg(studio::shownFileName(arguments.picture));
        }
    }
    arguments.theme = parser.value(options.theme);
    const auto time = scenario::parseDuration(parser.value(options.after).toStdString());
    if (!time) {
        return QCoreApplication::translate("main", "--after: %1 is not a time such as 5s")
            .arg(parser.value(options.after));
    }
    arguments.after = *time;
    if (parser.isSet(options.checkpoints)) {
        constexpr std::int64_t least = 16LL << 20U;
        const auto bytes = scenario::parseSize(parser.value(options.checkpoints).toStdString());
        if (!bytes || *bytes < least) {
            return QCoreApplication::translate("main",
                                               "--checkpoints: %1 is not a size of 16MiB or more, such as 256MiB")
                .arg(parser.value(options.checkpoints));
        }
        arguments.checkpointBytes = *bytes;
    }
    if (parser.isSet(options.size)) {
        const QStringList parts = parser.value(options.size).split(QLatin1Char('x'));
        arguments.size = parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
        constexpr int longest = 16'384;  // more, no picture of Qt can have
        if (arguments.size.width() < 400 || arguments.size.height() < 300 || arguments.size.width() > longest ||
            arguments.size.height() > longest) {
            return QCoreApplication::translate("main", "--size: %1 is not a size such as 1600x1000")
                .arg(parser.value(options.size));
        }
    }
    if (!arguments.theme.isEmpty() && arguments.theme != QLatin1String("light") &&
        arguments.theme != QLatin1String("dark")) {
        return QCoreApplication::translate("main", "--theme: light or dark, not %1").arg(arguments.theme);
    }
    if (parser.isSet(options.after) && !parser.isSet(options.picture)) {
        return QCoreApplication::translate("main", "--after is for --screenshot: it says when the picture is taken");
    }
    arguments.page = parser.value(options.page);
    if (!arguments.page.isEmpty() && !parser.isSet(options.picture)) {
        return QCoreApplication::translate("main", "--page is for --screenshot: it says what the picture shows");
    }
    return {};
}

/// Told before a window opens: the file is not there (2), or the machine does not let it be read (3).
int judgeScenario(const QString& scenario) {
    const std::string path = studio::fileBytes(scenario);
    if (path.empty() || ::access(path.c_str(), R_OK) == 0) {
        return 0;
    }
    const Error error = unreadable(path, errno);
    std::fprintf(stderr, "millrace-studio: %s: %s\n", path.c_str(), error.message.c_str());
    return error.kind == ErrorKind::Machine ? 3 : 2;
}

/// A folder of the user's by the variable that names it, else below the home.
QByteArray folderOfUser(const char* variable, const char* below) {
    const QByteArray named = qgetenv(variable);
    return named.isEmpty() ? qgetenv("HOME") + below : named;
}

/// Whether Qt finds it: of a name that is no UTF-8 it makes another.
bool isKnownToQt(const QByteArray& name) {
    return QString::fromUtf8(name).toUtf8() == name;
}

/// Where the program keeps what is the user's, made if it is not there yet.
QString dataFolder() {
    const QString known = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    const QByteArray base = folderOfUser("XDG_DATA_HOME", "/.local/share");
    const QString folder =
        !isKnownToQt(base)
            ? studio::fileNameOf(base.toStdString() + "/" + QCoreApplication::organizationName().toStdString() + "/" +
                                 QCoreApplication::applicationName().toStdString())
            : known;
    std::error_code trouble;
    std::filesystem::create_directories(studio::fileBytes(folder), trouble);
    return folder;
}

/// What is thrown in the window's own thread must not end the program: unsaved work is kept, and the window says so.
class Application final : public QApplication {
public:
    using QApplication::QApplication;

    bool notify(QObject* receiver, QEvent* event) override {
        try {
            return QApplication::notify(receiver, event);
        } catch (const std::exception& trouble) {
            const QString what = QString::fromUtf8(trouble.what());
            std::fprintf(stderr, "millrace-studio: internal error: %s\n", trouble.what());
            if (onFailure && !m_isTelling) {
                m_isTelling = true;
                QTimer::singleShot(0, this, [this, what] {
                    onFailure(what);
                    m_isTelling = false;
                });
            }
            return true;
        }
    }

    std::function<void(const QString&)> onFailure;

private:
    bool m_isTelling = false;
};

}  // namespace

int main(int argc, char** argv) {
    streams::keepStandardStreams();
    if (wantsAnswer(argc, argv)) {
        answerWithoutADisplay(argc, argv);
    }
    if (!hasDisplay(argc, argv)) {
        std::fprintf(stderr,
                     "millrace-studio: there is no display to open a window on. millrace run SCENARIO plays it in the "
                     "terminal; --platform offscreen --screenshot FILE takes a picture.\n");
        return 3;
    }
    Application application(argc, argv);
    name();
    QApplication::setApplicationDisplayName(QStringLiteral("Millrace"));
    QApplication::setDesktopFileName(QStringLiteral("org.millrace.Studio"));
    application.installEventFilter(new widgets::WheelGuard(&application));
    Arguments arguments;
    if (const QString complaint = read(arguments, argc, argv); !complaint.isEmpty()) {
        return refuse(complaint);
    }
    if (const int status = judgeScenario(arguments.scenario); status != 0) {
        return status;
    }
    const bool isPicture = !arguments.picture.isEmpty();
    const QString kept = isPicture ? QString() : QSettings().value(QStringLiteral("window/theme")).toString();
    const QString theme = arguments.theme.isEmpty() ? kept : arguments.theme;
    widgets::applyTheme(application, theme.isEmpty()                  ? widgets::systemTheme(application)
                                     : theme == QLatin1String("dark") ? widgets::Theme::Dark
                                                                      : widgets::Theme::Light);

    studio::StudioOptions options;
    options.playOnOpen = !isPicture;
    options.endsWithProcess = true;
    options.keepsSettings = !isPicture && isKnownToQt(folderOfUser("XDG_CONFIG_HOME", "/.config"));
    options.checkpointBytes = arguments.checkpointBytes;
    options.recoveryFolder = isPicture ? QString() : dataFolder();
    const std::string failureFolder = studio::fileBytes(options.recoveryFolder);
    options.comparer = bridge::scenarioComparer(failureFolder, MILLRACE_VERSION);
    studio::MainWindow window(
        [failureFolder] { return std::make_unique<bridge::RunSession>(failureFolder, MILLRACE_VERSION); }, options);
    application.onFailure = [&window, failureFolder](const QString& what) {
        const auto bundle = run::writeFailureBundle(
            failureFolder,
            {what.toStdString(), "millrace-studio", MILLRACE_VERSION, window.document().text().toStdString()}, {});
        window.showInternalError(what, QString::fromStdString(bundle.value_or(std::string())));
    };
    if (arguments.size.isValid()) {
        window.resize(arguments.size);
    } else if (const QScreen* screen = window.screen(); screen != nullptr && !isPicture) {
        window.resize(window.size().boundedTo(screen->availableSize()));
    }
    window.show();
    // The first frame is drawn before a run is started: a scenario's prologue may take longer than a blink.
    QTimer::singleShot(0, &window, [&window, &arguments, isPicture] {
        const QString file = arguments.scenario.isEmpty()
                                 ? QDir(studio::scenariosFolder()).filePath(QStringLiteral("first-steps.json"))
                                 : arguments.scenario;
        if (!window.openFile(file) && isPicture) {
            std::fprintf(stderr, "millrace-studio: %s\n", qPrintable(window.sentence().headline()));
            QApplication::exit(studio::statusOf(window.document().problems()));
        }
        window.offerRecovery();
    });
    if (isPicture) {
        studio::takePicture(window, {arguments.picture, arguments.after, arguments.page});
    }
    return QApplication::exec();
}
