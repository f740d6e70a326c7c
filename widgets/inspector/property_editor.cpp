#include "widgets/inspector/property_editor.h"

#include <QComboBox>
#include <QCompleter>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QStringListModel>
#include <QStyle>
#include <QStyleOptionFrame>
#include <QTextDocument>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

QString unitHint(Property::Type type) {
    switch (type) {
        case Property::Type::Duration:
            return PropertyEditor::tr("a time with its unit, such as 250ms or 5s");
        case Property::Type::Size:
            return PropertyEditor::tr("a size with its unit, such as 64MiB");
        case Property::Type::Rate:
            return PropertyEditor::tr("a rate, such as 400/s or 1.5k/s");
        case Property::Type::ByteRate:
            return PropertyEditor::tr("bytes a second, such as 125MiB/s");
        case Property::Type::Integer:
            return PropertyEditor::tr("a whole number");
        default:
            return {};
    }
}

/// What is typed there, for a field that is blank and says nothing else.
QString example(Property::Type type) {
    switch (type) {
        case Property::Type::Duration:
            return PropertyEditor::tr("a time, such as 250ms");
        case Property::Type::Size:
            return PropertyEditor::tr("a size, such as 64MiB");
        case Property::Type::Rate:
            return PropertyEditor::tr("a rate, such as 400/s");
        case Property::Type::ByteRate:
            return PropertyEditor::tr("bytes a second, such as 125MiB/s");
        case Property::Type::Integer:
            return PropertyEditor::tr("a whole number");
        case Property::Type::Number:
            return PropertyEditor::tr("a number");
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

namespace {

/// A text of several lines: Enter begins the next one, and it is done when the focus leaves.
class TextField final : public QPlainTextEdit {
public:
    explicit TextField(std::function<void()> done) : m_done(std::move(done)) {
        setTabChangesFocus(true);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);  // lines are wrapped
        setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);     // so that they are not wrapped anew when it comes
    }

protected:
    void focusOutEvent(QFocusEvent* event) override {
        QPlainTextEdit::focusOutEvent(event);
        if (event->reason() != Qt::PopupFocusReason) {
            m_done();
        }
    }

    /// Whole lines are seen, whatever the frame around them takes.
    void resizeEvent(QResizeEvent* event) override {
        constexpr int lines = 6;
        QPlainTextEdit::resizeEvent(event);
        const int around = height() - viewport()->height();
        setFixedHeight(around + lines * fontMetrics().lineSpacing() + static_cast<int>(document()->documentMargin()));
    }

private:
    std::function<void()> m_done;
};

/// A text of one line. What is too long for it ends with an ellipsis until somebody writes there; that a value is the
/// default is said where there is room for it.
class LineField final : public QLineEdit {
public:
    explicit LineField(QString hint, QString shortHint) : m_hint(std::move(hint)), m_shortHint(std::move(shortHint)) {
        setPlaceholderText(m_hint);
    }

protected:
    void resizeEvent(QResizeEvent* event) override {
        QLineEdit::resizeEvent(event);
        setPlaceholderText(fontMetrics().horizontalAdvance(m_hint) <= textBox().width() ? m_hint : m_shortHint);
    }
    void paintEvent(QPaintEvent* event) override {
        const QRect box = textBox();
        if (hasFocus() || fontMetrics().horizontalAdvance(text()) <= box.width()) {
            QLineEdit::paintEvent(event);
            return;
        }
        QStyleOptionFrame option;
        initStyleOption(&option);
        QPainter painter(this);
        style()->drawPrimitive(QStyle::PE_PanelLineEdit, &option, &painter, this);
        painter.setPen(palette().color(QPalette::Text));
        painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter,
                         fontMetrics().elidedText(text(), Qt::ElideRight, box.width()));
    }

private:
    [[nodiscard]] QRect textBox() const {
        constexpr int besideText = 2;  // as QLineEdit has it
        QStyleOptionFrame option;
        initStyleOption(&option);
        return style()
            ->subElementRect(QStyle::SE_LineEditContents, &option, this)
            .marginsRemoved(textMargins())
            .adjusted(besideText, 0, -besideText, 0);
    }

    QString m_hint;
    QString m_shortHint;
};

}  // namespace

