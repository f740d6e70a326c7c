#include "tests/app/window_stage.h"

#include <QApplication>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QMimeData>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>

#include "tests/support/synthetic_session.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/controls/palette.h"

namespace millrace::studio {

void WindowStage::prepare() {
    QCoreApplication::setOrganizationName(QStringLiteral("millrace-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path());
    widgets::applyTheme(*qApp, widgets::Theme::Light);
}

void WindowStage::openWindow() {
    StudioOptions options;
    options.recoveryFolder = m_folder.filePath(QStringLiteral("recovery"));
    m_window = std::make_unique<MainWindow>([] { return std::make_unique<support::SyntheticSession>(); }, options);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void WindowStage::dropPart(const QString& part, const QPoint& at) {
    QMimeData data;
    data.setData(QLatin1String(widgets::partMimeType), part.toUtf8());
    QDragEnterEvent enter(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&m_window->logical(), &enter);
    QVERIFY(enter.isAccepted());
    QDragMoveEvent move(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&m_window->logical(), &move);
    QDropEvent drop(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&m_window->logical(), &drop);
}

void WindowStage::drag(QWidget& widget, const QPointF& from, const QPointF& to) {
    QTest::mousePress(&widget, Qt::LeftButton, {}, from.toPoint());
    QTest::mouseMove(&widget, ((from + to) / 2).toPoint());
    QTest::mouseMove(&widget, to.toPoint());
    QTest::mouseRelease(&widget, Qt::LeftButton, {}, to.toPoint());
}

void WindowStage::play() {
    QSignalSpy shown(&m_window->bridge(), &bridge::EngineBridge::snapshotReady);
    m_window->restart();
    QVERIFY(shown.wait(5000));
    m_window->bridge().pause();
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Paused);
}

}  // namespace millrace::studio
