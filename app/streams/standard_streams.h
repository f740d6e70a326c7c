#pragma once

namespace millrace::streams {

/// A stream that the caller has closed would give its number to the next file that is opened, and what is said would be
/// written into that file. What nobody can read any more is refused, or swallowed where troubles are told. The first
/// thing that a program does.
void keepStandardStreams();

}  // namespace millrace::streams
