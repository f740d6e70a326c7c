#include "app/studio/file_control.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <filesystem>

#include "app/studio/file_names.h"
#include "app/studio/graph_edits.h"
#include "app/studio/resource_files.h"
#include "widgets/style/icons.h"

namespace millrace::studio {

FileControl::FileControl(ScenarioDocument& document, RunControl& run, FaultControl& faults, QWidget& window)
    : QObject(&window), m_document(document), m_run(run), m_faults(faults), m_window(window) {}

bool FileControl::open(const QString& file) {
    QString complaint;
    if (!m_document.loadFile(file, complaint)) {
        emit refused(file, complaint);
        return false;
    }
    takeOver();
    return m_run.start(m_playsOnOpen);
}

void FileControl::askAndOpen() {
    const QString folder = QFileInfo(nameForDialog(m_document.file())).path();
    const QString file = QFileDialog::getOpenFileName(&m_window, tr("Open scenario"), folder, tr("Scenarios (*.json)"));
    if (!file.isEmpty()) {
        openWhenAsked(file);
    }
}

void FileControl::openWhenAsked(const QString& file) {
    if (mayLeaveRun(tr("Leave")) && maySwitchDocument()) {
        open(file);
    }
}

void FileControl::takeOver() {
    emit takenOver();
    m_run.close();
    emit begun();
}

void FileControl::startNew() {
    if (mayLeaveRun(tr("Leave")) && maySwitchDocument()) {
        m_document.startNew();
        takeOver();
        emit startedNew();
    }
}

void FileControl::restartWhenAsked() {
    if (mayLeaveRun(tr("Start again"))) {
        m_run.start(true);
    }
}

void FileControl::saveAgain(const QString& file) {
    if (file == m_document.file()) {
        saveTo(file);
    } else {
        saveCopyTo(file);
    }
}

bool FileControl::maySwitchDocument() {
    if (!m_document.isModified()) {
        return true;
    }
    QMessageBox question(QMessageBox::NoIcon, tr("Unsaved changes"),
                         tr("Save the changes to %1?").arg(m_document.title()),
                         QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, &m_window);
    question.setIconPixmap(widgets::icon(widgets::Icon::Save).pixmap(32, 32));
    const int answer = question.exec();
    return answer == QMessageBox::Discard || (answer == QMessageBox::Save && save());
}

/// What was done to the run by hand, and its branches, are in no file.
bool FileControl::mayLeaveRun(const QString& how) {
    const auto byHand = static_cast<int>(m_faults.byHand().size());
    const auto branches = m_run.snapshot() ? static_cast<int>(m_run.snapshot()->run.branches.size()) - 1 : 0;
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
                         &m_window);
    question.setInformativeText(tr("Faults can be kept in the scenario, each at its time; branches end with the run."));
    question.setIconPixmap(widgets::icon(widgets::Icon::Save).pixmap(32, 32));
    question.setObjectName(QStringLiteral("leaveRun"));
    const QPushButton* keep = byHand > 0 ? question.addButton(tr("Keep the faults"), QMessageBox::AcceptRole) : nullptr;
    const QPushButton* leave = question.addButton(how, QMessageBox::DestructiveRole);
    question.exec();
    if (keep != nullptr && question.clickedButton() == keep) {
        m_faults.keepByHand();
        return true;
    }
    return question.clickedButton() == leave;
}

bool FileControl::save() {
    m_document.finishEdits();
    if (m_document.file().isEmpty() || isExample(m_document.file())) {
        return saveAs();
    }
    return saveTo(m_document.file());
}

bool FileControl::saveTo(const QString& file) {
    QString complaint;
    if (!m_document.saveAs(file, complaint)) {
        emit notSaved(file, complaint);
        return false;
    }
    emit saved();
    emit said(tr("Saved as %1").arg(shownFileName(m_document.file())));
    return true;
}

bool FileControl::saveAs() {
    const QString name =
        m_document.file().isEmpty() ? QStringLiteral("scenario.json") : shownLastName(m_document.file());
    const bool isElsewhere = m_document.file().isEmpty() || isExample(m_document.file());
    const QString proposed = isElsewhere ? QDir::home().filePath(name) : nameForDialog(m_document.file());
    const QString file = QFileDialog::getSaveFileName(
        &m_window, isExample(m_document.file()) ? tr("Save a copy of the example") : tr("Save scenario"), proposed,
        tr("Scenarios (*.json)"));
    return !file.isEmpty() && saveCopyTo(file);
}

bool FileControl::saveCopyTo(const QString& file) {
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
