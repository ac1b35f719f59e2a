// The words of the command line. The only file behind it that knows the parser.
#pragma once

namespace hearback::cli {

// Runs the command that the words name; gives the exit code.
int run(int count, const char* const* words);

} // namespace hearback::cli
