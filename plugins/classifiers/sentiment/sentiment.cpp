// The classifier `sentiment`: does a text speak well or ill?
#include <hearback/linear/linear_classifier.hpp>
#include <hearback/linear/shipped_model.h>

namespace {

class Sentiment final : public hearback::linear::LinearClassifier {
  public:
    static constexpr auto kAbout =
        hearback::about("sentiment", "1.0.0", "Whether a text speaks well or ill")
            .task("sentiment")
            .labels("negative", "neutral", "positive");
    explicit Sentiment(hearback::Host& host)
        : LinearClassifier(host, hearback::linear::shippedModel()) {}
};

} // namespace

HEARBACK_PLUGIN(Sentiment)
