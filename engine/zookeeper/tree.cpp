#include "engine/zookeeper/tree.h"

#include "engine/zookeeper/paths.h"

#include <algorithm>

namespace millrace::zookeeper {

namespace {

std::uint64_t hashOf(const std::string& path, const Node& node) {
    Digest digest;
    digest.add(std::string_view{path});
    digest.add(std::string_view{node.data});
    addTo(digest, node.stat);
    return digest.value();
}

std::uint64_t hashOf(SessionId id, const Session& session) {
    Digest digest;
    digest.add(id.value);
    digest.add(session.timeout.count());
    digest.add(session.client.value);
    return digest.value();
}

}  // namespace

Tree::Tree() {
    put("/", makeRef<Node>());
}

std::uint64_t Tree::sumDigest() const {
    std::uint64_t sum = 0;
    for (const auto& [path, node] : m_nodes) {
        sum += hashOf(path, *node);
    }
    for (const auto& [id, session] : m_sessions) {
        sum += hashOf(id, session);
    }
    return sum;
}

const Node* Tree::find(std::string_view path) const {
    const Ref<const Node>* node = m_nodes.find(path);
    return node == nullptr ? nullptr : node->get();
}

std::optional<Stat> Tree::statOf(std::string_view path) const {
    const Node* node = find(path);
    if (node == nullptr) {
        return std::nullopt;
    }
    Stat stat = node->stat;
    // The tree counts creations; clients are told the number of changes of the list, deletions included.
    stat.cversion = stat.cversion * 2 - stat.numChildren;
    return stat;
}

std::vector<std::string> Tree::childrenOf(std::string_view path) const {
    std::vector<std::string> names;
    std::string prefix{path};
    if (path != "/") {
        prefix += '/';
    }
    auto at = m_nodes.lowerBound(prefix);
    while (at != m_nodes.end() && at->first.starts_with(prefix)) {
        const std::string_view rest = std::string_view{at->first}.substr(prefix.size());
        const std::size_t slash = rest.find('/');
        if (rest.empty()) {
            ++at;  // "/" itself
        } else if (slash == std::string_view::npos) {
            names.emplace_back(rest);
            ++at;
        } else {
            std::string past = prefix;
            past += rest.substr(0, slash);
            past += static_cast<char>('/' + 1);
            at = m_nodes.lowerBound(past);
        }
    }
    return names;
}

std::vector<std::string> Tree::ephemeralsOf(SessionId session) const {
    std::vector<std::string> found;
    for (auto at = m_ephemerals.lowerBound(std::pair{session, std::string{}});
         at != m_ephemerals.end() && at->first.first == session; ++at) {
        found.push_back(at->first.second);
    }
    return found;
}

void Tree::put(const std::string& path, Ref<const Node> node) {
    if (const Node* old = find(path)) {
        m_digest -= hashOf(path, *old);
    }
    m_digest += hashOf(path, *node);
    m_nodes.set(path, std::move(node));
}

void Tree::erase(const std::string& path) {
    const Node* node = find(path);
    MILLRACE_CHECK(node != nullptr, path);
    m_digest -= hashOf(path, *node);
    m_nodes.erase(path);
}

Applied Tree::apply(const Transaction& transaction) {
    MILLRACE_CHECK(transaction.zxid > m_lastZxid, transaction.zxid.value, m_lastZxid.value);
    m_lastZxid = transaction.zxid;
    Applied applied;
    if (transaction.error == ErrorCode::Ok) {
        for (const Change& change : transaction.changes) {
            applyChange(transaction, change, applied);
        }
        applySession(transaction);
        return applied;
    }
    for (const ErrorCode error : transaction.multiErrors) {
        OperationResult result;
        result.error = error;
        applied.results.push_back(std::move(result));
    }
    return applied;
}

void Tree::applySession(const Transaction& transaction) {
    if (transaction.code == OpCode::CreateSession) {
        const Session session{transaction.sessionTimeout, transaction.client, transaction.clientName};
        if (m_sessions.set(transaction.session, session)) {
            m_digest += hashOf(transaction.session, session);
        }
    } else if (transaction.code == OpCode::CloseSession) {
        if (const Session* session = m_sessions.find(transaction.session)) {
            m_digest -= hashOf(transaction.session, *session);
            m_sessions.erase(transaction.session);
        }
    }
}

void Tree::applyChange(const Transaction& transaction, const Change& change, Applied& applied) {
    OperationResult result;
    result.code = change.code;
    result.path = change.path;
    const std::string parentPath{paths::parentOf(change.path)};
    switch (change.code) {
        case OpCode::Create: {
            auto node = makeRef<Node>();
            node->data = change.data;
            node->stat.czxid = node->stat.mzxid = node->stat.pzxid = transaction.zxid;
            node->stat.ctime = node->stat.mtime = transaction.timeMillis;
            node->stat.dataLength = static_cast<std::int32_t>(change.data.size());
            if (change.ephemeral) {
                node->stat.ephemeralOwner = transaction.session;
                m_ephemerals.set({transaction.session, change.path}, 1);
            }
            const Node* oldParent = find(parentPath);
            MILLRACE_CHECK(oldParent != nullptr, change.path);
            MILLRACE_CHECK(find(change.path) == nullptr, change.path);
            auto parent = makeRef<Node>(*oldParent);
            ++parent->stat.numChildren;
            ++parent->stat.cversion;
            parent->stat.pzxid = transaction.zxid;
            put(parentPath, std::move(parent));
            put(change.path, std::move(node));
            result.stat = *statOf(change.path);
            applied.touched.push_back({change.path, WatchEvent::NodeCreated});
            applied.touched.push_back({parentPath, WatchEvent::NodeChildrenChanged});
            break;
        }
        case OpCode::Delete: {
            const Node* node = find(change.path);
            MILLRACE_CHECK(node != nullptr && node->stat.numChildren == 0, change.path);
            if (node->stat.ephemeralOwner != noSession) {
                m_ephemerals.erase(std::pair{node->stat.ephemeralOwner, change.path});
            }
            erase(change.path);
            auto parent = makeRef<Node>(*find(parentPath));
            --parent->stat.numChildren;
            parent->stat.pzxid = transaction.zxid;
            put(parentPath, std::move(parent));
            applied.touched.push_back({change.path, WatchEvent::NodeDeleted});
            applied.touched.push_back({parentPath, WatchEvent::NodeChildrenChanged});
            break;
        }
        case OpCode::SetData: {
            const Node* old = find(change.path);
            MILLRACE_CHECK(old != nullptr, change.path);
            auto node = makeRef<Node>(*old);
            node->data = change.data;
            node->stat.mzxid = transaction.zxid;
            node->stat.mtime = transaction.timeMillis;
            ++node->stat.version;
            node->stat.dataLength = static_cast<std::int32_t>(change.data.size());
            put(change.path, std::move(node));
            result.stat = *statOf(change.path);
            applied.touched.push_back({change.path, WatchEvent::NodeDataChanged});
            break;
        }
        default:
            break;
    }
    applied.results.push_back(std::move(result));
}

namespace {

ErrorCode decideCreate(const Tree& tree, const Operation& operation, Change& change, const BrokenRules& broken) {
    const Node* parent = tree.find(paths::parentOf(operation.path));
    if (parent == nullptr) {
        return ErrorCode::NoNode;
    }
    if (parent->stat.ephemeralOwner != noSession) {
        return ErrorCode::NoChildrenForEphemerals;
    }
    if (isSequential(operation.mode)) {
        change.isSequential = true;
        change.path += paths::sequenceSuffix(broken.repeatsNumbers ? parent->stat.numChildren : parent->stat.cversion);
    }
    if (!paths::isValid(change.path) || change.path == "/") {
        return change.path == "/" ? ErrorCode::NodeExists : ErrorCode::BadArguments;
    }
    change.ephemeral = isEphemeral(operation.mode);
    return tree.find(change.path) == nullptr ? ErrorCode::Ok : ErrorCode::NodeExists;
}

ErrorCode decideOne(const Tree& tree, const Operation& operation, Change& change, const BrokenRules& broken) {
    change.code = operation.code;
    change.path = operation.path;
    change.data = operation.data;
    change.expected = operation.version;
    if (operation.code == OpCode::Create) {
        return decideCreate(tree, operation, change, broken);
    }
    if (!paths::isValid(operation.path)) {
        return ErrorCode::BadArguments;
    }
    const Node* node = tree.find(operation.path);
    if (node == nullptr) {
        return ErrorCode::NoNode;
    }
    const bool isExpected = operation.version == anyVersion || operation.version == node->stat.version;
    if (!isExpected && !broken.skipsVersions) {
        return ErrorCode::BadVersion;
    }
    if (operation.code == OpCode::Delete) {
        if (operation.path == "/") {
            return ErrorCode::BadArguments;
        }
        return node->stat.numChildren == 0 ? ErrorCode::Ok : ErrorCode::NotEmpty;
    }
    return ErrorCode::Ok;
}

void decideChanges(const Tree& tree, const WriteRequest& request, Transaction& transaction, const BrokenRules& broken) {
    Tree scratch = tree;
    Applied ignored;
    for (const Operation& operation : request.operations) {
        Change change;
        const ErrorCode error = decideOne(scratch, operation, change, broken);
        if (error != ErrorCode::Ok) {
            // As in ZooKeeper: operations before the failing one report Ok, those after it that they were not tried.
            transaction.multiErrors.assign(request.operations.size(), ErrorCode::RuntimeInconsistency);
            std::fill_n(transaction.multiErrors.begin(), transaction.changes.size(), ErrorCode::Ok);
            transaction.multiErrors[transaction.changes.size()] = error;
            transaction.error = error;
            transaction.changes.clear();
            return;
        }
        scratch.applyChange(transaction, change, ignored);
        transaction.changes.push_back(std::move(change));
    }
}

}  // namespace

Ref<Transaction> decide(const Tree& tree, const WriteRequest& request, Zxid zxid, std::int64_t timeMillis,
                        const BrokenRules& broken) {
    auto transaction = makeRef<Transaction>();
    transaction->zxid = zxid;
    transaction->session = request.session;
    transaction->xid = request.xid;
    transaction->code = request.code;
    transaction->timeMillis = timeMillis;
    transaction->sessionTimeout = request.sessionTimeout;
    transaction->client = request.client;
    transaction->clientName = request.clientName;
    if (request.code == OpCode::CreateSession) {
        return transaction;
    }
    if (tree.findSession(request.session) == nullptr) {
        transaction->error = ErrorCode::SessionExpired;
        return transaction;
    }
    if (request.code == OpCode::CloseSession && broken.keepsEphemerals) {
        return transaction;
    }
    if (request.code == OpCode::CloseSession) {
        for (std::string& path : tree.ephemeralsOf(request.session)) {
            Change change;
            change.code = OpCode::Delete;
            change.path = std::move(path);
            transaction->changes.push_back(std::move(change));
        }
        return transaction;
    }
    decideChanges(tree, request, *transaction, broken);
    return transaction;
}

}  // namespace millrace::zookeeper
