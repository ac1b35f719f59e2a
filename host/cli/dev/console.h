// What `hearback plugin dev` says: a line for each thing that happened, with the time. Any thread.
#pragma once

#include "cli/terminal.h"
#include "pipeline/plugins.h"

#include <mutex>
#include <string>
#include <string_view>

namespace hearback::cli::dev {

class Console {
  public:
    // "12:00:01  poll     3 messages"; `word` in its style.
    void say(std::string_view word, const std::string& text, Style style = Style::Plain);
    // As a program wrote it, without what would steer the terminal; the beginning of what is long.
    void quote(const std::string& lines);

  private:
    std::mutex mutex_;
};

// "UNAVAILABLE (4): the shop does not answer, again in 30 s"
std::string describe(const pipeline::Answer& answer);
// A text of any bytes between quotes, on one line, cut to what a line takes.
std::string shown(std::string_view text);

} // namespace hearback::cli::dev