QWidget* PropertyEditor::makeEditor(const Property& property) {
    const QString path = property.path;
    if (property.type == Property::Type::LongText) {
        return new TextField([this, path] { commitText(path); });
    }
    if (property.type != Property::Type::Choice && property.type != Property::Type::Boolean) {
        return makeLine(property);
    }
    auto* combo = new QComboBox;
    combo->setFocusPolicy(Qt::StrongFocus);
    connect(combo, &QComboBox::textActivated, this,
            [this, path](const QString& text) { emit propertyEdited(path, text); });
    return combo;
}

QLineEdit* PropertyEditor::makeLine(const Property& property) {
    const QString path = property.path;
    const QString other = !property.blank.isEmpty() ? property.blank : example(property.type);
    auto* edit = property.defaultValue.isEmpty()
                     ? new LineField(other, other)
                     : new LineField(tr("%1 (default)").arg(property.defaultValue), property.defaultValue);
    edit->installEventFilter(this);
    if (property.type == Property::Type::Text && !property.choices.isEmpty()) {
        propose(*edit, path);
    }
    connect(edit, &QLineEdit::editingFinished, this, [this, path] { commit(path); });
    connect(edit, &QLineEdit::textChanged, this, [this, path](const QString& text) {
        // By whatever way what holds has come back: undo, typing, Esc.
        if (const Row* row = rowOf(path); row != nullptr && text == row->property.value) {
            liftRefusal(path);
        }
    });
    return edit;
}

/// What is typed is looked for in all that is proposed; a click or the key Down shows all of it.
void PropertyEditor::propose(QLineEdit& edit, const QString& path) {
    auto* completer = new QCompleter(new QStringListModel(&edit), &edit);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    completer->setFilterMode(Qt::MatchContains);
    edit.setCompleter(completer);
    connect(completer, QOverload<const QString&>::of(&QCompleter::activated), this,
            [this, &edit, path](const QString& chosen) {
                edit.setText(chosen);
                commit(path);
            });
}

/// The fields go first: one that has the focus hands in what was typed when it loses it.
PropertyEditor::~PropertyEditor() {
    delete takeWidget();
}

PropertyEditor::Row* PropertyEditor::rowOf(const QString& path) {
    const auto row = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row& r) { return r.property.path == path; });
    return row == m_rows.end() ? nullptr : &*row;
}

void PropertyEditor::commit(const QString& path) {
    Row* row = rowOf(path);
    const auto* edit = row == nullptr ? nullptr : qobject_cast<QLineEdit*>(row->editor);
    if (edit == nullptr || (edit->text() == row->property.value && row->refusal.isEmpty())) {
        return;
    }
    const PropertyReading reading =
        m_reader ? m_reader(row->property, edit->text()) : PropertyReading{edit->text().trimmed(), {}};
    const bool isNews = row->refusal != reading.problem;
    if (reading.problem.isEmpty()) {
        liftRefusal(path);
        row = rowOf(path);
        if (row == nullptr) {
            return;
        }
    }
    row->refusal = reading.problem;
    const bool isChanged = reading.problem.isEmpty() && reading.value != row->property.value;
    const QString name = row->property.name;
    fill(*row);
    if (isChanged) {
        emit propertyEdited(path, reading.value);
    } else if (isNews && !reading.problem.isEmpty()) {
        emit refused(name, reading.problem);
    }
    // Enter leaves the hand in the field: what is typed next replaces what stands there.
    if (row = rowOf(path); row != nullptr && row->editor->hasFocus()) {
        static_cast<QLineEdit*>(row->editor)->selectAll();
    }
}

