#include <QAction>
#include <QActionGroup>
#include <QDir>
#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>
#include <filesystem>

#include "app/studio/fault_plan.h"
#include "app/studio/file_names.h"
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
#include "widgets/panels/notice_board.h"
#include "widgets/style/icons.h"
#include "widgets/timeline/time_deck.h"

// New, open, save, and the way back after a crash.
namespace millrace::studio {

bool MainWindow::openFile(const QString& file) {
    QString complaint;
    if (!m_document.loadFile(file, complaint)) {
        refuse(file, complaint);
        return false;
    }
    takeOver();
    return startRun(m_options.playOnOpen);
}

/// Another document is open: what was shown and said of the one before goes.
void MainWindow::takeOver() {
    for (const QString& id : {complaintsNotice, refusalNotice, saveNotice, unsavedNotice}) {
        m_notices->withdraw(id);
    }
    closeRun();
    m_selection.clear();
    m_logical->fit();
}

bool MainWindow::maySwitchDocument() {
    if (!m_document.isModified()) {
        return true;
    }
    QMessageBox question(QMessageBox::NoIcon, tr("Unsaved changes"),
                         tr("Save the changes to %1?").arg(m_document.title()),
                         QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
    question.setIconPixmap(widgets::icon(widgets::Icon::Save).pixmap(32, 32));
    const int answer = question.exec();
    return answer == QMessageBox::Discard || (answer == QMessageBox::Save && save());
}

/// What was done to the run by hand, and its branches, are in no file.
bool MainWindow::mayLeaveRun(const QString& how) {
    const auto byHand = static_cast<int>(faultsByHand().size());
    const auto branches = m_snapshot ? static_cast<int>(m_snapshot->run.branches.size()) - 1 : 0;
    if (byHand == 0 && branches <= 0) {
        return true;
    }
    QStringList lost;
    if (byHand > 0) {
        lost << (byHand == 1 ? tr("a fault done by hand") : tr("%1 faults done by hand").arg(byHand));
    }
    if (branches > 0) {
        lost << (branches == 1 ? tr("another branch") : tr("%1 other branches").arg(branches));
    }
    QMessageBox question(QMessageBox::NoIcon, tr("Leave this run?"),
                         tr("This run has %1, which no file holds.").arg(lost.join(tr(" and "))), QMessageBox::Cancel,
                         this);
    question.setInformativeText(tr("Faults can be kept in the scenario, each at its time; branches end with the run."));
    question.setIconPixmap(widgets::icon(widgets::Icon::Save).pixmap(32, 32));
    question.setObjectName(QStringLiteral("leaveRun"));
    const QPushButton* keep = byHand > 0 ? question.addButton(tr("Keep the faults"), QMessageBox::AcceptRole) : nullptr;
    const QPushButton* leave = question.addButton(how, QMessageBox::DestructiveRole);
    question.exec();
    if (keep != nullptr && question.clickedButton() == keep) {
        keepFaultsByHand();
        return true;
    }
    return question.clickedButton() == leave;
}

void MainWindow::newScenario() {
    if (!mayLeaveRun(tr("Leave")) || !maySwitchDocument()) {
        return;
    }
    m_document.startNew();
    takeOver();
    for (QAction* perspective : m_perspectives->actions()) {
        if (perspective->data() == QLatin1String("design") && !perspective->isChecked()) {
            perspective->trigger();  // an empty drawing is drawn on
        }
    }
}

/// What is shipped with the program stays as it is.
bool MainWindow::isExample() const {
    std::error_code trouble;
    const std::filesystem::path folder = std::filesystem::path(fileBytes(m_document.file())).parent_path();
    return !folder.empty() && std::filesystem::equivalent(folder, fileBytes(scenariosFolder()), trouble);
}

bool MainWindow::save() {
    if (m_document.file().isEmpty() || isExample()) {
        return saveAs();
    }
    return saveTo(m_document.file());
}

bool MainWindow::saveTo(const QString& file) {
    QString complaint;
    if (!m_document.saveAs(file, complaint)) {
        showNotSaved(file, complaint);
        return false;
    }
    m_notices->withdraw(saveNotice);
    say(tr("Saved as %1").arg(shownFileName(m_document.file())));
    return true;
}

bool MainWindow::saveAs() {
    const QString name =
        m_document.file().isEmpty() ? QStringLiteral("scenario.json") : shownLastName(m_document.file());
    const bool isElsewhere = m_document.file().isEmpty() || isExample();
    const QString proposed = isElsewhere ? QDir::home().filePath(name) : nameForDialog(m_document.file());
    const QString file = QFileDialog::getSaveFileName(
        this, isExample() ? tr("Save a copy of the example") : tr("Save scenario"), proposed, tr("Scenarios (*.json)"));
    return !file.isEmpty() && saveCopyTo(file);
}

bool MainWindow::saveCopyTo(const QString& file) {
    const int step = m_document.undoStack().index();
    if (!m_document.file().isEmpty()) {
        // Files that are read lie beside the scenario that was; the copy finds them where they are.
        const std::filesystem::path before = fileBytes(m_document.file());
        const std::filesystem::path after = fileBytes(absoluteFileName(file));
        m_document.apply(tr("Follow the files that are read"),
                         withMovedSources(m_document.root(), before.parent_path(), after.parent_path()));
    }
    const bool isSaved = saveTo(file);
    if (!isSaved) {
        m_document.undoStack().setIndex(step);
    }
    return isSaved;
}

}  // namespace millrace::studio
