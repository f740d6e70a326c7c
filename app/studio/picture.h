#pragma once

#include <QByteArray>
#include <QString>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/run_view.h"

namespace millrace::studio {

class MainWindow;

/// By the end of its name; empty when there is no such kind of picture.
[[nodiscard]] QByteArray pictureFormatOf(const QString& file);

/// What the program ends with when these keep the scenario from running: 2, or 3 when only the machine does.
[[nodiscard]] int statusOf(const std::vector<observe::ProblemView>& problems);

/// What is to be seen on a picture.
struct PictureWish {
    QString file;
    SimDuration after{};
    QString page;  ///< "page", "page/view" or a face; empty: none is opened
};

/// Runs what the window opens for that much simulated time, saves a picture of the window, and ends the program: with
/// status 0, or 3 when the machine fails (a file cannot be written), or 2 when the scenario cannot run.
void takePicture(MainWindow& window, const PictureWish& wish);

}  // namespace millrace::studio
