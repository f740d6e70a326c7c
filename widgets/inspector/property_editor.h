#pragma once

#include <QScrollArea>
#include <functional>

#include "widgets/inspector/property.h"

class QLabel;
class QLineEdit;

namespace millrace::widgets {

/// A form of typed editors. An edit is reported when it is finished, never while typing. A text that cannot be taken
/// stays in its field, marked, with the reason below it; the value is as it was until it can.
class PropertyEditor final : public QScrollArea {
    Q_OBJECT

public:
    using Reader = std::function<PropertyReading(const Property& property, const QString& typed)>;

    explicit PropertyEditor(QWidget* parent = nullptr);
    ~PropertyEditor() override;

    /// Who decides what a typed text means. Without one, every text is a value.
    void setReader(Reader reader) { m_reader = std::move(reader); }
    void setSheet(const PropertySheet& sheet);
    [[nodiscard]] QWidget* editorOf(const QString& path) const;
    /// What stands below a field, empty when nothing does.
    [[nodiscard]] QString problemOf(const QString& path) const;
    /// What is being typed is done, as if the focus had left: before a scenario is saved or run.
    void finishEdit();

signals:
    /// An empty value means: back to the default.
    void propertyEdited(const QString& path, const QString& value);
    /// What was typed is not taken, and why; an empty problem: it stands there no more.
    void refused(const QString& name, const QString& problem);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Row {
        Property property;
        QLabel* name = nullptr;
        QWidget* editor = nullptr;
        QLabel* problem = nullptr;
        QString refusal;  ///< why the text in the field is not the value
    };

    [[nodiscard]] QWidget* makeEditor(const Property& property);
    [[nodiscard]] QLineEdit* makeLine(const Property& property);
    void propose(QLineEdit& edit, const QString& path);
    [[nodiscard]] Row* rowOf(const QString& path);
    [[nodiscard]] bool hasSameFields(const PropertySheet& sheet) const;
    void rebuild(const PropertySheet& sheet);
    void fill(Row& row);
    void commit(const QString& path);
    void commitText(const QString& path);
    void giveUp(const QString& path);
    void liftRefusal(const QString& path);

    Reader m_reader;
    std::vector<Row> m_rows;
    QWidget* m_form = nullptr;
};

}  // namespace millrace::widgets
