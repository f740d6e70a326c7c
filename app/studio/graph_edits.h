#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/object_id.h"
#include "engine/scenario/document/value.h"

namespace millrace::studio {

struct Position {
    double x = 0;
    double y = 0;

    friend bool operator==(const Position&, const Position&) = default;
};

/// From one card of the logical face to the next in a row.
inline constexpr double placeWidth = 192;

/// A document after an edit, and what the edit made.
struct Edited {
    scenario::Value root;
    observe::ObjectId object;  ///< what was added or renamed, empty otherwise
    std::string note;          ///< something the user should know, empty otherwise
};

/// What drawing does to the document. Each is a pure function and gives nothing when the edit makes no sense.
/// Parts are named as in the palette: "source/file", "topic", "spout/kafka", "bolt/count", "sink/sqlite",
/// "host", "broker", "server", "supervisor".
/// Spouts and bolts join the topology that is named, or else the first one; "topology" begins another.
[[nodiscard]] std::optional<Edited> addPart(const scenario::Value& root, std::string_view part, Position position,
                                            std::string_view topology = {});

/// Puts a "broker", "server" or "supervisor" on a host that is there, or on one of its own when the host is empty.
[[nodiscard]] std::optional<Edited> addProcess(const scenario::Value& root, std::string_view part,
                                               std::string_view host);

/// Draws a wire. A bolt that has none yet joins the topology of the one that feeds it. Between a bolt that does not
/// write and a sink it adds the bolt that writes.
[[nodiscard]] std::optional<Edited> connectObjects(const scenario::Value& root, std::string_view from,
                                                   std::string_view to);
/// Takes away what runs between them: of several streams the named one, or all.
[[nodiscard]] std::optional<Edited> disconnectObjects(const scenario::Value& root, std::string_view from,
                                                      std::string_view to, std::string_view stream = {});

/// Removes objects with the wires that lead to them.
[[nodiscard]] std::optional<Edited> removeObjects(const scenario::Value& root,
                                                  const std::vector<observe::ObjectId>& ids);

/// Gives a new name; whatever refers to the object follows.
[[nodiscard]] std::optional<Edited> renameObject(const scenario::Value& root, std::string_view id,
                                                 std::string_view name);

[[nodiscard]] scenario::Value moveObjects(const scenario::Value& root,
                                          const std::map<observe::ObjectId, Position>& positions);
[[nodiscard]] std::optional<Position> positionOf(const scenario::Value& root, std::string_view id);

/// The scenario's file moves from one folder to another: relative paths of files that sources read go on naming the
/// same files, but for those whose names a scenario cannot hold because they are no UTF-8.
[[nodiscard]] scenario::Value withMovedSources(const scenario::Value& root, const std::filesystem::path& from,
                                               const std::filesystem::path& to);

/// A scenario to draw in: three brokers with ZooKeeper, Nimbus and two supervisors on five hosts, and nothing else.
[[nodiscard]] scenario::Value emptyScenario();

}  // namespace millrace::studio
