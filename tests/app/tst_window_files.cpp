#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLineEdit>
#include <QListWidget>
#include <QProcess>
#include <QPushButton>
#include <QRegularExpression>
#include <QTest>
#include <QTimer>
#include <filesystem>
#include <fstream>

#include "app/studio/file_names.h"
#include "app/studio/recovery.h"
#include "app/studio/resource_files.h"
#include "app/studio/session_lock.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/document/writer.h"
#include "tests/app/window_stage.h"
#include "tests/support/synthetic_session.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/property_editor.h"
#include "widgets/panels/notice_board.h"
#include "widgets/timeline/time_deck.h"

using namespace millrace;
using namespace millrace::studio;
using namespace millrace::widgets;

/// Scenarios are opened and kept, and nothing is lost on the way.
class TestWindowFiles : public QObject, private WindowStage {
    Q_OBJECT

private slots:
    void initTestCase() { prepare(); }
    void init() { openWindow(); }
    void cleanup() { closeWindow(); }

    void aScenarioIsSavedAndReadBack();
    void anExampleIsNeverOverwritten();
    void closingAsksWhatBecomesOfUnsavedEdits();
    void aFileWhoseNameIsNoUtf8IsOpenedPlayedAndSaved();
    void unsavedWorkIsOfferedAfterACrashAndRestoredWhenAsked();
    void eachLeftoverIsAskedAboutAndLaterKeepsIt();
    void aProgramThatStillRunsKeepsItsUnsavedWork();
    void aLockEndsWithTheProgramThatHeldIt();
    void aScenarioThatCannotRunClosesTheRunAndListsWhatIsWrong();
    void aTextThatCannotBeReadIsRefusedAndSaidUntilClosed();
    void whatCouldNotBeSavedIsSaidUntilItIs();
    void workThatCannotBeKeptIsSaid();

private:
    static QString leaveBehind(const QString& folder, const QString& name, const QByteArray& text);
    static std::unique_ptr<MainWindow> startAgain(const QString& folder);
    static void press(MainWindow& window, const QString& text, int which = 0);
    static int noticesOf(MainWindow& window);
};

void TestWindowFiles::aScenarioIsSavedAndReadBack() {
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    QVERIFY(m_window->document().isModified());
    const QString file = m_folder.filePath(QStringLiteral("drawn.json"));
    QString complaint;
    QVERIFY2(m_window->document().saveAs(file, complaint), qPrintable(complaint));
    QVERIFY(!m_window->document().isModified());
    QVERIFY(m_window->windowTitle().startsWith(QStringLiteral("drawn")));
    const scenario::Value saved = m_window->document().root();
    dropPart(QStringLiteral("topic"), QPoint(300, 240));
    QVERIFY(m_window->document().isModified());
    QVERIFY(m_window->openFile(file));
    QVERIFY(m_window->document().root() == saved);
    QCOMPARE(m_window->logical().diagram().nodes.size(), std::size_t(1));
}

void TestWindowFiles::anExampleIsNeverOverwritten() {
    const QString file = QDir(scenariosFolder()).filePath(QStringLiteral("first-steps.json"));
    QVERIFY(m_window->openFile(file));
    dropPart(QStringLiteral("topic"), QPoint(300, 200));
    bool wasAsked = false;
    QTimer::singleShot(300, this, [&wasAsked] {
        auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget());
        wasAsked = dialog != nullptr;
        if (wasAsked) {
            dialog->reject();
        }
    });
    QVERIFY(!m_window->save());
    QVERIFY(wasAsked);
    QVERIFY(m_window->document().isModified());
}

void TestWindowFiles::closingAsksWhatBecomesOfUnsavedEdits() {
    bool isAsked = false;
    answerWith(QStringLiteral("Cancel"), isAsked);
    QVERIFY(m_window->close());  // nothing was edited
    QTest::qWait(150);
    QVERIFY(!isAsked);

    m_window->show();
    const QString file = m_folder.filePath(QStringLiteral("kept.json"));
    QString complaint;
    QVERIFY2(m_window->document().saveAs(file, complaint), qPrintable(complaint));
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    answerWith(QStringLiteral("Cancel"), isAsked);
    QVERIFY(!m_window->close());
    QVERIFY(isAsked);
    QVERIFY(m_window->isVisible());
    QVERIFY(m_window->document().isModified());

    isAsked = false;
    answerWith(QStringLiteral("Save"), isAsked);
    QVERIFY(m_window->close());
    QVERIFY(isAsked);
    QFile saved(file);
    QVERIFY(saved.open(QIODevice::ReadOnly));
    QVERIFY(saved.readAll().contains("\"topic\""));

    m_window->show();
    dropPart(QStringLiteral("topic"), QPoint(300, 240));
    isAsked = false;
    answerWith(QStringLiteral("Discard"), isAsked);
    QVERIFY(m_window->close());
    QVERIFY(isAsked);
}