void PropertyEditor::commitText(const QString& path) {
    const Row* row = rowOf(path);
    const auto* edit = row == nullptr ? nullptr : qobject_cast<QPlainTextEdit*>(row->editor);
    if (edit != nullptr && edit->toPlainText() != row->property.value) {
        emit propertyEdited(path, edit->toPlainText());
    }
}

void PropertyEditor::finishEdit() {
    const auto row =
        std::find_if(m_rows.begin(), m_rows.end(), [](const Row& each) { return each.editor->hasFocus(); });
    if (row == m_rows.end()) {
        return;
    }
    const QString path = row->property.path;
    if (qobject_cast<QLineEdit*>(row->editor) != nullptr) {
        commit(path);
    } else {
        commitText(path);
    }
}

/// What was refused stands there no more.
void PropertyEditor::liftRefusal(const QString& path) {
    Row* row = rowOf(path);
    if (row == nullptr || row->refusal.isEmpty()) {
        return;
    }
    row->refusal.clear();
    fill(*row);
    const QString name = row->property.name;
    emit refused(name, QString());
}

void PropertyEditor::giveUp(const QString& path) {
    liftRefusal(path);
    if (Row* row = rowOf(path)) {
        fill(*row);
        static_cast<QLineEdit*>(row->editor)->selectAll();
    }
}

namespace {

void showProposals(const QLineEdit& edit) {
    edit.completer()->setCompletionPrefix({});
    edit.completer()->complete();
}

bool asksForProposals(const QEvent& event) {
    return event.type() == QEvent::MouseButtonRelease ||
           (event.type() == QEvent::KeyPress && static_cast<const QKeyEvent&>(event).key() == Qt::Key_Down);
}

}  // namespace

bool PropertyEditor::eventFilter(QObject* watched, QEvent* event) {
    auto* edit = qobject_cast<QLineEdit*>(watched);
    if (edit != nullptr && edit->completer() != nullptr && asksForProposals(*event)) {
        showProposals(*edit);
    }
    const bool isKey = event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress;
    const Row* row = edit == nullptr || !isKey ? nullptr : rowOf(edit->objectName());
    if (row == nullptr) {
        return QScrollArea::eventFilter(watched, event);
    }
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool isTyped = edit->text() != row->property.value;
    if (key->key() == Qt::Key_Escape && isTyped) {
        event->accept();  // Esc gives up the typing and nothing else
        if (event->type() == QEvent::KeyPress) {
            giveUp(edit->objectName());
        }
        return true;
    }
    if (!isTyped && (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo))) {
        event->ignore();  // there is no typing to take back: the scenario's history is meant
        return true;
    }
    return QScrollArea::eventFilter(watched, event);
}

bool PropertyEditor::hasSameFields(const PropertySheet& sheet) const {
    return m_form != nullptr &&
           std::equal(m_rows.begin(), m_rows.end(), sheet.begin(), sheet.end(), [](const Row& row, const Property& p) {
               const Property& q = row.property;
               return q.path == p.path && q.type == p.type && q.group == p.group && q.defaultValue == p.defaultValue &&
                      q.blank == p.blank && q.choices.isEmpty() == p.choices.isEmpty();
           });
}

void PropertyEditor::setSheet(const PropertySheet& sheet) {
    // Fields that stay are refilled: who types in one, or has just pressed Enter, keeps the place.
    if (!hasSameFields(sheet)) {
        rebuild(sheet);
    }
    QStringList lifted;
    for (std::size_t i = 0; i < sheet.size(); ++i) {
        if (m_rows[i].property.value != sheet[i].value && !m_rows[i].refusal.isEmpty()) {
            m_rows[i].refusal.clear();  // it was about another value
            lifted << sheet[i].name;
        }
        m_rows[i].property = sheet[i];
        fill(m_rows[i]);
    }
    for (const QString& name : lifted) {
        emit refused(name, QString());
    }
}

