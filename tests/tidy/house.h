#pragma once

#include <QDir>
#include <QString>
#include <QStringList>

// The rules that every file of the project keeps and no compiler checks: which room may include what of which room, how
// files are called, what may stand at the top level. Each rule returns its complaints, one a line: "FILE:LINE: what is
// wrong".
namespace millrace::tidy {

// Every file below the root that belongs to the project, as sorted relative paths: no dot files, no build folders.
QStringList projectFiles(const QDir& root);

// A room includes only what stands below it: its own files, and rooms of lower floors. The engine includes no Qt, the
// command line neither Qt nor widgets, and widgets of the engine only base, flow and observe.
QStringList brokenFloors(const QDir& root);

// Rooms with many parts have floors inside, by the same rule: a part includes only what stands below it, and each file
// belongs to a part.
QStringList brokenFloorsInside(const QDir& root);

// A scenario's reader, checks, schema and builder go over the list of sections: beside the sections only the list, and
// what they find of one another in a world, include a system.
QStringList namedSystems(const QDir& root);

// In the room of Kafka only the folder of what ZooKeeper keeps, and the broker that is put together, speak to
// ZooKeeper: rules of brokers and controllers stay as they are when the metadata stand elsewhere.
QStringList namedZooKeeper(const QDir& root);

// What holds for a kind of objects stands in its row (engine/observe/kinds.cpp). Beside its owner nobody asks whether
// something is of a certain kind: pages and painters for a kind are tables. Machines and links are of no system.
QStringList askedKinds(const QDir& root);

// A project header is included by its path from the root and exists; a source file includes its own header first.
QStringList misplacedIncludes(const QDir& root);

// No class of the studio has more than 25 members or 40 functions: what is more than that is several parts.
QStringList crowdedClasses(const QDir& root);

// Large libraries stay behind one wrapper each: no header includes them.
QStringList exposedLibraries(const QDir& root);

// A simulated run depends on nothing but build, scenario and seed: below the façade no clock, thread or std::
// distribution.
QStringList brokenDeterminism(const QDir& root);

// Whoever talks to a peer in the simulated world does so through a sim::Link, which connects, rests, retries and
// watches.
QStringList ownConnections(const QDir& root);

// Files are called in_snake_case, and headers begin with #pragma once.
QStringList misnamedFiles(const QDir& root);

// The top level holds the house's rooms, a few well-known files and dot files, and each of its folders has a README.md.
QStringList untidyTopLevel(const QDir& root);

// Beside the kept scenarios stands nothing that a run of one left.
QStringList strayOutputs(const QDir& root);

// No file speaks of the machine it was written on.
QStringList machinePaths(const QDir& root);

}  // namespace millrace::tidy
