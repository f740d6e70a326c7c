#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/lab/invariant.h"

namespace millrace::lab {

inline const auto& statusOf(const run::Ledger& ledger, run::RecordRule rule) {
    return ledger.status(rule);
}
inline const auto& statusOf(const run::Ledger& ledger, run::CoordinationRule rule) {
    return ledger.coordination().status(rule);
}
inline const auto& statusOf(const run::Ledger& ledger, run::StreamRule rule) {
    return ledger.streams().status(rule);
}

/// One or more rules of the ledger or of one of its books, which checks them as facts come in and keeps what first
/// contradicted them with its checkpoints: here they are only read.
template <typename Rule>
class BookedRules final : public Invariant {
public:
    BookedRules(std::string_view name, std::string_view statement, std::vector<Rule> rules)
        : m_name(name), m_statement(statement), m_rules(std::move(rules)) {}

    [[nodiscard]] std::string_view name() const override { return m_name; }
    [[nodiscard]] std::string_view statement() const override { return m_statement; }
    void observe(const sim::World&) override {}
    void forget() override { m_seen = 0; }

    void observeBooks(const sim::World& world, const run::Ledger& ledger) override {
        std::uint64_t checked = 0;
        for (const Rule rule : m_rules) {
            const auto& status = statusOf(ledger, rule);
            checked += status.checked;
            if (status.first) {
                violate(world, "at " + toText(status.first->first) + " " + status.first->second);
            }
        }
        check(checked > m_seen ? checked - m_seen : 0);
        m_seen = checked;
    }

private:
    std::string_view m_name;
    std::string_view m_statement;
    std::vector<Rule> m_rules;
    std::uint64_t m_seen = 0;
};

}  // namespace millrace::lab
