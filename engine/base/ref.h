#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace millrace {

namespace pool {

// Size classes: by 16 bytes up to 512, then four to each doubling up to 8 KiB. What is larger is rare and comes from
// the heap.
inline constexpr std::size_t sizeMax = 8192;
inline constexpr std::size_t classCount = 48;

[[nodiscard]] constexpr std::size_t classOf(std::size_t size) {
    if (size <= 512) {
        return (size - 1) / 16;
    }
    const auto width = static_cast<std::size_t>(std::bit_width(size - 1));  // 10 to 13
    return 32 + (width - 10) * 4 + (((size - 1) >> (width - 3)) & 3U);
}
[[nodiscard]] constexpr std::size_t bytesOf(std::size_t index) {
    if (index < 32) {
        return (index + 1) * 16;
    }
    const std::size_t quarter = std::size_t{128} << ((index - 32) / 4);
    return quarter * (5 + (index - 32) % 4);
}
static_assert(bytesOf(classOf(512)) == 512 && bytesOf(classOf(513)) == 640 && bytesOf(classOf(1024)) == 1024);
static_assert(bytesOf(classOf(1025)) == 1280 && classOf(sizeMax) == classCount - 1 && bytesOf(47) == sizeMax);

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool isUsed = false;  // Let the sanitizer see every object's life.
#else
inline constexpr bool isUsed = true;
#endif

struct FreeCell {
    FreeCell* next;
};
/// Free cells of one thread by size class, and what is in use.
struct Heads {
    std::array<FreeCell*, classCount> free;
    std::size_t bytesInUse;
    std::size_t bytesCloned;
    std::size_t heapTaken;  ///< bytes that this thread has asked of the heap so far, given back or not
};
inline constinit thread_local Heads heads{};

/// Out of line, for compilers match `new` and `delete` as far as they can see them.
[[nodiscard]] void* takeFromHeap(std::size_t size);
void giveToHeap(void* memory) noexcept;

/// A cell of that class from a new slab.
[[nodiscard]] void* refill(std::size_t index);

}  // namespace pool

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

    static void* operator new(std::size_t size) {
        if (!pool::isUsed || size > pool::sizeMax) {
            return pool::takeFromHeap(size);
        }
        const std::size_t index = pool::classOf(size);
        pool::heads.bytesInUse += pool::bytesOf(index);
        pool::FreeCell* const cell = pool::heads.free[index];
        if (cell == nullptr) [[unlikely]] {
            return pool::refill(index);
        }
        pool::heads.free[index] = cell->next;
        return cell;
    }
    static void operator delete(void* memory, std::size_t size) noexcept {
        if (!pool::isUsed || size > pool::sizeMax) {
            pool::giveToHeap(memory);
            return;
        }
        const std::size_t index = pool::classOf(size);
        auto* const cell = ::new (memory) pool::FreeCell{pool::heads.free[index]};
        pool::heads.free[index] = cell;
        pool::heads.bytesInUse -= pool::bytesOf(index);
    }

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

/// Bytes of pools and heap that this thread has spent on clones so far: what checkpoints hold and the present does not.
/// What a clone's vectors and strings hold counts as well as its cells. 0 under a sanitizer, which has the heap to
/// itself.
[[nodiscard]] inline std::size_t bytesCloned() {
    return pool::heads.bytesCloned;
}

/// What `make` makes because the original is shared and about to be written: its bytes are counted as cloned.
template <class Make>
[[nodiscard]] auto cloned(Make make) {
    const std::size_t before = pool::heads.bytesInUse + pool::heads.heapTaken;
    auto clone = make();
    pool::heads.bytesCloned += pool::heads.bytesInUse + pool::heads.heapTaken - before;
    return clone;
}

/// Gives a writable object, cloning it first when somebody else shares it. The clone is `T(const T&)`.
template <class T>
[[nodiscard]] T& writable(Ref<T>& handle) {
    if (handle->isShared()) {
        handle = cloned([&] { return makeRef<T>(static_cast<const T&>(*handle)); });
    }
    return *handle;
}

}  // namespace millrace
