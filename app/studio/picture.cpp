#include "app/studio/picture.h"

#include <QApplication>
#include <QBuffer>
#include <QFileInfo>
#include <QImageWriter>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <string>

#include "app/studio/file_names.h"
#include "app/studio/main_window.h"
#include "engine/scenario/document/writer.h"

namespace millrace::studio {

namespace {

constexpr int inputRefused = 2;
constexpr int machineFailed = 3;

int fail(const std::string& what, int status = machineFailed) {
    std::fprintf(stderr, "millrace-studio: %s\n", what.c_str());
    return status;
}

/// Written by its bytes: Qt knows no name that is not UTF-8.
int save(const QPixmap& picture, const QString& file) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    const std::string path = fileBytes(file);
    if (!picture.save(&buffer, pictureFormatOf(file).constData())) {
        return fail(path + ": the picture cannot be made");
    }
    if (const auto trouble = scenario::saveFile(path, bytes.toStdString())) {
        return fail(*trouble + "; name another file with --screenshot");
    }
    return 0;
}

int saveAndJudge(MainWindow& window, const QString& file) {
    const int status = save(window.grab(), file);
    const observe::SnapshotPtr snapshot = window.bridge().snapshot();
    return status == 0 && snapshot && snapshot->run.hasFailed ? fail(snapshot->run.endReason) : status;
}

}  // namespace

QByteArray pictureFormatOf(const QString& file) {
    const QByteArray suffix = QFileInfo(file).suffix().toLower().toLatin1();
    return QImageWriter::supportedImageFormats().contains(suffix) ? suffix : QByteArray();
}

int statusOf(const std::vector<observe::ProblemView>& problems) {
    const auto isOfInput = [](const observe::ProblemView& problem) {
        return problem.severity >= observe::Severity::Error && !problem.isOfMachine;
    };
    const auto isOfMachine = [](const observe::ProblemView& problem) { return problem.isOfMachine; };
    return std::none_of(problems.begin(), problems.end(), isOfInput) &&
                   std::any_of(problems.begin(), problems.end(), isOfMachine)
               ? machineFailed
               : inputRefused;
}

void takePicture(MainWindow& window, const PictureWish& wish) {
    QObject::connect(
        &window.bridge(), &bridge::EngineBridge::opened, &window,
        [&window, after = wish.after](const bridge::OpenAnswer& answer) {
            if (!answer.isOpen) {
                for (const observe::ProblemView& problem : answer.problems) {
                    static_cast<void>(fail(problem.field.empty() ? problem.text : problem.field + ": " + problem.text));
                }
                QApplication::exit(statusOf(answer.problems));
                return;
            }
            window.bridge().advanceBy(after);
        });
    QObject::connect(&window.bridge(), &bridge::EngineBridge::failedInternally, &window,
                     [](const QString& what, const QString& bundle) {
                         std::fprintf(stderr, "millrace-studio: internal error: %s\n", qPrintable(what));
                         if (!bundle.isEmpty()) {
                             std::fprintf(stderr,
                                          "millrace-studio: all that is needed to repeat it is in %s: please attach "
                                          "that folder to a report\n",
                                          qPrintable(bundle));
                         }
                         QApplication::exit(3);
                     });
    QObject::connect(&window.bridge(), &bridge::EngineBridge::advanced, &window, [&window, wish] {
        const int soon = wish.page.isEmpty() ? 100 : 400;  // one turn for the layout, one for queued replots of charts
        if (!wish.page.isEmpty() && !window.showPage(wish.page)) {
            QApplication::exit(fail("--page: this run has no page " + wish.page.toStdString(), inputRefused));
            return;
        }
        const auto save = [&window, wish, soon] {
            QTimer::singleShot(soon, &window, [&window, wish] { QApplication::exit(saveAndJudge(window, wish.file)); });
        };
        if (wish.page.section(QLatin1Char('/'), 0, 0) == QLatin1String("compare")) {
            QObject::connect(window.comparison(), &ComparisonControl::ended, &window, [save](const QString& trouble) {
                if (trouble.isEmpty()) {
                    save();
                } else {
                    QApplication::exit(fail("--page compare: " + trouble.toStdString(), inputRefused));
                }
            });
            window.comparison()->start(1);  // the picture is of what came of it
        } else {
            save();
        }
    });
}

}  // namespace millrace::studio