/// Names of files are bytes; Qt's own ways lead to no file whose name is not UTF-8.
void TestWindowFiles::aFileWhoseNameIsNoUtf8IsOpenedPlayedAndSaved() {
    namespace fs = std::filesystem;
    const fs::path folder = fs::path(m_folder.path().toStdString()) / "lat\xeds";
    fs::create_directories(folder);
    const fs::path path = folder / "\xfc\xed.json";
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    const QString name = fileNameOf(path.native());
    QCOMPARE(fileBytes(name), path.native());
    QCOMPARE(shownLastName(name), QStringLiteral("\\xfc\\xed.json"));
    QCOMPARE(fileNameOf("b\xc3\xbc"
                        "cher/\xf0\x9f\x98\x80"),
             QString::fromUtf8("b\xc3\xbc"
                               "cher/\xf0\x9f\x98\x80"));

    // Qt's dialogs begin with a name that they can tell, in the same folder where they can list it.
    QCOMPARE(nameForDialog(QStringLiteral("/a/b.json")), QStringLiteral("/a/b.json"));
    QCOMPARE(nameForDialog(fileNameOf("/a/\xfc.json")), QStringLiteral("/a/\\xfc.json"));
    QCOMPARE(nameForDialog(name), QDir::home().filePath(QStringLiteral("\\xfc\\xed.json")));

    QString complaint;
    QVERIFY2(m_window->document().saveAs(name, complaint), qPrintable(complaint));
    QVERIFY(fs::exists(path));
    QCOMPARE(m_window->document().title(), QStringLiteral("\\xfc\\xed"));
    const scenario::Value saved = m_window->document().root();
    m_window->newScenario();
    QVERIFY(m_window->openFile(name));
    QVERIFY(m_window->document().root() == saved);
    // What is read lies beside it, and what stays behind finds it again.
    std::ofstream(folder / "x.log") << "a line\n";
    QVERIFY2(m_window->document().load(R"({"millrace": 1, "hosts": {"h": {}},
"cluster": {"coordination": "zookeeper", "servers": {"z": {"host": "h"}}, "brokers": {"1": {"host": "h"}}},
"topics": {"t": {"partitions": 1}}, "sources": {"s": {"kind": "file", "path": "x.log", "topic": "t"}}})",
                                       name, complaint),
             qPrintable(complaint));
    QVERIFY(!m_window->document().hasErrors());
    m_window->document().markUnsaved();
    const QString recovery = fileNameOf((folder / "h\xf6me").native());
    {
        // What a program that is killed leaves in a home of such a name.
        ScenarioDocument lost;
        QVERIFY(lost.load(m_window->document().text(), name, complaint));
        lost.markUnsaved();
        Recovery keeper(lost, recovery);
        QVERIFY(keeper.writeNow());
        fs::copy(fileBytes(keeper.path()), folder / "h\xf6me" / "unsaved-1.json");
    }
    ScenarioDocument next;
    Recovery reader(next, recovery);
    const auto orphans = reader.claimOrphans();
    QCOMPARE(orphans.size(), std::size_t(1));
    QCOMPARE(fileBytes(orphans[0].file), path.native());
    reader.settle(orphans[0].path);
    QVERIFY(!fs::exists(folder / "h\xf6me" / "unsaved-1.json"));
}

/// What a program leaves behind that ended without a word.
QString TestWindowFiles::leaveBehind(const QString& folder, const QString& name, const QByteArray& text) {
    QDir().mkpath(folder);
    QFile left(QDir(folder).filePath(name));
    Q_ASSERT(left.open(QIODevice::WriteOnly));
    left.write(text);
    return left.fileName();
}

std::unique_ptr<MainWindow> TestWindowFiles::startAgain(const QString& folder) {
    StudioOptions options;
    options.recoveryFolder = folder;
    auto next = std::make_unique<MainWindow>([] { return std::make_unique<support::SyntheticSession>(); }, options);
    next->resize(1280, 800);
    next->show();
    next->offerRecovery();
    return next;
}

/// Presses a button of a notice, as the user does.
void TestWindowFiles::press(MainWindow& window, const QString& text, int which) {
    QTest::qWait(20);  // the layout of a new notice
    QList<QPushButton*> found;
    for (QPushButton* button : window.notices().findChildren<QPushButton*>()) {
        if (button->text() == text && button->isVisible()) {
            found.append(button);
        }
    }
    std::sort(found.begin(), found.end(), [](const QPushButton* a, const QPushButton* b) {
        return a->mapToGlobal(QPoint()).y() < b->mapToGlobal(QPoint()).y();
    });
    QVERIFY2(found.size() > which, qPrintable(text));
    QTest::mouseClick(found[which], Qt::LeftButton);
}

