// A model file: it is refused, or it gives sane predictions and can be written and read again. The
// checksum is made right where it is not, so that what lies behind it is reached.
#include "fuzz/promise.h"
#include "model_bytes.h"

#include <hearback/linear/model.h>

#include <algorithm>

using namespace hearback;
using hearback::fuzz::require;
using linear::Model;

namespace {

void requireSane(const Model& model, std::string_view text) {
    linear::FeatureExtractor extractor(model.bits());
    const linear::Prediction said = model.predict(extractor, text);
    require(said.label < model.labels().size() && said.each.size() == model.labels().size(),
            "a prediction is one of the labels");
    const auto isShare = [](double share) { return share >= 0 && share <= 1; };
    require(isShare(said.confidence) && std::all_of(said.each.begin(), said.each.end(), isShare),
            "a confidence lies between 0 and 1");
}

void requireReadable(const std::variant<Model, std::string>& read) {
    const auto* model = std::get_if<Model>(&read);
    if (model == nullptr) {
        require(!std::get<std::string>(read).empty(), "a refusal has its reason");
        return;
    }
    for (const char* text :
         {"", "the lamp broke!", "\xC3\x84rger \xF0\x9F\x98\xA1 @ada 12", "\xFF"})
        requireSane(*model, text);
    // Wide tables take seconds to write, and are no different.
    if (model->bits() > 14) return;
    const std::string written = model->write();
    const auto again = Model::read(written);
    require(std::holds_alternative<Model>(again), "what is written can be read");
    require(std::get<Model>(again).write() == written, "a model stays as it is");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::toText(data, size);
    requireReadable(Model::read(bytes));
    if (size < sizeof(std::uint64_t)) return 0;
    std::string sealed(bytes.substr(0, size - sizeof(std::uint64_t)));
    linear::putNumber(sealed, linear::checksum(sealed));
    if (sealed != bytes) requireReadable(Model::read(sealed));
    linear::FeatureExtractor extractor(10);
    for (const std::uint32_t row : extractor.extract(bytes)) require(row < 1024, "a row is there");
    return 0;
}
