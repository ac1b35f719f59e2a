// What `hearback doctor` finds: what is wrong or soon will be, and what to do about it.
#pragma once

#include "app/environment.h"
#include "app/store.h"
#include "config/settings.h"

#include <string>
#include <vector>

namespace hearback::app {

enum class Severity {
    Error,   // something does not work
    Warning, // it will not, or somebody should look
    Note     // good to know; nothing has to be done
};
const char* nameOf(Severity severity);

struct Finding {
    Severity severity = Severity::Note;
    std::string about; // "disk", "source shop"
    std::string text;  // one sentence
    std::string todo;  // a command, or what to change
};
using Findings = std::vector<Finding>;

// Space, rights, secrets, certificates: what the file system tells.
void examineFiles(const config::Settings& settings, base::Micros now, Findings& findings);
// What waits for people in the database.
void examineData(const config::Settings& settings, Store& store, base::Micros now,
                 Findings& findings);
// What the server says that runs on this data, if one does. Asks for three seconds at most.
void examineServer(const config::Settings& settings, base::Clock& clock, Findings& findings);
// The same, of the answer.
void readStatus(const std::string& json, base::Micros now, Findings& findings);

} // namespace hearback::app
