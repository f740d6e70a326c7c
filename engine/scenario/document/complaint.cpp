#include "engine/scenario/document/complaint.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::scenario {

void Complaints::error(Place place, std::string field, std::string message) {
    m_all.push_back({Complaint::Severity::Error, place, std::move(field), std::move(message)});
}

void Complaints::warning(Place place, std::string field, std::string message) {
    m_all.push_back({Complaint::Severity::Warning, place, std::move(field), std::move(message)});
}

void Complaints::append(const Complaints& others) {
    m_all.insert(m_all.end(), others.m_all.begin(), others.m_all.end());
}

void Complaints::sortByPlace() {
    std::stable_sort(m_all.begin(), m_all.end(),
                     [](const Complaint& a, const Complaint& b) { return a.place < b.place; });
}

bool Complaints::hasErrors() const {
    return std::any_of(m_all.begin(), m_all.end(),
                       [](const Complaint& each) { return each.severity == Complaint::Severity::Error; });
}

std::string toText(const Complaint& complaint, std::string_view file) {
    std::string text(file);
    if (complaint.place.isKnown()) {
        text += fmt::format(":{}:{}", complaint.place.line, complaint.place.column);
    }
    if (!complaint.field.empty()) {
        text += ": " + complaint.field;
    }
    text += complaint.severity == Complaint::Severity::Warning ? ": warning: " : ": ";
    return text + complaint.message;
}

}  // namespace millrace::scenario
