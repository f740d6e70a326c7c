#include "app/studio/picture.h"

#include <QApplication>
#include <QTimer>
#include <cstdio>

#include "app/studio/main_window.h"

namespace millrace::studio {

namespace {

void saveAndQuit(MainWindow& window, const QString& file) {
    const bool isSaved = window.grab().save(file);
    if (!isSaved) {
        std::fprintf(stderr, "millrace-studio: %s cannot be written\n", qPrintable(file));
    }
    QApplication::exit(isSaved ? 0 : 3);
}

}  // namespace

void takePicture(MainWindow& window, const QString& file, SimDuration after) {
    QObject::connect(
        &window.bridge(), &bridge::EngineBridge::opened, &window, [&window, after](const bridge::OpenAnswer& answer) {
            if (!answer.isOpen) {
                for (const observe::ProblemView& problem : answer.problems) {
                    std::fprintf(stderr, "millrace-studio: %s: %s\n", problem.field.c_str(), problem.text.c_str());
                }
                QApplication::exit(2);
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
    QObject::connect(&window.bridge(), &bridge::EngineBridge::advanced, &window, [&window, file] {
        // One turn of the event loop for the layout, one for queued replots of charts.
        QTimer::singleShot(100, &window, [&window, file] { saveAndQuit(window, file); });
    });
}

}  // namespace millrace::studio
