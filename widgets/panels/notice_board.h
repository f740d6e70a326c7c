#pragma once

#include <QString>
#include <QWidget>
#include <functional>
#include <vector>

#include "widgets/style/palette.h"

class QScrollArea;
class QVBoxLayout;

namespace millrace::widgets {

/// Something that waits for an answer of the user. Unlike a sentence it is not replaced by what happens next.
struct Notice {
    struct Action {
        QString title;
        std::function<void()> run;
    };
    struct Line {
        QString text;
        std::function<void()> open;  ///< shows what the line is about; may be empty
    };

    QString id;  ///< a notice replaces the one with the same id
    Meaning meaning = Meaning::Plain;
    QString headline;
    QString remedy;
    std::vector<Line> lines;
    std::vector<Action> actions;  ///< the first is what one usually wants
    bool mayBeClosed = true;
};

/// The notices that are open, one below the other, above the faces. It takes no room while there is none, and never
/// more than a quarter of the window: more of them are scrolled.
class NoticeBoard final : public QWidget {
    Q_OBJECT

public:
    explicit NoticeBoard(QWidget* parent = nullptr);

    void post(const Notice& notice);
    void withdraw(const QString& id);
    [[nodiscard]] bool isPosted(const QString& id) const;
    /// For tests and guides: the widget of a notice, nullptr when it is not there.
    [[nodiscard]] QWidget* noticeOf(const QString& id) const;

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    [[nodiscard]] QWidget* make(const Notice& notice);
    void fitHeight();

    QScrollArea* m_area = nullptr;
    QWidget* m_sheet = nullptr;
    QVBoxLayout* m_notices = nullptr;
};

}  // namespace millrace::widgets
