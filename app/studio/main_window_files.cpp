#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>

#include "app/studio/graph_edits.h"
#include "app/studio/live_actions.h"
#include "app/studio/main_window.h"
#include "app/studio/planned_cluster.h"
#include "app/studio/recovery.h"
#include "app/studio/resource_files.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/models/journal_model.h"
#include "widgets/timeline/time_deck.h"

// New, open, save, and the way back after a crash.
namespace millrace::studio {

bool MainWindow::openFile(const QString& file) {
    QString complaint;
    if (!m_document.loadFile(file, complaint)) {
        say(complaint.section(QLatin1Char('\n'), 0, 0));
        return false;
    }
    m_selection.clear();
    m_logical->fit();
    return startRun(m_options.playOnOpen);
}

bool MainWindow::recover() {
    if (m_options.recoveryFolder.isEmpty()) {
        return false;
    }
    const auto work = Recovery::takeLeftover(m_options.recoveryFolder);
    QString complaint;
    if (!work || !m_document.load(work->text, work->file, complaint)) {
        return false;
    }
    m_document.markUnsaved();
    m_recovery->writeNow();
    m_logical->fit();
    say(tr("Your unsaved work is back: Millrace ended unexpectedly last time. Save it with Ctrl+S"));
    return true;
}

bool MainWindow::maySwitchDocument() {
    if (!m_document.isModified()) {
        return true;
    }
    const auto answer =
        QMessageBox::question(this, tr("Unsaved changes"), tr("Save the changes to %1?").arg(m_document.title()),
                              QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
    return answer == QMessageBox::Discard || (answer == QMessageBox::Save && save());
}

void MainWindow::newScenario() {
    if (!maySwitchDocument()) {
        return;
    }
    m_bridge.close();
    m_snapshot.reset();
    m_isRunKnown = false;
    m_isStale = false;
    m_live->forget();
    m_journal->clear();
    m_selection.clear();
    m_document.startNew();
    m_logical->setSnapshot(nullptr);
    m_physical->setPlan(plannedCluster(m_document.root()));
    m_deck->setSnapshot(nullptr);
    m_sentence->setSnapshot(nullptr);
    m_inspector->setSnapshot(nullptr);
    m_logical->fit();
    showStale();
}

/// What is shipped with the program stays as it is.
bool MainWindow::isExample() const {
    return !m_document.file().isEmpty() &&
           QFileInfo(m_document.file()).canonicalPath() == QDir(scenariosFolder()).canonicalPath();
}

bool MainWindow::save() {
    if (m_document.file().isEmpty() || isExample()) {
        return saveAs();
    }
    QString complaint;
    if (!m_document.saveAs(m_document.file(), complaint)) {
        say(tr("Not saved: %1").arg(complaint));
        return false;
    }
    say(tr("Saved as %1").arg(m_document.file()));
    return true;
}

bool MainWindow::saveAs() {
    const QString name =
        m_document.file().isEmpty() ? QStringLiteral("scenario.json") : QFileInfo(m_document.file()).fileName();
    const bool isElsewhere = m_document.file().isEmpty() || isExample();
    const QString proposed = isElsewhere ? QDir::home().filePath(name) : m_document.file();
    const QString file = QFileDialog::getSaveFileName(
        this, isExample() ? tr("Save a copy of the example") : tr("Save scenario"), proposed, tr("Scenarios (*.json)"));
    if (file.isEmpty()) {
        return false;
    }
    if (!m_document.file().isEmpty()) {
        // Files that are read lie beside the scenario that was; the copy finds them where they are.
        const QDir before = QFileInfo(m_document.file()).absoluteDir();
        const QDir after = QFileInfo(file).absoluteDir();
        m_document.apply(tr("Follow the files that are read"),
                         withMovedSources(m_document.root(), before.path().toStdString(), after.path().toStdString()));
    }
    QString complaint;
    if (!m_document.saveAs(file, complaint)) {
        say(tr("Not saved: %1").arg(complaint));
        return false;
    }
    say(tr("Saved as %1").arg(m_document.file()));
    return true;
}

}  // namespace millrace::studio
