#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <QScreen>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>
#include <cstdio>

#include "app/bridge/run_session.h"
#include "app/studio/main_window.h"
#include "app/studio/picture.h"
#include "app/studio/resource_files.h"
#include "engine/scenario/units.h"
#include "widgets/controls/palette.h"
#include "widgets/controls/sentence_bar.h"

using namespace millrace;

namespace {

struct Arguments {
    QString scenario;
    QString picture;
    QString theme;
    SimDuration after{};
    QSize size;
};

int refuse(const QString& message) {
    std::fprintf(stderr, "millrace-studio: %s\n", qPrintable(message));
    return 2;
}

/// Empty when the arguments can be followed, else what is wrong with them.
QString read(const QApplication& application, Arguments& arguments) {
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QCoreApplication::translate("main", "Build a streaming system, run it, break it, and see why it behaved so."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("SCENARIO"),
                                 QCoreApplication::translate("main", "scenario to open; without one, the first steps"),
                                 QStringLiteral("[SCENARIO]"));
    const QCommandLineOption picture(QStringLiteral("screenshot"),
                                     QCoreApplication::translate("main", "save a picture of the window and quit"),
                                     QStringLiteral("FILE"));
    const QCommandLineOption after(
        QStringLiteral("after"),
        QCoreApplication::translate("main", "simulated time to run before the picture is taken"),
        QStringLiteral("TIME"), QStringLiteral("0s"));
    const QCommandLineOption size(QStringLiteral("size"),
                                  QCoreApplication::translate("main", "size of the window, such as 1600x1000"),
                                  QStringLiteral("WxH"));
    const QCommandLineOption theme(QStringLiteral("theme"),
                                   QCoreApplication::translate("main", "light or dark; without it, as the desktop"),
                                   QStringLiteral("NAME"));
    parser.addOptions({picture, after, size, theme});
    parser.process(application);
    arguments.scenario = parser.positionalArguments().value(0);
    arguments.picture = parser.value(picture);
    arguments.theme = parser.value(theme);
    const auto time = scenario::parseDuration(parser.value(after).toStdString());
    if (!time) {
        return QCoreApplication::translate("main", "--after: %1 is not a time such as 5s").arg(parser.value(after));
    }
    arguments.after = *time;
    if (parser.isSet(size)) {
        const QStringList parts = parser.value(size).split(QLatin1Char('x'));
        arguments.size = parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
        if (arguments.size.width() < 400 || arguments.size.height() < 300) {
            return QCoreApplication::translate("main", "--size: %1 is not a size such as 1600x1000")
                .arg(parser.value(size));
        }
    }
    if (!arguments.theme.isEmpty() && arguments.theme != QLatin1String("light") &&
        arguments.theme != QLatin1String("dark")) {
        return QCoreApplication::translate("main", "--theme: light or dark, not %1").arg(arguments.theme);
    }
    if (!arguments.scenario.isEmpty() && !QFileInfo(arguments.scenario).isReadable()) {
        return QCoreApplication::translate("main", "%1: cannot be read").arg(arguments.scenario);
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("millrace"));
    QApplication::setOrganizationName(QStringLiteral("millrace"));
    QApplication::setApplicationDisplayName(QStringLiteral("Millrace"));
    QApplication::setDesktopFileName(QStringLiteral("org.millrace.Studio"));
    QApplication::setApplicationVersion(QStringLiteral(MILLRACE_VERSION));
    Arguments arguments;
    if (const QString complaint = read(application, arguments); !complaint.isEmpty()) {
        return refuse(complaint);
    }
    const bool isPicture = !arguments.picture.isEmpty();
    const QString kept = isPicture ? QString() : QSettings().value(QStringLiteral("window/theme")).toString();
    const QString theme = arguments.theme.isEmpty() ? kept : arguments.theme;
    widgets::applyTheme(application, theme.isEmpty()                  ? widgets::systemTheme(application)
                                     : theme == QLatin1String("dark") ? widgets::Theme::Dark
                                                                      : widgets::Theme::Light);

    studio::StudioOptions options;
    options.playOnOpen = !isPicture;
    options.keepsSettings = !isPicture;
    options.recoveryFolder = isPicture ? QString() : QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    studio::MainWindow window([] { return std::make_unique<bridge::RunSession>(); }, options);
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
            QApplication::exit(2);
        }
        window.offerRecovery();
    });
    if (isPicture) {
        studio::takePicture(window, arguments.picture, arguments.after);
    }
    return QApplication::exec();
}
