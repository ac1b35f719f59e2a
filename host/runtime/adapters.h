// Instances as the stages see them.
#pragma once

#include "pipeline/plugins.h"
#include "runtime/instance.h"

#include "hearback/plugin/classifier.h"
#include "hearback/plugin/sink.h"
#include "hearback/plugin/source.h"

#include <memory>

namespace hearback::runtime {

// Each is made of a configured instance, or says why not.
base::Result<std::unique_ptr<pipeline::Source>> makeSource(std::shared_ptr<Instance> instance);
base::Result<std::unique_ptr<pipeline::Classifier>>
makeClassifier(std::shared_ptr<Instance> instance);
base::Result<std::unique_ptr<pipeline::Sink>> makeSink(std::shared_ptr<Instance> instance);

} // namespace hearback::runtime
