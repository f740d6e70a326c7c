#include <QtTest/QTest>

#include "engine/base/random.h"
#include "engine/zookeeper/paths.h"
#include "engine/zookeeper/tree.h"

using namespace millrace;
using namespace millrace::zookeeper;

namespace {

constexpr SessionId session{1};

WriteRequest requestOf(Operation operation) {
    WriteRequest request;
    request.session = session;
    request.code = operation.code;
    request.operations.push_back(std::move(operation));
    return request;
}

Tree withSession() {
    Tree tree;
    WriteRequest request;
    request.session = session;
    request.code = OpCode::CreateSession;
    tree.apply(*decide(tree, request, makeZxid(1, 1), 0));
    return tree;
}

ErrorCode write(Tree& tree, Operation operation) {
    const Ref<Transaction> transaction =
        decide(tree, requestOf(std::move(operation)), Zxid{tree.lastZxid().value + 1}, 0);
    tree.apply(*transaction);
    return transaction->error;
}

}  // namespace

class TestTree : public QObject {
    Q_OBJECT

private slots:
    void pathsAreChecked_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<bool>("valid");
        QTest::newRow("root") << "/" << true;
        QTest::newRow("deep") << "/a/b-c/d_1" << true;
        QTest::newRow("empty") << "" << false;
        QTest::newRow("relative") << "a/b" << false;
        QTest::newRow("slash at the end") << "/a/" << false;
        QTest::newRow("empty name") << "/a//b" << false;
        QTest::newRow("dot") << "/a/./b" << false;
        QTest::newRow("dot dot") << "/a/.." << false;
    }
    void pathsAreChecked() {
        QFETCH(QString, path);
        QFETCH(bool, valid);
        QCOMPARE(paths::isValid(path.toStdString()), valid);
    }

    void childrenAreDirectAndInOrder() {
        Tree tree = withSession();
        for (const char* path : {"/a", "/a/b", "/a/b/x", "/a-b", "/a/b-c", "/a/b0", "/a/c", "/b"}) {
            QCOMPARE(write(tree, Operation::create(path, "")), ErrorCode::Ok);
        }
        QCOMPARE(tree.childrenOf("/"), (std::vector<std::string>{"a", "a-b", "b"}));
        QCOMPARE(tree.childrenOf("/a"), (std::vector<std::string>{"b", "b-c", "b0", "c"}));
        QCOMPARE(tree.statOf("/a")->numChildren, 4);
        QVERIFY(tree.childrenOf("/a/c").empty());
    }

    void equalContentGivesEqualDigestsHoweverItCameAbout() {
        // Two copies take the same transactions; one goes through deletes that the other undoes by copying.
        Tree one = withSession();
        Tree two = one;
        QCOMPARE(one.digest(), two.digest());
        QCOMPARE(write(one, Operation::create("/a", "1")), ErrorCode::Ok);
        QVERIFY(one.digest() != two.digest());
        QCOMPARE(write(two, Operation::create("/a", "1")), ErrorCode::Ok);
        QCOMPARE(one.digest(), two.digest());
        QCOMPARE(write(one, Operation::setData("/a", "2")), ErrorCode::Ok);
        QCOMPARE(write(two, Operation::setData("/a", "3")), ErrorCode::Ok);
        QVERIFY(one.digest() != two.digest());
    }

    void theRolledDigestIsTheSumOverTheTree() {
        RandomStream random(7, "tree");
        Tree tree = withSession();
        for (int i = 0; i < 2000; ++i) {
            const std::string path = "/n" + std::to_string(random.below(40));
            switch (random.below(3)) {
                case 0:
                    write(tree, Operation::create(path, "d"));
                    break;
                case 1:
                    write(tree, Operation::setData(path, std::to_string(i)));
                    break;
                default:
                    write(tree, Operation::remove(path));
                    break;
            }
        }
        Tree cleared = tree;
        for (const std::string& name : cleared.childrenOf("/")) {
            QCOMPARE(write(cleared, Operation::remove("/" + name)), ErrorCode::Ok);
        }
        QCOMPARE(cleared.nodeCount(), std::uint64_t{1});
        // What is left is the root with its counters, and one session: built afresh it has the same digest.
        Tree fresh = withSession();
        QVERIFY(cleared.statOf("/")->pzxid != fresh.statOf("/")->pzxid);
        QVERIFY(cleared.digest() != fresh.digest());
        QCOMPARE(cleared.sumDigest(), cleared.digest());
        QCOMPARE(tree.sumDigest(), tree.digest());
    }

    void theCountOfChildChangesIncludesDeletions() {
        Tree tree = withSession();
        write(tree, Operation::create("/a", ""));
        write(tree, Operation::create("/b", ""));
        write(tree, Operation::remove("/a"));
        QCOMPARE(tree.statOf("/")->cversion, 3);
        QCOMPARE(tree.statOf("/")->numChildren, 1);
    }
};

QTEST_APPLESS_MAIN(TestTree)
#include "tst_tree.moc"