int TestWindowFiles::noticesOf(MainWindow& window) {
    return static_cast<int>(
        window.notices().findChildren<QWidget*>(QRegularExpression(QStringLiteral("^work "))).size());
}

void TestWindowFiles::unsavedWorkIsOfferedAfterACrashAndRestoredWhenAsked() {
    const QString folder = m_folder.filePath(QStringLiteral("leftover"));
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    // Another program may have got the number of the one that ended: this one has.
    const QString left = leaveBehind(folder, QStringLiteral("unsaved-%1.json").arg(QCoreApplication::applicationPid()),
                                     "#file /somewhere/mine.json\n" + m_window->document().text());
    const auto next = startAgain(folder);
    QCOMPARE(noticesOf(*next), 1);
    QVERIFY(next->logical().diagram().nodes.empty());  // nothing is taken over unasked
    QVERIFY(QFile::exists(left));

    press(*next, QStringLiteral("Restore"));
    QCOMPARE(next->logical().diagram().nodes.size(), std::size_t(1));
    QCOMPARE(next->document().file(), QStringLiteral("/somewhere/mine.json"));
    QVERIFY(next->document().isModified());
    QCOMPARE(noticesOf(*next), 0);
    QVERIFY(!QFile::exists(left));  // it is kept by the program that has it now
    QCOMPARE(QDir(folder).entryList({QStringLiteral("unsaved-*.json")}).size(), 1);

    // That it is not saved yet is said until it is.
    QVERIFY(next->notices().isPosted(QStringLiteral("unsaved")));
    next->bridge().pause();
    QString complaint;
    QVERIFY(next->document().saveAs(m_folder.filePath(QStringLiteral("mine.json")), complaint));
    QVERIFY(!next->notices().isPosted(QStringLiteral("unsaved")));
}

void TestWindowFiles::eachLeftoverIsAskedAboutAndLaterKeepsIt() {
    const QString folder = m_folder.filePath(QStringLiteral("several"));
    const QString one = leaveBehind(folder, QStringLiteral("unsaved-1.json"), "#file \n{}");
    const QString two = leaveBehind(folder, QStringLiteral("unsaved-2.json"), "no scenario at all");
    auto next = startAgain(folder);
    QCOMPARE(noticesOf(*next), 2);
    QTRY_VERIFY2(next->notices().height() > 60 && next->notices().height() <= next->height() / 4,
                 qPrintable(QString::number(next->notices().height())));
    const auto other = startAgain(folder);
    QCOMPARE(noticesOf(*other), 0);  // it is being asked about in the first window
    press(*next, QStringLiteral("Later"));
    press(*next, QStringLiteral("Later"));
    QCOMPARE(noticesOf(*next), 0);
    next.reset();
    QVERIFY(QFile::exists(one));
    QVERIFY(QFile::exists(two));

    next = startAgain(folder);
    QCOMPARE(noticesOf(*next), 2);
    QTest::qWait(20);
    const int unreadable = next->notices().noticeOf(QStringLiteral("work ") + two)->y() >
                                   next->notices().noticeOf(QStringLiteral("work ") + one)->y()
                               ? 1
                               : 0;
    press(*next, QStringLiteral("Restore"), unreadable);
    QCOMPARE(noticesOf(*next), 2);  // it cannot be read, and is not lost for that
    QVERIFY(QFile::exists(two));
    press(*next, QStringLiteral("Discard"), unreadable);
    QVERIFY(!QFile::exists(two));
    QVERIFY(QFile::exists(one));
}

void TestWindowFiles::aProgramThatStillRunsKeepsItsUnsavedWork() {
    const QString folder = m_folder.filePath(QStringLiteral("recovery"));
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    QTRY_COMPARE_WITH_TIMEOUT(QDir(folder).entryList({QStringLiteral("unsaved-*.json")}).size(), 1, 5000);
    const auto next = startAgain(folder);
    QCOMPARE(noticesOf(*next), 0);
}

void TestWindowFiles::aLockEndsWithTheProgramThatHeldIt() {
    const QString path = m_folder.filePath(QStringLiteral("unsaved-held.lock"));
    QProcess other;
    other.start(QStringLiteral("flock"),
                {QStringLiteral("--no-fork"), path, QStringLiteral("-c"), QStringLiteral("echo held; exec sleep 60")});
    QVERIFY(other.waitForReadyRead(5000));
    QVERIFY(!SessionLock::take(path));
    other.kill();
    QVERIFY(other.waitForFinished(5000));
    QTRY_VERIFY(SessionLock::take(path).has_value());
}

