// The classifier `topic`: what kind of feedback a text is.
#include <hearback/linear/linear_classifier.hpp>
#include <hearback/linear/shipped_model.h>

namespace {

class Topic final : public hearback::linear::LinearClassifier {
  public:
    static constexpr auto kAbout =
        hearback::about("topic", "1.0.0", "What kind of feedback a text is")
            .task("topic")
            .labels("account", "billing", "bug", "cancellation", "delivery", "feature_request",
                    "other", "performance", "praise", "usability");
    explicit Topic(hearback::Host& host)
        : LinearClassifier(host, hearback::linear::shippedModel()) {}
};

} // namespace

HEARBACK_PLUGIN(Topic)
