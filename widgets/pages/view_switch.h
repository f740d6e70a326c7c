#pragma once

#include <QString>
#include <QStringList>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QStackedWidget;
class QTabBar;

namespace millrace::widgets {

/// The views of a page, one at a time, under a row that names them; what the page is about stands at its left.
class ViewSwitch final : public QWidget {
    Q_OBJECT

public:
    explicit ViewSwitch(QWidget* parent = nullptr);

    void addView(const QString& name, const QString& title, QWidget* view);
    [[nodiscard]] QStringList names() const { return m_names; }
    /// Nothing where there is none of that name.
    void showView(const QString& name);
    [[nodiscard]] QString shown() const;
    /// One line; parts of it that have no room, which " · " separates, are left out whole.
    void setSummary(const QString& words, const QString& tip);
    [[nodiscard]] QString summary() const;

signals:
    void changed(const QString& name);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitSummary();

    QLabel* m_summary = nullptr;
    QTabBar* m_bar = nullptr;
    QStackedWidget* m_stack = nullptr;
    QStringList m_names;
    QString m_words;  ///< the whole summary
};

}  // namespace millrace::widgets
