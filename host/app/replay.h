// Has a dead letter processed once more, after its cause was mended.
#pragma once

#include "app/engine.h"
#include "app/plugins.h"
#include "app/store.h"

#include <string>

namespace hearback::app {

// What came of it, in a sentence; an error where it failed again, and then the letter stays.
base::Result<std::string> replay(const config::Settings& settings, Environment& environment,
                                 Store& store, Plugins& plugins, Engine& engine,
                                 const dead_letters::StoredLetter& letter);

// The settings under which `hearback import` last read a file as `source`; kept so that its dead
// letters can be replayed.
base::Result<void> rememberImport(Store& store, const config::PluginSettings& source);

} // namespace hearback::app
