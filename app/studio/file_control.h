#pragma once

#include <QObject>

#include "app/studio/fault_control.h"
#include "app/studio/run_control.h"

class QWidget;

namespace millrace::studio {

/// New, open and save, with what has to be asked before.
class FileControl final : public QObject {
    Q_OBJECT

public:
    FileControl(ScenarioDocument& document, RunControl& run, FaultControl& faults, QWidget& window);
    void setPlaysOnOpen(bool plays) { m_playsOnOpen = plays; }

    bool open(const QString& file);
    void askAndOpen();
    /// Opens a file when nothing is lost by it, or the user says so.
    void openWhenAsked(const QString& file);
    void startNew();
    bool save();
    bool saveAs();
    /// To this file: the one that is open, or a copy.
    void saveAgain(const QString& file);
    /// The run that stands now ends with it: what was done to it by hand is asked about first.
    void restartWhenAsked();

    [[nodiscard]] bool maySwitchDocument();
    [[nodiscard]] bool mayLeaveRun(const QString& how);
    /// Another document is open: what was shown of the one before goes.
    void takeOver();

signals:
    void said(const QString& words);
    /// Another document is open; before its run, and after the one before is closed.
    void takenOver();
    void begun();
    void startedNew();
    void refused(const QString& file, const QString& complaint);
    void notSaved(const QString& file, const QString& reason);
    void saved();

private:
    bool saveTo(const QString& file);
    bool saveCopyTo(const QString& file);

    ScenarioDocument& m_document;
    RunControl& m_run;
    FaultControl& m_faults;
    QWidget& m_window;
    bool m_playsOnOpen = true;
};

}  // namespace millrace::studio
