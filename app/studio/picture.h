#pragma once

#include <QString>

#include "engine/base/sim_time.h"

namespace millrace::studio {

class MainWindow;

/// Runs what the window opens for that much simulated time, saves a picture of the window, and ends the program: with
/// status 0, or 3 when the file cannot be written, or 2 when the scenario cannot run.
void takePicture(MainWindow& window, const QString& file, SimDuration after);

}  // namespace millrace::studio
