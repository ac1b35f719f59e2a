// Plugin instances as the stages see them.
#pragma once

#include "loader/plugin_instance.h"
#include "pipeline/plugins.h"

#include <memory>
#include <string>
#include <vector>

namespace hearback::runtime {

// Each is made of a configured instance, or says why not.
base::Result<std::unique_ptr<pipeline::Source>>
makeSource(std::shared_ptr<loader::PluginInstance> instance);
base::Result<std::unique_ptr<pipeline::Classifier>>
makeClassifier(std::shared_ptr<loader::PluginInstance> instance);
base::Result<std::unique_ptr<pipeline::Sink>>
makeSink(std::shared_ptr<loader::PluginInstance> instance);

// The labels that a classifier says it gives: what it was configured to, or its manifest's.
base::Result<std::vector<std::string>> labelsOf(loader::PluginInstance& instance);

} // namespace hearback::runtime
