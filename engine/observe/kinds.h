#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace millrace::observe {

enum class ObjectKind {
    Unknown,
    // Along the flow.
    Source,
    Producer,
    Topic,
    Group,
    Spout,
    Bolt,
    Sink,
    StreamInput,
    StreamOperator,
    StreamOutput,
    Ingestion,
    IngestStep,
    Partition,
    DfsFile,
    Job,
    Pipeline,
    PipelineStep,
    // Machines, and what runs on them.
    Host,
    Broker,
    Server,
    Nimbus,
    Supervisor,
    Worker,
    NameNode,
    DataNode,
    JobTracker,
    TaskTracker,
    ResourceManager,
    NodeManager,
    SparkMaster,
    SparkWorker,
    Driver,
    Executor,
    Link,
    Disk,
};

/// What records do on a wire.
enum class EdgeKind : std::uint8_t {
    Feed,          ///< source to topic or producer, producer to topic
    Subscription,  ///< topic to spout or consumer group
    Stream,        ///< spout or bolt to bolt
    Write          ///< bolt to sink
};

/// What an object gives: where its kind stands on a wire's left.
struct Way {
    ObjectKind to = ObjectKind::Unknown;
    EdgeKind how = EdgeKind::Feed;
    /// Not by itself: who draws it gets one of this kind in between.
    ObjectKind through = ObjectKind::Unknown;
};

/// The colours of the drawing.
enum class Tone : std::uint8_t { Machine, Origin, Log, Reader, Step, End };

/// How an object is called where nothing says its kind.
enum class Titled : std::uint8_t {
    WithWord,  ///< "broker 2"
    ByName,    ///< "access-0"
    ByPart,    ///< "count" of "audit/count"
};

/// Where an object stands on the machines' face.
enum class Stand : std::uint8_t {
    Nowhere,
    Machine,
    Column,   ///< its column of the table of partitions
    Card,     ///< a process that has a state: a card under its heading
    Slot,     ///< on the card of another process
    Service,  ///< whatever else runs on a machine and shares its fate
};

/// How one is drawn that stands in the palette without being an operator.
struct DrawnPart {
    std::string_view title = {};  ///< "ZooKeeper server"; empty: it is no part
    std::string_view help = {};   ///< a sentence
    std::string_view stem = {};   ///< of its name
    bool isNumbered = false;      ///< "zk1", "zk2" instead of "topic", "topic-2"
};

/// What everybody must know of a kind of objects. Canvas, explorer, palette, inspector, search and tools go over the
/// rows; only the owner of a kind, and a page or painter made for it, asks for it by name.
struct KindRow {
    ObjectKind kind = ObjectKind::Unknown;
    std::string_view prefix = {};   ///< of its ids
    std::string_view word = {};     ///< for one of them in a sentence
    std::string_view several = {};  ///< over a list of them
    Titled titled = Titled::WithWord;
    std::string_view title = {};  ///< instead of the word before its name; alone for what has no name: "Nimbus"
    Tone tone = Tone::Machine;
    /// Where it stands in a document; a star is a name. Two stars: part of a job, such as a topology.
    std::string_view place = {};
    char partSign = 0;                ///< it is a part of what stands there: of its name what is before this sign
    std::string_view broughtBy = {};  ///< another place where it may stand: a source has a producer of its own
    std::string_view family = {};     ///< under which the palette offers it
    std::string_view gives = {};      ///< what flows from it: "records"
    bool isCard = false;              ///< on the logical face
    bool isListed = false;            ///< beside the cards, among what there is
    Stand stand = Stand::Nowhere;     ///< on the machines' face
    std::string_view heading = {};    ///< under which its cards stand there
    std::string_view process = {};    ///< before the names of its processes, where that is not the prefix
    std::string_view target = {};     ///< another word by which faults hit it or its parts
    bool isHit = false;               ///< faults hit it though it has no card of its own: it is a process
    std::array<Way, 4> ways = {};     ///< whom it may feed
    DrawnPart part = {};

    [[nodiscard]] std::string_view processWord() const { return process.empty() ? prefix : process; }
    [[nodiscard]] bool isProcess() const {
        return stand == Stand::Column || stand == Stand::Card || stand == Stand::Slot;
    }
    /// What a tool that hits processes may be put on.
    [[nodiscard]] bool isTarget() const { return isProcess() || isHit; }
    /// A named part of a job: it is executed by workers, and shares its names with the others of the job.
    [[nodiscard]] bool isOfJob() const { return place.find('*') != place.rfind('*'); }
    [[nodiscard]] bool hasName() const { return partSign == 0 && place.ends_with('*'); }
    /// A part that is named by a number behind the name of the whole.
    [[nodiscard]] bool isNumbered() const { return partSign == '-'; }
    [[nodiscard]] bool isFed() const;
    [[nodiscard]] bool feeds() const { return ways.front().to != ObjectKind::Unknown; }
};

/// All kinds, in the order in which they are listed: along the flow, then machines and what runs on them.
[[nodiscard]] std::span<const KindRow> kinds();
[[nodiscard]] const KindRow& rowOf(ObjectKind kind);

/// How one kind may feed another; nothing where records cannot go that way.
[[nodiscard]] std::optional<Way> wayBetween(ObjectKind from, ObjectKind to);

/// A number for the order of cards: the part of the document that they stand in, along the flow.
[[nodiscard]] std::size_t rankOf(ObjectKind kind);

}  // namespace millrace::observe
