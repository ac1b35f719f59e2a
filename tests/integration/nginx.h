// A real nginx that serves a folder, with places that misbehave.
#pragma once

#include "support/process.h"
#include "support/temp_folder.h"

#include <memory>
#include <string>

namespace hearback::testing {

class Nginx {
  public:
    Nginx();
    ~Nginx();

    std::string url(const std::string& file) const;
    void page(const std::string& file, const std::string& content) const;
    // The configuration that lets plugins reach it.
    std::string allowed() const;

    TempFolder folder;
    std::uint16_t port;
    std::unique_ptr<Process> process;
};

} // namespace hearback::testing
