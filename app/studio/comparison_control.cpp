#include "app/studio/comparison_control.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QSaveFile>
#include <algorithm>
#include <set>
#include <utility>

#include "app/studio/file_names.h"
#include "widgets/compare/comparison_panel.h"
#include "widgets/style/format.h"

namespace millrace::studio {

using widgets::format::text;

namespace {

/// The engines on which pipelines of a document run.
std::set<std::string> enginesIn(const scenario::Value& root) {
    std::set<std::string> engines;
    const scenario::Value* pipelines = root.find("pipelines");
    for (const scenario::Member& pipeline :
         pipelines != nullptr ? pipelines->members() : std::span<const scenario::Member>()) {
        const scenario::Value* list = pipeline.value.find("run_on");
        for (const scenario::Value& each : list != nullptr ? list->items() : std::span<const scenario::Value>()) {
            engines.insert(each.asText());
        }
    }
    return engines;
}

}  // namespace

ComparisonControl::ComparisonControl(ScenarioDocument& document, BottomPanel& bottom, bridge::Comparer comparer,
                                     QWidget& window)
    : QObject(&window),
      m_document(document),
      m_bottom(bottom),
      m_window(window),
      m_runner(std::move(comparer)),
      m_panel(new widgets::ComparisonPanel(&window)) {
    m_bottom.addPanel(*m_panel, tr("Compare"));
    connect(m_panel, &widgets::ComparisonPanel::startRequested, this, &ComparisonControl::start);
    connect(m_panel, &widgets::ComparisonPanel::cancelRequested, this, [this] { m_runner.cancel(); });
    connect(m_panel, &widgets::ComparisonPanel::otherRequested, this, &ComparisonControl::addOther);
    connect(m_panel, &widgets::ComparisonPanel::otherDropped, this, [this](const QString& file) {
        m_others.removeAll(file);
        m_panel->setOthers(m_others);
    });
    connect(m_panel, &widgets::ComparisonPanel::saveRequested, this, &ComparisonControl::save);
    connect(&m_runner, &bridge::ComparisonRunner::stepped, this, [this](const bridge::ComparisonStep& step) {
        if (m_runner.isRunning()) {
            m_panel->setProgress(tr("run %1 of %2, %3, %4 s simulated")
                                     .arg(step.run + 1)
                                     .arg(step.runs)
                                     .arg(text(step.variant))
                                     .arg(step.simulated, 0, 'f', 1),
                                 static_cast<int>(step.run), static_cast<int>(step.runs));
        }
    });
    connect(&m_runner, &bridge::ComparisonRunner::ended, this, &ComparisonControl::take);
    connect(&m_document, &ScenarioDocument::changed, this, &ComparisonControl::showDocument);
    showDocument();
}

bool ComparisonControl::show(const QString& view) {
    m_bottom.offerPanel(*m_panel, true);
    m_bottom.showPanel(*m_panel);
    if (!view.isEmpty()) {
        m_panel->showView(view);
    }
    return view.isEmpty() || m_panel->views().contains(view);
}

void ComparisonControl::start(int repetitions) {
    m_document.finishEdits();
    m_starting = m_document.runnable();
    bridge::ComparisonRequest request;
    request.text = m_document.text().toStdString();
    request.file = fileBytes(m_document.file());
    for (const QString& other : m_others) {
        request.others.push_back(fileBytes(other));
    }
    request.repetitions = static_cast<std::size_t>(std::max(repetitions, 1));
    m_runner.start(request);
}

void ComparisonControl::take(const bridge::ComparisonAnswer& answer) {
    if (answer.view) {
        m_answer = answer;
        m_compared = m_starting;
    }
    m_panel->setView(answer.view, answer.view              ? QString()
                                  : answer.trouble.empty() ? tr("The comparison was stopped")
                                                           : text(answer.trouble));
    showDocument();
    emit said(answer.view ? tr("The comparison is done") : m_panel->verdict());
    emit ended();
}

void ComparisonControl::addOther() {
    const QString file =
        QFileDialog::getOpenFileName(&m_window, tr("Compare with a scenario"),
                                     QFileInfo(m_document.file()).absolutePath(), tr("Scenarios (*.json)"));
    if (!file.isEmpty() && !m_others.contains(file)) {
        m_others << file;
        m_panel->setOthers(m_others);
    }
}

void ComparisonControl::save() {
    const QString html = tr("Page (*.html)");
    const QString json = tr("JSON (*.json)");
    const QString plain = tr("Text (*.txt)");
    QString kind = html;
    QString file = QFileDialog::getSaveFileName(&m_window, tr("Save the comparison"), QStringLiteral("comparison.html"),
                                                QStringList{html, json, plain}.join(QStringLiteral(";;")), &kind);
    if (file.isEmpty()) {
        return;
    }
    if (QFileInfo(file).suffix().isEmpty()) {
        file += kind == json    ? QStringLiteral(".json")
                : kind == plain ? QStringLiteral(".txt")
                                : QStringLiteral(".html");
    }
    const QString suffix = QFileInfo(file).suffix();
    const std::string& content = suffix == QLatin1String("json")  ? m_answer.json
                                 : suffix == QLatin1String("txt") ? m_answer.text
                                                                  : m_answer.html;
    QSaveFile out(file);
    const bool isWritten =
        out.open(QIODevice::WriteOnly) &&
        out.write(content.data(), static_cast<qint64>(content.size())) == static_cast<qint64>(content.size()) &&
        out.commit();
    emit said(isWritten ? tr("The comparison is in %1").arg(file)
                        : tr("The comparison could not be written into %1: %2").arg(file, out.errorString()));
}

void ComparisonControl::showDocument() {
    const std::set<std::string> engines = enginesIn(m_document.root());
    if (engines.size() > 1) {
        m_bottom.offerPanel(*m_panel, true);
    }
    QStringList names;
    for (const std::string& each : engines) {
        names << text(each);
    }
    m_panel->setSubject(engines.size() > 1
                            ? tr("The same pipelines on %1, one after the other, on the same records, machines and "
                                 "faults.")
                                  .arg(names.join(QStringLiteral(", ")))
                            : tr("This scenario as it is, run to its end, beside others that are added."),
                        m_document.hasErrors() ? tr("This cannot run yet: see Problems") : QString());
    m_panel->setStale(m_answer.view && !(m_document.runnable() == m_compared));
}

}  // namespace millrace::studio
