#pragma once

#include <QAction>
#include <QDialog>

class QLineEdit;
class QListWidget;

namespace millrace::widgets {

/// Every action of the window by name: type a few letters, press Return.
class CommandPalette final : public QDialog {
    Q_OBJECT

public:
    CommandPalette(QList<QAction*> actions, QWidget* parent);

    [[nodiscard]] QStringList shown() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& words);
    void runCurrent();

    QList<QAction*> m_actions;
    QLineEdit* m_search = nullptr;
    QListWidget* m_list = nullptr;
};

}  // namespace millrace::widgets
