#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/sim_time.h"

namespace millrace::scenario {

/// Which program reads a key: the same name can mean different things to different readers.
enum class ConfigScope : std::uint8_t { Broker, Topic, Producer, Consumer, ZooKeeper, Storm };
enum class ConfigType : std::uint8_t { Flag, Integer, Number, Text, List, Any };
enum class ConfigUnit : std::uint8_t { None, Milliseconds, Seconds, Minutes, Hours, Bytes, Megabytes, Percent };
enum class Modelling : std::uint8_t {
    Modelled,       ///< Millrace does what the real system does
    WithoutEffect,  ///< not modelled, and no value of it could change what a run computes
    ChangesResults  ///< not modelled; any value but `defaultText` would change results, so it is refused
};
/// Which defaults hold: those of the releases that Millrace follows, or the older ones that the course text describes.
enum class Profile : std::uint8_t { Current, Course };

/// One setting of a real system. Texts are empty where there is nothing to say: no default, no bound, no choices.
struct ConfigKey {
    std::string_view name;
    ConfigType type;
    std::string_view defaultText;
    ConfigUnit unit;
    Modelling modelling;
    std::string_view least;
    std::string_view most;
    std::string_view choices;  ///< separated by |; of a list: of its items
    std::string_view courseText;
    std::string_view help;
    /// Of the choices, those that Millrace does; empty: all. Of a list it is the first item that must be among them: a
    /// group uses the first that all its members have.
    std::string_view modelledChoices = {};
    /// Where Millrace does something else than the real system's default until that one is modelled: what it does, in
    /// words, and what the real default is. `defaultText` is then what may stand there: the stand-in's value, or, where
    /// no value means the stand-in, the real default, which is not what runs.
    std::string_view standIn = {};
    std::string_view realDefault = {};
};

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
    [[nodiscard]] double number(std::string_view key) const;
    /// By the key's unit of time.
    [[nodiscard]] SimDuration duration(std::string_view key) const;

    /// From now on each key that is asked for is entered there: how a test finds keys that nobody reads.
    void noteReads(std::set<std::string, std::less<>>& keys) { m_reads = &keys; }

    friend bool operator==(const Settings&, const Settings&) = default;

private:
    ConfigScope m_scope = ConfigScope::Broker;
    Profile m_profile = Profile::Current;
    std::map<std::string, std::string> m_values;
    std::set<std::string, std::less<>>* m_reads = nullptr;
};

}  // namespace millrace::scenario
