// What the program ends with; documented in `hearback --help` and the manual page.
#pragma once

namespace hearback::cli {

enum ExitCode : int {
    kDone = 0,
    kFailed = 1,   // a message on standard error says what and why
    kUsage = 2,    // wrong words on the command line, or a wrong configuration
    kPartly = 3,   // done, but not for all of it: dead letters were kept, answers are missing
    kNotFound = 4, // what was named does not exist
    kDiffers = 5   // compared, and something differs
};

} // namespace hearback::cli
