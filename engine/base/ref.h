#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace millrace {

/// Base of everything that worlds share. The count is not atomic: a world never leaves its thread.
/// Objects come from pools of size classes, one set a thread, because messages are made and freed for every event.
class Counted {
public:
    virtual ~Counted() = default;

    void retain() const noexcept { ++m_count; }
    void release() const noexcept {
        if (--m_count == 0) {
            delete this;
        }
    }
    [[nodiscard]] bool isShared() const noexcept { return m_count > 1; }
    [[nodiscard]] std::uint32_t useCount() const noexcept { return m_count; }

    static void* operator new(std::size_t size);
    static void operator delete(void* memory, std::size_t size) noexcept;

protected:
    Counted() = default;
    Counted(const Counted&) noexcept {}  // A copy starts uncounted.
    Counted& operator=(const Counted&) noexcept { return *this; }

private:
    mutable std::uint32_t m_count = 0;
};

/// A counted handle. `Ref<const T>` is a share of something immutable.
template <class T>
class Ref {
public:
    constexpr Ref() noexcept = default;
    constexpr Ref(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor): null is a value of every handle
    explicit Ref(T* object) noexcept : m_object(object) { retain(); }
    Ref(const Ref& other) noexcept : m_object(other.m_object) { retain(); }
    Ref(Ref&& other) noexcept : m_object(std::exchange(other.m_object, nullptr)) {}
    template <class U>
    requires std::is_convertible_v<U*, T*> Ref(const Ref<U>& other)  // NOLINT: as pointers convert
    noexcept : m_object(other.get()) { retain(); }
    template <class U>
    requires std::is_convertible_v<U*, T*> Ref(Ref<U>&& other)  // NOLINT: as pointers convert
    noexcept : m_object(other.detach()) {}
    ~Ref() { release(); }

    Ref& operator=(const Ref& other) noexcept {  // NOLINT(bugprone-unhandled-self-assignment): copies, then swaps
        Ref(other).swap(*this);
        return *this;
    }
    Ref& operator=(Ref&& other) noexcept {
        Ref(std::move(other)).swap(*this);
        return *this;
    }

    void swap(Ref& other) noexcept { std::swap(m_object, other.m_object); }

    [[nodiscard]] T* get() const noexcept { return m_object; }
    T& operator*() const noexcept { return *m_object; }
    T* operator->() const noexcept { return m_object; }
    explicit operator bool() const noexcept { return m_object != nullptr; }

    /// Hands the count to the caller, who must give it back with `adopt`.
    [[nodiscard]] T* detach() noexcept { return std::exchange(m_object, nullptr); }
    [[nodiscard]] static Ref adopt(T* object) noexcept {
        Ref ref;
        ref.m_object = object;
        return ref;
    }

    friend bool operator==(const Ref& a, const Ref& b) noexcept { return a.m_object == b.m_object; }

private:
    void retain() const noexcept {
        if (m_object != nullptr) {
            m_object->retain();
        }
    }
    void release() const noexcept {
        if (m_object != nullptr) {
            m_object->release();
        }
    }

    T* m_object = nullptr;
};

template <class T, class... Args>
[[nodiscard]] Ref<T> makeRef(Args&&... args) {
    return Ref<T>(new T(std::forward<Args>(args)...));
}

/// Gives a writable object, cloning it first when somebody else shares it. The clone is `T(const T&)`.
template <class T>
[[nodiscard]] T& writable(Ref<T>& handle) {
    if (handle->isShared()) {
        handle = makeRef<T>(static_cast<const T&>(*handle));
    }
    return *handle;
}

}  // namespace millrace
