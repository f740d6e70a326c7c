#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/config_key.h"
#include "engine/base/sim_time.h"

namespace millrace::scenario {

/// Which program reads a key: the same name can mean different things to different readers. Each section says its own
/// in its `collections.h`.
struct ConfigScope {
    std::string_view name;
    friend constexpr bool operator==(const ConfigScope&, const ConfigScope&) = default;
};
/// Which defaults hold: those of the releases that Millrace follows, or the older ones that the course text describes.
enum class Profile : std::uint8_t { Current, Course };

/// Settings that a document states by the names of a real system.
struct Catalogue {
    ConfigScope scope;
    std::string_view program;     ///< that reads them
    std::string_view schemaName;  ///< of its definition in the JSON Schema
    std::span<const ConfigKey> keys;
};

// What all systems have (`sections.cpp`).
[[nodiscard]] std::span<const Catalogue> catalogues();
[[nodiscard]] const Catalogue& catalogueOf(ConfigScope scope);

/// The values that an enumerated key takes here; empty for a key that is not enumerated.
[[nodiscard]] std::vector<std::string_view> acceptedChoices(const ConfigKey& key);

[[nodiscard]] std::string_view toText(ConfigScope scope);
[[nodiscard]] std::string_view toText(ConfigUnit unit);

/// All keys of a scope, in alphabetical order.
[[nodiscard]] std::span<const ConfigKey> configKeys(ConfigScope scope);
[[nodiscard]] const ConfigKey* findConfigKey(ConfigScope scope, std::string_view name);
[[nodiscard]] std::vector<std::string_view> configKeyNames(ConfigScope scope);
[[nodiscard]] std::string_view defaultOf(const ConfigKey& key, Profile profile);

/// What is wrong with a value for a key, in words, or nothing.
[[nodiscard]] std::optional<std::string> troubleWith(const ConfigKey& key, std::string_view valueText);

/// Values of one reader's keys: what the scenario sets, over the defaults of a profile. Asking for a key that the
/// catalog does not have, or in another type than it has, breaks an invariant of the program.
class Settings {
public:
    Settings() = default;
    Settings(ConfigScope scope, Profile profile) : m_scope(scope), m_profile(profile) {}

    void set(std::string key, std::string valueText) {
        m_values.insert_or_assign(std::move(key), std::move(valueText));
    }
    /// Values of the other stand over the present ones.
    void overlay(const Settings& other);

    [[nodiscard]] ConfigScope scope() const { return m_scope; }
    [[nodiscard]] Profile profile() const { return m_profile; }
    [[nodiscard]] const std::map<std::string, std::string>& values() const { return m_values; }
    [[nodiscard]] bool isSet(std::string_view key) const;

    /// Set or default; empty when there is neither.
    [[nodiscard]] std::string text(std::string_view key) const;
    [[nodiscard]] bool flag(std::string_view key) const;
    [[nodiscard]] std::int64_t integer(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> optionalInteger(std::string_view key) const;
    /// As far as 32 bits go.
    [[nodiscard]] std::int32_t integer32(std::string_view key) const;
    [[nodiscard]] double number(std::string_view key) const;
    /// By the key's unit of time.
    [[nodiscard]] SimDuration duration(std::string_view key) const;
    /// Not 0: programs that wait for 0 ms wait for their next turn. A turn takes no simulated time, so it would never
    /// come.
    [[nodiscard]] SimDuration interval(std::string_view key) const;

    /// From now on each key that is asked for is entered there: how a test finds keys that nobody reads.
    void noteReads(std::set<std::string, std::less<>>& keys) { m_reads = &keys; }

    friend bool operator==(const Settings&, const Settings&) = default;

private:
    ConfigScope m_scope;
    Profile m_profile = Profile::Current;
    std::map<std::string, std::string> m_values;
    std::set<std::string, std::less<>>* m_reads = nullptr;
};

}  // namespace millrace::scenario