void PropertyEditor::fill(Row& row) {
    const Property& property = row.property;
    const QString shownProblem = row.refusal.isEmpty() ? property.problem : row.refusal;
    setMeaning(*row.name, shownProblem.isEmpty() ? Meaning::Dim : Meaning::Bad);
    row.problem->setText(shownProblem);
    row.problem->setVisible(!shownProblem.isEmpty());
    if (auto* combo = qobject_cast<QComboBox*>(row.editor)) {
        QStringList choices = property.type == Property::Type::Boolean
                                  ? QStringList{QStringLiteral("true"), QStringLiteral("false")}
                                  : property.choices;
        const QString shown = property.value.isEmpty() ? property.defaultValue : property.value;
        if (!choices.contains(shown)) {
            choices.prepend(shown);
        }
        QStringList before;
        for (int i = 0; i < combo->count(); ++i) {
            before.append(combo->itemText(i));
        }
        if (before != choices) {
            combo->clear();
            combo->addItems(choices);
        }
        combo->setCurrentText(shown);
        return;
    }
    if (auto* text = qobject_cast<QPlainTextEdit*>(row.editor)) {
        if (text->toPlainText() != property.value) {
            text->setPlainText(property.value);
        }
        return;
    }
    auto* edit = static_cast<QLineEdit*>(row.editor);
    if (edit->completer() != nullptr) {
        static_cast<QStringListModel*>(edit->completer()->model())->setStringList(property.choices);
    }
    const bool isRefused = !row.refusal.isEmpty();
    if (edit->property("isRefused").toBool() != isRefused) {
        edit->setProperty("isRefused", isRefused);
        edit->style()->unpolish(edit);
        edit->style()->polish(edit);
    }
    if (!isRefused && edit->text() != property.value) {
        edit->setText(property.value);
        if (!edit->hasFocus()) {
            edit->setCursorPosition(0);  // a long text is read from its beginning
        }
    }
}

void PropertyEditor::rebuild(const PropertySheet& sheet) {
    m_rows.clear();
    m_form = new QWidget;
    auto* layout = new QVBoxLayout(m_form);
    layout->setContentsMargins(12, 10, 12, 16);
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
        Row row;
        row.property = property;
        // A long key is broken at its dots before it is cut.
        row.name = new QLabel(QString(property.name).replace(QLatin1Char('.'), QStringLiteral(".\u200b")));
        row.name->setWordWrap(true);
        row.name->setContentsMargins(0, 4, 0, 0);
        row.name->setMinimumWidth(1);
        row.editor = makeEditor(property);
        row.editor->setObjectName(property.path);
        row.editor->setAccessibleName(property.name);
        QStringList help{property.help, unitHint(property.type)};
        if (!property.isLive) {
            help.append(tr("Takes effect when the run starts again."));
        }
        help.removeAll(QString());
        row.editor->setToolTip(help.join(QLatin1Char('\n')));
        row.name->setToolTip(row.editor->toolTip());
        row.name->setBuddy(row.editor);
        row.problem = new QLabel(m_form);
        row.problem->setWordWrap(true);
        row.problem->setProperty("role", QStringLiteral("bad"));
        row.problem->setFont(textFont(TextRole::Caption));
        row.problem->hide();
        layout->addWidget(row.name);
        layout->addWidget(row.editor);
        layout->addWidget(row.problem);
        m_rows.push_back(std::move(row));
    }
    layout->addStretch(1);
    // The form that is replaced may be the one whose editor is sending: it goes when control is back in the event loop.
    if (QWidget* old = takeWidget()) {
        for (QLineEdit* edit : old->findChildren<QLineEdit*>()) {
            edit->disconnect(this);
        }
        old->deleteLater();
    }
    setWidget(m_form);
}

QWidget* PropertyEditor::editorOf(const QString& path) const {
    return m_form->findChild<QWidget*>(path);
}

QString PropertyEditor::problemOf(const QString& path) const {
    const auto row = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row& r) { return r.property.path == path; });
    return row == m_rows.end() || row->problem->isHidden() ? QString() : row->problem->text();
}

}  // namespace millrace::widgets
