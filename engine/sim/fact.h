#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/sim/ids.h"
#include "engine/sim/message.h"

namespace millrace::sim {

/// Stable number of a kind of fact: a hash of its name.
using FactKind = Strong<struct FactKindTag, std::uint32_t>;

/// Of a type with a `Name`.
template <class T>
inline constexpr FactKind factKindOf{nameHash32(T::Name)};

/// Something that has become of records, told by who did it to whoever keeps the books of a run: a batch was appended,
/// acknowledged, delivered. Facts influence nothing: they stand outside of queue and fingerprint, actors cannot read
/// them, and a world that nobody listens to drops them. Systems derive their own.
class Fact : public Counted {
public:
    [[nodiscard]] FactKind kind() const { return m_kind; }
    template <class T>
    [[nodiscard]] const T* as() const {
        return m_kind == factKindOf<T> ? static_cast<const T*>(this) : nullptr;
    }

protected:
    explicit Fact(FactKind kind) : m_kind(kind) {}

private:
    FactKind m_kind;
};

/// Usage: `struct Sent final : FactBase<Sent> { static constexpr std::string_view Name = "demo.Sent"; ... };`
template <class Derived>
class FactBase : public Fact {
protected:
    FactBase() : Fact(factKindOf<Derived>) {}
};

/// A fact with who told it and when.
struct ToldFact {
    SimTime time;
    ProcessId process;
    std::uint32_t incarnation = 0;  ///< of the process
    Ref<const Fact> fact;
};

}  // namespace millrace::sim
