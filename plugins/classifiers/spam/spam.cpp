// The classifier `spam`: is it feedback, or does it only want to sell something?
#include <hearback/linear/linear_classifier.hpp>
#include <hearback/linear/shipped_model.h>

namespace {

class Spam final : public hearback::linear::LinearClassifier {
  public:
    static constexpr auto kAbout =
        hearback::about("spam", "1.0.0", "Whether a text is spam or feedback (ham)")
            .task("spam")
            .labels("ham", "spam");
    explicit Spam(hearback::Host& host)
        : LinearClassifier(host, hearback::linear::shippedModel()) {}
};

} // namespace

HEARBACK_PLUGIN(Spam)
