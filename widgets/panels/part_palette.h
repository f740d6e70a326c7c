#pragma once

#include <QWidget>
#include <vector>

#include "engine/observe/object_id.h"

class QLineEdit;
class QListWidget;
class QTabBar;
class QVBoxLayout;

namespace millrace::widgets {

/// Something that can be dragged onto the canvas.
struct Part {
    QString name;   ///< what the drag carries, such as "source/file"
    QString title;  ///< "File lines"
    QString group;  ///< heading under which it stands
    QString help;
    observe::ObjectKind kind = observe::ObjectKind::Unknown;
};

/// The parts a stream is built of, by kind, with a search. Drag onto the canvas, or press Return to add.
class PartPalette final : public QWidget {
    Q_OBJECT

public:
    explicit PartPalette(std::vector<Part> parts, QWidget* parent = nullptr);

    [[nodiscard]] QListWidget& list() const { return *m_list; }
    [[nodiscard]] QLineEdit& search() const { return *m_search; }

    /// Lies flat instead of standing as a column: one group at a time, as high as the rows that the largest fills.
    void setStrip(bool isStrip);
    /// The groups of the strip.
    [[nodiscard]] QTabBar& groups() const { return *m_groups; }

signals:
    void partChosen(const QString& name);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    class Delegate;
    void fill(const QString& words);
    void fillGroup();
    void addPart(const Part& part);
    void fitStrip();

    std::vector<Part> m_parts;
    QLineEdit* m_search = nullptr;
    QTabBar* m_groups = nullptr;  ///< of the strip
    QListWidget* m_list = nullptr;
    Delegate* m_delegate = nullptr;
    QVBoxLayout* m_layout = nullptr;
    bool m_isStrip = false;
};

}  // namespace millrace::widgets