void TestWindowFiles::aScenarioThatCannotRunClosesTheRunAndListsWhatIsWrong() {
    play();
    QVERIFY(m_window->bridge().snapshot() != nullptr);
    const scenario::Value access = scenario::readSetting(R"({"partitions": 0, "replicas": 9})");
    const auto wrong = scenario::withValue(m_window->document().root(), scenario::Path({"topics", "access"}), access);
    const QString file = leaveBehind(m_folder.path(), QStringLiteral("wrong.json"),
                                     QByteArray::fromStdString(scenario::writeDocument(*wrong)));
    QVERIFY(!m_window->openFile(file));
    // What is drawn and what is shown belong together: the run before is gone.
    QVERIFY(m_window->bridge().snapshot() == nullptr);
    QVERIFY(!m_window->deck().strip().isInPast());
    QWidget* notice = m_window->notices().noticeOf(QStringLiteral("complaints"));
    QVERIFY(notice != nullptr);
    auto* list = notice->findChild<QListWidget*>();
    QVERIFY(list->count() >= 1);
    QTest::qWait(20);
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(0)).center());
    QCOMPARE(m_window->selection().current(), QStringLiteral("topic:access"));
    QTRY_VERIFY(qobject_cast<QLineEdit*>(QApplication::focusWidget()) != nullptr);
    QVERIFY(QApplication::focusWidget()->objectName().startsWith(QStringLiteral("topics.access.")));

    // It stays until it is mended.
    for (const char* field : {"partitions", "replicas"}) {
        auto* edit = qobject_cast<QLineEdit*>(
            m_window->inspector().properties().editorOf(QStringLiteral("topics.access.%1").arg(QLatin1String(field))));
        QVERIFY(edit != nullptr);
        QVERIFY(m_window->notices().isPosted(QStringLiteral("complaints")));
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, QStringLiteral("3"));
        QTest::keyClick(edit, Qt::Key_Return);
    }
    QVERIFY2(
        !m_window->document().hasErrors(),
        qPrintable(QString::fromStdString(
            m_window->document().problems().empty() ? std::string() : m_window->document().problems().front().text)));
    QVERIFY(!m_window->notices().isPosted(QStringLiteral("complaints")));
}

void TestWindowFiles::aTextThatCannotBeReadIsRefusedAndSaidUntilClosed() {
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    const QString file = leaveBehind(m_folder.path(), QStringLiteral("cut.json"), "{\"topics\": {");
    QVERIFY(!m_window->openFile(file));
    QCOMPARE(m_window->logical().diagram().nodes.size(), std::size_t(1));
    play();
    QVERIFY(m_window->notices().isPosted(QStringLiteral("refusal")));
}

void TestWindowFiles::whatCouldNotBeSavedIsSaidUntilItIs() {
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    const QString file = m_folder.filePath(QStringLiteral("place/mine.json"));
    QDir().mkpath(QFileInfo(file).path());
    QString complaint;
    QVERIFY(m_window->document().saveAs(file, complaint));
    dropPart(QStringLiteral("topic"), QPoint(300, 260));
    // The folder is gone, as a drive that was pulled out.
    QVERIFY(QFile::rename(QFileInfo(file).path(), m_folder.filePath(QStringLiteral("away"))));
    QTest::keyClick(m_window.get(), Qt::Key_S, Qt::ControlModifier);
    QVERIFY(m_window->notices().isPosted(QStringLiteral("not saved")));
    play();  // events go by, the notice stays
    QVERIFY(m_window->notices().isPosted(QStringLiteral("not saved")));
    press(*m_window, QStringLiteral("Try again"));
    QVERIFY(m_window->notices().isPosted(QStringLiteral("not saved")));
    QVERIFY(QFile::rename(m_folder.filePath(QStringLiteral("away")), QFileInfo(file).path()));
    press(*m_window, QStringLiteral("Try again"));
    QVERIFY(!m_window->notices().isPosted(QStringLiteral("not saved")));
    QVERIFY(!m_window->document().isModified());
}

void TestWindowFiles::workThatCannotBeKeptIsSaid() {
    const QString blocked = leaveBehind(m_folder.path(), QStringLiteral("blocked"), "a file where a folder is wanted");
    const auto window = startAgain(blocked);
    window->document().apply(QStringLiteral("edit"),
                             scenario::Value::object({{"title", scenario::Value::text("new")}}));
    QTRY_VERIFY_WITH_TIMEOUT(window->notices().isPosted(QStringLiteral("not kept")), 5000);
    QVERIFY(QFile::remove(blocked));
    press(*window, QStringLiteral("Try again"));
    QVERIFY(!window->notices().isPosted(QStringLiteral("not kept")));
}

QTEST_MAIN(TestWindowFiles)
#include "tst_window_files.moc"
