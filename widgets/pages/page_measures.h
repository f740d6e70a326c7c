#pragma once

namespace millrace::widgets {

/// What the pictures of all pages have in common, in pixels.
inline constexpr int pageMargin = 12;
inline constexpr int pageAxisHeight = 22;  ///< the words of an axis of time
inline constexpr int pageLegendHeight = 26;

}  // namespace millrace::widgets
