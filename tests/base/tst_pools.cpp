#include <QtCore/QScopeGuard>
#include <QtTest/QTest>
#include <cstring>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/resident.h"
#include "engine/base/slab_arena.h"

using namespace millrace;

namespace {

struct Cell final : Counted {
    std::uint64_t words[12] = {};
};

}  // namespace

class TestPools : public QObject {
    Q_OBJECT
private slots:
    void whatIsFreedIsUsedAgain() {
        if (!pool::isUsed) {
            QSKIP("the pools are off in this build");
        }
        const std::size_t before = pool::heads.bytesInUse;
        const void* first = nullptr;
        {
            const auto cell = makeRef<Cell>();
            first = cell.get();
            QVERIFY(pool::heads.bytesInUse >= before + sizeof(Cell));
        }
        QCOMPARE(pool::heads.bytesInUse, before);
        const auto again = makeRef<Cell>();
        QCOMPARE(static_cast<const void*>(again.get()), first);
    }

    void onlyClonesCountAsCloned() {
        if (!pool::isUsed) {
            QSKIP("the pools are off in this build");
        }
        auto mine = makeRef<Cell>();
        const std::size_t before = bytesCloned();
        (void)writable(mine);
        QCOMPARE(bytesCloned(), before);
        const Ref<Cell> checkpoint = mine;
        writable(mine).words[0] = 1;
        QVERIFY(bytesCloned() >= before + sizeof(Cell));
        QCOMPARE(checkpoint->words[0], std::uint64_t{0});
        // What a clone's vectors hold is kept by a checkpoint just as its cell is.
        struct Table final : Counted {
            std::vector<double> rows = std::vector<double>(10'000);
        };
        Ref<Table> table = makeRef<Table>();
        const Ref<Table> held = table;
        const std::size_t beforeRows = bytesCloned();
        writable(table).rows[0] = 1;
        QCOMPARE(held->rows[0], 0.0);
        QVERIFY(bytesCloned() >= beforeRows + 10'000 * sizeof(double));
    }

    void slabsKeepTheirContentWhenTheirPagesAreGivenBack() {
        SlabArena arena;
        std::vector<unsigned char*> slabs;
        constexpr std::size_t count = (SlabArena::plainBytesMax + (std::size_t{96} << 20U)) / SlabArena::slabBytes;
        for (std::size_t i = 0; i < count; ++i) {
            slabs.push_back(static_cast<unsigned char*>(arena.take()));
            QCOMPARE(reinterpret_cast<std::uintptr_t>(slabs.back()) % 64, std::uintptr_t{0});
            std::memset(slabs.back(), static_cast<int>(i % 251), SlabArena::slabBytes);
        }
        if (arena.figures().mappedBytes == 0) {
            QSKIP("no folder for a temporary file");
        }
        QCOMPARE(arena.figures().plainBytes, SlabArena::plainBytesMax);
        SlabArena::pageOut();
        for (std::size_t i = 0; i < count; ++i) {
            QCOMPARE(slabs[i][0], static_cast<unsigned char>(i % 251));
            QCOMPARE(slabs[i][SlabArena::slabBytes - 1], static_cast<unsigned char>(i % 251));
        }
    }

    void littleIsPlainWhereLittleMayBeTaken() {
        constexpr std::size_t plain = std::size_t{8} << 20U;
        SlabArena::setPlainBytes(plain);
        const auto asBefore = qScopeGuard([] { SlabArena::setPlainBytes(SlabArena::plainBytesMax); });
        SlabArena arena;
        const std::size_t before = residentBytes();
        for (std::size_t taken = 0; taken < 8 * plain; taken += SlabArena::slabBytes) {
            std::memset(arena.take(), 7, SlabArena::slabBytes);
        }
        if (arena.figures().mappedBytes == 0) {
            QSKIP("no folder for a temporary file");
        }
        QCOMPARE(arena.figures().plainBytes, plain);
        QVERIFY(residentBytes() >= before + 7 * plain);
        SlabArena::pageOut();
        QVERIFY2(residentBytes() < before + 2 * plain, qPrintable(QString::number(residentBytes() - before)));
        SlabArena::setPlainBytes(2 * SlabArena::plainBytesMax);
        QCOMPARE(SlabArena::plainBytes(), SlabArena::plainBytesMax);
    }

    void pagesAreGivenBackWhenManyAreResident() {
        SlabArena arena;
        std::vector<unsigned char*> slabs;
        const std::uint64_t before = SlabArena::pageOuts();
        QVERIFY(SlabArena::pageOutIfLarge() < 1);
        QCOMPARE(SlabArena::pageOuts(), before);
        constexpr std::size_t count = (std::size_t{704} << 20U) / SlabArena::slabBytes;
        for (std::size_t i = 0; i < count; ++i) {
            slabs.push_back(static_cast<unsigned char*>(arena.take()));
            std::memset(slabs.back(), static_cast<int>(i % 251), SlabArena::slabBytes);
        }
        if (arena.figures().mappedBytes == 0) {
            QSKIP("no folder for a temporary file");
        }
        QVERIFY(SlabArena::pageOutIfLarge() > 1);
        QCOMPARE(SlabArena::pageOuts(), before + 1);
        QVERIFY(SlabArena::pageOutIfLarge() < 1);
        for (std::size_t i = 0; i < count; i += 16) {
            QCOMPARE(slabs[i][100], static_cast<unsigned char>(i % 251));
        }
    }

    void whereNoFileCanBeMadeAllIsPlainMemory() {
        SlabArena arena;
        arena.useFolders({"/nowhere/at/all"});
        for (std::size_t taken = 0; taken < SlabArena::plainBytesMax + (std::size_t{16} << 20U);
             taken += SlabArena::slabBytes) {
            std::memset(arena.take(), 7, SlabArena::slabBytes);
        }
        QCOMPARE(arena.figures().mappedBytes, std::size_t{0});
        QVERIFY(arena.figures().plainBytes >= SlabArena::plainBytesMax + (std::size_t{16} << 20U));
    }
};

QTEST_APPLESS_MAIN(TestPools)
#include "tst_pools.moc"
