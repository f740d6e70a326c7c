#pragma once

#include <QDialog>
#include <QIcon>
#include <functional>
#include <vector>

class QAction;
class QLabel;
class QLineEdit;
class QListWidget;

namespace millrace::widgets {

/// Something that can be asked for by name.
struct Command {
    QString title;
    QString hint;  ///< its shortcut, or what kind of thing it is
    QIcon icon;
    std::function<void()> run;
};

/// The actions that can be done now, separators left out.
[[nodiscard]] std::vector<Command> commandsOf(const QList<QAction*>& actions);

/// Every command of the window by name: type a few letters, press Return. Nothing typed shows the first of them in the
/// order in which they were given.
class CommandPalette final : public QDialog {
    Q_OBJECT

public:
    CommandPalette(std::vector<Command> commands, QWidget* parent);

    [[nodiscard]] QStringList shown() const;
    [[nodiscard]] QLineEdit& search() const { return *m_search; }
    [[nodiscard]] QListWidget& list() const { return *m_list; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void filter(const QString& words);
    void runCurrent();

    std::vector<Command> m_commands;
    QLineEdit* m_search = nullptr;
    QListWidget* m_list = nullptr;
    QLabel* m_nothing = nullptr;  ///< says so where no command is found
};

}  // namespace millrace::widgets
