#include "app/studio/scenario_document.h"

#include <QFileInfo>
#include <QUndoCommand>
#include <algorithm>

#include "app/studio/file_names.h"
#include "app/studio/graph_edits.h"
#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "engine/base/plain_file.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/document/writer.h"
#include "engine/scenario/scenario_reader.h"

namespace millrace::studio {

class ScenarioDocument::Edit final : public QUndoCommand {
public:
    Edit(ScenarioDocument& document, const QString& name, scenario::Value before, scenario::Value after,
         QString mergeKey)
        : QUndoCommand(name),
          m_document(document),
          m_before(std::move(before)),
          m_after(std::move(after)),
          m_mergeKey(std::move(mergeKey)) {}

    void undo() override { m_document.setRoot(m_before); }
    void redo() override { m_document.setRoot(m_after); }
    int id() const override { return m_mergeKey.isEmpty() ? -1 : 1; }

    bool mergeWith(const QUndoCommand* other) override {
        const auto* edit = dynamic_cast<const Edit*>(other);
        if (edit == nullptr || edit->m_mergeKey != m_mergeKey) {
            return false;
        }
        m_after = edit->m_after;
        return true;
    }

private:
    ScenarioDocument& m_document;
    scenario::Value m_before;
    scenario::Value m_after;
    QString m_mergeKey;
};

ScenarioDocument::ScenarioDocument(QObject* parent) : QObject(parent) {
    startNew();
}

QString ScenarioDocument::title() const {
    if (!m_file.isEmpty()) {
        return shownFileName(QFileInfo(m_file).completeBaseName());
    }
    const scenario::Value* title = m_root.find("title");
    return title == nullptr || title->asText().empty() ? tr("Untitled") : QString::fromStdString(title->asText());
}

QByteArray ScenarioDocument::text() const {
    return QByteArray::fromStdString(scenario::writeDocument(m_root));
}

bool ScenarioDocument::hasErrors() const {
    return std::any_of(m_problems.begin(), m_problems.end(), [](const observe::ProblemView& problem) {
        return problem.severity >= observe::Severity::Error;
    });
}

void ScenarioDocument::startNew() {
    m_undo.clear();
    ++m_number;
    m_file.clear();
    m_saved = emptyScenario();
    setRoot(m_saved);
    emit fileChanged();
}

bool ScenarioDocument::load(const QByteArray& text, const QString& file, QString& complaint) {
    const scenario::DocumentReading reading = scenario::readDocument(text.toStdString());
    if (reading.complaints.hasErrors()) {
        QStringList lines;
        for (const scenario::Complaint& each : reading.complaints.all()) {
            lines.append(QString::fromStdString(scenario::toText(each, shownFileName(file).toStdString())));
        }
        complaint = lines.join(QLatin1Char('\n'));
        return false;
    }
    m_undo.clear();
    ++m_number;
    m_file = file;
    m_saved = reading.root;
    setRoot(reading.root);
    emit fileChanged();
    return true;
}

bool ScenarioDocument::loadFile(const QString& file, QString& complaint) {
    const auto content = readPlainFile(fileBytes(file), bytesMost);
    if (!content) {
        complaint = tr("%1: %2").arg(shownFileName(file), QString::fromStdString(content.error().message));
        return false;
    }
    return load(QByteArray::fromStdString(*content), absoluteFileName(file), complaint);
}

bool ScenarioDocument::saveAs(const QString& file, QString& complaint) {
    if (const auto trouble = scenario::saveFile(fileBytes(file), text().toStdString())) {
        complaint = QString::fromStdString(*trouble);
        return false;
    }
    m_file = absoluteFileName(file);
    m_saved = m_root;
    m_isModified = false;
    emit fileChanged();
    return true;
}

void ScenarioDocument::markUnsaved() {
    m_saved = scenario::Value();
    updateModified();
}

void ScenarioDocument::apply(const QString& name, scenario::Value root, const QString& mergeKey) {
    if (root == m_root) {
        return;
    }
    m_undo.push(new Edit(*this, name, m_root, std::move(root), mergeKey));
}

scenario::Value ScenarioDocument::runnable() const {
    scenario::Value root = m_root;
    for (const char* key : {"canvas", "lesson", "experiment", "title", "about"}) {
        root = scenario::without(root, scenario::Path({key})).value_or(root);
    }
    return root;
}

void ScenarioDocument::setRoot(scenario::Value root) {
    m_root = std::move(root);
    judge();
    emit changed();
    updateModified();
}

void ScenarioDocument::updateModified() {
    const bool isModified = !(m_root == m_saved);
    if (isModified != m_isModified) {
        m_isModified = isModified;
        emit fileChanged();
    }
}

namespace {

/// The kinds that feed one in this way.
std::vector<const observe::KindRow*> feedersOf(observe::ObjectKind kind, observe::EdgeKind how) {
    std::vector<const observe::KindRow*> feeders;
    for (const observe::KindRow& row : observe::kinds()) {
        const auto way = observe::wayBetween(row.kind, kind);
        if (way && way->how == how) {
            feeders.push_back(&row);
        }
    }
    return feeders;
}

/// A complaint as somebody reads it who draws: which card it is about, and what to do when only a wire is missing.
std::string told(const scenario::Complaint& complaint, const observe::ObjectId& object,
                 const std::vector<std::string>& steps) {
    const std::string& message = complaint.message;
    if (object.empty()) {
        return message;
    }
    const std::string title = observe::titleOf(object);
    const std::string field = steps.empty() ? std::string() : steps.back();
    const auto kind = observe::kindOf(object);
    if (const auto feeders = feedersOf(kind, observe::EdgeKind::Subscription); feeders.size() == 1) {
        const std::string word(feeders.front()->word);
        if (field == values::referenceField(kind, feeders.front()->kind) && !field.empty()) {
            return title + " reads no " + word + " yet: drag from a " + word + "'s right circle to it";
        }
    }
    if (const auto feeders = feedersOf(kind, observe::EdgeKind::Stream); !feeders.empty() && field == "inputs") {
        std::string words;
        for (const observe::KindRow* each : feeders) {
            words += (words.empty() ? "a " : " or a ") + std::string(each->word) + "'s";
        }
        return title + " gets nothing yet: drag from " + words + " right circle to it";
    }
    if (complaint.code == scenario::Complaint::Code::SourceWithoutProducer) {
        return title + " goes nowhere yet: drag from its right circle to a topic";
    }
    const bool isField = steps.size() > 1 && observe::nameOf(object).find(field) == std::string_view::npos;
    return title + (isField ? ", " + field : std::string()) + ": " + message;
}

}  // namespace

bool ScenarioDocument::wouldBeRight(const scenario::Value& root, std::string_view field) const {
    const scenario::ScenarioReading reading = scenario::readScenario(root, {fileBytes(m_file), {}, {}});
    const auto& complaints = reading.complaints.all();
    return std::none_of(complaints.begin(), complaints.end(), [&](const scenario::Complaint& complaint) {
        return complaint.severity == scenario::Complaint::Severity::Error && complaint.field.starts_with(field);
    });
}

void ScenarioDocument::judge() {
    m_problems.clear();
    const scenario::ScenarioReading reading = scenario::readScenario(m_root, {fileBytes(m_file), {}, {}});
    for (const scenario::Complaint& complaint : reading.complaints.all()) {
        observe::ProblemView problem;
        problem.severity = complaint.severity == scenario::Complaint::Severity::Error ? observe::Severity::Error
                                                                                      : observe::Severity::Warning;
        problem.field = complaint.field;
        const auto steps = scenario::Path::parse(complaint.field, m_root).steps();
        problem.object = objectAt(steps);
        problem.text = told(complaint, problem.object, steps);
        problem.isOfMachine = complaint.code == scenario::Complaint::Code::Machine;
        m_problems.push_back(std::move(problem));
    }
}

}  // namespace millrace::studio
