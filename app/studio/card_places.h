#pragma once

#include <QSizeF>
#include <map>

#include "app/studio/graph_edits.h"

namespace millrace::studio {

/// Where the cards of the logical face stand.
using Places = std::map<observe::ObjectId, Position>;

/// A card between two others.
struct Between {
    Places places;      ///< of all others: those behind it have moved on where there was not enough room
    Position position;  ///< of the card
    double moved = 0;   ///< how far those behind it went, 0 when all kept their places
};

/// Puts a card of that size into the wire from one card to another, in their row, with a wire of full length on either
/// side. What stands behind goes to the right as a whole where the gap is too narrow: rows and columns stay what they
/// are.
[[nodiscard]] Between placeBetween(const Places& places, const observe::ObjectId& from, const observe::ObjectId& to,
                                   const QSizeF& card);

/// The document with every card of the logical face at the place that it has, so that no later edit moves one.
[[nodiscard]] scenario::Value withPlaces(const scenario::Value& root, const Places& places);

}  // namespace millrace::studio
