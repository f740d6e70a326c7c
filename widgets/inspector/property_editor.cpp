#include "widgets/inspector/property_editor.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpressionValidator>
#include <QVBoxLayout>

#include "widgets/controls/palette.h"

namespace millrace::widgets {

namespace {

QString patternOf(Property::Type type) {
    switch (type) {
        case Property::Type::Integer:
            return QStringLiteral("-?\\d*");
        case Property::Type::Number:
            return QStringLiteral("-?\\d*\\.?\\d*");
        case Property::Type::Duration:
            return QStringLiteral("\\d*\\.?\\d*\\s?(ns|us|µs|ms|s|min|h|d)?");
        case Property::Type::Size:
            return QStringLiteral("\\d*\\.?\\d*\\s?(B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)?");
        case Property::Type::Rate:
            return QStringLiteral("(\\d*\\.?\\d*\\s?(/s|/min|/h)?)|max|fast");
        default:
            return {};
    }
}

QString unitHint(Property::Type type) {
    switch (type) {
        case Property::Type::Duration:
            return PropertyEditor::tr("a time with its unit, such as 250ms or 5s");
        case Property::Type::Size:
            return PropertyEditor::tr("a size with its unit, such as 64MiB");
        case Property::Type::Rate:
            return PropertyEditor::tr("a rate, such as 400/s");
        case Property::Type::Integer:
            return PropertyEditor::tr("a whole number");
        default:
            return {};
    }
}

}  // namespace

PropertyEditor::PropertyEditor(QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Properties"));
    setSheet({});
}

QWidget* PropertyEditor::makeEditor(const Property& property) {
    const QString path = property.path;
    const QString before = property.value;
    if (property.type == Property::Type::Choice || property.type == Property::Type::Boolean) {
        auto* combo = new QComboBox;
        const QStringList choices = property.type == Property::Type::Boolean
                                        ? QStringList{QStringLiteral("true"), QStringLiteral("false")}
                                        : property.choices;
        combo->addItems(choices);
        const QString shown = before.isEmpty() ? property.defaultValue : before;
        if (!choices.contains(shown)) {
            combo->insertItem(0, shown);
        }
        combo->setCurrentText(shown);
        combo->setFocusPolicy(Qt::StrongFocus);
        connect(combo, &QComboBox::textActivated, this,
                [this, path](const QString& text) { emit propertyEdited(path, text); });
        return combo;
    }
    auto* edit = new QLineEdit(before);
    edit->setPlaceholderText(property.defaultValue.isEmpty() ? QString()
                                                             : tr("%1 (default)").arg(property.defaultValue));
    if (const QString pattern = patternOf(property.type); !pattern.isEmpty()) {
        edit->setValidator(new QRegularExpressionValidator(QRegularExpression(pattern), edit));
    }
    connect(edit, &QLineEdit::editingFinished, this, [this, edit, path, before] {
        if (edit->text() != before && edit->isEnabled()) {
            edit->setEnabled(
                false);  // the answer rebuilds the form; a second signal of the same edit would be lost anyway
            edit->setEnabled(true);
            emit propertyEdited(path, edit->text().trimmed());
        }
    });
    return edit;
}

void PropertyEditor::setSheet(const PropertySheet& sheet) {
    if (m_form != nullptr && sheet == m_sheet) {
        return;
    }
    m_sheet = sheet;
    m_form = new QWidget;
    auto* layout = new QVBoxLayout(m_form);
    layout->setContentsMargins(16, 10, 16, 16);
    layout->setSpacing(2);
    if (sheet.empty()) {
        auto* hint = new QLabel(tr("Select something in the picture to see its settings."));
        hint->setWordWrap(true);
        hint->setProperty("role", QStringLiteral("dim"));
        layout->addWidget(hint);
    }
    QString group;
    for (const Property& property : sheet) {
        if (property.group != group) {
            group = property.group;
            auto* heading = new QLabel(group);
            heading->setFont(textFont(TextRole::CardTitle));
            heading->setContentsMargins(0, 8, 0, 2);
            layout->addWidget(heading);
        }
        auto* name = new QLabel(property.name);
        name->setProperty("role", property.problem.isEmpty() ? QStringLiteral("dim") : QStringLiteral("bad"));
        name->setContentsMargins(0, 4, 0, 0);
        name->setMinimumWidth(1);  // a long key is cut off before the fields are
        QWidget* editor = makeEditor(property);
        editor->setObjectName(property.path);
        editor->setAccessibleName(property.name);
        QStringList help{property.help, unitHint(property.type)};
        if (!property.isLive) {
            help.append(tr("Takes effect when the run starts again."));
        }
        help.removeAll(QString());
        editor->setToolTip(help.join(QLatin1Char('\n')));
        name->setToolTip(editor->toolTip());
        name->setBuddy(editor);
        layout->addWidget(name);
        layout->addWidget(editor);
        if (!property.problem.isEmpty()) {
            auto* problem = new QLabel(property.problem);
            problem->setWordWrap(true);
            problem->setProperty("role", QStringLiteral("bad"));
            problem->setFont(textFont(TextRole::Caption));
            layout->addWidget(problem);
        }
    }
    layout->addStretch(1);
    // The form that is replaced may be the one whose editor is sending: it goes when control is back in the event loop.
    if (QWidget* old = takeWidget()) {
        old->deleteLater();
    }
    setWidget(m_form);
}

QWidget* PropertyEditor::editorOf(const QString& path) const {
    return m_form->findChild<QWidget*>(path);
}

}  // namespace millrace::widgets
