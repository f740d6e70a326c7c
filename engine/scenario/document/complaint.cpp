#include "engine/scenario/document/complaint.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::scenario {

void Complaints::error(Place place, std::string field, std::string message, Complaint::Code code) {
    add({Complaint::Severity::Error, place, std::move(field), std::move(message), code});
}

void Complaints::warning(Place place, std::string field, std::string message, Complaint::Code code) {
    add({Complaint::Severity::Warning, place, std::move(field), std::move(message), code});
}

void Complaints::add(Complaint complaint) {
    constexpr std::size_t fieldMost = 400;
    constexpr std::size_t messageMost = 1000;
    complaint.field = shown(complaint.field, fieldMost);
    complaint.message = shown(complaint.message, messageMost);
    m_errors += complaint.severity == Complaint::Severity::Error ? 1 : 0;
    m_all.push_back(std::move(complaint));
}

void Complaints::append(const Complaints& others) {
    m_all.insert(m_all.end(), others.m_all.begin(), others.m_all.end());
    m_errors += others.m_errors;
}

bool Complaints::areOfTheMachine() const {
    return hasErrors() && std::all_of(m_all.begin(), m_all.end(), [](const Complaint& each) {
               return each.severity == Complaint::Severity::Warning || each.code == Complaint::Code::Machine;
           });
}

Complaint::Code codeOf(const Error& error) {
    return error.kind == ErrorKind::Machine ? Complaint::Code::Machine : Complaint::Code::Other;
}

void Complaints::sortByPlace() {
    std::stable_sort(m_all.begin(), m_all.end(),
                     [](const Complaint& a, const Complaint& b) { return a.place < b.place; });
}

std::string shown(std::string_view text, std::size_t most) {
    const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    std::size_t end = std::min(text.size(), most);
    while (end > 0 && end < text.size() && continues(text[end])) {
        --end;
    }
    std::string shown;
    for (const char c : text.substr(0, end)) {
        if (isControl(c)) {
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            shown += c;
        }
    }
    return end < text.size() ? shown + "\u2026" : shown;
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
