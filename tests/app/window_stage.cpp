#include "tests/app/window_stage.h"

#include <QAbstractButton>
#include <QApplication>
#include <QMessageBox>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

#include "app/bridge/run_session.h"
#include "tests/support/hands.h"
#include "tests/support/synthetic_session.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/controls/wheel_guard.h"
#include "widgets/style/palette.h"

namespace millrace::studio {

void WindowStage::prepare() {
    QCoreApplication::setOrganizationName(QStringLiteral("millrace-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path());
    widgets::applyTheme(*qApp, widgets::Theme::Light);
    qApp->installEventFilter(new widgets::WheelGuard(qApp));
}

void WindowStage::openWindow() {
    open([] { return std::make_unique<support::SyntheticSession>(); });
}

void WindowStage::openWindow(const QSize& size) {
    open([] { return std::make_unique<support::SyntheticSession>(); }, size);
}

void WindowStage::openRealWindow(const QSize& size) {
    open([] { return std::make_unique<bridge::RunSession>(); }, size);
}

void WindowStage::open(bridge::SessionMaker sessions, const QSize& size) {
    StudioOptions options;
    options.recoveryFolder = m_folder.filePath(QStringLiteral("recovery"));
    m_window = std::make_unique<MainWindow>(std::move(sessions), options);
    m_window->resize(size);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void WindowStage::dropPart(const QString& part, const QPoint& at) {
    hands::dropPart(m_window->logical(), part, at);
}

void WindowStage::drag(QWidget& widget, const QPointF& from, const QPointF& to) {
    hands::drag(widget, from, to);
}

void WindowStage::play() {
    QSignalSpy shown(&m_window->bridge(), &bridge::EngineBridge::snapshotReady);
    m_window->restart();
    QVERIFY(shown.wait(5000));
    m_window->bridge().pause();
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Paused);
}

void WindowStage::answerWith(const QString& button, bool& asked) {
    QTimer::singleShot(100, qApp, [button, &asked] {
        auto* question = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (question == nullptr) {
            return;
        }
        asked = true;
        for (QAbstractButton* each : question->buttons()) {
            const bool isDiscard = each == question->button(QMessageBox::Discard);  // styles word it differently
            if (each->text().remove(QLatin1Char('&')) == button || (isDiscard && button == QLatin1String("Discard"))) {
                each->click();
                return;
            }
        }
        question->reject();
    });
}

}  // namespace millrace::studio
