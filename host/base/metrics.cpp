#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace hearback::base {

namespace {

// From half a millisecond to half a minute.
const prometheus::Histogram::BucketBoundaries kBuckets = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

} // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count(const std::string& name, const Labels& labels, double by) {
    prometheus::BuildCounter().Name(name).Register(impl_->registry).Add(labels).Increment(by);
}

void Metrics::set(const std::string& name, const Labels& labels, double value) {
    prometheus::BuildGauge().Name(name).Register(impl_->registry).Add(labels).Set(value);
}

void Metrics::observe(const std::string& name, const Labels& labels, double seconds) {
    prometheus::BuildHistogram()
        .Name(name)
        .Register(impl_->registry)
        .Add(labels, kBuckets)
        .Observe(seconds);
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

} // namespace hearback::base
