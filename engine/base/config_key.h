#pragma once

#include <cstdint>
#include <string_view>

namespace millrace {

enum class ConfigType : std::uint8_t { Flag, Integer, Number, Text, List, Any };
enum class ConfigUnit : std::uint8_t { None, Milliseconds, Seconds, Minutes, Hours, Bytes, Megabytes, Percent };
enum class Modelling : std::uint8_t {
    Modelled,       ///< Millrace does what the real system does
    WithoutEffect,  ///< not modelled, and no value of it could change what a run computes
    ChangesResults  ///< not modelled; any value but `defaultText` would change results, so it is refused
};

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
    /// Another key of the same reader with which this one is not read: at a value, as in "enable.auto.commit=false", or
    /// whenever it is set.
    std::string_view idleBeside = {};
};

}  // namespace millrace
