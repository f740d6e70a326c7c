#include "app/studio/notice_control.h"

#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QLocale>
#include <QUrl>
#include <algorithm>
#include <utility>

#include "app/studio/file_names.h"
#include "engine/scenario/document/writer.h"
#include "widgets/panels/notice_board.h"
#include "widgets/style/format.h"

namespace millrace::studio {

using widgets::Meaning;
using widgets::Notice;

namespace {

QString noticeOf(const OrphanedWork& work) {
    return QStringLiteral("work %1").arg(work.path);
}

QString nameOf(const OrphanedWork& work) {
    return work.file.isEmpty() ? NoticeControl::tr("a scenario without a name") : shownLastName(work.file);
}

/// The message names the card when it is about one; otherwise the field says where to look.
QString textOf(const observe::ProblemView& problem) {
    const QString message = widgets::format::text(problem.text);
    return problem.object.empty() && !problem.field.empty()
               ? QStringLiteral("%1: %2").arg(widgets::format::text(problem.field), message)
               : message;
}

QString timeOf(const QDateTime& time) {
    const QLocale locale;
    return time.date() == QDate::currentDate() ? locale.toString(time.time(), QStringLiteral("HH:mm"))
                                               : locale.toString(time, QStringLiteral("d MMM HH:mm"));
}

}  // namespace

NoticeControl::NoticeControl(ScenarioDocument& document, RunControl& run, FileControl& files,
                             widgets::NoticeBoard& board, QWidget& window)
    : QObject(&window), m_document(document), m_run(run), m_files(files), m_notices(&board), m_window(window) {
    connect(&run.bridge(), &bridge::EngineBridge::memoryLimitReached, this, &NoticeControl::showMemory);
    connect(&run.bridge(), &bridge::EngineBridge::failedInternally, this, &NoticeControl::showInternalError);
    connect(&run, &RunControl::cannotStart, this, &NoticeControl::complainOfDocument);
    connect(&run, &RunControl::refused, this, [this](const std::vector<observe::ProblemView>& problems) {
        complain(tr("The run could not start"), problems);
    });
    connect(&run, &RunControl::opened, this, [this] {
        m_notices->withdraw(complaintsNotice);
        m_notices->withdraw(memoryNotice);
    });
    connect(&files, &FileControl::refused, this, &NoticeControl::refuse);
    connect(&files, &FileControl::notSaved, this, &NoticeControl::showNotSaved);
    connect(&files, &FileControl::saved, this, [this] { m_notices->withdraw(saveNotice); });
    connect(&files, &FileControl::takenOver, this, [this] {
        for (const QString& id : {complaintsNotice, refusalNotice, saveNotice, unsavedNotice}) {
            m_notices->withdraw(id);
        }
    });
    connect(&document, &ScenarioDocument::changed, this, &NoticeControl::refreshComplaints);
    connect(&document, &ScenarioDocument::fileChanged, this, [this] {
        if (!m_document.isModified()) {
            m_notices->withdraw(unsavedNotice);
            m_notices->withdraw(autosaveNotice);
        }
    });
}

void NoticeControl::offerRecovery() {
    if (m_recovery == nullptr) {
        return;
    }
    for (const OrphanedWork& work : m_recovery->claimOrphans()) {
        offer(work);
    }
}

void NoticeControl::offer(const OrphanedWork& work, const QString& trouble) {
    Notice notice;
    notice.id = noticeOf(work);
    notice.meaning = trouble.isEmpty() ? Meaning::Plain : Meaning::Bad;
    notice.headline = tr("Unsaved work from %1: %2").arg(timeOf(work.keptAt), nameOf(work));
    notice.remedy = !trouble.isEmpty() ? trouble
                    : work.file.isEmpty()
                        ? tr("Millrace ended unexpectedly before it was saved.")
                        : tr("Millrace ended unexpectedly before it was saved in %1. That file is as it was.")
                              .arg(shownFolder(work.file));
    const auto settle = [this, work] {
        m_recovery->settle(work.path);
        m_notices->withdraw(noticeOf(work));
    };
    notice.actions = {{tr("Restore"), [this, work] { restore(work); }},
                      {tr("Save as…"),
                       [this, work, settle] {
                           if (saveWork(work)) {
                               settle();
                           }
                       }},
                      {tr("Discard"), settle},
                      {tr("Later"), [this, work] { m_notices->withdraw(noticeOf(work)); }}};
    notice.mayBeClosed = false;  // Later says that it stays
    m_notices->post(notice);
}

void NoticeControl::restore(const OrphanedWork& work) {
    if (!m_files.maySwitchDocument()) {
        return;
    }
    QString complaint;
    if (!m_document.load(work.text, work.file, complaint)) {
        offer(work,
              tr("It cannot be read: %1. Save as… keeps its text.").arg(complaint.section(QLatin1Char('\n'), 0, 0)));
        return;
    }
    m_files.takeOver();
    m_document.markUnsaved();
    if (m_recovery->writeNow()) {
        m_recovery->settle(work.path);
    }
    m_notices->withdraw(noticeOf(work));
    m_notices->post({unsavedNotice,
                     Meaning::Warning,
                     tr("%1 is back as it was at %2. It is not saved yet").arg(nameOf(work), timeOf(work.keptAt)),
                     tr("Save it to keep it; Space plays it."),
                     {},
                     {{tr("Save"), [this] { m_files.save(); }}, {tr("Save as…"), [this] { m_files.saveAs(); }}},
                     true});
}

bool NoticeControl::saveWork(const OrphanedWork& work) {
    const QString name = work.file.isEmpty() ? QStringLiteral("scenario.json") : shownLastName(work.file);
    const QString file = QFileDialog::getSaveFileName(&m_window, tr("Save the unsaved work"),
                                                      QDir::home().filePath(name), tr("Scenarios (*.json)"));
    if (file.isEmpty()) {
        return false;
    }
    if (const auto trouble = scenario::saveFile(fileBytes(file), work.text.toStdString())) {
        offer(work, tr("Not saved: %1. Choose another place.").arg(QString::fromStdString(*trouble)));
        return false;
    }
    emit said(tr("Saved as %1").arg(file));
    return true;
}

void NoticeControl::showNotSaved(const QString& file, const QString& reason) {
    m_notices->post(
        {saveNotice,
         Meaning::Bad,
         tr("Not saved: %1").arg(reason),
         tr("The scenario is still open and unsaved. Make room or choose another place."),
         {},
         {{tr("Save as…"), [this] { m_files.saveAs(); }}, {tr("Try again"), [this, file] { m_files.saveAgain(file); }}},
         true});
}

void NoticeControl::watchRecovery(const QString& folder) {
    m_recovery = new Recovery(m_document, folder, this);
    connect(m_recovery, &Recovery::kept, this, [this] {
        m_isUnkeptSaid = false;
        m_notices->withdraw(autosaveNotice);
    });
    connect(m_recovery, &Recovery::failed, this, [this](const QString& reason) {
        if (std::exchange(m_isUnkeptSaid, true)) {
            return;  // who closed the notice has read it
        }
        m_notices->post(
            {autosaveNotice,
             Meaning::Bad,
             tr("Unsaved work cannot be kept: %1").arg(reason),
             tr("It was to be written to %1. Save the scenario, or it is lost if Millrace ends unexpectedly.")
                 .arg(shownFolder(m_recovery->path())),
             {},
             {{tr("Save as…"), [this] { m_files.saveAs(); }},
              {tr("Try again"),
               [this] {
                   m_isUnkeptSaid = false;
                   m_recovery->writeNow();
               }}},
             true});
    });
}

void NoticeControl::showMemory(quint64 bytes) {
    m_notices->post(
        {memoryNotice,
         Meaning::Warning,
         tr("Paused: Millrace takes %1 of memory, half of what this computer has")
             .arg(widgets::format::bytes(static_cast<double>(bytes))),
         tr("What is sent stays in the brokers' logs. A lower rate of a source grows more slowly; F5 starts "
            "anew; playing on allows half as much again."),
         {},
         {{tr("Play on"),
           [this] {
               m_notices->withdraw(memoryNotice);
               m_run.bridge().play();
           }}},
         true});
}

/// The run is gone, the work is not: it is kept before anything else is done.
void NoticeControl::showInternalError(const QString& what, const QString& bundle) {
    if (m_recovery != nullptr) {
        m_recovery->writeNow();
    }
    m_run.close();
    Notice notice;
    notice.id = internalNotice;
    notice.meaning = Meaning::Bad;
    notice.headline = tr("Internal error: the run has ended");
    notice.remedy =
        bundle.isEmpty()
            ? tr("This is a fault of Millrace itself, not of your scenario, which is as it was.")
            : tr("This is a fault of Millrace itself, not of your scenario, which is as it was. All that is needed to "
                 "repeat it is in %1: please attach that folder to a report.")
                  .arg(QDir::toNativeSeparators(bundle));
    notice.lines.push_back({what, {}});
    if (!bundle.isEmpty()) {
        notice.actions = {
            {tr("Show the folder"), [bundle] { QDesktopServices::openUrl(QUrl::fromLocalFile(bundle)); }}};
    }
    notice.mayBeClosed = true;
    m_notices->post(notice);
}

void NoticeControl::refuse(const QString& file, const QString& complaint) {
    Notice notice;
    notice.id = refusalNotice;
    notice.meaning = Meaning::Bad;
    notice.headline = tr("%1 was not opened: it cannot be read").arg(shownLastName(file));
    notice.remedy = tr("What was open before stays. Mend the file, then try again.");
    for (const QString& line : complaint.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        notice.lines.push_back({line, {}});
    }
    notice.actions = {{tr("Try again"), [this, file] {
                           if (m_files.maySwitchDocument()) {
                               m_files.open(file);
                           }
                       }}};
    m_notices->post(notice);
    emit said(complaint.section(QLatin1Char('\n'), 0, 0));
}

void NoticeControl::complain(const QString& headline, const std::vector<observe::ProblemView>& problems) {
    Notice notice;
    notice.id = complaintsNotice;
    notice.meaning = Meaning::Bad;
    notice.headline = headline;
    notice.remedy = tr("A click on a line goes to the card and its field.");
    for (const observe::ProblemView& problem : problems) {
        if (problem.severity >= observe::Severity::Error) {
            notice.lines.push_back({textOf(problem), [this, problem] { emit problemChosen(problem); }});
        }
    }
    if (!m_document.file().isEmpty()) {
        notice.actions = {{tr("Read the file again"), [this] {
                               if (m_files.maySwitchDocument()) {
                                   m_files.open(m_document.file());
                               }
                           }}};
    }
    m_notices->post(notice);
}

/// While somebody mends, the list follows; when nothing is left it goes.
void NoticeControl::refreshComplaints() {
    if (!m_notices->isPosted(complaintsNotice)) {
        return;
    }
    if (m_document.hasErrors()) {
        complainOfDocument();
    } else {
        m_notices->withdraw(complaintsNotice);
    }
}

void NoticeControl::complainOfDocument() {
    const auto& problems = m_document.problems();
    const auto errors = std::count_if(problems.begin(), problems.end(), [](const observe::ProblemView& problem) {
        return problem.severity >= observe::Severity::Error;
    });
    complain(errors == 1 ? tr("%1 cannot run yet: one thing is to be mended").arg(m_document.title())
                         : tr("%1 cannot run yet: %2 things are to be mended").arg(m_document.title()).arg(errors),
             problems);
}

}  // namespace millrace::studio
